/** Which lines of a session were heard already: each is told once, in whatever order they come. */
import type { PeerId } from "../../core/mod.ts";
import { AUTHORS, LINES_REMEMBERED } from "./limits.ts";

interface Heard {
  readonly sequences: Set<number>;
  /** Everything up to here counts as heard. */
  floor: number;
}

export class Lines {
  readonly #heardOf = new Map<PeerId, Heard>();

  has(author: PeerId, sequence: number): boolean {
    const heard = this.#heardOf.get(author);
    return heard !== undefined && (sequence <= heard.floor || heard.sequences.has(sequence));
  }

  note(author: PeerId, sequence: number): void {
    const heard = this.#heardOf.get(author) ?? { sequences: new Set(), floor: -1 };
    this.#heardOf.delete(author); // to the end: the longest silent author is the first
    this.#heardOf.set(author, heard);
    heard.sequences.add(sequence);
    if (heard.sequences.size > LINES_REMEMBERED) {
      let least = sequence;
      for (const each of heard.sequences) if (each < least) least = each;
      heard.sequences.delete(least);
      heard.floor = Math.max(heard.floor, least);
    }
    if (this.#heardOf.size <= AUTHORS) return;
    for (const oldest of this.#heardOf.keys()) {
      this.#heardOf.delete(oldest);
      return;
    }
  }
}
