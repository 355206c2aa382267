// Which of many is due first: a heap that also finds each one by its key, so that one that changes is moved and never left behind.

interface Item {
  readonly key: string;
  at: number;
}

/** Each key stands in it once. Every change takes a number of steps that grows with the logarithm of its size. */
export class DueHeap {
  readonly #items: Item[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#items.length;
  }

  /** The earliest; undefined where there is none. */
  first(): Readonly<Item> | undefined {
    return this.#items[0];
  }

  /** Puts a key in, or moves it. */
  set(key: string, at: number): void {
    const place = this.#places.get(key);
    const known = place === undefined ? undefined : this.#items[place];
    if (place !== undefined && known) {
      known.at = at;
      this.#settle(place);
    } else {
      this.#put(this.#items.length, { key, at });
      this.#settle(this.#items.length - 1);
    }
  }

  /** Takes a key out; nothing where it is not in. */
  delete(key: string): void {
    const place = this.#places.get(key);
    const last = place === undefined ? undefined : this.#items.pop();
    if (place === undefined || !last) return;
    this.#places.delete(key);
    if (last.key === key) return;
    this.#put(place, last);
    this.#settle(place);
  }

  clear(): void {
    this.#items.length = 0;
    this.#places.clear();
  }

  #put(place: number, item: Item): void {
    this.#items[place] = item;
    this.#places.set(item.key, place);
  }

  /** Moves what stands there up or down until it stands right. */
  #settle(from: number): void {
    let place = from;
    for (let above = (place - 1) >> 1; place > 0 && this.#swapped(above, place); above = (place - 1) >> 1)
      place = above;
    for (;;) {
      const left = 2 * place + 1;
      const below = this.#at(left + 1) < this.#at(left) ? left + 1 : left;
      if (!this.#swapped(place, below)) return;
      place = below;
    }
  }

  /** Puts the earlier of two on top; false where it stood so already. */
  #swapped(above: number, below: number): boolean {
    const [top, bottom] = [this.#items[above], this.#items[below]];
    if (!top || !bottom || top.at <= bottom.at) return false;
    this.#put(above, bottom);
    this.#put(below, top);
    return true;
  }

  #at(place: number): number {
    return this.#items[place]?.at ?? Number.POSITIVE_INFINITY;
  }
}
