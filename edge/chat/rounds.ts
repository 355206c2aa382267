// What many ask for at once is asked once: rounds of questions, one at a time and not too often.

interface Round<Answer> {
  /** Milliseconds since 1970. */
  begun: number;
  running: Promise<unknown> | undefined;
  /** Has not begun yet: whoever asks now is told by it. */
  next: Promise<Answer> | undefined;
}

/**
 * Answers by key. A question is never answered by a round that began before it was asked, so that who
 * has just written finds it; the price is a wait of up to `every` milliseconds where many ask.
 */
export class Rounds<Answer> {
  readonly #ask: (key: string) => Promise<Answer>;
  readonly #every: number;
  readonly #now: () => number;
  readonly #rounds = new Map<string, Round<Answer>>();

  /** `every`: milliseconds from one round's beginning to the next at least. `now`: milliseconds since 1970. */
  constructor(ask: (key: string) => Promise<Answer>, every: number, now: () => number) {
    this.#ask = ask;
    this.#every = every;
    this.#now = now;
  }

  ask(key: string): Promise<Answer> {
    const round = this.#rounds.get(key) ?? { begun: -Infinity, running: undefined, next: undefined };
    this.#rounds.set(key, round);
    round.next ??= this.#begin(key, round);
    return round.next;
  }

  async #begin(key: string, round: Round<Answer>): Promise<Answer> {
    // A round's fault is told to who asked for it; the next one only waits for its end.
    await round.running?.catch(() => undefined);
    const pause = Math.min(this.#every, round.begun + this.#every - this.#now());
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    round.begun = this.#now();
    round.next = undefined;
    const answer = this.#ask(key);
    round.running = answer;
    const ended = () => {
      setTimeout(() => {
        if (round.running === answer && !round.next) this.#rounds.delete(key);
      }, this.#every).unref();
    };
    answer.then(ended, ended);
    return answer;
  }
}
