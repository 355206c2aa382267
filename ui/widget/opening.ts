// Whether this widget's visitors are answered now, kept true while the chat is open: it opens and closes meanwhile.
import { type Api, ApiRefusal, ApiUnreachable, type Availability } from '../client/api.ts';

/** Milliseconds for which an answer is believed, and the longest that a timer of a browser can run. */
const BELIEVED = 60_000;
const LONGEST = 2 ** 31 - 1;

export class Opening {
  readonly #api: Api;
  readonly #siteKey: string;
  readonly #onChange: () => void;
  #known: Availability | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Api, siteKey: string, onChange: () => void) {
    this.#api = api;
    this.#siteKey = siteKey;
    this.#onChange = onChange;
  }

  /** Nobody answers before that moment; null: not known when. Undefined: somebody does, or nobody has said otherwise. */
  get closedUntil(): string | null | undefined {
    return this.#known && !this.#known.open && !this.#known.ai ? this.#known.opensAt : undefined;
  }

  /** Asks, unless it was asked a moment ago. Never rejects: while nobody says that it is closed, it is open. */
  async look(): Promise<void> {
    if (performance.now() - this.#askedAt < BELIEVED) return;
    this.#askedAt = performance.now();
    try {
      this.#known = await this.#api.availability(this.#siteKey);
    } catch (error) {
      if (!(error instanceof ApiRefusal || error instanceof ApiUnreachable)) throw error;
      this.#askedAt = Number.NEGATIVE_INFINITY;
    }
    this.#lookAt(this.#known?.opensAt);
    this.#onChange();
  }

  #lookAt(opensAt: string | null | undefined): void {
    clearTimeout(this.#timer);
    if (!opensAt) return;
    const wait = Math.max(1_000, Date.parse(opensAt) - Date.now() + 1_000);
    this.#timer = setTimeout(
      () => {
        this.#askedAt = Number.NEGATIVE_INFINITY;
        void this.look();
      },
      Math.min(wait, LONGEST),
    );
  }
}
