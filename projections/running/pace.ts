// How often a projector writes: at once after a quiet moment, then a few times a second, or when a reader waits.

/** Milliseconds from one transaction's start to the next while there is a steady flow: a few a second carry everything. */
const SPACING = 250;

/** The rest between two batches of one stream. */
export class Pace {
  #wanted = false;
  #wake: (() => void) | undefined;

  /** A reader waits for what has not been applied: the rest under way, or the next one, is left out. */
  hurry(): void {
    this.#wanted = true;
    this.#wake?.();
  }

  /** Rests until SPACING has passed since `began` (`performance.now()`), a reader waits, or `signal` aborts. */
  async rest(began: number, signal: AbortSignal): Promise<void> {
    const left = SPACING - (performance.now() - began);
    if (left > 0 && !this.#wanted && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', end);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(end, left);
        signal.addEventListener('abort', end, { once: true });
        this.#wake = end;
      });
    }
    this.#wanted = false;
  }
}
