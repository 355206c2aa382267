// Starts a real nats-server for a test, of the newest or of Debian's version, on a port and directory of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';
import { cacheDir } from '../../cmd/embedded/cache-dir.ts';
import { type EmbeddedNats, startNats } from '../../cmd/embedded/nats-server.ts';
import {
  type NatsBinary,
  natsVersionOf,
  obtainNatsServer,
  oldestNatsVersion,
  pinnedNatsVersion,
} from '../../cmd/embedded/obtain-nats-server.ts';

export type NatsVersion = 'newest' | 'debian';

export interface TestNats extends EmbeddedNats {
  dataDir: string;
  /** A new connection with this server's credentials; the caller closes it. Endless reconnects by default. */
  connect(options?: NodeConnectionOptions): Promise<NatsConnection>;
  /** SIGKILL, as a crash would; the data stays. Settles when the server is gone. */
  kill(): Promise<void>;
  /** Ends the server and removes its data, where the test did not bring its own directory. */
  stop(): Promise<void>;
}

/**
 * Starts a server; `dataDir` lets a test start one again on the data of one it killed (same port where free).
 * `syncAlways: false` leaves out the sync per message.
 */
export async function startTestNats(
  version: NatsVersion = 'newest',
  options: { dataDir?: string; syncAlways?: boolean } = {},
): Promise<TestNats> {
  const binary = version === 'newest' ? await newest() : debianNats;
  if (!binary) throw new Error("Debian's nats-server is not here: guard the test with hasNats('debian')");
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'natter-test-nats-')));
  const nats = await startNats({ dataDir, binary, say: () => {}, syncAlways: options.syncAlways });
  return {
    ...nats,
    dataDir,
    connect: (more) =>
      connect({
        servers: nats.url,
        user: nats.user,
        pass: nats.password,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 100,
        ...more,
      }),
    async kill() {
      process.kill(nats.pid, 'SIGKILL');
      await nats.exited;
    },
    async stop() {
      await nats.stop();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Whether this machine has that version: `describe.skipIf(!hasNats('debian'))`. */
export function hasNats(version: NatsVersion): boolean {
  return version === 'newest' || debianNats !== undefined;
}

const newest = () => obtainNatsServer((sentence) => console.error(sentence), process.env, pinnedNatsVersion);

// Found once, when the tests are collected: skipping must be decided before they run.
const debianNats: NatsBinary | undefined = await findDebianNats();

async function findDebianNats(): Promise<NatsBinary | undefined> {
  const places = [
    process.env.NATS_SERVER_DEBIAN,
    join(cacheDir(), `nats-server-${oldestNatsVersion}-debian`, 'nats-server'),
    '/usr/sbin/nats-server',
  ];
  for (const path of places) {
    if (path && (await natsVersionOf(path)) === oldestNatsVersion)
      return { path, version: oldestNatsVersion };
  }
  return undefined;
}
