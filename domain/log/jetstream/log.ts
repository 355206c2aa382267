// The log on JetStream: one class that puts the parts of this room together behind the port.
import { Slots } from '../../slots.ts';
import type { StoredCommit } from '../commit.ts';
import type { Appended, Disturbance, Log, Subscription } from '../log.ts';
import type { Address, StreamName, Subjects } from '../subjects.ts';
import { Appends } from './appends.ts';
import { DirectReads } from './direct-reads.ts';
import { eraseCommits } from './erasure.ts';
import type { Link } from './link.ts';
import { hearLive, type LiveSource } from './live-copies.ts';
import { readOrdered } from './ordered-reader.ts';

/** Commits read one by one on servers before 2.11; more are read by a consumer, which costs about as much as this many. */
const ONE_BY_ONE = 32;

/** Consumers for single subjects at once, so that cold reads do not swamp the server. */
const FILTERED_READERS = 8;

export interface LogBounds {
  /** Appends without an answer, and their bytes. */
  readonly appendsInFlight: number;
  readonly appendBytesInFlight: number;
}

export class JetStreamLog implements Log {
  readonly subjects: Subjects;
  readonly #link: Link;
  readonly #appends: Appends;
  readonly #reads: DirectReads;
  readonly #filteredReaders = new Slots(FILTERED_READERS);

  /** `replicated`: whether any stream has more than one copy. */
  constructor(link: Link, subjects: Subjects, replicated: boolean, bounds: LogBounds) {
    this.#link = link;
    this.subjects = subjects;
    this.#appends = new Appends(link, bounds.appendsInFlight, bounds.appendBytesInFlight);
    this.#reads = new DirectReads(link, subjects, replicated);
  }

  append(address: Address, bytes: Uint8Array, expected: number): Promise<Appended> {
    return this.#appends.append(address, bytes, expected);
  }

  last(address: Address, fresh = false): Promise<StoredCommit | undefined> {
    return this.#reads.last(address, fresh);
  }

  tails(addresses: readonly Address[]): Promise<number[]> {
    return this.#reads.tails(addresses);
  }

  at(stream: string, sequence: number): Promise<StoredCommit | undefined> {
    return this.#reads.at(stream, sequence);
  }

  read(address: Address, after: number): AsyncIterable<StoredCommit> {
    return this.#link.batchedGets ? this.#readBatched(address, after) : this.#readSingly(address, after);
  }

  readStream(
    stream: string,
    after: number,
    options: { follow?: boolean; signal?: AbortSignal; batch?: number } = {},
  ): AsyncIterable<StoredCommit[]> {
    return this.#readStream(stream, after, options);
  }

  async head(stream: StreamName | string): Promise<number> {
    this.#link.assertConnected();
    const info = await this.#link.jsm.streams.info(typeof stream === 'string' ? stream : stream.name);
    return info.state.last_seq;
  }

  live(what: LiveSource, listener: (commit: StoredCommit) => void): Subscription {
    return hearLive(this.#link, this.subjects, what, listener);
  }

  onDisturbance(listener: (what: Disturbance) => void): () => void {
    return this.#link.onDisturbance(listener);
  }

  erase(address: Address, upTo: number): Promise<void> {
    return eraseCommits(this.#link, address, upTo, () => this.read(address, 0));
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  async *#readBatched(address: Address, after: number): AsyncGenerator<StoredCommit> {
    let last = after;
    for (let more = true; more; ) {
      const batch = await this.#reads.batch(address, last + 1);
      for (const commit of batch.commits) {
        last = commit.sequence;
        yield commit;
      }
      more = batch.more && batch.commits.length > 0;
    }
    if (!this.#reads.replicated) return;
    // A follower may have answered that lags behind: what it lacks, the leader has.
    const head = await this.#reads.last(address, true);
    while (head && last < head.sequence) {
      const commit = await this.#reads.next(address, last + 1, true);
      if (!commit) return;
      last = commit.sequence;
      yield commit;
    }
  }

  async *#readSingly(address: Address, after: number): AsyncGenerator<StoredCommit> {
    const head = await this.#reads.last(address, true);
    if (!head) return;
    let last = after;
    for (let count = 0; count < ONE_BY_ONE && last < head.sequence; count++) {
      const commit = await this.#reads.next(address, last + 1, true);
      if (!commit) return;
      last = commit.sequence;
      yield commit;
    }
    if (last >= head.sequence) return;
    const free = await this.#filteredReaders.take();
    try {
      const reading = {
        stream: address.stream,
        after: last,
        upTo: head.sequence,
        subject: address.subject,
        batch: 1_000,
      };
      for await (const batch of readOrdered(this.#link, this.subjects, reading)) yield* batch;
    } finally {
      free();
    }
  }

  async *#readStream(
    stream: string,
    after: number,
    { follow = false, signal, batch = 1_000 }: { follow?: boolean; signal?: AbortSignal; batch?: number },
  ): AsyncGenerator<StoredCommit[]> {
    const upTo = follow ? undefined : await this.head(stream);
    yield* readOrdered(this.#link, this.subjects, { stream, after, upTo, signal, batch });
  }
}
