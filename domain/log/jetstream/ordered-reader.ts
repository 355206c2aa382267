// Reads a stream, or one subject of it, in order and without a hole: an ephemeral consumer that is made anew whenever anything looks odd.
import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { createInbox, type Msg, nanos, type Subscription } from '@nats-io/transport-node';
import { StoredCommit } from '../commit.ts';
import { LogUnreachable } from '../log-unreachable.ts';
import type { Subjects } from '../subjects.ts';
import { askLeader } from './direct-reads.ts';
import type { Link } from './link.ts';
import { deliveryOf } from './stored-message.ts';

/** Bytes and commits that may be under way or wait here; a large window is what makes a replay fast. */
const WINDOW_BYTES = 4 * 1024 * 1024;
const WINDOW_COMMITS = 10_000;
/** How long one pull stays open, and how often the server says that it is still there, in milliseconds. */
const PULL_MS = 30_000;
const HEARTBEAT_MS = 5_000;
/** A read that ends at the head gives up after this long without the server; a following one never does. */
const PATIENCE_MS = 30_000;

const STREAM_NOT_FOUND = 10059;

export interface Reading {
  readonly stream: string;
  /** Sequences above this one. */
  readonly after: number;
  /** Ends once this sequence was passed; follows for ever where undefined. */
  readonly upTo: number | undefined;
  /** Only commits of this subject. */
  readonly subject?: string;
  readonly signal?: AbortSignal;
  /** Commits in one batch, at most. */
  readonly batch: number;
}

/**
 * Batches of commits as they come. Throws where the stream is gone, and, unless it follows, where the
 * servers stay away. A hole in the sequences is an erasure: that no delivery was lost is seen by the
 * consumer's own count, which has none.
 */
export async function* readOrdered(
  link: Link,
  subjects: Subjects,
  reading: Reading,
): AsyncGenerator<StoredCommit[]> {
  if (reading.upTo !== undefined && reading.upTo <= reading.after) return;
  const reader = new OrderedReader(link, subjects, reading);
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) yield batch;
  } finally {
    reader.close();
  }
}

class OrderedReader {
  readonly #link: Link;
  readonly #subjects: Subjects;
  readonly #reading: Reading;
  readonly #inbox = createInbox();
  readonly #stopListening: () => void;
  readonly #watchdog: NodeJS.Timeout;
  #last: number;
  #queue: StoredCommit[] = [];
  #queuedBytes = 0;
  #done = false;
  #error: unknown;
  #wake: (() => void) | undefined;
  /** Counts the consumers made; what an earlier one still says is not listened to. */
  #generation = 0;
  #consumer: string | undefined;
  #subscription: Subscription | undefined;
  #expected = 1;
  #pull = 0;
  #openBytes = 0;
  #openCommits = 0;
  #heard = performance.now();

  constructor(link: Link, subjects: Subjects, reading: Reading) {
    this.#link = link;
    this.#subjects = subjects;
    this.#reading = reading;
    this.#last = reading.after;
    this.#stopListening = link.onDisturbance((what) => what === 'reconnected' && this.#reopen());
    this.#watchdog = setInterval(() => this.#watch(), 1_000);
    this.#watchdog.unref();
    reading.signal?.addEventListener('abort', this.#abort, { once: true });
    if (reading.signal?.aborted) this.#finish();
    else this.#reopen();
  }

  /** What is there, at least one commit; undefined at the end. */
  async next(): Promise<StoredCommit[] | undefined> {
    for (;;) {
      if (this.#queue.length > 0) return this.#take();
      if (this.#error) throw this.#error;
      if (this.#done) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#finish();
    clearInterval(this.#watchdog);
    this.#stopListening();
    this.#reading.signal?.removeEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    this.#queue = [];
    this.#finish();
  };

  #take(): StoredCommit[] {
    const batch =
      this.#queue.length <= this.#reading.batch ? this.#queue : this.#queue.splice(0, this.#reading.batch);
    if (batch === this.#queue) this.#queue = [];
    for (const commit of batch) this.#queuedBytes -= commit.bytes;
    if (!this.#done) this.#pullMore();
    return batch;
  }

  #finish(error?: unknown): void {
    if (!this.#done) {
      this.#done = true;
      this.#error = error;
      this.#dropConsumer();
    }
    this.#signal();
  }

  #signal(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #dropConsumer(): void {
    this.#generation += 1;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    const name = this.#consumer;
    this.#consumer = undefined;
    // Nobody waits for it: what is not deleted here ends by itself after 30 s without pulls.
    if (name && this.#link.connected) {
      this.#link.connection.publish(`$JS.API.CONSUMER.DELETE.${this.#reading.stream}.${name}`);
    }
  }

  #reopen(): void {
    if (this.#done) return;
    this.#dropConsumer();
    this.#open(this.#generation).catch((error) => this.#finish(error));
  }

  async #open(generation: number): Promise<void> {
    const { stream, subject } = this.#reading;
    const givesUp = performance.now() + PATIENCE_MS;
    for (let wait = 100; ; wait = Math.min(wait * 2, 2_000)) {
      try {
        this.#link.assertConnected();
        const made = await this.#link.jsm.consumers.add(stream, {
          ack_policy: AckPolicy.None,
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: this.#last + 1,
          filter_subject: subject,
          inactive_threshold: nanos(PATIENCE_MS),
          mem_storage: true,
          num_replicas: 1,
        });
        if (generation !== this.#generation) {
          this.#link.connection.publish(`$JS.API.CONSUMER.DELETE.${stream}.${made.name}`);
          return;
        }
        this.#listen(generation, made.name, made.num_pending);
        return;
      } catch (error) {
        if (generation !== this.#generation) return;
        if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) throw error;
        if (this.#reading.upTo !== undefined && performance.now() > givesUp) throw new LogUnreachable();
        await new Promise((resolve) => setTimeout(resolve, wait).unref());
        if (generation !== this.#generation) return;
      }
    }
  }

  #listen(generation: number, consumer: string, pending: number): void {
    this.#consumer = consumer;
    this.#expected = 1;
    this.#openBytes = 0;
    this.#openCommits = 0;
    this.#heard = performance.now();
    this.#subscription = this.#link.connection.subscribe(`${this.#inbox}.${generation}.*`, {
      callback: (error, message) => {
        if (generation !== this.#generation) return;
        this.#heard = performance.now();
        if (error) this.#finish(error);
        else if (message.subject.startsWith(this.#inbox)) this.#status(message);
        else this.#delivered(message);
      },
    });
    this.#pullMore();
    if (pending === 0 && this.#reading.upTo !== undefined) this.#confirmEnd(generation);
  }

  /**
   * Nothing more to come, says the consumer, short of the head: it was erased, or the consumer lies on
   * a follower that lags behind. The leader knows.
   */
  #confirmEnd(generation: number): void {
    const { stream, subject = '>', upTo = 0 } = this.#reading;
    askLeader(this.#link, stream, { seq: this.#last + 1, next_by_subj: subject }).then(
      (next) => {
        if (generation !== this.#generation) return;
        if (!next || next.seq > upTo) this.#finish();
      },
      () => setTimeout(() => this.#reopenIf(generation), 250).unref(),
    );
  }

  #delivered(message: Msg): void {
    const { sequence, consumerSequence, pending } = deliveryOf(message.reply ?? '');
    if (consumerSequence !== this.#expected) {
      this.#reopen();
      return;
    }
    this.#expected += 1;
    this.#openBytes -= message.data.length;
    this.#openCommits -= 1;
    if (sequence <= this.#last) return;
    this.#last = sequence;
    const address = this.#subjects.parse(message.subject);
    if (address) {
      const commit = new StoredCommit(address, sequence, message.data);
      this.#queue.push(commit);
      this.#queuedBytes += commit.bytes;
    } else {
      this.#link.onFault(
        new Error(`a message that is no commit lies in ${this.#reading.stream} at ${sequence}`),
      );
    }
    const { upTo } = this.#reading;
    if (upTo !== undefined && sequence >= upTo) {
      this.#finish();
      return;
    }
    if (upTo !== undefined && pending === 0) this.#confirmEnd(this.#generation);
    this.#pullMore();
    this.#signal();
  }

  /** What the server says besides commits: that it is there, or that the pull, or the consumer, has ended. */
  #status(message: Msg): void {
    const code = message.headers?.code ?? 0;
    const description = message.headers?.description.toLowerCase() ?? '';
    if (code === 100) {
      const delivered = message.headers?.get('Nats-Last-Consumer');
      if (delivered && Number(delivered) >= this.#expected) this.#reopen();
    } else if (
      code === 404 ||
      code === 408 ||
      (code === 409 && /exceeds maxbytes|batch completed/.test(description))
    ) {
      // Only the newest pull counts: what an older one leaves is counted off with it.
      if (!message.subject.endsWith(`.${this.#pull}`)) return;
      this.#openBytes = 0;
      this.#openCommits = 0;
      this.#pullMore();
    } else {
      // Consumer deleted, leader changed, server going, nobody there: a new consumer goes on where this one ended.
      const generation = this.#generation;
      setTimeout(() => this.#reopenIf(generation), 100).unref();
    }
  }

  #reopenIf(generation: number): void {
    if (generation === this.#generation) this.#reopen();
  }

  /** Asks for another window once three quarters of the last one came, and what came was taken. */
  #pullMore(): void {
    if (!this.#consumer || !this.#link.connected) return;
    if (this.#openBytes > WINDOW_BYTES / 4 && this.#openCommits > WINDOW_COMMITS / 4) return;
    if (this.#queuedBytes > WINDOW_BYTES || this.#queue.length > WINDOW_COMMITS) return;
    this.#pull += 1;
    this.#openBytes = Math.max(this.#openBytes, 0) + WINDOW_BYTES;
    this.#openCommits = Math.max(this.#openCommits, 0) + WINDOW_COMMITS;
    this.#heard = performance.now();
    const question = {
      batch: WINDOW_COMMITS,
      max_bytes: WINDOW_BYTES,
      expires: nanos(PULL_MS),
      idle_heartbeat: nanos(HEARTBEAT_MS),
    };
    this.#link.connection.publish(
      `$JS.API.CONSUMER.MSG.NEXT.${this.#reading.stream}.${this.#consumer}`,
      JSON.stringify(question),
      { reply: `${this.#inbox}.${this.#generation}.${this.#pull}` },
    );
  }

  /** A pull is open, the connection stands, and two heartbeats are missing: the consumer is gone. */
  #watch(): void {
    if (!this.#consumer || !this.#link.connected || this.#openBytes <= 0) return;
    if (performance.now() - this.#heard > 2.2 * HEARTBEAT_MS) this.#reopen();
  }
}
