// How often one client may ask: fixed windows, counted in this process, bounded in memory.
import { LRUCache } from 'lru-cache';

/** Requests in a window of 15 minutes: for an address that says nothing of itself (seeds 003, 004), and for a known caller. */
export const REQUESTS = { address: 100, caller: 3_000 } as const;
const WINDOW = 15 * 60_000;
/** Clients told apart; past that the longest unseen begin anew. */
const KEPT = 100_000;

/** What a client is told. Seconds until the window ends. */
export interface Standing {
  readonly limit: number;
  readonly remaining: number;
  readonly reset: number;
  readonly allowed: boolean;
}

interface Window {
  readonly ends: number;
  count: number;
}

export class RequestLimit {
  readonly #now: () => number;
  readonly #windows = new LRUCache<string, Window>({ max: KEPT });

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Counts one request of that client. */
  take(key: string, limit: number): Standing {
    const now = this.#now();
    let window = this.#windows.get(key);
    if (!window || window.ends <= now) {
      window = { ends: now + WINDOW, count: 0 };
      this.#windows.set(key, window);
    }
    window.count++;
    return {
      limit,
      remaining: Math.max(0, limit - window.count),
      reset: Math.ceil((window.ends - now) / 1_000),
      allowed: window.count <= limit,
    };
  }
}
