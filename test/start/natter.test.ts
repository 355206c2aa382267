// The whole process tree, with real servers and stand-in children: start, crash, second start, refusals, the end.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../cmd/embedded/free-port.ts';
import { commandLineOf, readPid } from '../../cmd/embedded/leftover.ts';
import { serversFor } from '../../cmd/servers.ts';
import { readSettings } from '../../cmd/settings.ts';
import { startTestNats } from '../parts/nats.ts';
import { startTestPostgres } from '../parts/postgres.ts';

// Inside node_modules, since the bundles' packages are looked up from where they lie.
const programs = join(process.cwd(), 'node_modules', `.natter-test-${process.pid}`);

// Stands in for edge, projector and worker: uses both servers, as they do, and notes its pid.
const standIn = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename } from 'node:path';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { runProgram } from '${process.cwd()}/cmd/program.ts';
const name = basename(process.argv[1], '.js');
await runProgram(name, async (settings) => {
  const nats = await connect({ servers: settings.natsUrl, user: settings.natsUser, pass: settings.natsPassword });
  const sql = new pg.Client(settings.databaseUrl);
  sql.on('error', () => process.exit(1));
  await sql.connect();
  await sql.query('select 1');
  const server = name === 'edge' ? createServer((_, response) => response.end('here')) : undefined;
  if (server) await new Promise((resolve) => server.listen(settings.port, resolve));
  writeFileSync(process.env.PIDS + '/' + name, String(process.pid));
  return {
    summary: name === 'worker' ? { signIns: [{ where: 'console', email: 'jane@shop.example', password: 'p4ss' }] } : undefined,
    stop: async () => { server?.close(); await nats.close(); await sql.end(); },
  };
});
`;

beforeAll(async () => {
  await mkdir(programs, { recursive: true });
  const source = join(programs, 'stand-in.mjs');
  await writeFile(source, standIn);
  const shared = { bundle: true, platform: 'node', format: 'esm', packages: 'external' } as const;
  await build({ ...shared, entryPoints: ['cmd/natter.ts'], outfile: join(programs, 'natter.js') });
  await build({ ...shared, entryPoints: ['cmd/ctl.ts'], outfile: join(programs, 'ctl.js') });
  for (const name of ['edge', 'projector', 'worker']) {
    await build({ ...shared, entryPoints: [source], outfile: join(programs, `${name}.js`) });
  }
});
afterAll(() => rm(programs, { recursive: true, force: true }));

let dir: string;
let port: number;
let started: ChildProcess[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'natter-test-tree-'));
  // Reachable for the user that Postgres runs as where we are root.
  await chmod(dir, 0o755);
  await mkdir(join(dir, 'pids'));
  port = await freePort();
  started = [];
});
afterEach(async () => {
  for (const child of started)
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  for (const child of started) await ended(child);
  await untilGone(treePids());
  await rm(dir, { recursive: true, force: true });
});

interface Start {
  child: ChildProcess;
  output: () => string;
}

const start = (env: NodeJS.ProcessEnv = {}) => startProgram('natter.js', [], env);

function startProgram(name: string, args: string[], env: NodeJS.ProcessEnv): Start {
  const child = spawn(process.execPath, [join(programs, name), ...args], {
    cwd: dir,
    env: {
      ...process.env,
      NO_COLOR: '1',
      PORT: String(port),
      DATA_DIR: join(dir, 'data'),
      PIDS: join(dir, 'pids'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk));
  return { child, output: () => text };
}

async function ready(natter: Start): Promise<void> {
  while (!natter.output().includes('Natter is ready.')) {
    if (natter.child.exitCode !== null) throw new Error(`it ended: ${natter.output()}`);
    await sleep(20);
  }
  while (!natter.output().includes('Ctrl-C')) await sleep(5);
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

function serverPids(): number[] {
  const files = [join(dir, 'data/nats/nats.pid'), join(dir, 'data/postgres/data/postmaster.pid')];
  return files.map(readPid).filter((pid) => pid !== undefined);
}

function childPid(name: string): number {
  return Number(readFileSync(join(dir, 'pids', name), 'utf8'));
}

function treePids(): number[] {
  return [...readdirSync(join(dir, 'pids')).map(childPid), ...serverPids()];
}

async function untilGone(pids: number[]): Promise<void> {
  const end = Date.now() + 15_000;
  for (;;) {
    const left = pids.filter((pid) => commandLineOf(pid) !== undefined);
    if (left.length === 0) return;
    if (Date.now() > end) throw new Error(`still there: ${left.map(commandLineOf).join('; ')}`);
    await sleep(50);
  }
}

test('a start tells where everything is, leaves only nats/ and postgres/ behind, and ends cleanly', async () => {
  const natter = start();
  await ready(natter);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('here');
  for (const part of [
    '/test-widget.html',
    '/agent',
    '/admin',
    'jane@shop.example  p4ss',
    'Durability',
    'Data',
  ]) {
    expect(natter.output()).toContain(part);
  }
  const pids = treePids();
  expect(pids).toHaveLength(5);
  for (const pid of pids) expect(commandLineOf(pid)).not.toMatch(/:\/\/[^/]*@|password/i);
  natter.child.kill('SIGINT');
  expect(await ended(natter.child)).toBe(0);
  await untilGone(pids);
  expect(readdirSync(join(dir, 'data')).sort()).toEqual(['nats', 'postgres']);
});

test('after kill -9 of the whole tree the next start just works, within five seconds', async () => {
  const first = start();
  await ready(first);
  const secret = await readFile(join(dir, 'data/nats/jwt-secret'), 'utf8');
  const pids = treePids();
  for (const pid of [first.child.pid ?? 0, ...pids]) killed(pid);
  await ended(first.child);
  const began = Date.now();
  const second = start();
  await ready(second);
  // Five seconds on a machine that is ours; on one that others use too, our share of it.
  const share = Math.max(1, (loadavg()[0] ?? 1) / availableParallelism());
  expect(Date.now() - began).toBeLessThan(5_000 * share);
  expect(await readFile(join(dir, 'data/nats/jwt-secret'), 'utf8')).toBe(secret);
});

test('when only the supervisor is killed, everything else goes too', async () => {
  const natter = start();
  await ready(natter);
  const pids = treePids();
  natter.child.kill('SIGKILL');
  await untilGone(pids);
});

test.each(['edge', 'NATS', 'Postgres'])('%s killed is started again at the same place', async (name) => {
  const natter = start();
  await ready(natter);
  const [nats = 0, postgres = 0] = serverPids();
  const find = () => ({ edge: childPid('edge'), NATS: serverPids()[0], Postgres: serverPids()[1] })[name];
  const victim = { edge: childPid('edge'), NATS: nats, Postgres: postgres }[name] ?? 0;
  process.kill(victim, 'SIGKILL');
  const end = Date.now() + 20_000;
  for (;;) {
    const now = find();
    if (now !== undefined && now !== victim && commandLineOf(now) !== undefined) break;
    if (Date.now() > end) throw new Error(natter.output());
    await sleep(50);
  }
  expect(natter.output()).toMatch(new RegExp(`${name} ended \\(by (signal 9|SIGKILL)\\); starting it again`));
  expect(natter.child.exitCode).toBeNull();
});

test('a busy port, a taken data directory and a bad value are one line each', async () => {
  const squatter = createServer().listen(port);
  const busy = start();
  expect(await ended(busy.child)).toBe(1);
  expect(busy.output()).toBe(`PORT is "${port}", which another program uses; allowed: a free port.\n`);
  expect(existsSync(join(dir, 'data'))).toBe(false);
  await new Promise((resolve) => squatter.close(resolve));

  const bad = start({ PORT: 'abc' });
  expect(await ended(bad.child)).toBe(1);
  expect(bad.output()).toBe('PORT is "abc"; allowed: a whole number from 1 to 65535.\n');

  const first = start();
  await ready(first);
  const second = start({ PORT: String(await freePort()) });
  expect(await ended(second.child)).toBe(1);
  expect(second.output()).toMatch(
    /^DATA_DIR is ".*", where another Natter \(process \d+\) is at work; .*\n$/,
  );
});

const unusable: [string, () => string, string][] = [
  ['a file', () => join(dir, 'file'), 'which is not a directory'],
  ['under a file', () => join(dir, 'file', 'data'), 'which is not a directory'],
];
// Where Node's own recursive mkdir never comes back. (As root, no mode of a directory stops a write.)
if (process.platform === 'linux')
  unusable.push(['a place that takes no files', () => '/proc/natter/data', 'which cannot be made there']);
test.each(unusable)(
  'a data directory that is %s is one line, for the command line too',
  async (_, path, why) => {
    await writeFile(join(dir, 'file'), '');
    const natter = start({ DATA_DIR: path() });
    expect(await ended(natter.child)).toBe(1);
    const sentence = `DATA_DIR is "${path()}", ${why}; allowed: a directory that we may write to.`;
    expect(natter.output()).toBe(`${sentence}\n`);
    const ctl = startProgram('ctl.js', ['status'], { DATA_DIR: path() });
    expect(await ended(ctl.child)).toBe(1);
    expect(ctl.output()).toBe(`${sentence}\n`);
  },
);

test('the command line starts the servers of a stopped installation for itself, before its first start too', async () => {
  const status = startProgram('ctl.js', ['status'], {});
  expect(await ended(status.child)).toBe(0);
  expect(status.output()).toContain('CHAT_0');
  expect(status.output()).toContain('No read models yet');
  expect(status.output()).toContain('every acknowledged message is on disk');
  await untilGone(serverPids());
  expect(readdirSync(join(dir, 'data')).sort()).toEqual(['nats', 'postgres']);
});

test('NATS and Postgres that others run are used where URLs name them', async () => {
  const [nats, database] = await Promise.all([startTestNats(), startTestPostgres()]);
  const natter = start({
    NATS_URL: nats.url.replace('://', `://${nats.user}:${nats.password}@`),
    DATABASE_URL: database.url,
  });
  await ready(natter);
  expect(natter.output()).toContain('as the NATS servers at nats://127.0.0.1');
  expect(natter.output()).toMatch(/Data +in the NATS and the Postgres that NATS_URL and DATABASE_URL name/);
  expect(natter.output()).not.toContain(nats.password);
  expect(existsSync(join(dir, 'data/postgres'))).toBe(false);
  natter.child.kill('SIGTERM');
  expect(await ended(natter.child)).toBe(0);
  expect(commandLineOf(nats.pid)).toBeDefined();
  await Promise.all([nats.stop(), database.stop()]);
});

async function problemWith(env: NodeJS.ProcessEnv, at: 0 | 1): Promise<string> {
  const outcome = readSettings({ DATA_DIR: dir, ...env });
  if (!outcome.ok) throw new Error(outcome.problem);
  const unit = serversFor(outcome.settings, () => {}, 1_000).units[at];
  return (unit as NonNullable<typeof unit>).start().then(
    () => 'it started',
    (error: Error) => error.message,
  );
}

test('a NATS that nobody answers for, refuses, or is too old is one sentence', async () => {
  expect(await problemWith({ NATS_URL: `nats://127.0.0.1:${port}` }, 0)).toMatch(
    /^NATS_URL is "nats:\/\/127\.0\.0\.1:\d+": nobody answered within 1 s .*; allowed: a NATS server with JetStream that answers\.$/,
  );
  const nats = await startTestNats();
  expect(await problemWith({ NATS_URL: nats.url.replace('://', '://natter:wrong@') }, 0)).toMatch(
    /it refuses/,
  );
  await nats.stop();
});

test('a Postgres that refuses or is silent is one sentence without its password', async () => {
  const database = await startTestPostgres();
  const refused = await problemWith({ DATABASE_URL: database.url.replace(/:[^:@]+@/, ':s3cret@') }, 1);
  expect(refused).toMatch(
    /^DATABASE_URL is ".*" \(password not shown\): it refuses \(password authentication failed/,
  );
  expect(refused).not.toContain('s3cret');
  const silent = await problemWith({ DATABASE_URL: `postgres://a:b@127.0.0.1:${port}/x` }, 1);
  expect(silent).toMatch(/nobody answered within 1 s/);
  await database.stop();
});

/** SIGKILL; a child that went with its supervisor a moment before is as good. */
function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
