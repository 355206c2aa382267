// NATS and Postgres for a start: the embedded ones, or those that NATS_URL and DATABASE_URL name.

import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lower } from './child-unit.ts';
import { type EmbeddedNats, startNats } from './embedded/nats-server.ts';
import { type NatsBinary, obtainNatsServer } from './embedded/obtain-nats-server.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded/postgres.ts';
import { writeWhole } from './embedded/whole-file.ts';
import { reachNats, reachPostgres } from './outside-servers.ts';
import type { Settings } from './settings.ts';
import type { Running, Unit } from './supervisor.ts';

type Say = (sentence: string) => void;

/** Nice value of the embedded Postgres. */
const POSTGRES_NICE = 5;

export interface Servers {
  /** To be started, and kept running, before everything else. */
  units: Unit[];
  /** What every child gets in its environment; complete once the units are ready. */
  environment(): { NATS_URL: string; DATABASE_URL: string } & NodeJS.ProcessEnv;
}

/**
 * The servers that `settings` ask for. Their units reject with one sentence when they cannot be had; one that a
 * URL names may stay silent for `patienceMs`.
 */
export function serversFor(settings: Settings, say: Say, patienceMs = 30_000): Servers {
  const patience = { ms: patienceMs, say };
  let nats: NodeJS.ProcessEnv | undefined;
  let databaseUrl: string | undefined;
  const natsUnit = settings.natsUrl
    ? outside('NATS', async () => {
        nats = await reachNats(settings, patience);
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
        databaseUrl = await reachPostgres(settings.databaseUrl ?? '', patience);
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
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (kept.length >= 32) return kept;
  await mkdir(join(dataDir, 'nats'), { recursive: true, mode: 0o700 });
  const made = randomBytes(48).toString('base64url');
  await writeWhole(file, made);
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
      // Lists go after messages where both want the same core; what Postgres forks inherits it.
      lower(server.pid, POSTGRES_NICE);
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
