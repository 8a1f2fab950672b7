/**
 * A fast, deterministic mix of bytes into 128 bits: for accounting, never for secrecy.
 *
 * Every step is a bijection of the state and, for a given state, of the bytes taken in; therefore two
 * inputs of one length that differ in a single block of 16 bytes always give different results.
 */
import { littleAt, putLittle } from "./words.ts";

/** What `write` gives. */
export const MIX_BYTES = 16;

export class Mix {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** Starts anew; the label keeps different uses apart. */
  start(label: number): this {
    this.#a = 0x243f6a88 ^ label; // the first digits of pi: nothing up the sleeve
    this.#b = 0x85a308d3 | 0;
    this.#c = 0x13198a2e | 0;
    this.#d = 0x03707344 | 0;
    return this;
  }

  /** Takes in a number of at most 32 bits. */
  number(value: number): this {
    const a = this.#a ^ value;
    this.#a = this.#b;
    this.#b = this.#c;
    this.#c = this.#d;
    this.#d = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
    return this;
  }

  /** Takes in bytes after their number, so that where one input ends and the next begins counts. */
  bytes(bytes: Uint8Array): this {
    const { length } = bytes;
    this.number(length);
    let a = this.#a, b = this.#b, c = this.#c, d = this.#d, at = 0;
    for (; at + 16 <= length; at += 16) {
      a ^= littleAt(bytes, at);
      b ^= littleAt(bytes, at + 4);
      c ^= littleAt(bytes, at + 8);
      d ^= littleAt(bytes, at + 12);
      // Rotations and odd multipliers can be undone; the sums carry each lane into the next.
      a = Math.imul((a << 13) | (a >>> 19), 0x9e3779b1);
      b = (Math.imul((b << 11) | (b >>> 21), 0x85ebca6b) + a) | 0;
      c = (Math.imul((c << 17) | (c >>> 15), 0xc2b2ae35) + b) | 0;
      d = (Math.imul((d << 7) | (d >>> 25), 0x27d4eb2f) + c) | 0;
      a = (a + d) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    for (; at + 4 <= length; at += 4) this.number(littleAt(bytes, at));
    for (; at < length; at++) this.number(bytes[at]!);
    return this;
  }

  /** Spreads every bit over the whole state. */
  finish(): this {
    let a = this.#a, b = this.#b, c = this.#c, d = this.#d;
    for (let round = 0; round < 3; round++) {
      a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
      b = (b + a) | 0;
      b = Math.imul(b ^ (b >>> 15), 0x846ca68b);
      c = (c + b) | 0;
      c = Math.imul(c ^ (c >>> 16), 0x7feb352d);
      d = (d + c) | 0;
      d = Math.imul(d ^ (d >>> 15), 0x846ca68b);
      a = (a + d) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    return this;
  }

  /** The whole state, 16 bytes, to `at`; leaves the state as it is. */
  write(target: Uint8Array, at: number): void {
    putLittle(target, at, this.#a);
    putLittle(target, at + 4, this.#b);
    putLittle(target, at + 8, this.#c);
    putLittle(target, at + 12, this.#d);
  }

  /**
   * Lays a stream over the first bytes of `source`: once hides them, twice shows them again. The stream
   * is sfc32 (Doty-Humphrey, PractRand), whose step is a bijection of the state, too.
   */
  cover(source: Uint8Array, target: Uint8Array, length: number): void {
    let a = this.#a, b = this.#b, c = this.#c, d = this.#d;
    for (let at = 0; at < length; at += 4) {
      const word = (((a + b) | 0) + d) | 0;
      d = (d + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + word) | 0;
      if (at + 4 <= length) putLittle(target, at, littleAt(source, at) ^ word);
      else {for (let on = at; on < length; on++) {
          target[on] = source[on]! ^ (word >>> (8 * (on - at)));
        }}
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
  }
}
