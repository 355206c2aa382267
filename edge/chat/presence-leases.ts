// What edges say of their agents, kept where a process that starts, or that a signal did not reach, can read it.
import type { KeyValue } from '../../domain/log/log.ts';
import { LogUnreachable } from '../../domain/log/log-unreachable.ts';
import { type PresenceWord, presenceWord, SILENT_AFTER } from './presence.ts';

export interface PresenceLeasesParts {
  readonly leases: KeyValue;
  /** This process's id. */
  readonly edge: string;
  /** Hears what another edge has said since the last reading; also that it said the same again. */
  readonly onWord: (word: PresenceWord) => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly onFault: (fault: unknown) => void;
}

/** Milliseconds after which whoever reads a lease that is not renewed clears it away. */
const CLEARED_AFTER = 10 * 60_000;

interface Lease {
  readonly revision: number;
  /** Since when it has this revision, by `performance.now()`: whose clock wrote it does not matter. */
  readonly since: number;
}

export class PresenceLeases {
  readonly #parts: PresenceLeasesParts;
  #known = new Map<string, Lease>();
  #reading: Promise<void> | undefined;
  #next: PresenceWord | undefined;
  #saying: Promise<void> | undefined;
  #said = false;

  constructor(parts: PresenceLeasesParts) {
    this.#parts = parts;
  }

  /** Tells what all other edges say. Settles when it has, or could not; never rejects. */
  read(): Promise<void> {
    this.#reading ??= this.#guard(this.#readAll()).finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Renews this edge's own lease. What is said while the one before is being stored is stored once after it. */
  say(word: PresenceWord): void {
    this.#said = true;
    this.#next = word;
    this.#saying ??= this.#guard(this.#store()).finally(() => {
      this.#saying = undefined;
    });
  }

  /** Gives this edge's own lease up, if it had one. */
  async close(): Promise<void> {
    this.#next = undefined;
    await Promise.all([this.#saying, this.#reading]);
    if (this.#said) await this.#guard(this.#parts.leases.delete(keyOf(this.#parts.edge)));
  }

  async #store(): Promise<void> {
    const { leases, edge } = this.#parts;
    for (let word = this.#next; word; word = this.#next) {
      this.#next = undefined;
      await leases.put(keyOf(edge), Buffer.from(JSON.stringify(word)));
    }
  }

  async #readAll(): Promise<void> {
    const { leases, edge } = this.#parts;
    const before = this.#known;
    const known = new Map<string, Lease>();
    for await (const key of leases.keys(keyOf('*'))) {
      if (key === keyOf(edge)) continue;
      const lease = await this.#readOne(key, before.get(key));
      if (lease) known.set(key, lease);
    }
    this.#known = known;
  }

  async #readOne(key: string, before: Lease | undefined): Promise<Lease | undefined> {
    const { leases, now, onWord } = this.#parts;
    const found = await leases.get(key);
    if (!found) return undefined;
    if (before?.revision === found.revision) {
      if (performance.now() - before.since < CLEARED_AFTER) return before;
      await leases.delete(key);
      return undefined;
    }
    const word = readWord(found.value);
    // A lease that was never seen may be of an edge long dead. A clock that is wrong costs one renewal, no more.
    const old = word && !before && Math.abs(now() - word.at) >= SILENT_AFTER;
    if (word && !old && keyOf(word.edge) === key) onWord(word);
    return { revision: found.revision, since: performance.now() };
  }

  async #guard(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (fault) {
      // While the log is away the next reading, or the next renewal, does it.
      if (!(fault instanceof LogUnreachable)) this.#parts.onFault(fault);
    }
  }
}

const keyOf = (edge: string): string => `presence.${edge}`;

function readWord(value: Uint8Array): PresenceWord | undefined {
  try {
    return presenceWord.safeParse(JSON.parse(Buffer.from(value).toString())).data;
  } catch {
    // Not written by an edge of ours: as good as none.
    return undefined;
  }
}
