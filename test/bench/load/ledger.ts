// Who got what, when: latencies from the intended moment, and what was lost, doubled or out of order.
import { nowMs } from './clock.ts';

/** Milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export interface Outcome {
  readonly sent: number;
  /** Seen by the agent at least once. */
  readonly delivered: number;
  readonly lost: number;
  readonly duplicates: number;
  /** Messages that came after a younger one of their conversation. */
  readonly outOfOrder: number;
  /** Refusals and errors that the system answered. */
  readonly refused: number;
  /** From the intended moment at the visitor's socket to the agent's socket. */
  readonly latency: Percentiles;
  /** How late the generator itself sent: part of every latency above, on both sides. */
  readonly lateness: Percentiles;
}

const FILLER = [
  'where is my parcel? The tracking has not moved since yesterday morning.',
  'thank you, I have just sent you the number of the order and a photo of the box.',
  'it blinks red three times and then stops, I have cleaned it as the manual says.',
  'could I change the address of the subscription before the next delivery?',
];

export class Ledger {
  readonly #run: string;
  readonly #conversations: number;
  readonly #intended: Float64Array;
  readonly #seen: Uint8Array;
  readonly #latest: Int32Array;
  readonly #latencies: number[] = [];
  readonly #lateness: number[] = [];
  #sent = 0;
  #duplicates = 0;
  #outOfOrder = 0;
  refused = 0;

  /** `run` tells this stretch's messages from those of others. */
  constructor(run: number, messages: number, conversations: number) {
    this.#run = `#${run}.`;
    this.#conversations = conversations;
    this.#intended = new Float64Array(messages);
    this.#seen = new Uint8Array(messages);
    this.#latest = new Int32Array(conversations).fill(-1);
  }

  /** Notes that message `index` leaves now, and spells it. */
  leaving(index: number, intended: number): string {
    this.#intended[index] = intended;
    this.#sent += 1;
    this.#lateness.push(nowMs() - intended);
    return `${this.#run}${index} ${FILLER[index % FILLER.length]}`;
  }

  /** Notes a message that an agent's socket received. */
  arrived(text: string): void {
    if (!text.startsWith(this.#run)) return;
    const index = Number.parseInt(text.slice(this.#run.length), 10);
    const intended = this.#intended[index];
    if (intended === undefined) return;
    if (this.#seen[index]) {
      this.#duplicates += 1;
      return;
    }
    this.#seen[index] = 1;
    this.#latencies.push(nowMs() - intended);
    const conversation = index % this.#conversations;
    if (index < (this.#latest[conversation] ?? -1)) this.#outOfOrder += 1;
    else this.#latest[conversation] = index;
  }

  /** Messages that have come so far. */
  get delivered(): number {
    return this.#latencies.length;
  }

  get complete(): boolean {
    return this.#latencies.length + this.refused >= this.#sent;
  }

  outcome(): Outcome {
    const delivered = this.#latencies.length;
    return {
      sent: this.#sent,
      delivered,
      lost: this.#sent - delivered,
      duplicates: this.#duplicates,
      outOfOrder: this.#outOfOrder,
      refused: this.refused,
      latency: percentiles(this.#latencies),
      lateness: percentiles(this.#lateness),
    };
  }
}

/** Of values in any order; NaN where there is none. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1) ?? Number.NaN };
}
