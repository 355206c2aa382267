// The in-memory twin of everything the log's servers keep: for tests of decisions and doors that need no server.
import type { KeyValue, Objects, Signals, Storage, Subscription } from './log.ts';
import { LogUnreachable } from './log-unreachable.ts';
import { MemoryLog } from './memory-log.ts';
import { MemoryServers } from './memory-servers.ts';
import { BUCKETS, Subjects } from './subjects.ts';

export interface MemoryStorage extends Storage {
  /** With the switches `dropLive`, `failNext`, `setConnected`, `disturb`. */
  readonly log: MemoryLog;
  /** Give it to another `memoryStorage` and the two are processes on one log. */
  readonly servers: MemoryServers;
}

export interface MemoryStorageOptions {
  readonly servers?: MemoryServers;
  /** CHAT streams of new servers; 4. */
  readonly chatStreams?: number;
  /** Appends without an answer before the next is refused as busy; 4,096. */
  readonly appendsInFlight?: number;
  readonly onFault?: (fault: unknown) => void;
}

/** A process's storage in memory. Faults of listeners throw in a later turn unless `onFault` takes them. */
export function memoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  const servers = options.servers ?? new MemoryServers(new Subjects(options.chatStreams ?? 4));
  const onFault = options.onFault ?? rethrow;
  const log = new MemoryLog(servers, options.appendsInFlight ?? 4_096, onFault);
  const bucket = (name: string) => new MemoryKeyValue(servers, name, log);
  return {
    log,
    servers,
    signals: new MemorySignals(servers, log, onFault),
    secrets: bucket(BUCKETS.secrets),
    reservations: bucket(BUCKETS.reservations),
    snapshots: bucket(BUCKETS.snapshots),
    leases: bucket(BUCKETS.leases),
    files: new MemoryObjects(servers, log),
    durability: 'kept in memory: gone with the process',
    server: { version: 'memory', connected: () => log.connected },
    close: () => log.close(),
  };
}

function rethrow(fault: unknown): void {
  queueMicrotask(() => {
    throw fault;
  });
}

/** A turn of the loop, as a server's answer would take; throws while the servers are away. */
async function answer(log: MemoryLog): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (!log.connected) throw new LogUnreachable();
}

class MemoryKeyValue implements KeyValue {
  readonly #servers: MemoryServers;
  readonly #entries: Map<string, { value: Uint8Array; revision: number }>;
  readonly #log: MemoryLog;

  constructor(servers: MemoryServers, name: string, log: MemoryLog) {
    this.#servers = servers;
    this.#log = log;
    this.#entries = servers.buckets.get(name) ?? new Map();
    servers.buckets.set(name, this.#entries);
  }

  async get(key: string): Promise<{ value: Uint8Array; revision: number } | undefined> {
    await this.#answer(key);
    const entry = this.#entries.get(key);
    return entry && { value: entry.value.slice(), revision: entry.revision };
  }

  async create(key: string, value: Uint8Array): Promise<boolean> {
    await this.#answer(key);
    if (this.#entries.has(key)) return false;
    this.#store(key, value);
    return true;
  }

  async put(key: string, value: Uint8Array): Promise<number> {
    await this.#answer(key);
    return this.#store(key, value);
  }

  async update(key: string, value: Uint8Array, revision: number): Promise<boolean> {
    await this.#answer(key);
    if (this.#entries.get(key)?.revision !== revision) return false;
    this.#store(key, value);
    return true;
  }

  async delete(key: string): Promise<void> {
    await this.#answer(key);
    this.#entries.delete(key);
  }

  async *keys(filter = '>'): AsyncGenerator<string> {
    await answer(this.#log);
    for (const key of [...this.#entries.keys()]) if (matches(filter, key)) yield key;
  }

  async #answer(key: string): Promise<void> {
    // The server's own rule for keys: a twin that took more would hide faults.
    if (!/^[-/=.\w]+$/.test(key) || key.startsWith('.') || key.endsWith('.'))
      throw new Error(`invalid key: ${key}`);
    await answer(this.#log);
  }

  #store(key: string, value: Uint8Array): number {
    const revision = this.#servers.nextRevision();
    this.#entries.set(key, { value: value.slice(), revision });
    return revision;
  }
}

class MemoryObjects implements Objects {
  readonly #servers: MemoryServers;
  readonly #log: MemoryLog;

  constructor(servers: MemoryServers, log: MemoryLog) {
    this.#servers = servers;
    this.#log = log;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    await answer(this.#log);
    this.#servers.objects.set(name, bytes.slice());
  }

  async get(name: string): Promise<Uint8Array | undefined> {
    await answer(this.#log);
    return this.#servers.objects.get(name)?.slice();
  }

  async delete(name: string): Promise<void> {
    await answer(this.#log);
    this.#servers.objects.delete(name);
  }
}

class MemorySignals implements Signals {
  readonly #servers: MemoryServers;
  readonly #log: MemoryLog;
  readonly #onFault: (fault: unknown) => void;
  readonly malformed = 0;

  constructor(servers: MemoryServers, log: MemoryLog, onFault: (fault: unknown) => void) {
    this.#servers = servers;
    this.#log = log;
    this.#onFault = onFault;
  }

  publish(subject: string, payload: unknown): void {
    if (this.#log.connected) this.#servers.say(subject, JSON.stringify(payload));
  }

  subscribe(subject: string, listener: (payload: unknown, subject: string) => void): Subscription {
    let open = true;
    const stop = this.#servers.onSaid((said, text) => {
      if (!matches(subject, said)) return;
      setImmediate(() => {
        if (!open || !this.#log.connected) return;
        try {
          listener(JSON.parse(text), said);
        } catch (fault) {
          this.#onFault(fault);
        }
      });
    });
    const close = (): void => {
      open = false;
      stop();
    };
    return { ready: Promise.resolve(), close };
  }
}

/** Whether a NATS subject, or a key, is meant by a pattern with `*` and `>`. */
function matches(pattern: string, subject: string): boolean {
  const [wanted, parts] = [pattern.split('.'), subject.split('.')];
  for (const [index, token] of wanted.entries()) {
    if (token === '>') return parts.length > index;
    if (parts[index] === undefined || (token !== '*' && token !== parts[index])) return false;
  }
  return parts.length === wanted.length;
}
