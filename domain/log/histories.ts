// Whole histories of aggregates as lists of events, for those who read rather than decide; the newest few are kept.
import type { RecordedEvent } from './commit.ts';
import type { Log } from './log.ts';
import type { Address } from './subjects.ts';

export interface History {
  readonly sequence: number;
  readonly events: readonly RecordedEvent[];
}

/** Events a kept history may have; a longer one is read anew each time. */
const KEPT_EVENTS = 2_000;

/** Reads histories, always current: what is kept is compared with the log's head first. */
export class Histories {
  readonly #log: Log;
  readonly #kept = new Map<string, History>();
  readonly #most: number;

  /** `most`: how many histories are kept in memory. */
  constructor(log: Log, most = 200) {
    this.#log = log;
    this.#most = most;
  }

  /** All events of an aggregate, oldest first; empty where there are none. */
  async read(address: Address): Promise<History> {
    let kept = this.#kept.get(address.subject);
    if (kept) {
      const [tail] = await this.#log.tails([address]);
      if (tail === kept.sequence) return this.#keep(address, kept);
      if (tail === undefined || tail < kept.sequence) kept = undefined;
    }
    const events = kept ? [...kept.events] : [];
    let sequence = kept?.sequence ?? 0;
    for await (const stored of this.#log.read(address, sequence)) {
      const first = stored.commit.events[0];
      // What came before an erasure is gone from the log, and so from here.
      if (first?.type === 'ConversationErased') events.length = 0;
      events.push(...stored.events());
      sequence = stored.sequence;
    }
    return this.#keep(address, { sequence, events });
  }

  #keep(address: Address, history: History): History {
    this.#kept.delete(address.subject);
    if (history.events.length === 0 || history.events.length > KEPT_EVENTS) return history;
    this.#kept.set(address.subject, history);
    if (this.#kept.size > this.#most) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    return history;
  }
}
