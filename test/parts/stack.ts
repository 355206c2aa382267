// The whole of Natter for a test, as a person would start it: one process tree, one port, a data folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
// @ts-expect-error plain JavaScript, so that it can run before anything is installed
import { build } from '../../cmd/build.mjs';
import { freePort } from '../../cmd/embedded/free-port.ts';

export interface SignIn {
  readonly email: string;
  readonly password: string;
}

export interface Stack {
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly port: number;
  readonly dataDir: string;
  readonly admin: SignIn & { readonly token: string };
  readonly agent: SignIn & { readonly token: string; readonly id: number };
  /** Site key of the default widget. */
  readonly siteKey: string;
  /** Process ids of the running parts by the name of their program: `edge`, `projector`, `worker`, `nats-server`, `postgres`. */
  pids(name: string): Promise<number[]>;
  /** SIGKILL to the whole tree, as a power cut would. */
  killAll(): Promise<void>;
  /** Ends everything cleanly and keeps the data. */
  halt(): Promise<void>;
  /** Starts again on the same data and port. */
  restart(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
  /** What the programs printed so far. */
  output(): string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts everything and waits until it is ready; the first call may build. `env` adds to or overrides the settings. */
export async function startStack(env: NodeJS.ProcessEnv = {}): Promise<Stack> {
  await build();
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const dataDir = await mkdtemp(join(tmpdir(), 'natter-stack-'));
  // Reachable for any user: as root Postgres runs as somebody else.
  await chmod(dataDir, 0o755);
  const admin = { email: 'admin@stack.example', password: 'a-good-password' };
  const agent = { email: 'agent@stack.example', password: 'another-good-one' };
  let output = '';
  let natter: ChildProcess;

  const start = async () => {
    natter = spawn(process.execPath, [join(root, 'dist', 'natter.js')], {
      cwd: root,
      env: {
        ...process.env,
        NODE_ENV: 'development',
        PORT: String(port),
        DATA_DIR: dataDir,
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
        RATE_LIMITS: 'off',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
    };
    natter.stdout?.on('data', hear);
    natter.stderr?.on('data', hear);
    await ready(natter, url, () => output);
  };
  const halt = async () => {
    if (natter.exitCode !== null || natter.signalCode !== null) return;
    kill(natter.pid ?? 0, 'SIGTERM');
    await Promise.race([ended(natter), sleep(40_000)]);
  };
  await start();

  const adminToken = await signIn(url, admin);
  await send(url, '/api/agents', adminToken, { ...agent, full_name: 'Ada Agent', max_chats: 1_000 });
  const agentToken = await signIn(url, agent);
  const me = (await read(url, '/api/auth/me', agentToken)) as { data: { user: { id: number } } };
  const widgets = (await read(url, '/api/widgets', adminToken)) as {
    data: { widgets: { site_key: string }[] };
  };
  const siteKey = widgets.data.widgets[0]?.site_key;
  if (!siteKey) throw new Error('the stack has no widget');

  return {
    url,
    port,
    dataDir,
    admin: { ...admin, token: adminToken },
    agent: { ...agent, token: agentToken, id: me.data.user.id },
    siteKey,
    output: () => output,
    pids: async (name) =>
      (await tree(natter.pid ?? 0)).filter((process) => process.name === name).map(({ pid }) => pid),
    async killAll() {
      for (const { pid } of [{ pid: natter.pid ?? 0 }, ...(await tree(natter.pid ?? 0))])
        kill(pid, 'SIGKILL');
      await ended(natter);
    },
    restart: start,
    halt,
    async stop() {
      await halt();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Waits until `/readyz` says 200. */
async function ready(natter: ChildProcess, url: string, output: () => string): Promise<void> {
  const deadline = Date.now() + 120_000;
  while (Date.now() < deadline) {
    if (natter.exitCode !== null) throw new Error(`natter ended with ${natter.exitCode}:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    // The seed runs beside the edge: ready for a test means that the admin is there, too.
    if (answer?.status === 200 && output().includes('Natter is ready')) return;
    await sleep(100);
  }
  throw new Error(`natter was not ready within two minutes:\n${output()}`);
}

export async function signIn(url: string, who: SignIn): Promise<string> {
  const answer = (await send(url, '/api/auth/login', undefined, who)) as { data: { token: string } };
  return answer.data.token;
}

async function send(url: string, path: string, token: string | undefined, body: unknown): Promise<unknown> {
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status}: ${text}`);
  return JSON.parse(text);
}

async function read(url: string, path: string, token: string): Promise<unknown> {
  const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(`GET ${path} answered ${answer.status}`);
  return answer.json();
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

/** All descendants of a process with the name of the program each runs (Linux). */
async function tree(of: number): Promise<{ pid: number; name: string }[]> {
  const all = await Promise.all(
    (await readdir('/proc'))
      .filter((entry) => /^\d+$/.test(entry))
      .map(async (entry) => {
        const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
        const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
        return { pid: Number(entry), parent, name: programOf(line.split('\0')) };
      }),
  );
  const found = new Set([of]);
  const descendants: { pid: number; name: string }[] = [];
  for (let grew = true; grew; ) {
    grew = false;
    for (const { pid, parent, name } of all) {
      if (found.has(pid) || !found.has(parent)) continue;
      found.add(pid);
      descendants.push({ pid, name });
      grew = true;
    }
  }
  return descendants;
}

function programOf(words: string[]): string {
  const base = (path = '') => path.split('/').at(-1) ?? '';
  const first = base(words[0]);
  // Node's own options stand before the program.
  if (first.startsWith('node'))
    return base(words.slice(1).find((word) => !word.startsWith('-'))).replace(/\.js$/, '');
  return first;
}
