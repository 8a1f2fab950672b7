/**
 * ChaCha20-Poly1305 (RFC 8439) for short messages, without allocating anything but the result.
 *
 * The sealed head of a frame is some hundred bytes; there, node:crypto spends nearly all of its time on
 * the objects around the cipher, and noble on the arrays. Long messages are better off with either.
 */
import { assert } from "./assert.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./crypto.ts";
import { Poly1305 } from "./poly1305.ts";
import { Slab } from "./slab.ts";
import { littleAt } from "./words.ts";

/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const BLOCK_BYTES = 64;
const DOUBLE_ROUNDS = 10;

/** Seals and opens one message after another, each under a key and nonce of its own. */
export class ChaChaPoly {
  /** Constants, key, block counter and nonce; then one block of the stream. */
  readonly #state = Int32Array.of(...CONSTANTS, ...new Array(12).fill(0));
  readonly #stream = new Int32Array(BLOCK_BYTES / 4);
  readonly #poly = new Poly1305();
  readonly #tag = new Uint8Array(TAG_BYTES);
  readonly #slab = new Slab();

  /** The ciphertext, and the tag behind it. */
  seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, clear: Uint8Array): Uint8Array {
    const { length } = clear;
    const sealed = this.#slab.cut(length + TAG_BYTES);
    this.#start(key, nonce);
    this.#cover(clear, sealed, length);
    this.#authenticate(data, sealed, length);
    this.#poly.finish(sealed, length);
    return sealed;
  }

  /** The clear text, or undefined where a byte was changed. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    data: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined {
    const length = sealed.length - TAG_BYTES;
    if (length < 0) return undefined;
    this.#start(key, nonce);
    this.#authenticate(data, sealed, length);
    const tag = this.#tag;
    this.#poly.finish(tag, 0);
    let difference = 0; // no early exit: how much of a forged tag is right is nobody's business
    for (let at = 0; at < TAG_BYTES; at++) difference |= tag[at]! ^ sealed[length + at]!;
    if (difference !== 0) return undefined;
    const clear = this.#slab.cut(length);
    this.#cover(sealed, clear, length);
    return clear;
  }

  /** Section 2.6: the first block of the stream is the authenticator's key. */
  #start(key: Uint8Array, nonce: Uint8Array): void {
    assert(
      key.length === KEY_BYTES && nonce.length === NONCE_BYTES,
      "keys and nonces have one length",
    );
    const state = this.#state;
    for (let word = 0; word < 8; word++) state[4 + word] = littleAt(key, 4 * word);
    for (let word = 0; word < 3; word++) state[13 + word] = littleAt(nonce, 4 * word);
    this.#nextBlock(0);
    this.#poly.start(this.#stream);
  }

  /** Section 2.8: data, ciphertext, and how long they are. */
  #authenticate(data: Uint8Array, sealed: Uint8Array, length: number): void {
    const poly = this.#poly;
    poly.absorb(data, data.length);
    poly.absorb(sealed, length);
    poly.absorbLengths(data.length, length);
  }

  /** Section 2.4: lays the stream from its second block on over the first bytes of `source`. */
  #cover(source: Uint8Array, target: Uint8Array, length: number): void {
    const stream = this.#stream;
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      this.#nextBlock(at / BLOCK_BYTES + 1);
      const end = Math.min(length, at + BLOCK_BYTES);
      let place = at;
      for (let word = 0; place + 4 <= end; word++, place += 4) {
        const mask = stream[word]!;
        target[place] = source[place]! ^ mask;
        target[place + 1] = source[place + 1]! ^ (mask >>> 8);
        target[place + 2] = source[place + 2]! ^ (mask >>> 16);
        target[place + 3] = source[place + 3]! ^ (mask >>> 24);
      }
      for (; place < end; place++) {
        target[place] = source[place]! ^ (stream[(place - at) >> 2]! >>> (8 * (place & 3)));
      }
    }
  }

  /** Section 2.3: the block function. Sixteen variables, since an array would double its time. */
  #nextBlock(counter: number): void {
    const state = this.#state, stream = this.#stream;
    state[12] = counter;
    let a0 = state[0]!, a1 = state[1]!, a2 = state[2]!, a3 = state[3]!;
    let b0 = state[4]!, b1 = state[5]!, b2 = state[6]!, b3 = state[7]!;
    let c0 = state[8]!, c1 = state[9]!, c2 = state[10]!, c3 = state[11]!;
    let d0 = state[12]!, d1 = state[13]!, d2 = state[14]!, d3 = state[15]!;
    for (let round = 0; round < DOUBLE_ROUNDS; round++) {
      // Down the columns.
      a0 = (a0 + b0) | 0, d0 ^= a0, d0 = (d0 << 16) | (d0 >>> 16);
      a1 = (a1 + b1) | 0, d1 ^= a1, d1 = (d1 << 16) | (d1 >>> 16);
      a2 = (a2 + b2) | 0, d2 ^= a2, d2 = (d2 << 16) | (d2 >>> 16);
      a3 = (a3 + b3) | 0, d3 ^= a3, d3 = (d3 << 16) | (d3 >>> 16);
      c0 = (c0 + d0) | 0, b0 ^= c0, b0 = (b0 << 12) | (b0 >>> 20);
      c1 = (c1 + d1) | 0, b1 ^= c1, b1 = (b1 << 12) | (b1 >>> 20);
      c2 = (c2 + d2) | 0, b2 ^= c2, b2 = (b2 << 12) | (b2 >>> 20);
      c3 = (c3 + d3) | 0, b3 ^= c3, b3 = (b3 << 12) | (b3 >>> 20);
      a0 = (a0 + b0) | 0, d0 ^= a0, d0 = (d0 << 8) | (d0 >>> 24);
      a1 = (a1 + b1) | 0, d1 ^= a1, d1 = (d1 << 8) | (d1 >>> 24);
      a2 = (a2 + b2) | 0, d2 ^= a2, d2 = (d2 << 8) | (d2 >>> 24);
      a3 = (a3 + b3) | 0, d3 ^= a3, d3 = (d3 << 8) | (d3 >>> 24);
      c0 = (c0 + d0) | 0, b0 ^= c0, b0 = (b0 << 7) | (b0 >>> 25);
      c1 = (c1 + d1) | 0, b1 ^= c1, b1 = (b1 << 7) | (b1 >>> 25);
      c2 = (c2 + d2) | 0, b2 ^= c2, b2 = (b2 << 7) | (b2 >>> 25);
      c3 = (c3 + d3) | 0, b3 ^= c3, b3 = (b3 << 7) | (b3 >>> 25);
      // Down the diagonals.
      a0 = (a0 + b1) | 0, d3 ^= a0, d3 = (d3 << 16) | (d3 >>> 16);
      a1 = (a1 + b2) | 0, d0 ^= a1, d0 = (d0 << 16) | (d0 >>> 16);
      a2 = (a2 + b3) | 0, d1 ^= a2, d1 = (d1 << 16) | (d1 >>> 16);
      a3 = (a3 + b0) | 0, d2 ^= a3, d2 = (d2 << 16) | (d2 >>> 16);
      c2 = (c2 + d3) | 0, b1 ^= c2, b1 = (b1 << 12) | (b1 >>> 20);
      c3 = (c3 + d0) | 0, b2 ^= c3, b2 = (b2 << 12) | (b2 >>> 20);
      c0 = (c0 + d1) | 0, b3 ^= c0, b3 = (b3 << 12) | (b3 >>> 20);
      c1 = (c1 + d2) | 0, b0 ^= c1, b0 = (b0 << 12) | (b0 >>> 20);
      a0 = (a0 + b1) | 0, d3 ^= a0, d3 = (d3 << 8) | (d3 >>> 24);
      a1 = (a1 + b2) | 0, d0 ^= a1, d0 = (d0 << 8) | (d0 >>> 24);
      a2 = (a2 + b3) | 0, d1 ^= a2, d1 = (d1 << 8) | (d1 >>> 24);
      a3 = (a3 + b0) | 0, d2 ^= a3, d2 = (d2 << 8) | (d2 >>> 24);
      c2 = (c2 + d3) | 0, b1 ^= c2, b1 = (b1 << 7) | (b1 >>> 25);
      c3 = (c3 + d0) | 0, b2 ^= c3, b2 = (b2 << 7) | (b2 >>> 25);
      c0 = (c0 + d1) | 0, b3 ^= c0, b3 = (b3 << 7) | (b3 >>> 25);
      c1 = (c1 + d2) | 0, b0 ^= c1, b0 = (b0 << 7) | (b0 >>> 25);
    }
    stream[0] = a0 + state[0]!, stream[1] = a1 + state[1]!;
    stream[2] = a2 + state[2]!, stream[3] = a3 + state[3]!;
    stream[4] = b0 + state[4]!, stream[5] = b1 + state[5]!;
    stream[6] = b2 + state[6]!, stream[7] = b3 + state[7]!;
    stream[8] = c0 + state[8]!, stream[9] = c1 + state[9]!;
    stream[10] = c2 + state[10]!, stream[11] = c3 + state[11]!;
    stream[12] = d0 + state[12]!, stream[13] = d1 + state[13]!;
    stream[14] = d2 + state[14]!, stream[15] = d3 + state[15]!;
  }
}
