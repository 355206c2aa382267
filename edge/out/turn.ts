// A reactor's turn: of several workers one does the work. A heartbeat in the key-value store, judged by each one's own clock.
import type { KeyValue } from '../../domain/log/log.ts';

export interface TurnOptions {
  /** The leases' bucket. */
  readonly bucket: KeyValue;
  /** What the turn is for, e.g. `webhooks`. */
  readonly name: string;
  /** Tells this process from all others. */
  readonly holder: string;
  /** Takes up the work, at once; the function that comes back ends it. */
  readonly work: () => () => Promise<void>;
  readonly onFault: (fault: unknown) => void;
  /** Milliseconds after which a heart that does not beat is believed dead; 5,000 by default. */
  readonly patience?: number;
}

/** Beats within one patience. */
const BEATS = 5;
/** Share of the patience after which a holder whose beats are not stored lays the work down itself. */
const OWN_SHARE = 0.6;

export class Turn {
  readonly #options: TurnOptions;
  readonly #patience: number;
  readonly #timer: NodeJS.Timeout;
  #beating: Promise<void> | undefined;
  #revision: number | undefined;
  #stored = 0;
  #end: (() => Promise<void>) | undefined;
  /** The work of a turn before, until it is wholly laid down. */
  #ending: Promise<void> = Promise.resolve();
  /** The revision of somebody else's last beat, and when it was first seen, by `performance.now()`. */
  #seen: { revision: number; since: number } | undefined;
  #closed = false;

  constructor(options: TurnOptions) {
    this.#options = options;
    this.#patience = options.patience ?? 5_000;
    this.#timer = setInterval(() => this.#tick(), this.#patience / BEATS);
    this.#tick();
  }

  /** Whether this process has the turn. */
  get held(): boolean {
    return this.#end !== undefined;
  }

  /** Lays the work down and gives the turn away at once. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#beating;
    await this.#layDown();
    if (this.#revision === undefined) return;
    const { bucket, name, onFault } = this.#options;
    // Whoever waits would find out all the same, a little later.
    await bucket.delete(keyOf(name)).catch(onFault);
  }

  #tick(): void {
    const late = performance.now() - this.#stored > this.#patience * OWN_SHARE;
    if (this.#end && late) void this.#lose();
    this.#beating ??= this.#beat()
      .catch((fault: unknown) => this.#options.onFault(fault))
      .finally(() => {
        this.#beating = undefined;
      });
  }

  async #beat(): Promise<void> {
    const { bucket, name } = this.#options;
    const key = keyOf(name);
    const before = performance.now();
    const held = this.#revision;
    if (held !== undefined) {
      const next = await this.#store(key, held);
      // Laid down meanwhile, because this took so long.
      if (this.#revision !== held) return;
      if (next === undefined) return this.#lose();
      this.#revision = next;
      this.#stored = before;
      return;
    }
    await this.#ending;
    const found = await bucket.get(key);
    if (found && found.revision !== this.#seen?.revision) {
      this.#seen = { revision: found.revision, since: before };
      return;
    }
    if (found && this.#seen && before - this.#seen.since < this.#patience) return;
    const taken = await this.#store(key, found?.revision);
    if (taken === undefined) return;
    this.#revision = taken;
    this.#stored = before;
    if (!this.#closed) this.#end = this.#options.work();
  }

  /** Stores a beat over the one of that revision; its own revision, or undefined where somebody else was first. */
  async #store(key: string, over: number | undefined): Promise<number | undefined> {
    const { bucket, holder } = this.#options;
    const value = Buffer.from(holder);
    const stored =
      over === undefined ? await bucket.create(key, value) : await bucket.update(key, value, over);
    const now = stored ? await bucket.get(key) : undefined;
    return now && Buffer.from(now.value).toString() === holder ? now.revision : undefined;
  }

  async #lose(): Promise<void> {
    this.#revision = undefined;
    this.#seen = undefined;
    await this.#layDown();
  }

  #layDown(): Promise<void> {
    const end = this.#end;
    this.#end = undefined;
    if (end) this.#ending = end().catch((fault: unknown) => this.#options.onFault(fault));
    return this.#ending;
  }
}

const keyOf = (name: string): string => `turn.${name}`;
