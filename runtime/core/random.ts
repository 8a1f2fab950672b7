/** Chance is an object given at birth: named streams, forked by path, integers only. */
import { assert } from "./assert.ts";

export interface Random {
  /** The next 32 random bits, as an unsigned integer. */
  u32(): number;
  /** An unbiased integer in [0, bound); bound is an integer in [1, 2^32]. */
  below(bound: number): number;
  /** True in `parts` of a million cases. */
  chance(parts: number): boolean;
  bytes(length: number): Uint8Array;
  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T;
  /** A new, shuffled list (Fisher-Yates). */
  shuffled<T>(list: readonly T[]): T[];
  /** An independent stream: what it yields does not depend on draws made here. */
  fork(name: string): Random;
}

/** Everything but `u32` and `fork`, built on them. */
export abstract class RandomSource implements Random {
  abstract u32(): number;
  abstract fork(name: string): Random;

  below(bound: number): number {
    assert(
      Number.isInteger(bound) && bound > 0 && bound <= 0x1_0000_0000,
      "a bound can be drawn below",
    );
    // Rejection keeps every value equally likely: the incomplete last cycle is drawn again.
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let draw = this.u32();
    while (draw >= limit) draw = this.u32();
    return draw % bound;
  }

  chance(parts: number): boolean {
    return parts > 0 && this.below(1_000_000) < parts;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let word = 0;
    for (let at = 0; at < length; at++) {
      word = (at & 3) === 0 ? this.u32() : word >>> 8;
      bytes[at] = word;
    }
    return bytes;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const result = list.slice();
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const held = result[last] as T;
      result[last] = result[other] as T;
      result[other] = held;
    }
    return result;
  }
}

/**
 * A repeatable stream named by a path: sfc32 (Doty-Humphrey, PractRand), 128 bits of state.
 * A fork is a new path, so a draw added in one place shifts nothing elsewhere.
 */
export class Stream extends RandomSource {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(readonly path: string) {
    super();
    [this.#a, this.#b, this.#c, this.#d] = spread(path);
    for (let round = 0; round < 15; round++) this.u32();
  }

  override u32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }

  override fork(name: string): Stream {
    return new Stream(`${this.path}/${name}`);
  }
}

/** 128 bits from a string, by four interleaved multiplicative hashes (the public-domain cyrb128). */
function spread(name: string): [number, number, number, number] {
  let a = 1779033703, b = 3144134277, c = 1013904242, d = 2773480762;
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    a = b ^ Math.imul(a ^ code, 597399067);
    b = c ^ Math.imul(b ^ code, 2869860233);
    c = d ^ Math.imul(c ^ code, 951274213);
    d = a ^ Math.imul(d ^ code, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  a ^= b ^ c ^ d;
  return [a, b ^ a, c ^ a, d ^ a];
}
