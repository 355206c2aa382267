// The log in memory: the JetStream adapter's semantics without a server, with switches for what may go wrong.
import type { StoredCommit } from './commit.ts';
import type { Appended, Disturbance, Log, Subscription } from './log.ts';
import { LogUnreachable } from './log-unreachable.ts';
import type { MemoryServers } from './memory-servers.ts';
import type { Address, StreamName, Subjects } from './subjects.ts';

/** What the next append does instead of storing and saying so. */
export type Failure = 'unknown-stored' | 'unknown-lost' | 'busy';

/** A turn of the loop, as a server's answer would take. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class MemoryLog implements Log {
  readonly subjects: Subjects;
  /** While true this twin hears no live copies, as when RePublish or the connection lost them. */
  dropLive = false;
  readonly #servers: MemoryServers;
  readonly #maxInFlight: number;
  readonly #onFault: (fault: unknown) => void;
  readonly #failures: Failure[] = [];
  readonly #listeners = new Set<(what: Disturbance) => void>();
  readonly #closers = new Set<() => void>();
  #connected = true;
  #closed = false;
  #inFlight = 0;

  constructor(servers: MemoryServers, maxInFlight: number, onFault: (fault: unknown) => void) {
    this.#servers = servers;
    this.subjects = servers.subjects;
    this.#maxInFlight = maxInFlight;
    this.#onFault = onFault;
  }

  get connected(): boolean {
    return this.#connected && !this.#closed;
  }

  /** Lets the next append fail so; several calls line up. */
  failNext(...failures: Failure[]): void {
    this.#failures.push(...failures);
  }

  /** Takes the servers away from this twin, or brings them back. */
  setConnected(connected: boolean): void {
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.disturb(connected ? 'reconnected' : 'disconnected');
  }

  /** Tells the listeners of a disturbance. */
  disturb(what: Disturbance): void {
    for (const listener of [...this.#listeners]) listener(what);
  }

  async append(address: Address, bytes: Uint8Array, expected: number): Promise<Appended> {
    if (this.#inFlight >= this.#maxInFlight) return { kind: 'busy' };
    this.#inFlight += 1;
    try {
      await turn();
      if (!this.connected) return { kind: 'unknown', cause: 'the connection to the log is down' };
      const failure = this.#failures.shift();
      if (failure === 'busy') return { kind: 'busy' };
      if (failure === 'unknown-lost') return { kind: 'unknown', cause: 'the log did not answer in time' };
      const sequence = this.#servers.append(address, bytes, expected);
      if (failure === 'unknown-stored') return { kind: 'unknown', cause: 'the log did not answer in time' };
      return sequence === undefined ? { kind: 'conflict' } : { kind: 'stored', sequence };
    } finally {
      this.#inFlight -= 1;
    }
  }

  async last(address: Address): Promise<StoredCommit | undefined> {
    await this.#answer();
    const sequence = this.#servers.sequences(address).at(-1);
    return sequence === undefined ? undefined : this.#servers.at(address.stream, sequence);
  }

  async tails(addresses: readonly Address[]): Promise<number[]> {
    await this.#answer();
    return addresses.map((address) => this.#servers.sequences(address).at(-1) ?? 0);
  }

  async *read(address: Address, after: number): AsyncGenerator<StoredCommit> {
    await this.#answer();
    for (const sequence of this.#servers.sequences(address, after)) {
      const commit = this.#servers.at(address.stream, sequence);
      if (commit) yield commit;
    }
  }

  async at(stream: string, sequence: number): Promise<StoredCommit | undefined> {
    await this.#answer();
    return this.#servers.at(stream, sequence);
  }

  async *readStream(
    stream: string,
    after: number,
    {
      follow = false,
      signal,
      batch = 1_000,
    }: { follow?: boolean; signal?: AbortSignal; batch?: number } = {},
  ): AsyncGenerator<StoredCommit[]> {
    await this.#answer();
    const upTo = follow ? Number.POSITIVE_INFINITY : this.#servers.head(stream);
    for (let last = after; ; ) {
      if (signal?.aborted || this.#closed) return;
      const commits: StoredCommit[] = [];
      const head = Math.min(this.#servers.head(stream), upTo);
      while (this.connected && last < head && commits.length < batch) {
        last += 1;
        const commit = this.#servers.at(stream, last);
        if (commit) commits.push(commit);
      }
      if (commits.length > 0) yield commits;
      else if (last >= upTo) return;
      else await this.#change(signal);
      await turn();
    }
  }

  async head(stream: StreamName | string): Promise<number> {
    await this.#answer();
    return this.#servers.head(typeof stream === 'string' ? stream : stream.name);
  }

  live(
    what: Address | { chatsOf: string } | 'workspaces',
    listener: (commit: StoredCommit) => void,
  ): Subscription {
    const stop = this.#servers.onStored((commit) => {
      if (!concerns(what, commit.address)) return;
      setImmediate(() => {
        if (!this.#closers.has(close) || !this.connected || this.dropLive) return;
        try {
          listener(commit);
        } catch (fault) {
          this.#onFault(fault);
        }
      });
    });
    const close = (): void => {
      stop();
      this.#closers.delete(close);
    };
    this.#closers.add(close);
    return { ready: turn(), close };
  }

  onDisturbance(listener: (what: Disturbance) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async erase(address: Address, upTo: number): Promise<void> {
    await this.#answer();
    this.#servers.remove(address, upTo);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const close of [...this.#closers]) close();
    this.#listeners.clear();
  }

  async #answer(): Promise<void> {
    await turn();
    if (!this.connected) throw new LogUnreachable();
  }

  /** Settles when something may be there to read, or nothing ever will. */
  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stopStored();
        stopDisturbed();
        signal?.removeEventListener('abort', done);
        this.#closers.delete(done);
        resolve();
      };
      const stopStored = this.#servers.onStored(done);
      const stopDisturbed = this.onDisturbance(done);
      signal?.addEventListener('abort', done, { once: true });
      this.#closers.add(done);
    });
  }
}

function concerns(what: Address | { chatsOf: string } | 'workspaces', address: Address): boolean {
  if (what === 'workspaces') return address.family === 'workspace';
  if ('subject' in what) return what.subject === address.subject;
  return address.family === 'chat' && address.workspace === what.chatsOf;
}
