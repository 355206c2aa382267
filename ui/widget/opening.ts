// Whether this widget's visitors are answered now, asked whenever the chat is opened: what they are writing is never taken away in between.
import { type Api, ApiRefusal, ApiUnreachable, type Availability } from '../client/api.ts';

/** Milliseconds for which an answer is believed. */
const BELIEVED = 60_000;
/** Milliseconds that a visitor waits for the first answer; then it is taken to be open. */
const PATIENCE = 1_500;

export class Opening {
  readonly #api: Api;
  readonly #siteKey: string;
  readonly #onChange: () => void;
  /** Whether there is something to go by: nothing that was begun is to be replaced by what comes a moment later. */
  settled = false;
  #known: Availability | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

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
    const late = new Promise<void>((resolve) => setTimeout(resolve, PATIENCE));
    await Promise.race([this.#ask(), late]);
    this.settled = true;
    this.#onChange();
  }

  async #ask(): Promise<void> {
    try {
      this.#known = await this.#api.availability(this.#siteKey);
    } catch (error) {
      if (!(error instanceof ApiRefusal || error instanceof ApiUnreachable)) throw error;
      this.#askedAt = Number.NEGATIVE_INFINITY;
    }
  }
}
