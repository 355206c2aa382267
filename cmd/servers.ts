// NATS and Postgres for a start: the embedded ones, or those that NATS_URL and DATABASE_URL name.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import postgres from 'postgres';
import { type EmbeddedNats, startNats } from './embedded/nats-server.ts';
import {
  compareVersions,
  type NatsBinary,
  obtainNatsServer,
  oldestNatsVersion,
} from './embedded/obtain-nats-server.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded/postgres.ts';
import type { Settings } from './settings.ts';
import type { Running, Unit } from './supervisor.ts';

type Say = (sentence: string) => void;

/** How long a server that is named by the settings may stay silent at the start. */
const patienceMs = 30_000;

export interface Servers {
  /** To be started, and kept running, before everything else. */
  units: Unit[];
  /** What every child gets in its environment; complete once the units are ready. */
  environment(): { NATS_URL: string; DATABASE_URL: string } & NodeJS.ProcessEnv;
}

/** The servers that `settings` ask for. Their units reject with one sentence when they cannot be had. */
export function serversFor(settings: Settings, say: Say): Servers {
  let nats: NodeJS.ProcessEnv | undefined;
  let databaseUrl: string | undefined;
  const natsUnit = settings.natsUrl
    ? outside('NATS', async () => {
        nats = await reachNats(settings, say);
      })
    : embeddedNatsUnit(settings.dataDir, say, (server) => {
        nats = {
          NATS_URL: server.url,
          NATS_USER: server.user,
          NATS_PASSWORD: server.password,
          NATTER_DURABILITY: server.durability,
        };
      });
  const postgresUnit = settings.databaseUrl
    ? outside('Postgres', async () => {
        databaseUrl = await reachPostgres(settings.databaseUrl ?? '', say);
      })
    : embeddedPostgresUnit(settings.dataDir, say, (server) => {
        databaseUrl = server.url;
      });
  return {
    units: [natsUnit, postgresUnit],
    environment() {
      if (!nats?.NATS_URL || !databaseUrl) throw new Error('the servers are not ready yet');
      return { ...nats, NATS_URL: nats.NATS_URL, DATABASE_URL: databaseUrl };
    },
  };
}

/** The secret kept beside the log, made at its first use: outside production tokens outlive a restart too. */
export async function keptJwtSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'nats', 'jwt-secret');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  await mkdir(join(dataDir, 'nats'), { recursive: true, mode: 0o700 });
  const made = randomBytes(48).toString('base64url');
  writeFileSync(file, made, { mode: 0o600 });
  return made;
}

function embeddedNatsUnit(dataDir: string, say: Say, onStart: (server: EmbeddedNats) => void): Unit {
  let binary: NatsBinary | undefined;
  return {
    name: 'NATS',
    async start() {
      binary ??= await obtainNatsServer(say);
      const server = await startNats({ dataDir, binary, say });
      onStart(server);
      return asRunning(server);
    },
  };
}

function embeddedPostgresUnit(dataDir: string, say: Say, onStart: (server: EmbeddedPostgres) => void): Unit {
  let password: string | undefined;
  let port: number | undefined;
  return {
    name: 'Postgres',
    async start() {
      // Should it have to start from nothing, the children's URL must still be right.
      const server = await startPostgres({ dataDir, say, password, port });
      const url = new URL(server.url);
      password = url.password;
      port = Number(url.port);
      onStart(server);
      return asRunning(server);
    },
  };
}

function asRunning(server: EmbeddedNats | EmbeddedPostgres): Running {
  return {
    pid: server.pid,
    exited: server.exited.then(({ code, lastWords }) => {
      const last = lastWords.trim().split('\n').at(-1);
      return code > 128 ? `by signal ${code - 128}` : `exit code ${code}${last ? `: ${last}` : ''}`;
    }),
    stop: server.stop,
    kill: () => {
      // The guard ends with us and takes its program along; this is only for those who cannot wait.
      if (server.pid > 0) process.kill(server.pid, 'SIGKILL');
    },
  };
}

/** A server that somebody else runs: it is looked for once, and its end is not ours to know. */
function outside(name: string, reach: () => Promise<void>): Unit {
  return {
    name,
    async start() {
      await reach();
      return { pid: 0, exited: new Promise(() => {}), stop: async () => {}, kill: () => {} };
    },
  };
}

async function reachNats(settings: Settings, say: Say): Promise<NodeJS.ProcessEnv> {
  const urls = (settings.natsUrl ?? '').split(',').map((url) => new URL(url.trim()));
  const shown = urls.map((url) => `${url.protocol}//${url.host}`).join(',');
  const user = settings.natsUser ?? (decodeURIComponent(urls[0]?.username ?? '') || undefined);
  const pass = settings.natsPassword ?? (decodeURIComponent(urls[0]?.password ?? '') || undefined);
  const connection = await patiently(
    `NATS at ${shown}`,
    say,
    (error) => /authori[sz]ation/i.test(error.message),
    () =>
      connect({
        servers: urls.map((url) => `${url.protocol}//${url.host}`),
        ...(user === undefined ? {} : { user }),
        ...(pass === undefined ? {} : { pass }),
        timeout: 3_000,
        reconnect: false,
      }),
  ).catch((error: Error) => {
    throw new Error(
      `NATS_URL is "${shown}": ${error.message}; allowed: a NATS server with JetStream that answers.`,
    );
  });
  const version = connection.info?.version ?? '0.0.0';
  const hasJetStream = connection.info?.jetstream === true;
  await connection.close();
  if (!hasJetStream)
    throw new Error(`NATS_URL is "${shown}": its server has JetStream turned off; turn it on.`);
  if (compareVersions(version, oldestNatsVersion) < 0) {
    throw new Error(
      `NATS_URL is "${shown}": its server is ${version}; allowed: ${oldestNatsVersion} or newer.`,
    );
  }
  if (settings.logReplicas > 1 && compareVersions(version, '2.9.21') < 0) {
    throw new Error(
      `LOG_REPLICAS is "${settings.logReplicas}" on nats-server ${version}, where two writers can both win; ` +
        'allowed: 1 replica, or 2.9.21 or newer.',
    );
  }
  if (settings.logReplicas > 1 && compareVersions(version, '2.12.0') < 0) {
    say(`nats-server ${version} is old for ${settings.logReplicas} replicas: 2.12 or newer is advised.`);
  }
  return {
    NATS_URL: urls.map((url) => `${url.protocol}//${url.host}`).join(','),
    ...(user === undefined ? {} : { NATS_USER: user }),
    ...(pass === undefined ? {} : { NATS_PASSWORD: pass }),
    NATTER_DURABILITY: `as the NATS servers at ${shown} are configured (nats-server ${version}, ${settings.logReplicas} replica${settings.logReplicas > 1 ? 's' : ''})`,
  };
}

async function reachPostgres(url: string, say: Say): Promise<string> {
  const shown = new URL(url).host + new URL(url).pathname;
  // SQLSTATE classes 28 (not allowed in) and 3D (no such database) do not go away by waiting.
  const hopeless = (error: Error) => /^(28|3D)/.test((error as { code?: string }).code ?? '');
  const version = await patiently(`Postgres at ${shown}`, say, hopeless, async () => {
    const sql = postgres(url, { max: 1, connect_timeout: 3, onnotice: () => {} });
    try {
      const [row] = await sql<
        { version: number }[]
      >`select current_setting('server_version_num')::int as version`;
      return row?.version ?? 0;
    } finally {
      await sql.end({ timeout: 1 });
    }
  }).catch((error: Error) => {
    throw new Error(
      `DATABASE_URL is "${shown}" (password not shown): ${error.message}; allowed: a Postgres that lets us in.`,
    );
  });
  if (version < 150_000) {
    throw new Error(
      `DATABASE_URL is "${shown}": its server is version ${Math.floor(version / 10_000)}; allowed: 15 or newer.`,
    );
  }
  return url;
}

async function patiently<T>(
  what: string,
  say: Say,
  hopeless: (error: Error) => boolean,
  attempt: () => Promise<T>,
): Promise<T> {
  const started = Date.now();
  let said = started;
  for (;;) {
    try {
      return await attempt();
    } catch (fault) {
      const error = fault as Error;
      if (hopeless(error)) throw new Error(`it refuses (${error.message})`);
      if (Date.now() - started > patienceMs) {
        throw new Error(
          `nobody answered within ${patienceMs / 1000} s (${error.message || (error as { code?: string }).code})`,
        );
      }
    }
    if (Date.now() - said >= 5_000) {
      said = Date.now();
      say(`Waiting for ${what} … ${Math.round((said - started) / 1000)} s`);
    }
    await sleep(300);
  }
}
