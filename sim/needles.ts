/** Finds known bytes among others: a bitmap of two bytes first, the whole needle only where it hits. */
import { sameBytes } from "../runtime/core/mod.ts";

/** Shorter ones turn up by chance. */
const LEAST_BYTES = 8;
/** So much of a needle is looked for. */
const NEEDLE_BYTES = 16;
/** So much of a body is searched: a seal that leaves its beginning readable leaves the rest too. */
const HAYSTACK_BYTES = 256;

export class Needles {
  readonly #starts = new Uint8Array(0x1_0000);
  readonly #byStart = new Map<number, Uint8Array[]>();

  add(bytes: Uint8Array): void {
    if (bytes.length < LEAST_BYTES) return;
    const needle = bytes.subarray(0, NEEDLE_BYTES), start = word(needle, 0);
    const known = this.#byStart.get(start) ?? [];
    if (known.some((other) => sameBytes(other, needle))) return;
    // Bytes that are all alike are padding, which is not a secret.
    if (needle.every((byte) => byte === needle[0])) return;
    this.#starts[(needle[0]! << 8) | needle[1]!] = 1;
    this.#byStart.set(start, [...known, needle]);
  }

  /** Whether one of them is in the first bytes of these. */
  within(bytes: Uint8Array): boolean {
    const starts = this.#starts;
    const end = Math.min(bytes.length, HAYSTACK_BYTES) - LEAST_BYTES;
    let pair = bytes[0]!;
    for (let at = 0; at <= end; at++) {
      pair = ((pair << 8) | bytes[at + 1]!) & 0xffff;
      if (starts[pair] === 1 && this.#isAt(bytes, at)) return true;
    }
    return false;
  }

  #isAt(bytes: Uint8Array, at: number): boolean {
    const known = this.#byStart.get(word(bytes, at)) ?? [];
    return known.some((needle) => sameBytes(needle, bytes.subarray(at, at + needle.length)));
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>>
    0;
}
