// A list of who wants to hear: the one way in which client state tells the components.

/** Calls every listener with what was said; `add` answers how to stop hearing. */
export class Listeners<Said = void> {
  readonly #all = new Set<(said: Said) => void>();

  add(listener: (said: Said) => void): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  say(said: Said): void {
    for (const listener of [...this.#all]) listener(said);
  }
}
