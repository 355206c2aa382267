// How often one client may ask: fixed windows, counted over all edges, bounded in memory.
import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Signals } from '../../domain/log/log.ts';
import { signalAmong } from '../../domain/log/subjects.ts';

/**
 * Requests in a window of 15 minutes: for an address that says nothing of itself (seeds 003, 004), for a known
 * caller, and for all visitors and guests together who share an address.
 */
export const REQUESTS = { address: 100, caller: 3_000, strangers: 20_000 } as const;
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

/** What edges tell each other now and then: how much each of their clients asked meanwhile. */
const told = z.object({
  edge: z.string().max(64),
  counts: z.array(z.tuple([z.string().max(200), z.number().int().min(1).max(1_000_000)])).max(1_000),
});
const TELL_EVERY = 1_000;
const TOLD_AT_ONCE = 1_000;

/** Counts over all edges: what others count is heard within a second, so that a limit is passed by little. */
export class RequestLimit {
  readonly #now: () => number;
  readonly #signals: Signals;
  readonly #edge = randomUUID();
  readonly #windows = new LRUCache<string, Window>({ max: KEPT });
  readonly #news = new Map<string, number>();
  readonly #subscription;
  readonly #timer;

  /** `now`: milliseconds since 1970. */
  constructor(now: () => number, signals: Signals) {
    this.#now = now;
    this.#signals = signals;
    this.#subscription = signals.subscribe(signalAmong('asked'), (payload) => {
      const heard = told.safeParse(payload);
      if (!heard.success || heard.data.edge === this.#edge) return;
      for (const [key, count] of heard.data.counts) this.#window(key).count += count;
    });
    this.#timer = setInterval(() => this.#tell(), TELL_EVERY).unref();
  }

  /** How a client stands, without counting anything. */
  standing(key: string, limit: number): Standing {
    const { count, ends } = this.#window(key);
    return {
      limit,
      remaining: Math.max(0, limit - count),
      reset: Math.ceil((ends - this.#now()) / 1_000),
      allowed: count < limit,
    };
  }

  /** Counts one request of that client. */
  take(key: string, limit: number): Standing {
    const window = this.#window(key);
    window.count++;
    if (this.#news.size < TOLD_AT_ONCE || this.#news.has(key))
      this.#news.set(key, (this.#news.get(key) ?? 0) + 1);
    return {
      limit,
      remaining: Math.max(0, limit - window.count),
      reset: Math.ceil((window.ends - this.#now()) / 1_000),
      allowed: window.count <= limit,
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#subscription.close();
  }

  #window(key: string): Window {
    const now = this.#now();
    let window = this.#windows.get(key);
    // One that ends too late is from before the clock was set back.
    if (!window || window.ends <= now || window.ends > now + WINDOW) {
      window = { ends: now + WINDOW, count: 0 };
      this.#windows.set(key, window);
    }
    return window;
  }

  #tell(): void {
    if (this.#news.size === 0) return;
    const counts = [...this.#news];
    this.#news.clear();
    this.#signals.publish(signalAmong('asked'), { edge: this.#edge, counts });
  }
}
