/**
 * How many neighbours have each block, kept up to date one change at a time, and the blocks that
 * are sought in order of rarity: rarest first (Cohen 2003; Legout et al. 2006), without a scan.
 */
import type { Random } from "../../core/mod.ts";
import type { Bitmap } from "./bitmap.ts";

export class Availability {
  /** Neighbours that have the block. */
  readonly copies: Uint16Array;
  /** sought[n]: the blocks sought that n neighbours have. */
  #sought: number[][] = [];
  /** Where a sought block stands in its list; -1 for the others. */
  #place: Int32Array;
  #count = 0;

  constructor(blocks: number) {
    this.copies = new Uint16Array(blocks);
    this.#place = new Int32Array(blocks).fill(-1);
  }

  /** How many blocks are sought. */
  get sought(): number {
    return this.#count;
  }

  gained(block: number): void {
    const seeking = this.#remove(block);
    this.copies[block]!++;
    if (seeking) this.#insert(block);
  }

  /** A neighbour has gone, with all it had. */
  lost(had: Bitmap): void {
    for (let block = 0; block < had.length; block++) if (had.has(block)) this.missed(block);
  }

  /** A neighbour has lost a block. */
  missed(block: number): void {
    const seeking = this.#remove(block);
    this.copies[block]!--;
    if (seeking) this.#insert(block);
  }

  isSought(block: number): boolean {
    return this.#place[block]! >= 0;
  }

  seek(block: number): void {
    if (!this.isSought(block)) this.#insert(block);
  }

  unseek(block: number): void {
    this.#remove(block);
  }

  /**
   * Offers sought blocks, rarest first, to `take`; those it takes are sought no longer. Equally rare
   * ones start at a random place, so that peers ask for different ones. Stops after `patience`
   * refusals, so that one call costs little even when thousands are sought.
   */
  offer(take: (block: number) => boolean, patience: number, random: Random): void {
    for (const list of this.#sought) {
      if (list.length === 0) continue;
      const start = random.below(list.length);
      for (let at = start; at >= 0 && patience > 0;) {
        // The last one takes the place of one that is taken: it is next, if it was not offered yet.
        const isNext = list.length - 1 > start;
        if (at < list.length && !this.#offerAt(list, at, take)) patience--;
        else if (isNext) continue;
        at--;
      }
      for (let at = list.length - 1; at > start && patience > 0; at--) {
        if (!this.#offerAt(list, at, take)) patience--;
      }
      if (patience <= 0) return;
    }
  }

  #offerAt(list: readonly number[], at: number, take: (block: number) => boolean): boolean {
    const block = list[at]!;
    if (!take(block)) return false;
    this.#remove(block);
    return true;
  }

  #insert(block: number): void {
    const copies = this.copies[block]!;
    while (this.#sought.length <= copies) this.#sought.push([]);
    const list = this.#sought[copies]!;
    this.#place[block] = list.length;
    list.push(block);
    this.#count++;
  }

  #remove(block: number): boolean {
    const place = this.#place[block]!;
    if (place < 0) return false;
    const list = this.#sought[this.copies[block]!]!;
    const last = list.pop()!;
    if (last !== block) {
      list[place] = last;
      this.#place[last] = place;
    }
    this.#place[block] = -1;
    this.#count--;
    return true;
  }
}
