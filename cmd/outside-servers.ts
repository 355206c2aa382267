// Looks for the NATS and the Postgres that somebody else runs, and says in one sentence why they will not do.
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { compareVersions, oldestNatsVersion } from './embedded/obtain-nats-server.ts';
import type { Settings } from './settings.ts';

/** How long a silent server is waited for (milliseconds), and who is told meanwhile. */
export interface Patience {
  ms: number;
  say: (sentence: string) => void;
}

/**
 * Looks for the NATS that NATS_URL names, and whether it can do what `settings` ask for. Resolves to what the
 * children need to know of it; rejects with one sentence.
 */
export async function reachNats(settings: Settings, patience: Patience): Promise<NodeJS.ProcessEnv> {
  const urls = (settings.natsUrl ?? '').split(',').map((url) => new URL(url.trim()));
  const shown = urls.map((url) => `${url.protocol}//${url.host}`).join(',');
  const user = settings.natsUser ?? (decodeURIComponent(urls[0]?.username ?? '') || undefined);
  const pass = settings.natsPassword ?? (decodeURIComponent(urls[0]?.password ?? '') || undefined);
  const connection = await patiently(
    `NATS at ${shown}`,
    patience,
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
    patience.say(
      `nats-server ${version} is old for ${settings.logReplicas} replicas: 2.12 or newer is advised.`,
    );
  }
  return {
    NATS_URL: urls.map((url) => `${url.protocol}//${url.host}`).join(','),
    ...(user === undefined ? {} : { NATS_USER: user }),
    ...(pass === undefined ? {} : { NATS_PASSWORD: pass }),
    NATTER_DURABILITY: `as the NATS servers at ${shown} are configured (nats-server ${version}, ${settings.logReplicas} replica${settings.logReplicas > 1 ? 's' : ''})`,
  };
}

/** Looks for the Postgres that DATABASE_URL names; rejects with one sentence when it refuses or is too old. */
export async function reachPostgres(url: string, patience: Patience): Promise<string> {
  const shown = new URL(url).host + new URL(url).pathname;
  // SQLSTATE classes 28 (not allowed in) and 3D (no such database) do not go away by waiting.
  const hopeless = (error: Error) => /^(28|3D)/.test((error as { code?: string }).code ?? '');
  const version = await patiently(`Postgres at ${shown}`, patience, hopeless, async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3_000 });
    // Its end while we ask is also the failure of the query, which is where it is told.
    client.on('error', () => {});
    await client.connect();
    try {
      const { rows } = await client.query<{ version: number }>(
        `select current_setting('server_version_num')::int as version`,
      );
      return rows[0]?.version ?? 0;
    } finally {
      await client.end();
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
  { say, ms }: Patience,
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
      if (Date.now() - started > ms) {
        throw new Error(
          `nobody answered within ${ms / 1000} s (${error.message || (error as { code?: string }).code})`,
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
