// The log as everyone else sees it: one port, with an adapter on JetStream (jetstream/) and a twin in memory (memory.ts).
import type { StoredCommit } from './commit.ts';
import type { Address, StreamName, Subjects } from './subjects.ts';

/**
 * What became of an append. `conflict`: somebody else's commit came first (re-read, decide anew).
 * `busy`: too many appends in flight, nothing was sent. `unknown`: it may be stored or not (send the
 * same bytes with the same expectation again).
 */
export type Appended =
  | { readonly kind: 'stored'; readonly sequence: number }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'unknown'; readonly cause: string };

/** A running subscription. */
export interface Subscription {
  /** Settles once the server knows of it: what is stored from then on is heard. */
  readonly ready: Promise<void>;
  close(): void;
}

/** What happened to the connection that may have cost live copies: ask for tails again. */
export type Disturbance = 'reconnected' | 'slow-consumer' | 'leader-changed' | 'disconnected';

export interface Log {
  readonly subjects: Subjects;

  /** Stores `bytes` (an encoded commit) if `expected` is still the aggregate's last sequence (0: nothing stored yet). */
  append(address: Address, bytes: Uint8Array, expected: number): Promise<Appended>;

  /** The last commit of an aggregate, from the stream's leader where `fresh`. */
  last(address: Address, fresh?: boolean): Promise<StoredCommit | undefined>;

  /** The last sequence of each aggregate, 0 where there is none; asked in one go. */
  tails(addresses: readonly Address[]): Promise<number[]>;

  /** The commits of one aggregate with a sequence above `after`, in order, up to the head at the time of asking. */
  read(address: Address, after: number): AsyncIterable<StoredCommit>;

  /** The commit that lies at that sequence of a stream; undefined where there is none, or none any more. */
  at(stream: string, sequence: number): Promise<StoredCommit | undefined>;

  /**
   * Every commit of a stream with a sequence above `after`, in batches, in order. Ends at the head
   * at the time of asking unless `follow`; then it waits for more until `signal` aborts.
   */
  readStream(
    stream: string,
    after: number,
    options?: { follow?: boolean; signal?: AbortSignal; batch?: number },
  ): AsyncIterable<StoredCommit[]>;

  /** The last sequence of a stream, 0 while it is empty. */
  head(stream: StreamName | string): Promise<number>;

  /** Live copies, at most once: of one aggregate, of a workspace's chats, or of all workspace aggregates. */
  live(
    what: Address | { chatsOf: string } | 'workspaces',
    listener: (commit: StoredCommit) => void,
  ): Subscription;

  /** Tells when live copies may have been lost. */
  onDisturbance(listener: (what: Disturbance) => void): () => void;

  /** Overwrites and removes every commit of the aggregate up to and with `upTo`, repeated until none is left. */
  erase(address: Address, upTo: number): Promise<void>;

  close(): Promise<void>;
}

/** A bucket of keys and values with revisions; values are bytes. */
export interface KeyValue {
  get(key: string): Promise<{ value: Uint8Array; revision: number } | undefined>;
  /** Stores only if the key is not there; false where it is. */
  create(key: string, value: Uint8Array): Promise<boolean>;
  put(key: string, value: Uint8Array): Promise<number>;
  /** Stores only if `revision` is still the key's; false where it is not. */
  update(key: string, value: Uint8Array, revision: number): Promise<boolean>;
  delete(key: string): Promise<void>;
  keys(filter?: string): AsyncIterable<string>;
}

/** A store of large values. Buckets are made at start, never on read. */
export interface Objects {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** Undefined where there is none. Throws where the stored bytes are damaged. */
  get(name: string): Promise<Uint8Array | undefined>;
  delete(name: string): Promise<void>;
}

/** Words between processes that are not stored; at most once. */
export interface Signals {
  publish(subject: string, payload: unknown): void;
  subscribe(subject: string, listener: (payload: unknown, subject: string) => void): Subscription;
  /** Payloads that could not be read, since the start: dropped. */
  readonly malformed: number;
}

/** Everything that is kept by the log's servers. */
export interface Storage {
  readonly log: Log;
  readonly signals: Signals;
  readonly secrets: KeyValue;
  readonly reservations: KeyValue;
  readonly snapshots: KeyValue;
  readonly leases: KeyValue;
  readonly files: Objects;
  /** What the servers really promise, in a sentence, and their version. */
  readonly durability: string;
  readonly server: { readonly version: string; readonly connected: () => boolean };
  close(): Promise<void>;
}
