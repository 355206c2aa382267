// Runs a foreign program (NATS, Postgres) so that it never outlives us: parent gone means child gone.
import { spawn } from 'node:child_process';

/** How a guarded program ended. `code` is 128 + n after signal n; `lastWords` are its last lines of output. */
export interface Exit {
  code: number;
  lastWords: string;
}

export interface GuardedProcess {
  /** Settles when the program has ended, for whatever reason; never rejects. */
  exited: Promise<Exit>;
  /** Asks the program to end (stop signal, SIGKILL after its grace) and waits until it has. May be called twice. */
  stop(): Promise<void>;
  /** The last lines it wrote, newest last. */
  lastWords(): string;
}

export interface GuardedOptions {
  /** What ends the program politely: INT is Postgres' fast shutdown, TERM suits everything else. */
  stopSignal: 'TERM' | 'INT';
  cwd: string;
  /** From asking to SIGKILL, in whole seconds. Default 10. */
  graceSeconds?: number;
  /** Of it only what any program needs is passed on, none of our settings. Default: our own. */
  env?: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
  onLine?: (line: string) => void;
}

// The guard blocks in `read` on a pipe that only we hold open: our death, even by SIGKILL, is its end of file.
// `read` is a shell builtin, so that no helper process stays behind when the program ends by itself.
const guard = `
exec 3<&0
signal=$1; grace=$2; shift 2
"$@" </dev/null 3<&- &
child=$!
(
  trap '' INT HUP
  while read -r line <&3; do :; done
  kill -s "$signal" "$child" 2>/dev/null
  waited=0
  while kill -0 "$child" 2>/dev/null && [ "$waited" -lt $((grace * 10)) ]; do sleep 0.1; waited=$((waited + 1)); done
  kill -s KILL "$child" 2>/dev/null
) >/dev/null 2>&1 &
watcher=$!
trap '' INT HUP
trap 'kill -s "$signal" "$child" 2>/dev/null' TERM
wait "$child"; code=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done
kill "$watcher" 2>/dev/null
exit "$code"
`;

const keptLines = 30;

// Our settings hold secrets, and Postgres runs as another user, who may read the environment of its processes.
const PASSED_ON =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|TZ|LANG|LC_\w+|LD_LIBRARY_PATH|DYLD_\w+|GO(?:MEMLIMIT|MAXPROCS|GC|DEBUG))$/;

/** What any program needs of an environment, and nothing else. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => PASSED_ON.test(name)));
}

/** Starts `program` under a guard, in a process group of its own (a Ctrl-C in the terminal reaches only us). */
export function runGuarded(program: string, args: string[], options: GuardedOptions): GuardedProcess {
  const guardArgs = [options.stopSignal, String(options.graceSeconds ?? 10), program, ...args];
  const child = spawn('/bin/sh', ['-c', guard, 'natter-guard', ...guardArgs], {
    cwd: options.cwd,
    env: withoutSecrets(options.env ?? process.env),
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
  });
  const lines: string[] = [];
  const lastWords = () => lines.join('\n');
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = (parts.pop() ?? '').slice(-4096);
      for (const line of parts) {
        lines.push(line);
        if (lines.length > keptLines) lines.shift();
        options.onLine?.(line);
      }
    });
  }
  // EPIPE when the guard is gone already: the exit says all there is to say.
  child.stdin.on('error', () => child.stdin.destroy());
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => resolve({ code: 127, lastWords: error.message }));
    // Not 'close': should the guard die alone, the program keeps the pipes open and would hide the death.
    child.once('exit', (code, signal) => {
      child.stdin.destroy();
      setTimeout(
        () => resolve({ code: code ?? (signal === 'SIGKILL' ? 137 : 143), lastWords: lastWords() }),
        20,
      );
    });
  });
  return {
    exited,
    lastWords,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}
