// Notices that somebody is at the console: pointer, touch or keys, while the page is on the screen.

/** Milliseconds between two signs of activity, however much is going on. */
const EVERY = 30_000;
const SIGNS = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

export class Activity {
  readonly #say: () => void;
  #saidAt = Number.NEGATIVE_INFINITY;

  /** `say`: hears of activity, at most twice a minute. */
  constructor(say: () => void) {
    this.#say = say;
    for (const sign of SIGNS) addEventListener(sign, this.#noticed, { capture: true, passive: true });
  }

  /** The next sign is said at once, whenever the last one was. */
  expectNow(): void {
    this.#saidAt = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    for (const sign of SIGNS) removeEventListener(sign, this.#noticed, { capture: true });
  }

  readonly #noticed = (): void => {
    const now = performance.now();
    if (document.visibilityState !== 'visible' || now - this.#saidAt < EVERY) return;
    this.#saidAt = now;
    this.#say();
  };
}
