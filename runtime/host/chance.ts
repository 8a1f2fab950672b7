/** Chance on a real machine: the operating system's generator, fetched a page at a time. */
import { type Random, RandomSource } from "../core/mod.ts";

const WORDS = 1024;
/** So many equal words in a row are no chance any more: once in 2^96 (NIST SP 800-90B, section 4.4.1). */
const MOST_EQUAL = 4;

/** Every fork is the same source: what it yields depends on no name and no earlier draw. */
export class SystemRandom extends RandomSource {
  #words = new Uint32Array(WORDS);
  #next = WORDS;
  /** What the last page began with. */
  #last = "";

  constructor(readonly fill: (words: Uint32Array<ArrayBuffer>) => void = fromSystem) {
    super();
  }

  /** Throws where the system's generator repeats itself: nothing may be sealed with what it gives. */
  override u32(): number {
    if (this.#next === WORDS) this.#fetch();
    const word = this.#words[this.#next]!;
    this.#words[this.#next++] = 0; // what was drawn may be part of a key
    return word;
  }

  override fork(_name: string): Random {
    return this;
  }

  #fetch(): void {
    this.fill(this.#words);
    const start = this.#words.subarray(0, MOST_EQUAL).join();
    if (start === this.#last || hasRun(this.#words)) {
      throw new Error("The system's generator of chance repeats itself: nothing here is safe");
    }
    this.#last = start;
    this.#next = 0;
  }
}

function hasRun(words: Uint32Array): boolean {
  let equal = 1;
  for (let at = 1; at < words.length; at++) {
    equal = words[at] === words[at - 1] ? equal + 1 : 1;
    if (equal === MOST_EQUAL) return true;
  }
  return false;
}

function fromSystem(words: Uint32Array<ArrayBuffer>): void {
  crypto.getRandomValues(words);
}
