/** First in, first out, in a ring that grows: `Array.shift` moves everything behind it. */

export class Queue<Item> {
  #ring: (Item | undefined)[] = new Array(8);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(item: Item): void {
    if (this.#length === this.#ring.length) this.#grow();
    this.#ring[(this.#first + this.#length++) & (this.#ring.length - 1)] = item;
  }

  first(): Item | undefined {
    return this.#length === 0 ? undefined : this.#ring[this.#first];
  }

  shift(): Item | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#ring[this.#first];
    this.#ring[this.#first] = undefined; // or the ring would keep it alive
    this.#first = (this.#first + 1) & (this.#ring.length - 1);
    this.#length--;
    return item;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Iterator<Item> {
    for (let at = 0; at < this.#length; at++) {
      yield this.#ring[(this.#first + at) & (this.#ring.length - 1)] as Item;
    }
  }

  clear(): void {
    this.#ring = new Array(8);
    this.#first = this.#length = 0;
  }

  #grow(): void {
    const larger = new Array<Item | undefined>(2 * this.#ring.length);
    for (let at = 0; at < this.#length; at++) {
      larger[at] = this.#ring[(this.#first + at) & (this.#ring.length - 1)];
    }
    this.#ring = larger;
    this.#first = 0;
  }
}
