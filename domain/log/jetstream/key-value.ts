// Buckets of keys and values on JetStream.
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { KeyValue } from '../log.ts';
import type { Link } from './link.ts';

/** Opens a bucket, or makes it; `maxValueBytes` bounds one value. */
export async function openBucket(
  link: Link,
  name: string,
  { replicas, maxValueBytes }: { replicas: number; maxValueBytes: number },
): Promise<KeyValue> {
  // The server's bound covers the headers as well.
  const kv = await new Kvm(link.js).create(name, {
    history: 1,
    replicas,
    maxValueSize: maxValueBytes + 1_024,
  });
  return new JetStreamKeyValue(link, kv, `KV_${name}`);
}

class JetStreamKeyValue implements KeyValue {
  readonly #link: Link;
  readonly #kv: KV;
  readonly #stream: string;

  constructor(link: Link, kv: KV, stream: string) {
    this.#link = link;
    this.#kv = kv;
    this.#stream = stream;
  }

  async get(key: string): Promise<{ value: Uint8Array; revision: number } | undefined> {
    this.#link.assertConnected();
    const entry = await this.#kv.get(key);
    if (entry?.operation !== 'PUT') return undefined;
    return { value: new Uint8Array(entry.value), revision: entry.revision };
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    this.#link.assertConnected();
    return unlessLost(this.#kv.create(key, value));
  }

  async put(key: string, value: Uint8Array): Promise<number> {
    this.#link.assertConnected();
    return this.#kv.put(key, value);
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<boolean> {
    this.#link.assertConnected();
    return unlessLost(this.#kv.update(key, value, revision));
  }

  /** Overwritten where it lies and without a marker: secrets must not linger, nor markers of old leases add up. */
  async delete(key: string): Promise<void> {
    this.#link.assertConnected();
    const entry = await this.#kv.get(key);
    if (!entry) return;
    try {
      await this.#link.jsm.streams.deleteMessage(this.#stream, entry.revision, true);
    } catch (error) {
      // Gone by now: somebody deleted it too, or put a newer value after this deletion.
      if (!(error instanceof JetStreamApiError) || !isGone(error)) throw error;
    }
  }

  async *keys(filter?: string): AsyncIterable<string> {
    this.#link.assertConnected();
    yield* await this.#kv.keys(filter);
  }
}

function isGone(error: JetStreamApiError): boolean {
  return error.code === JetStreamApiCodes.NoMessageFound || /not found|no message/i.test(error.message);
}

/** Whether it was stored: false where somebody else came first. */
async function unlessLost(storing: Promise<number>): Promise<boolean> {
  try {
    await storing;
    return true;
  } catch (error) {
    if (error instanceof JetStreamApiError && LOST.has(error.code)) return false;
    throw error;
  }
}

const LOST = new Set<number>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);
