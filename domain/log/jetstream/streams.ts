// Makes the log's streams where they are missing, and checks that those there keep what the log promises.
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { LIVE_PREFIX, type StreamName, type Subjects } from '../subjects.ts';
import type { Link } from './link.ts';
import { isBefore } from './server-version.ts';

/** A commit is at most 256 KB; the rest is for its header. */
const MAX_MESSAGE_BYTES = 300 * 1024;

/** The smallest window the server takes: commits carry no message id, so nothing is ever deduplicated by it. */
const DUPLICATE_WINDOW = nanos(100);

/** What every start sets right where it differs; none of it touches what is stored. */
const settings = {
  discard: DiscardPolicy.New,
  max_age: 0,
  max_msgs: -1,
  max_msgs_per_subject: -1,
  max_msg_size: MAX_MESSAGE_BYTES,
  duplicate_window: DUPLICATE_WINDOW,
  allow_direct: true,
  allow_rollup_hdrs: false,
} satisfies Partial<StreamConfig>;

/**
 * Makes or checks every stream. `replicas` undefined: as they are, 1 for new ones. Returns the copies
 * of the one that has most. Throws one sentence where a stream cannot be used.
 */
export async function prepareStreams(
  link: Link,
  subjects: Subjects,
  replicas: number | undefined,
): Promise<number> {
  let most = 1;
  for (const stream of subjects.streams()) most = Math.max(most, await prepare(link, stream, replicas));
  return most;
}

async function prepare(link: Link, stream: StreamName, replicas: number | undefined): Promise<number> {
  const existing = await configOf(link, stream.name);
  if (!existing) {
    const made = await link.jsm.streams.add({
      name: stream.name,
      subjects: [stream.subjects],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      num_replicas: replicas ?? 1,
      republish: { src: '>', dest: `${LIVE_PREFIX}>` },
      ...settings,
    });
    return made.config.num_replicas;
  }
  const unusable = refusalFor(existing, stream, link.version);
  if (unusable) throw new Error(`the stream ${stream.name} cannot be used: ${unusable}`);
  const wanted: StreamConfig = {
    ...existing,
    ...settings,
    republish: { src: '>', dest: `${LIVE_PREFIX}>` },
    // Never fewer copies than there are: somebody gave it more on purpose.
    num_replicas: Math.max(existing.num_replicas, replicas ?? 1),
  };
  if (differs(existing, wanted)) await link.jsm.streams.update(stream.name, wanted);
  return wanted.num_replicas;
}

async function configOf(link: Link, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await link.jsm.streams.info(name)).config;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound)
      return undefined;
    throw error;
  }
}

/** What cannot be changed any more, or not without losing what is stored. */
function refusalFor(config: StreamConfig, { subjects }: StreamName, version: string): string | undefined {
  if (config.storage !== StorageType.File) return 'it is kept in memory, not in files';
  if (config.retention !== RetentionPolicy.Limits) return `its retention is ${config.retention}, not limits`;
  if (config.subjects?.length !== 1 || config.subjects[0] !== subjects) {
    return `it stores ${config.subjects?.join(', ') || 'nothing'}, not ${subjects}`;
  }
  if (config.sealed) return 'it is sealed';
  if (config.deny_delete || config.deny_purge) return 'it denies deletion, so nothing could be erased';
  if (!isLive(config) && isBefore(version, '2.10.0'))
    return 'it does not republish, which this server cannot change';
  return undefined;
}

function isLive({ republish }: StreamConfig): boolean {
  return (
    republish?.dest === `${LIVE_PREFIX}>` &&
    (republish.src === '>' || !republish.src) &&
    !republish.headers_only
  );
}

function differs(existing: StreamConfig, wanted: StreamConfig): boolean {
  if (existing.num_replicas !== wanted.num_replicas || !isLive(existing)) return true;
  return (Object.keys(settings) as (keyof typeof settings)[]).some(
    (key) => (existing[key] ?? false) !== (wanted[key] ?? false),
  );
}
