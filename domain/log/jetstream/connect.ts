// Opens everything that is kept by the log's servers: the one way in to this room.

import {
  AuthorizationError,
  connect,
  type NatsConnection,
  TimeoutError,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node';
import type { Storage } from '../log.ts';
import { LogUnreachable } from '../log-unreachable.ts';
import { BUCKETS, FILES } from '../subjects.ts';
import { openBucket } from './key-value.ts';
import { fixedSubjects } from './layout.ts';
import { Link } from './link.ts';
import { JetStreamLog } from './log.ts';
import { openObjects } from './objects.ts';
import { durabilityOf, refusalOf, warningOf } from './server-version.ts';
import { JetStreamSignals } from './signals.ts';
import { prepareStreams } from './streams.ts';

/** Tries, 200 ms apart, that a new stream has to find its leader. */
const LEADER_TRIES = 50;
/** Answers that may come too late, of five seconds each. */
const LATE_TRIES = 6;

export interface StorageOptions {
  /** `nats://host:port`, or several with commas between them. */
  readonly url: string;
  readonly user?: string;
  readonly password?: string;
  /** LOG_STREAMS where somebody set it: 1 to 64. Without: as at the first start, which takes 4. */
  readonly chatStreams?: number;
  /** Copies of each stream; without: as they are, 1 at the first start. */
  readonly replicas?: number;
  /** What this process is called at the server. */
  readonly name: string;
  /** Appends without an answer before the next is refused as busy; 4,096. */
  readonly appendsInFlight?: number;
  /** Bytes of such appends; 64 MB. */
  readonly appendBytesInFlight?: number;
  /** How long the servers may take to come up, in milliseconds; 30,000. */
  readonly patienceMs?: number;
  /** Whether the server syncs each commit, where whoever started it knows: it cannot be asked. */
  readonly syncAlways?: boolean;
  /** Hears of faults that belong to no call: of the connection, of listeners. */
  readonly onFault: (fault: unknown) => void;
  /** Hears one sentence about servers that are usable but not safe in all weather. */
  readonly onWarning?: (sentence: string) => void;
}

/**
 * Connects, checks the servers, makes what is missing. Throws an Error whose message is one sentence:
 * nobody answers in time, wrong credentials, server too old, JetStream off, another number of streams.
 */
export async function connectStorage(options: StorageOptions): Promise<Storage> {
  const connection = await connected(options);
  try {
    return await open(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function open(connection: NatsConnection, options: StorageOptions): Promise<Storage> {
  const version = connection.info?.version ?? '0.0.0';
  refuse(version, options.replicas ?? 1);
  const maxPayload = connection.info?.max_payload ?? 0;
  if (maxPayload < 512 * 1024)
    throw new Error(
      `nats-server takes only ${maxPayload} bytes a message: max_payload must be at least 512KB`,
    );
  const link = await Link.over(connection, options.onFault).catch((error: unknown) => {
    throw new Error(
      `JetStream is not to be had at ${options.url}: ${error instanceof Error ? error.message : error}`,
    );
  });
  const replicas = options.replicas ?? 1;
  const bucket = (name: string, maxValueBytes: number) =>
    onceLed(() => openBucket(link, name, { replicas, maxValueBytes }));
  const layout = await bucket(BUCKETS.layout, 1_024);
  const subjects = await onceLed(() => fixedSubjects(layout, options.chatStreams));
  const copies = await onceLed(() => prepareStreams(link, subjects, options.replicas));
  refuse(version, copies);
  const warning = warningOf(version, copies);
  if (warning) options.onWarning?.(warning);
  const log = new JetStreamLog(link, subjects, copies > 1, {
    appendsInFlight: options.appendsInFlight ?? 4_096,
    appendBytesInFlight: options.appendBytesInFlight ?? 64 * 1024 * 1024,
  });
  for (const { name } of subjects.streams()) await onceLed(() => log.head(name));
  return {
    log,
    signals: new JetStreamSignals(link),
    secrets: await bucket(BUCKETS.secrets, 16 * 1024),
    reservations: await bucket(BUCKETS.reservations, 4 * 1024),
    snapshots: await bucket(BUCKETS.snapshots, maxPayload - 4 * 1024),
    leases: await bucket(BUCKETS.leases, 16 * 1024),
    files: await onceLed(() => openObjects(link, FILES, replicas)),
    durability: durabilityOf(version, copies, options.syncAlways),
    server: { version, connected: () => link.connected },
    close: () => link.close(),
  };
}

/**
 * What was made a moment ago on several servers has no leader yet, and a busy server that makes streams for
 * several processes at once may be slow to answer: tried again until it does. Every step may be repeated.
 */
async function onceLed<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  let late = 0;
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof TimeoutError && ++late < LATE_TRIES) continue;
      // The client's name for "nobody answers there"; it exports no class for it.
      const unanswered = error instanceof Error && error.name === 'JetStreamNotEnabled';
      const leaderless = unanswered || error instanceof LogUnreachable;
      if (!leaderless || tries >= LEADER_TRIES) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function refuse(version: string, replicas: number): void {
  const refusal = refusalOf(version, replicas);
  if (refusal) throw new Error(refusal);
}

async function connected({
  url,
  user,
  password,
  name,
  patienceMs = 30_000,
}: StorageOptions): Promise<NatsConnection> {
  const givesUp = performance.now() + patienceMs;
  for (;;) {
    const left = givesUp - performance.now();
    try {
      return await connect({
        servers: url.split(',').map((one) => one.trim()),
        user,
        pass: password,
        name,
        timeout: Math.max(Math.min(left, 5_000), 100),
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        reconnectJitter: 100,
        // A server whose users are reloaded refuses for a moment; giving up for good would need a restart.
        ignoreAuthErrorAbort: true,
        pingInterval: 10_000,
        maxPingOut: 2,
        noAsyncTraces: true,
      });
    } catch (error) {
      if (error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError) {
        throw new Error(`NATS_URL: the server at ${shown(url)} refuses the credentials`);
      }
      if (left <= 250) {
        throw new Error(
          `NATS_URL: nobody answers at ${shown(url)} within ${Math.round(patienceMs / 1_000)} s`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

/** An address that may be printed: without credentials. */
function shown(url: string): string {
  return url.replace(/\/\/[^@/,]*@/g, '//');
}
