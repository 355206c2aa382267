// Natter all in one: NATS, Postgres, edges, projector and worker under one supervisor, on one port.
import { createServer } from 'node:net';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';
import { childUnit } from './child-unit.ts';
import { takeDataDir } from './data-dir-lock.ts';
import type { Summary } from './program.ts';
import { forgetServers, noteServers } from './running-servers.ts';
import { keptJwtSecret, serversFor } from './servers.ts';
import { readSettings, type Settings } from './settings.ts';
import { type Supervisor, supervise, type Unit } from './supervisor.ts';

const say = (sentence: string) => console.log(`  ${pc.dim(sentence)}`);

/**
 * An edge's heap: a small young generation (in MB) and an old one that grows by a fifth. Nearly all that a message
 * makes is garbage right after; left to itself it would be held as if ten thousand idle sockets needed it.
 */
const EDGE_HEAP = ['--min-semi-space-size=4', '--max-semi-space-size=4', '--heap-growing-percent=20'];

async function main(): Promise<void> {
  const outcome = readSettings(process.env);
  if (!outcome.ok) return refuse(outcome.problem);
  const { settings } = outcome;
  const busy = await portProblem(settings);
  if (busy) return refuse(busy);
  const lock = takeDataDir(settings.dataDir);
  if (!lock.ok) return refuse(`DATA_DIR is "${settings.dataDir}", ${lock.problem}.`);
  process.on('exit', lock.release);

  const jwtSecret = settings.jwtSecret ?? (await keptJwtSecret(settings.dataDir));
  const servers = serversFor(settings, say);
  const summaries: Summary[] = [];
  const childEnv = () => ({
    ...process.env,
    ...servers.environment(),
    DATA_DIR: settings.dataDir,
    JWT_SECRET: jwtSecret,
  });
  const child = (name: string, program: string, more: { nice?: number; nodeOptions?: string[] } = {}): Unit =>
    childUnit({
      name,
      program: fileURLToPath(new URL(`./${program}.js`, import.meta.url)),
      env: childEnv,
      ...more,
      say,
      onSummary: (summary) => summaries.push(summary),
    });
  const edges = Array.from({ length: settings.edges }, (_, at) =>
    child(settings.edges === 1 ? 'edge' : `edge ${at + 1}`, 'edge', { nodeOptions: EDGE_HEAP }),
  );
  say('Starting NATS and Postgres …');
  const supervisor = supervise({
    phases: [
      servers.units,
      [child('projector', 'projector', { nice: 10 }), child('worker', 'worker'), ...edges],
    ],
    say: (sentence) => console.error(pc.yellow(`natter: ${sentence}`)),
  });
  stopOnSignals(supervisor);
  void supervisor.gaveUp.then((reason) => refuse(`Natter stopped: ${reason}.`));
  try {
    await supervisor.ready;
  } catch (error) {
    return refuse((error as Error).message);
  }
  noteServers(settings.dataDir, servers.environment());
  process.on('exit', () => forgetServers(settings.dataDir));
  console.log(welcome(settings, servers.environment().NATTER_DURABILITY ?? '', summaries));
}

/** One line why the port cannot be had, or undefined. Tried before anything is started. */
function portProblem({ port, host }: Settings): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const shown = host === undefined ? `PORT is "${port}"` : `PORT is "${port}" on HOST "${host}"`;
      if (error.code === 'EADDRINUSE') resolve(`${shown}, which another program uses; allowed: a free port.`);
      else if (error.code === 'EACCES')
        resolve(`${shown}, which needs more rights; allowed: 1024 or higher.`);
      else
        resolve(
          `${shown}, which cannot be listened on (${error.code ?? error.message}); allowed: an address of this machine.`,
        );
    });
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () =>
      server.close(() => resolve(undefined)),
    );
  });
}

function stopOnSignals(supervisor: Supervisor): void {
  let askedAt = 0;
  const end = () => {
    if (askedAt > 0) {
      // One Ctrl-C arrives twice under npm: from the terminal, and passed on by npm.
      if (Date.now() - askedAt < 1_000) return;
      supervisor.kill();
      process.exit(130);
    }
    askedAt = Date.now();
    console.log(`\n  ${pc.dim('Stopping … (once more to stop at once)')}`);
    void supervisor.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  process.on('SIGHUP', end);
}

function welcome(settings: Settings, durability: string, summaries: Summary[]): string {
  const url = settings.publicUrl;
  const rows: [string, string][] = [
    ['Test page', `${url}/test-widget.html`],
    ['Agent console', `${url}/agent`],
    ['Admin', `${url}/admin`],
  ];
  for (const { where, email, password } of summaries.flatMap(({ signIns }) => signIns ?? [])) {
    rows.push([`Sign in: ${where}`, `${email}  ${password}`]);
  }
  for (const note of summaries.flatMap(({ notes }) => notes ?? [])) rows.push(['Note', note]);
  rows.push(['Data', whereDataLies(settings)]);
  rows.push(['Durability', durability], ['Stop', 'Ctrl-C']);
  const width = Math.max(...rows.map(([label]) => label.length)) + 2;
  return [
    '',
    `  ${pc.green(pc.bold('Natter is ready.'))}`,
    '',
    ...rows.map(([label, value]) => `  ${pc.bold(label.padEnd(width))}${value}`),
    '',
  ].join('\n');
}

function whereDataLies({ dataDir, natsUrl, databaseUrl }: Settings): string {
  if (natsUrl && databaseUrl) return 'in the NATS and the Postgres that NATS_URL and DATABASE_URL name';
  const shown = relative(process.cwd(), dataDir);
  const log = natsUrl ? 'the log is in the NATS that NATS_URL names' : 'nats/ is the log';
  const readModels = databaseUrl
    ? 'what is made from it is in the Postgres that DATABASE_URL names'
    : 'postgres/ is made again from it';
  return `${shown.startsWith('..') ? dataDir : shown}  (${log}; ${readModels})`;
}

function refuse(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

await main();
