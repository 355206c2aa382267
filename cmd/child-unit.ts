// Makes one of our own programs a unit of the supervisor: a Node process that ends when its supervisor does.
import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import type { ChildMessage, Summary } from './program.ts';
import type { Running, Unit } from './supervisor.ts';

export interface ChildUnitOptions {
  name: string;
  /** Path of the JavaScript file to run. */
  program: string;
  /** Read at each start, since what it names (ports, URLs) is only known once its servers run. */
  env: () => NodeJS.ProcessEnv;
  /** Nice value, 0 to 19: background work yields to what people wait for. */
  nice?: number;
  /** Options for Node itself. */
  nodeOptions?: string[];
  say: (sentence: string) => void;
  onSummary?: (summary: Summary) => void;
}

const slowMs = 5_000;
const stopMs = 20_000;

/** A unit that runs `program`, which reports as `runProgram` does. Settings travel in the environment only. */
export function childUnit(options: ChildUnitOptions): Unit {
  return { name: options.name, start: () => startChild(options) };
}

function startChild(options: ChildUnitOptions): Promise<Running> {
  return new Promise((resolve, reject) => {
    const child = fork(options.program, [], {
      execArgv: [...process.execArgv, ...(options.nodeOptions ?? [])],
      env: options.env(),
      // A process group of its own: a Ctrl-C in the terminal reaches only the supervisor, which stops in order.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    if (options.nice !== undefined && child.pid !== undefined) lower(child.pid, options.nice);
    const exited = new Promise<string>((settle) => {
      child.once('error', (error) => settle(error.message));
      child.once('exit', (code, signal) => settle(signal ? `by ${signal}` : `exit code ${code}`));
    });
    const started = Date.now();
    const waiting = setInterval(() => {
      options.say(`Waiting for the ${options.name} … ${Math.round((Date.now() - started) / 1000)} s`);
    }, slowMs);
    void exited.then((how) => {
      clearInterval(waiting);
      reject(new Error(`the ${options.name} did not start (${how})`));
    });
    child.on('message', (message: ChildMessage) => {
      clearInterval(waiting);
      if ('failed' in message) {
        reject(new Error(message.failed));
        return;
      }
      if (message.summary) options.onSummary?.(message.summary);
      resolve({
        pid: child.pid ?? 0,
        exited,
        stop: () => stop(child, exited),
        kill: () => void child.kill('SIGKILL'),
      });
    });
  });
}

async function stop(child: ChildProcess, exited: Promise<string>): Promise<void> {
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await exited;
  clearTimeout(late);
}

/** Gives a process a nice value, where that is allowed. */
export function lower(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch {
    // Some containers do not allow it, and a child may be gone already: the work goes on as it is.
  }
}
