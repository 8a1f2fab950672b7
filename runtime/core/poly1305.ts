/**
 * Poly1305 (RFC 8439, section 2.5) with the zero padding of section 2.8: every block counts as whole.
 *
 * Numbers modulo 2^130 - 5 are six limbs of 22 bits, held as doubles (Bernstein 2005 does it with more
 * and smaller ones). A double is exact below 2^53, and no sum here is larger than 6 * 2^23 * 20 * 2^22,
 * which is less than 2^52: limbs of the sum stay below 2^23, those of the key below 2^22, and what
 * goes beyond 2^132 comes back times 20.
 */
import { littleAt, putLittle } from "./words.ts";

const BLOCK_BYTES = 16;
const LIMB_BITS = 22;
const LIMB = 1 << LIMB_BITS;
const LIMB_MASK = LIMB - 1;
const PER_LIMB = 1 / LIMB;
/** The last limb's share of 130 bits. */
const LAST_BITS = 20;
/** The bit that each block has on top of its 128, within the last limb. */
const TOP_BIT = 1 << 18;

export class Poly1305 {
  /** The clamped key, and what is added in the end. */
  readonly #key = new Float64Array(6);
  readonly #pad = new Uint32Array(4);
  readonly #sum = new Float64Array(6);
  readonly #limbs = new Int32Array(6);
  readonly #words = new Uint32Array(4);
  readonly #last = new Uint8Array(BLOCK_BYTES);

  /** From eight words, little end first, which are the one-time key. */
  start(words: Int32Array): void {
    const key = this.#key;
    const w0 = words[0]! & 0x0fffffff, w1 = words[1]! & 0x0ffffffc;
    const w2 = words[2]! & 0x0ffffffc, w3 = words[3]! & 0x0ffffffc;
    key[0] = w0 & LIMB_MASK;
    key[1] = ((w0 >>> 22) | (w1 << 10)) & LIMB_MASK;
    key[2] = ((w1 >>> 12) | (w2 << 20)) & LIMB_MASK;
    key[3] = (w2 >>> 2) & LIMB_MASK;
    key[4] = ((w2 >>> 24) | (w3 << 8)) & LIMB_MASK;
    key[5] = w3 >>> 14;
    for (let word = 0; word < 4; word++) this.#pad[word] = words[4 + word]!;
    this.#sum.fill(0);
  }

  /** Takes in so many first bytes, and zeros up to a whole block. */
  absorb(bytes: Uint8Array, length: number): void {
    const whole = length - length % BLOCK_BYTES;
    this.#blocks(bytes, whole);
    if (whole === length) return;
    const last = this.#last;
    for (let at = 0; at < BLOCK_BYTES; at++) {
      last[at] = whole + at < length ? bytes[whole + at]! : 0;
    }
    this.#blocks(last, BLOCK_BYTES);
  }

  /** Takes in two lengths, 64 bits each; they are below 2^32 here. */
  absorbLengths(first: number, second: number): void {
    const last = this.#last.fill(0);
    putLittle(last, 0, first);
    putLittle(last, 8, second);
    this.#blocks(last, BLOCK_BYTES);
  }

  /** Writes the tag to `at`: the sum modulo the prime, and the pad modulo 2^128. */
  finish(target: Uint8Array, at: number): void {
    const limbs = this.#limbs, pad = this.#pad;
    for (let limb = 0; limb < 6; limb++) limbs[limb] = this.#sum[limb]!;
    const over = carried(limbs, 5 * carried(limbs, 0)); // 2^130 comes back as 5
    // Where 5 more pass 2^130, it was not below the prime, and what is left is right; else 5 less is.
    carried(limbs, 5 * carried(limbs, 5 * over + 5) - 5);
    const h1 = limbs[1]!, h2 = limbs[2]!, h4 = limbs[4]!;
    const words = this.#words;
    words[0] = limbs[0]! | (h1 << 22);
    words[1] = (h1 >>> 10) | (h2 << 12);
    words[2] = (h2 >>> 20) | (limbs[3]! << 2) | (h4 << 24);
    words[3] = (h4 >>> 8) | (limbs[5]! << 14);
    for (let word = 0, over = 0; word < 4; word++) {
      const sum = words[word]! + pad[word]! + over;
      putLittle(target, at + 4 * word, sum);
      over = sum >= 0x1_0000_0000 ? 1 : 0;
    }
  }

  #blocks(bytes: Uint8Array, end: number): void {
    const sum = this.#sum, key = this.#key;
    const r0 = key[0]!, r1 = key[1]!, r2 = key[2]!, r3 = key[3]!, r4 = key[4]!, r5 = key[5]!;
    const s1 = 20 * r1, s2 = 20 * r2, s3 = 20 * r3, s4 = 20 * r4, s5 = 20 * r5;
    let h0 = sum[0]!, h1 = sum[1]!, h2 = sum[2]!, h3 = sum[3]!, h4 = sum[4]!, h5 = sum[5]!;
    for (let at = 0; at < end; at += BLOCK_BYTES) {
      const w0 = littleAt(bytes, at), w1 = littleAt(bytes, at + 4);
      const w2 = littleAt(bytes, at + 8), w3 = littleAt(bytes, at + 12);
      h0 += w0 & LIMB_MASK;
      h1 += ((w0 >>> 22) | (w1 << 10)) & LIMB_MASK;
      h2 += ((w1 >>> 12) | (w2 << 20)) & LIMB_MASK;
      h3 += (w2 >>> 2) & LIMB_MASK;
      h4 += ((w2 >>> 24) | (w3 << 8)) & LIMB_MASK;
      h5 += (w3 >>> 14) | TOP_BIT;
      const p0 = h0 * r0 + h1 * s5 + h2 * s4 + h3 * s3 + h4 * s2 + h5 * s1;
      const p1 = h0 * r1 + h1 * r0 + h2 * s5 + h3 * s4 + h4 * s3 + h5 * s2;
      const p2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s5 + h4 * s4 + h5 * s3;
      const p3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s5 + h5 * s4;
      const p4 = h0 * r4 + h1 * r3 + h2 * r2 + h3 * r1 + h4 * r0 + h5 * s5;
      const p5 = h0 * r5 + h1 * r4 + h2 * r3 + h3 * r2 + h4 * r1 + h5 * r0;
      // Carries, in two chains that need not wait for each other.
      let carry = Math.floor(p0 * PER_LIMB);
      let other = Math.floor(p3 * PER_LIMB);
      h0 = p0 - carry * LIMB, h3 = p3 - other * LIMB;
      h1 = p1 + carry, h4 = p4 + other;
      carry = Math.floor(h1 * PER_LIMB), other = Math.floor(h4 * PER_LIMB);
      h1 -= carry * LIMB, h4 -= other * LIMB;
      h2 = p2 + carry, h5 = p5 + other;
      carry = Math.floor(h2 * PER_LIMB), other = Math.floor(h5 * PER_LIMB);
      h2 -= carry * LIMB, h5 -= other * LIMB;
      h3 += carry, h0 += 20 * other;
      carry = Math.floor(h3 * PER_LIMB), other = Math.floor(h0 * PER_LIMB);
      h3 -= carry * LIMB, h0 -= other * LIMB;
      h4 += carry, h1 += other;
    }
    sum[0] = h0, sum[1] = h1, sum[2] = h2, sum[3] = h3, sum[4] = h4, sum[5] = h5;
  }
}

/** Adds a little, and leaves each limb with its own bits; answers with what goes beyond 2^130. */
function carried(limbs: Int32Array, plus: number): number {
  let carry = plus;
  for (let limb = 0; limb < 5; limb++) {
    const sum = limbs[limb]! + carry;
    limbs[limb] = sum & LIMB_MASK;
    carry = sum >> LIMB_BITS;
  }
  const sum = limbs[5]! + carry;
  limbs[5] = sum & ((1 << LAST_BITS) - 1);
  return sum >> LAST_BITS;
}
