// So many at once and no more: whoever comes later waits for a slot, in order.

export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** How many wait for a slot. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Does the work in a slot of its own. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const giveBack = await this.take();
    try {
      return await work();
    } finally {
      giveBack();
    }
  }

  /** Waits for a slot; the function that comes back gives it away again. */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    let given = false;
    return () => {
      if (given) return;
      given = true;
      // The slot goes on to who waits longest, so that nobody slips in between.
      const next = this.#queue.shift();
      if (next) next();
      else this.#free += 1;
    };
  }
}
