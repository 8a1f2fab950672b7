/**
 * Delays drawn from distributions, the same to the last bit on every machine.
 *
 * Math.log and its kin give different last bits in different engines (reference/deno.md), so that the
 * logarithm here is a series of + - * /, which IEEE 754 defines exactly. Every result is an integer:
 * what is rounded once cannot drift. There are no Pareto tails: their mean may not exist, and no
 * claim on a delay then holds.
 */
import { assert } from "../runtime/core/assert.ts";
import type { Random } from "../runtime/core/random.ts";

const TWO_32 = 0x1_0000_0000;
const TWO_53 = Number.MAX_SAFE_INTEGER + 1;

/** An unbiased integer from `least` to `most`, both included; at most 2^53 apart. */
export function uniform(random: Random, least: number, most: number): number {
  const span = most - least + 1;
  assert(
    span >= 1 && span <= Number.MAX_SAFE_INTEGER,
    "a range is not empty, and its size is exact",
  );
  if (span <= TWO_32) return least + random.below(span);
  // 53 bits; values beyond the last whole multiple of the span are drawn again, as in `below`.
  const limit = TWO_53 - TWO_53 % span;
  for (;;) {
    const draw = (random.u32() >>> 11) * TWO_32 + random.u32();
    if (draw < limit) return least + draw % span;
  }
}

/** A whole number of an exponential distribution: the time to the next of independent events. */
export function exponential(random: Random, mean: number): number {
  assert(mean >= 0 && mean < Infinity, "a mean delay is not negative");
  return Math.round(-mean * naturalLog((random.u32() + 1) / TWO_32));
}

/**
 * A whole number of a normal distribution (Marsaglia's polar method, 1964); what would be below `least`
 * is `least`, for a delay may not be negative.
 */
export function normal(random: Random, mean: number, deviation: number, least = 0): number {
  assert(deviation >= 0 && deviation < Infinity, "a deviation is not negative");
  for (;;) {
    const x = symmetric(random), y = symmetric(random), square = x * x + y * y;
    if (square >= 1) continue;
    const scale = Math.sqrt(-2 * naturalLog(square) / square);
    return Math.max(least, Math.round(mean + deviation * x * scale));
  }
}

/** The natural logarithm of a positive finite number, to about one unit in the last place. */
export function naturalLog(x: number): number {
  assert(x > 0 && x < Infinity, "a logarithm is of a positive number");
  let mantissa = x, exponent = 0;
  while (mantissa >= TWO_32) {
    mantissa /= TWO_32;
    exponent += 32;
  }
  while (mantissa * TWO_32 < 1) {
    mantissa *= TWO_32;
    exponent -= 32;
  }
  while (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent++;
  }
  while (mantissa * Math.SQRT2 < 1) {
    mantissa *= 2;
    exponent--;
  }
  // ln m = 2 artanh s = 2 (s + s^3/3 + s^5/5 + ...), and |s| <= 0.172: the 11th term is below 1e-17.
  const s = (mantissa - 1) / (mantissa + 1), square = s * s;
  let sum = 0;
  for (let power = 21; power >= 1; power -= 2) sum = sum * square + 1 / power;
  return exponent * Math.LN2 + 2 * s * sum;
}

/** An odd multiple of 2^-32 from -1 to 1: never zero, whose logarithm does not exist. */
function symmetric(random: Random): number {
  return (2 * random.u32() + 1) / TWO_32 - 1;
}
