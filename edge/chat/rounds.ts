// What many ask for at once is asked once: rounds of questions, one at a time and not too often.

/** At most one part in so many of the time goes into asking, however long an answer takes. */
const SHARE = 5;
/** But nobody waits longer than that for those who ask to have rested, in milliseconds. */
const MOST_REST = 2_000;

interface Round<Answer> {
  /** When the next may begin, by a clock that nobody sets. */
  notBefore: number;
  running: Promise<unknown> | undefined;
  /** Has not begun yet: whoever asks now is told by it. */
  next: Promise<Answer> | undefined;
}

/**
 * Answers by key. A question is never answered by a round that began before it was asked, so that who
 * has just written finds it; the price is a wait of `every` milliseconds where many ask, and of more where answers
 * are slow.
 */
export class Rounds<Answer> {
  readonly #ask: (key: string) => Promise<Answer>;
  readonly #every: number;
  readonly #rounds = new Map<string, Round<Answer>>();

  /** `every`: milliseconds from one round's beginning to the next at least. */
  constructor(ask: (key: string) => Promise<Answer>, every: number) {
    this.#ask = ask;
    this.#every = every;
  }

  ask(key: string): Promise<Answer> {
    const round = this.#rounds.get(key) ?? { notBefore: -Infinity, running: undefined, next: undefined };
    this.#rounds.set(key, round);
    round.next ??= this.#begin(key, round);
    return round.next;
  }

  async #begin(key: string, round: Round<Answer>): Promise<Answer> {
    // A round's fault is told to who asked for it; the next one only waits for its end.
    await round.running?.catch(() => undefined);
    const pause = round.notBefore - performance.now();
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const begun = performance.now();
    round.notBefore = begun + this.#every;
    round.next = undefined;
    const answer = this.#ask(key);
    round.running = answer;
    const ended = () => {
      const took = performance.now() - begun;
      round.notBefore = begun + Math.max(this.#every, Math.min(took * SHARE, took + MOST_REST));
      setTimeout(
        () => {
          if (round.running === answer && !round.next) this.#rounds.delete(key);
        },
        Math.max(0, round.notBefore - performance.now()),
      ).unref();
    };
    answer.then(ended, ended);
    return answer;
  }
}
