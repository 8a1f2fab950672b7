/** Sums over time in equal buckets, which double in length when there are too many of them. */
import type { Nanos } from "./units.ts";

const FIRST_NANOS = 1_000_000;
const MOST_BUCKETS = 8192;

/** Amounts that were added at times, kept as sums. */
export class Buckets {
  #length: Nanos = FIRST_NANOS;
  #sums: number[] = [];

  add(now: Nanos, amount: number): void {
    let bucket = Math.floor(now / this.#length);
    while (bucket >= MOST_BUCKETS) {
      this.#double();
      bucket = Math.floor(now / this.#length);
    }
    while (this.#sums.length <= bucket) this.#sums.push(0);
    this.#sums[bucket]! += amount;
  }

  /** The same in buckets of another length, as many as given; parts are spread evenly. */
  in(length: Nanos, count: number): number[] {
    const sums = new Array<number>(count).fill(0);
    for (let bucket = 0; bucket < this.#sums.length; bucket++) {
      const from = bucket * this.#length, to = from + this.#length;
      let at = Math.floor(from / length);
      for (; at < count && at * length < to; at++) {
        const part = Math.min(to, (at + 1) * length) - Math.max(from, at * length);
        sums[at]! += this.#sums[bucket]! * (part / this.#length);
      }
    }
    return sums;
  }

  #double(): void {
    const halved: number[] = [];
    for (let bucket = 0; bucket < this.#sums.length; bucket += 2) {
      halved.push(this.#sums[bucket]! + (this.#sums[bucket + 1] ?? 0));
    }
    this.#sums = halved;
    this.#length *= 2;
  }
}

/** Nearest-rank percentile of sorted numbers, in per cent; NaN of none. */
export function percentile(sorted: readonly number[], percent: number): number {
  if (sorted.length === 0) return NaN;
  const rank = Math.max(1, Math.ceil(sorted.length * percent / 100));
  return sorted[rank - 1]!;
}

/** A round length that cuts a span into at most so many buckets: 1, 2 or 5 times a power of ten. */
export function roundBucket(span: Nanos, most: number): Nanos {
  let length = 1_000_000;
  for (let turn = 0; span / length > most; turn++) length *= turn % 3 === 1 ? 2.5 : 2;
  return length;
}
