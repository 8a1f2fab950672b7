/**
 * SHA-256 (FIPS 180-4) of short inputs, without allocating anything but the result.
 *
 * Names of peers, parents in a tree of hashes and the hash of a handshake are digests of a hundred
 * bytes or less: there, the objects and conversions around any other implementation take several times
 * as long as the two blocks themselves.
 */
import { assert } from "./assert.ts";
import { Slab } from "./slab.ts";
import { bigAt, putBig } from "./words.ts";

const BLOCK_BYTES = 64, DIGEST_BYTES = 32;
/** After the input come one byte and the length in bits. */
const PADDING_BYTES = 1 + 8;
/** Digests are kept more often than other pieces: what one of them holds on to is to be little. */
const SLAB_BYTES = 1024;

/** The first bits of the square roots of the first eight primes. */
const START = wordsOf("6a09e667 bb67ae85 3c6ef372 a54ff53a 510e527f 9b05688c 1f83d9ab 5be0cd19");

/** The first bits of the cube roots of the first 64 primes. */
const ROUNDS = wordsOf(`
  428a2f98 71374491 b5c0fbcf e9b5dba5 3956c25b 59f111f1 923f82a4 ab1c5ed5
  d807aa98 12835b01 243185be 550c7dc3 72be5d74 80deb1fe 9bdc06a7 c19bf174
  e49b69c1 efbe4786 0fc19dc6 240ca1cc 2de92c6f 4a7484aa 5cb0a9dc 76f988da
  983e5152 a831c66d b00327c8 bf597fc7 c6e00bf3 d5a79147 06ca6351 14292967
  27b70a85 2e1b2138 4d2c6dfc 53380d13 650a7354 766a0abb 81c2c92e 92722c85
  a2bfe8a1 a81a664b c24b8b70 c76c51a3 d192e819 d6990624 f40e3585 106aa070
  19a4c116 1e376c08 2748774c 34b0bcb5 391c0cb3 4ed8aa4a 5b9cca4f 682e6ff3
  748f82ee 78a5636f 84c87814 8cc70208 90befffa a4506ceb bef9a3f7 c67178f2
`);

/** Computes one digest after another, of inputs that fit a few blocks. */
export class ShortSha256 {
  /** The longest input: so many whole blocks, but for the padding. */
  readonly longest: number;
  readonly #input: Uint8Array;
  readonly #state = new Int32Array(8);
  readonly #schedule = new Int32Array(64);
  readonly #slab = new Slab(SLAB_BYTES);

  constructor(blocks: number) {
    this.#input = new Uint8Array(blocks * BLOCK_BYTES);
    this.longest = this.#input.length - PADDING_BYTES;
  }

  /** The digest of two parts, one after the other. */
  digest(first: Uint8Array, second: Uint8Array): Uint8Array {
    const input = this.#input, state = this.#state;
    const length = first.length + second.length;
    assert(length <= this.longest, "a short input is short");
    input.set(first);
    input.set(second, first.length);
    const end = Math.ceil((length + PADDING_BYTES) / BLOCK_BYTES) * BLOCK_BYTES;
    input[length] = 0x80;
    input.fill(0, length + 1, end);
    putBig(input, end - 4, 8 * length);
    state.set(START);
    for (let at = 0; at < end; at += BLOCK_BYTES) this.#compress(at);
    const digest = this.#slab.cut(DIGEST_BYTES);
    for (let word = 0; word < 8; word++) putBig(digest, 4 * word, state[word]!);
    return digest;
  }

  /** Section 6.2.2, with the names of its variables. */
  #compress(at: number): void {
    const w = this.#schedule, state = this.#state, input = this.#input;
    for (let t = 0; t < 16; t++) w[t] = bigAt(input, at + 4 * t);
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15]!, y = w[t - 2]!;
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = w[t - 16]! + w[t - 7]! + low + high;
    }
    let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
    let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
    for (let t = 0; t < 64; t++) {
      const turned = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + turned + (g ^ (e & (f ^ g))) + ROUNDS[t]! + w[t]!) | 0;
      const spun = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (spun + ((a & b) ^ (c & (a ^ b)))) | 0;
      h = g, g = f, f = e, e = (d + one) | 0;
      d = c, c = b, b = a, a = (one + two) | 0;
    }
    state[0]! += a, state[1]! += b, state[2]! += c, state[3]! += d;
    state[4]! += e, state[5]! += f, state[6]! += g, state[7]! += h;
  }
}

function wordsOf(digits: string): Int32Array {
  return Int32Array.from(digits.trim().split(/\s+/), (word) => parseInt(word, 16));
}
