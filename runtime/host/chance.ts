/** Chance on a real machine: the operating system's generator, fetched a page at a time. */
import { type Random, RandomSource } from "../core/mod.ts";

const WORDS = 1024;

/** Every fork is the same source: what it yields depends on no name and no earlier draw. */
export class SystemRandom extends RandomSource {
  #words = new Uint32Array(WORDS);
  #next = WORDS;

  override u32(): number {
    if (this.#next === WORDS) {
      crypto.getRandomValues(this.#words);
      this.#next = 0;
    }
    const word = this.#words[this.#next]!;
    this.#words[this.#next++] = 0; // what was drawn may be part of a key
    return word;
  }

  override fork(_name: string): Random {
    return this;
  }
}
