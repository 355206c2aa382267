// Runs Postgres for one data directory: loopback only, credentials of its own, disposable by design.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { type Exit, type GuardedProcess, runGuarded, withoutSecrets } from './guarded-process.ts';
import { commandLineOf, endLeftover, readPid } from './leftover.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres-binaries.ts';
import { isSetUp, postgresHome, putAside } from './postgres-home.ts';
import { type RunAs, unprivilegedUser } from './unprivileged-user.ts';

export interface EmbeddedPostgres {
  /** `postgres://natter:<password>@127.0.0.1:<port>/natter`: a secret, keep it off command lines and logs. */
  url: string;
  version: string;
  pid: number;
  /** Settles when the server has ended, asked or not; never rejects. */
  exited: Promise<Exit>;
  stop(): Promise<void>;
}

export interface PostgresOptions {
  dataDir: string;
  say: (sentence: string) => void;
  /** Where the programs are copied to when Postgres' user cannot reach node_modules. */
  binariesShelter?: string;
  /** Where the data goes when Postgres' user cannot reach `dataDir`. */
  dataShelter?: string;
  /** Used instead of new ones where Postgres starts from nothing while clients already hold its URL. */
  password?: string;
  port?: number;
  /** More `name: value` settings, e.g. `fsync: off` in tests. */
  settings?: Record<string, string>;
}

/**
 * Starts Postgres on `<dataDir>/postgres` and waits until it takes queries. What it holds can be rebuilt from
 * the log, so data that it cannot use (broken, or of another major version) is put aside and made anew, which
 * is said. Throws an Error with one sentence when it does not come up even then.
 */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, say } = options;
  const who = unprivilegedUser(join(dataDir, 'postgres', 'data'));
  const binaries = await findPostgresBinaries(who, options.binariesShelter ?? '/var/cache/natter', say);
  const home = await postgresHome(dataDir, who, options.dataShelter);
  const running = { home, who, binaries, options };
  if (isSetUp(join(home, 'data'))) {
    const major = readMajor(home);
    if (major === binaries.major) {
      try {
        return await start(running);
      } catch (error) {
        if (error instanceof NotTheDatasFault) throw error;
        say(`Postgres cannot use its data (${(error as Error).message}).`);
      }
    } else {
      say(`Postgres' data is of version ${major ?? 'unknown'}, the installed one is ${binaries.major}.`);
      await endLeftover(join(home, 'data', 'postmaster.pid'), [join(home, 'data')], 'SIGINT');
    }
    const aside = await putAside(home, who);
    say(`Postgres starts from nothing and is filled again from the log; the old data is at ${aside}.`);
  }
  await setUp(running);
  return start(running);
}

interface Running {
  home: string;
  who: RunAs;
  binaries: PostgresBinaries;
  options: PostgresOptions;
}

/** A failed start that fresh data would not cure. */
class NotTheDatasFault extends Error {}

async function setUp({ home, who, binaries, options }: Running): Promise<void> {
  options.say('Setting up Postgres …');
  const passwordFile = join(home, 'password');
  await rm(join(home, 'data'), { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, options.password ?? randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (who.uid !== undefined && who.gid !== undefined) await chown(passwordFile, who.uid, who.gid);
  const args = ['-D', join(home, 'data'), '-U', 'natter', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  args.push('--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  // Settings go on the command line at each start; what initdb would sync can be made again from the log.
  args.push('--no-sync', '--no-instructions');
  await new Promise<void>((resolve, reject) => {
    const child = spawn(binaries.initdb, args, {
      ...who,
      cwd: home,
      env: cleanEnv(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors = (errors + chunk).slice(-2_000);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const line = errors.split('\n').find((text) => text.includes('error:')) ?? errors.trim().split('\n')[0];
      if (code === 0) resolve();
      else reject(new Error(`Postgres could not be set up: ${line || `initdb ended with ${code}`}`));
    });
  });
}

async function start(running: Running): Promise<EmbeddedPostgres> {
  const { home, who, binaries, options } = running;
  const data = join(home, 'data');
  const pidFile = join(data, 'postmaster.pid');
  if (await endLeftover(pidFile, ['postgres', data], 'SIGINT')) {
    options.say('Ended a Postgres that an earlier run had left behind.');
  }
  // What is left is stale: its pid may by now be a stranger's, which would make Postgres refuse to start.
  await rm(pidFile, { force: true });
  const password = readIfThere(join(home, 'password'));
  if (password === undefined) throw new Error('its password file is gone');
  const kept = Number.parseInt(readIfThere(join(home, 'port')) ?? '', 10);
  const deadline = Date.now() + 60_000;
  for (;;) {
    const port = await freePort(options.port ?? (Number.isInteger(kept) ? kept : undefined));
    await writeFile(join(home, 'port'), String(port));
    const server = runGuarded(binaries.postgres, postgresArgs(data, port, options.settings), {
      ...who,
      stopSignal: 'INT',
      cwd: home,
      env: cleanEnv(),
    });
    const failure = await untilReady(server, pidFile, options.say);
    if (failure === undefined) {
      const url = `postgres://natter:${password}@127.0.0.1:${port}/natter`;
      try {
        const version = await ensureDatabase(url);
        return { url, version, pid: readPid(pidFile) ?? 0, exited: server.exited, stop: server.stop };
      } catch (error) {
        await server.stop();
        throw error;
      }
    }
    await server.stop();
    // Backends of a killed Postgres need a moment to notice, and a port may be taken between look and bind.
    const passing = /shared memory block|Address already in use|could not bind|lock file/.test(failure);
    if (!passing || Date.now() > deadline) {
      const line = failure.split('\n').findLast((text) => /FATAL|PANIC|error/i.test(text)) ?? failure;
      const message = line.replace(/^.*?(FATAL|PANIC):\s*/, '').trim() || 'it ended at once';
      if (/No space left|Permission denied|out of memory|Cannot allocate/i.test(failure)) {
        throw new NotTheDatasFault(`Postgres did not start: ${message}`);
      }
      throw new Error(message);
    }
    await sleep(200);
  }
}

function postgresArgs(data: string, port: number, more: Record<string, string> = {}): string[] {
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '60',
    shared_buffers: '128MB',
    // A lost tail of the read models is read again from the log, with its checkpoint.
    synchronous_commit: 'off',
    max_wal_size: '1GB',
    checkpoint_completion_target: '0.9',
    log_min_messages: 'warning',
    log_timezone: 'UTC',
    timezone: 'UTC',
    ...more,
  };
  return ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}

/** Undefined once it takes connections, else what the server said before it ended. */
async function untilReady(
  server: GuardedProcess,
  pidFile: string,
  say: (sentence: string) => void,
): Promise<string | undefined> {
  let ended: Exit | undefined;
  void server.exited.then((exit) => {
    ended = exit;
  });
  const started = Date.now();
  let said = started;
  for (;;) {
    if (ended) return ended.lastWords || 'it ended at once';
    // Postgres writes its state on the eighth line of its pid file (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
    const lines = (readIfThere(pidFile) ?? '').split('\n');
    const pid = readPid(pidFile);
    if (lines[7]?.trim() === 'ready' && pid !== undefined && commandLineOf(pid) !== undefined)
      return undefined;
    if (Date.now() - said > 3_000) {
      said = Date.now();
      say(`Postgres is still starting … ${Math.round((said - started) / 1000)} s`);
    }
    await sleep(20);
  }
}

async function ensureDatabase(url: string): Promise<string> {
  const client = new pg.Client({
    connectionString: url.replace(/\/natter$/, '/postgres'),
    connectionTimeoutMillis: 10_000,
  });
  // Its end while we ask is also the failure of the query, which is where it is told.
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query<{ version: string; there: boolean }>(
      `select current_setting('server_version') as version,
              exists (select from pg_database where datname = 'natter') as there`,
    );
    if (!rows[0]?.there) await client.query('create database natter');
    return rows[0]?.version ?? 'unknown';
  } finally {
    await client.end();
  }
}

// Without our settings, and without PGDATA, PGPORT and friends of the person's shell, which are meant for another Postgres.
function cleanEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(withoutSecrets(process.env)).filter(([name]) => !name.startsWith('LC_'));
  return { ...Object.fromEntries(kept), LANG: 'C', TZ: 'UTC' };
}

function readMajor(home: string): number | undefined {
  const major = Number.parseInt(readIfThere(join(home, 'data', 'PG_VERSION')) ?? '', 10);
  return Number.isInteger(major) ? major : undefined;
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}
