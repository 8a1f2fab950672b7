/**
 * A rolling 128-bit fingerprint of a run: two runs that print the same digest took the same steps.
 *
 * Each word is scrambled and folded, with the next lane's value, into one of four lanes in turn
 * (after Appleby's MurmurHash3 x86_128: its constants and its finaliser).
 * It finds accidents, not forgeries: for those there is SHA-256.
 */

/** A bijection of 32 bits in which each bit of the input flips half of the output's. */
function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Absorbs numbers, texts and bytes in sequence; says at any time what it has seen. */
export class Digest {
  readonly #lanes = Int32Array.of(0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93);
  #lane = 0;
  readonly #float = new Float64Array(1);
  /** The same eight bytes, the low half first on every machine that V8 runs on in Deno. */
  readonly #halves = new Int32Array(this.#float.buffer);

  /** Absorbs the low 32 bits of an integer. */
  word(n: number): void {
    const lanes = this.#lanes, lane = this.#lane, next = (lane + 1) & 3;
    let k = Math.imul(n, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    const mixed = (lanes[lane] as number) ^ k;
    const turned = ((mixed << 13) | (mixed >>> 19)) + (lanes[next] as number);
    lanes[lane] = Math.imul(turned, 5) + 0xe6546b64;
    this.#lane = next;
  }

  /** Absorbs all bits of any number, but for the sign of a zero and the payload of a NaN. */
  number(n: number): void {
    if (n !== n) {
      this.word(0);
      this.word(0x7ff80000);
      return;
    }
    this.#float[0] = n + 0;
    this.word(this.#halves[0] as number);
    this.word(this.#halves[1] as number);
  }

  /** Absorbs a text, and where it ends. */
  text(s: string): void {
    this.word(s.length);
    for (let at = 0; at < s.length; at++) this.word(s.charCodeAt(at));
  }

  /** Absorbs how many bytes there are, and the first `upTo` of them. */
  bytes(b: Uint8Array, upTo = b.length): void {
    const length = Math.min(upTo, b.length), whole = length & ~3;
    this.word(b.length);
    for (let at = 0; at < whole; at += 4) {
      this.word(
        (b[at] as number) | ((b[at + 1] as number) << 8) | ((b[at + 2] as number) << 16) |
          ((b[at + 3] as number) << 24),
      );
    }
    let rest = 0;
    for (let at = whole; at < length; at++) rest = (rest << 8) | (b[at] as number);
    if (whole < length) this.word(rest);
  }

  /** The digest of what was absorbed so far: 32 hexadecimal digits. */
  hex(): string {
    let [a, b, c, d] = this.#lanes as unknown as [number, number, number, number];
    a ^= this.#lane;
    for (let round = 0; round < 2; round++) {
      a = (a + b + c + d) | 0;
      b = finish((b + a) | 0);
      c = finish((c + a) | 0);
      d = finish((d + a) | 0);
      a = finish(a);
    }
    return [a, b, c, d].map((lane) => (lane >>> 0).toString(16).padStart(8, "0")).join("");
  }
}
