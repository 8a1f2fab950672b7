/** What was found out lately, so that it need not be found out again: a map of a bounded size. */
export class Recent<Key, Value> {
  readonly #values = new Map<Key, Value>();

  /** Of more than `capacity`, the one that was noted first is forgotten. */
  constructor(readonly capacity: number) {}

  get(key: Key): Value | undefined {
    return this.#values.get(key);
  }

  set(key: Key, value: Value): void {
    this.#values.set(key, value);
    if (this.#values.size <= this.capacity) return;
    for (const oldest of this.#values.keys()) {
      this.#values.delete(oldest);
      return;
    }
  }

  /** The one that was noted first goes first. */
  [Symbol.iterator](): IterableIterator<[Key, Value]> {
    return this.#values.entries();
  }

  delete(key: Key): void {
    this.#values.delete(key);
  }
}
