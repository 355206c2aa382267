// Gives a test a fresh, empty database on a real Postgres; one server serves a whole run.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../cmd/embedded/postgres.ts';

export interface TestPostgres {
  /** `postgres://user:password@127.0.0.1:port/<fresh database>` */
  url: string;
  /** Drops the database (and ends the server where the test started it alone). */
  stop(): Promise<void>;
}

export interface PostgresServer {
  /** The URL of a database that only serves to make others. */
  adminUrl: string;
  stop(): Promise<void>;
}

let made = 0;

/** A fresh, empty database. Inside vitest the server is shared; elsewhere it is started for this call. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const shared = process.env.NATTER_TEST_PARTS;
  const server = shared
    ? { adminUrl: await askForShared(shared), stop: async () => {} }
    : await startServer();
  made += 1;
  const name = `test_${process.pid}_${made}_${Date.now().toString(36)}`;
  await administer(server.adminUrl, `create database ${name} template template0`);
  return {
    url: server.adminUrl.replace(/\/natter$/, `/${name}`),
    async stop() {
      await administer(server.adminUrl, `drop database if exists ${name} with (force)`);
      await server.stop();
    },
  };
}

/** A Postgres for this run alone, in a temporary directory, without syncs: its data is worth nothing. */
export async function startServer(): Promise<PostgresServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'natter-test-postgres-'));
  // Reachable for the user that Postgres runs as where we are root.
  await chmod(dataDir, 0o755);
  const server = await startPostgres({
    dataDir,
    say: () => {},
    settings: { fsync: 'off', full_page_writes: 'off', max_connections: '200' },
  });
  return {
    adminUrl: server.url,
    async stop() {
      await server.stop();
      await rm(join(dataDir, 'postgres'), { recursive: true, force: true });
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function askForShared(at: string): Promise<string> {
  const answer = await fetch(`${at}/postgres`);
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}
