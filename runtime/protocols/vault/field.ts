/**
 * The field of 256 elements that Reed-Solomon codes compute in: polynomials over GF(2) modulo
 * x^8 + x^4 + x^3 + x^2 + 1 (0x11d), whose element 2 generates all others (Plank, "A tutorial on
 * Reed-Solomon coding for fault-tolerance in RAID-like systems", 1997).
 */
import { assert } from "../../core/mod.ts";

const POLYNOMIAL = 0x11d;
const ORDER = 255;

/** Powers of two, twice over, so that a sum of two exponents needs no remainder. */
const power = new Uint8Array(2 * ORDER);
const exponent = new Uint8Array(256);

for (let at = 0, value = 1; at < ORDER; at++) {
  power[at] = power[at + ORDER] = value;
  exponent[value] = at;
  value <<= 1;
  if (value > 0xff) value ^= POLYNOMIAL;
}

/** The product; the sum of two elements is their exclusive or. */
export function times(one: number, other: number): number {
  return one === 0 || other === 0 ? 0 : power[exponent[one]! + exponent[other]!]!;
}

/** One divided by an element that is not zero. */
export function inverse(value: number): number {
  assert(value !== 0, "zero has no inverse");
  return power[ORDER - exponent[value]!]!;
}

/** Rows of elements. */
export type Matrix = readonly Uint8Array[];

/**
 * `wanted` units, then rows of Cauchy: 1 / (x + y) with all x and y different. Any `enough` rows of it
 * can be inverted (Blömer and others, "An XOR-based erasure-resilient coding scheme", 1995).
 */
export function codingMatrix(enough: number, count: number): Matrix {
  assert(enough >= 1 && enough <= count && count <= 256, "a code has at most 256 shards");
  return Array.from(
    { length: count },
    (_, row) =>
      Uint8Array.from({ length: enough }, (_, column) => {
        if (row < enough) return row === column ? 1 : 0;
        return inverse(row ^ column);
      }),
  );
}

/** Gauss and Jordan. Asserts that there is an inverse: of rows of a coding matrix there always is. */
export function inverted(matrix: Matrix): Matrix {
  const size = matrix.length;
  const left = matrix.map((row) => row.slice());
  const right = left.map((_, row) => new Uint8Array(size).fill(1, row, row + 1));
  for (let column = 0; column < size; column++) {
    const pivot = left.findIndex((row, at) => at >= column && row[column] !== 0);
    assert(pivot >= 0, "the rows of a code are independent");
    for (const half of [left, right]) {
      [half[column], half[pivot]] = [half[pivot]!, half[column]!];
    }
    const factor = inverse(left[column]![column]!);
    for (const half of [left, right]) scale(half[column]!, factor);
    for (let row = 0; row < size; row++) {
      const share = left[row]![column]!;
      if (row === column || share === 0) continue;
      addScaled(left[row]!, left[column]!, share);
      addScaled(right[row]!, right[column]!, share);
    }
  }
  return right;
}

function scale(row: Uint8Array, factor: number): void {
  for (let at = 0; at < row.length; at++) row[at] = times(row[at]!, factor);
}

function addScaled(row: Uint8Array, other: Uint8Array, factor: number): void {
  for (let at = 0; at < row.length; at++) row[at]! ^= times(other[at]!, factor);
}
