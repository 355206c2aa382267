// How often a password may be guessed: counted beside the log, so that all edges count together. Never off.
import { createHash } from 'node:crypto';
import type { KeyValue } from '../../domain/log/log.ts';

/** Failed tries in 15 minutes: of one account from one network, and of one account from everywhere. */
export const TRIES = { pair: 10, account: 100 } as const;
const WINDOW = 15 * 60_000;
/** Slots counters are kept in: strangers can name endless accounts, and the bucket must not grow with them. */
const SLOTS = 2 ** 18;
const RETRIES = 20;

interface Counter {
  readonly ends: number;
  readonly count: number;
}

/** A try that was counted as failed in advance; `succeeded` takes it back. */
export type Try =
  | { readonly allowed: true; succeeded(): Promise<void> }
  /** Seconds until another try is worth it. */
  | { readonly allowed: false; readonly retryAfter: number };

export class SignInLimit {
  readonly #bucket: KeyValue;
  readonly #now: () => number;

  /** `now`: milliseconds since 1970. */
  constructor(bucket: KeyValue, now: () => number) {
    this.#bucket = bucket;
    this.#now = now;
  }

  /** Counts a try before the password is looked at, so that many at once cannot slip through. */
  async begin(email: string, network: string): Promise<Try> {
    const account = email.toLowerCase();
    const keys = [
      { key: keyOf(`pair ${account} ${network}`), most: TRIES.pair },
      { key: keyOf(`account ${account}`), most: TRIES.account },
    ];
    for (const [index, { key, most }] of keys.entries()) {
      const counter = await this.#add(key, 1);
      if (counter.count <= most) continue;
      for (const counted of keys.slice(0, index + 1)) await this.#add(counted.key, -1);
      return { allowed: false, retryAfter: Math.max(1, Math.ceil((counter.ends - this.#now()) / 1_000)) };
    }
    return {
      allowed: true,
      succeeded: async () => {
        for (const { key } of keys) await this.#add(key, -1);
      },
    };
  }

  async #add(key: string, change: number): Promise<Counter> {
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      const entry = await this.#bucket.get(key);
      const now = this.#now();
      const stored = entry && (JSON.parse(Buffer.from(entry.value).toString()) as Counter);
      const running = stored && stored.ends > now ? stored : { ends: now + WINDOW, count: 0 };
      const next = { ends: running.ends, count: Math.max(0, running.count + change) };
      const value = Buffer.from(JSON.stringify(next));
      const kept = entry
        ? await this.#bucket.update(key, value, entry.revision)
        : await this.#bucket.create(key, value);
      if (kept) return next;
    }
    // So many at once on one account can only be an attack: treated as past every limit.
    return { ends: this.#now() + 1_000, count: Number.MAX_SAFE_INTEGER };
  }
}

function keyOf(what: string): string {
  const slot = createHash('sha256').update(what).digest().readUInt32BE(0) % SLOTS;
  return `sign-in.${slot}`;
}
