// A bounded memory of rows that one handler alone writes, so that a busy conversation is not read back for each batch.

export class Remembered<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #limit: number;

  constructor(limit = 5_000) {
    this.#limit = limit;
  }

  get(key: string): Row | undefined {
    return this.#rows.get(key);
  }

  /** Remembers as the newest; the oldest are let go past the limit. */
  set(key: string, row: Row): void {
    this.#rows.delete(key);
    this.#rows.set(key, row);
    if (this.#rows.size <= this.#limit) return;
    for (const oldest of this.#rows.keys()) {
      this.#rows.delete(oldest);
      break;
    }
  }

  delete(key: string): void {
    this.#rows.delete(key);
  }

  clear(): void {
    this.#rows.clear();
  }
}
