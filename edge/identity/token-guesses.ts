// How often API tokens may be guessed from one network, at whichever door: past that nobody there is told whether one is right.

import { networkOf } from '../visitors/addresses.ts';
import { REQUESTS, type RequestLimit, type Standing } from './request-limit.ts';

/** What a look-up found, or how long nothing is told to that network any more. */
export type Judged<Found> = { readonly found: Found | undefined } | { readonly tooMany: Standing };

export class TokenGuesses {
  readonly #limit: RequestLimit;
  readonly #limited: boolean;

  /** `limited`: false where limits are off. */
  constructor(limit: RequestLimit, limited: boolean) {
    this.#limit = limit;
    this.#limited = limited;
  }

  /** Looks for whom a token stands, in the name of that address; what is nobody's counts as a guess. */
  async judge<Found>(address: string, look: () => Promise<Found | undefined>): Promise<Judged<Found>> {
    const key = `token ${networkOf(address)}`;
    const before = this.#limit.standing(key, REQUESTS.address);
    if (this.#limited && !before.allowed) return { tooMany: before };
    const found = await look();
    // Others may have guessed meanwhile: of many guesses at once no more are answered than of one after the other.
    const standing = this.#limit.standing(key, REQUESTS.address);
    if (this.#limited && !standing.allowed) return { tooMany: standing };
    if (found === undefined) this.#limit.take(key, REQUESTS.address);
    return { found };
  }
}
