// Between the log and Postgres: reads ahead while a batch is being written, within bounds.
import type { StoredCommit } from '../../domain/log/commit.ts';

/** Commits and bytes read ahead at most; one more read batch may come on top. */
const AHEAD = { commits: 20_000, bytes: 32 * 1024 * 1024 };
/** Commits and bytes of one transaction. */
const BATCH = { commits: 5_000, bytes: 8 * 1024 * 1024 };

/** Collects what a source yields until it is taken. */
export class Intake {
  #waiting: StoredCommit[] = [];
  #bytes = 0;
  #ended = false;
  #fault: unknown;
  #wake: () => void = () => {};
  #drained: () => void = () => {};

  /** Reads the source to its end. Never rejects: a fault is handed to whoever takes. */
  async fill(source: AsyncIterable<readonly StoredCommit[]>): Promise<void> {
    try {
      for await (const commits of source) {
        for (const commit of commits) {
          this.#waiting.push(commit);
          this.#bytes += commit.bytes;
        }
        this.#wake();
        while (!this.#ended && (this.#waiting.length > AHEAD.commits || this.#bytes > AHEAD.bytes)) {
          await new Promise<void>((resolve) => {
            this.#drained = resolve;
          });
        }
        if (this.#ended) return;
      }
    } catch (error) {
      this.#fault = error;
    } finally {
      this.#ended = true;
      this.#wake();
    }
  }

  /** Whether a full batch is waiting, so that waiting for more gains nothing. */
  get full(): boolean {
    return this.#waiting.length >= BATCH.commits || this.#bytes >= BATCH.bytes;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Settles once something waits or the source has ended. */
  async some(): Promise<void> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The next batch, empty at the end. Throws what the source threw, once all before it was taken. */
  take(): StoredCommit[] {
    if (this.#waiting.length === 0 && this.#fault !== undefined) throw this.#fault;
    let count = 0;
    let bytes = 0;
    for (const commit of this.#waiting) {
      if (count > 0 && (count >= BATCH.commits || bytes + commit.bytes > BATCH.bytes)) break;
      count += 1;
      bytes += commit.bytes;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#bytes -= bytes;
    this.#drained();
    return batch;
  }

  /** Ends it from outside: nothing more is read. */
  end(): void {
    this.#ended = true;
    this.#wake();
    this.#drained();
  }
}
