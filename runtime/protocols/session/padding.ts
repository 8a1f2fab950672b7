/**
 * Texts of a few lengths only, so that their length says little: padded with a one and zeros (ISO/IEC
 * 7816-4) to the next bucket. Buckets grow by an eighth at most where texts are long.
 */
import * as limits from "./limits.ts";

const LEAST = 64;

/** The length that so many bytes and the mark are padded to. */
export function bucketOf(bytes: number): number {
  const wanted = bytes + 1;
  if (wanted <= LEAST) return LEAST;
  let power = LEAST;
  while (power < wanted) power *= 2;
  const step = Math.max(LEAST, power / 16);
  return Math.ceil(wanted / step) * step;
}

/** A text with its mark and zeros, as long as its bucket. */
export function padded(clear: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bucketOf(clear.length));
  whole.set(clear);
  whole[clear.length] = 0x80;
  return whole;
}

/** Undefined where it was not padded like this. */
export function unpadded(whole: Uint8Array): Uint8Array | undefined {
  if (whole.length > bucketOf(limits.CLEAR_BYTES)) return undefined;
  let end = whole.length - 1;
  while (end >= 0 && whole[end] === 0) end--;
  if (end < 0 || whole[end] !== 0x80 || bucketOf(end) !== whole.length) return undefined;
  return whole.subarray(0, end);
}
