// Chance that can be repeated: the same seed tells the same history, so that two loads can be compared.

/** A stream of pseudo-random values (sfc32) out of one seed. Not for secrets. */
export class Randomness {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** `seed`: any whole number; only its lowest 32 bits count. */
  constructor(seed: number) {
    this.#a = seed | 0;
    this.#b = 0x9e3779b9;
    this.#c = 0x243f6a88;
    // The first values of close seeds resemble each other.
    for (let i = 0; i < 15; i++) this.next();
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    const t = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return (t >>> 0) / 4_294_967_296;
  }

  /** True with that probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `least` to `most`, both possible. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of several. Throws where there is none. */
  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new Error('nothing to pick from');
    return picked;
  }

  /** A waiting time around `mean`, of the same unit: many short, a few long, none above five times the mean. */
  wait(mean: number): number {
    return Math.min(-Math.log(1 - this.next()), 5) * mean;
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.whole(0, 255));
  }
}
