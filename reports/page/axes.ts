/** Units of axes, and the frame that all pictures over virtual time share. */

/** What an axis counts in: values are divided by `divide` and followed by `name`. */
export interface Unit {
  readonly name: string;
  readonly divide: number;
}

/** Space left and right of every plot over virtual time, so that they stand exactly in line. */
export const gutter = { left: 96, right: 64 } as const;

/** The unit in which the longest of some durations reads well. */
export function timeUnit(longestSeconds: number): Unit {
  if (longestSeconds < 1) return { name: "ms", divide: 0.001 };
  if (longestSeconds <= 180) return { name: "s", divide: 1 };
  return longestSeconds <= 3 * 3600 ? { name: "min", divide: 60 } : { name: "h", divide: 3600 };
}

/** The unit in which the highest of some rates reads well. */
export function rateUnit(highest: number): Unit {
  const names = ["B/s", "kB/s", "MB/s", "GB/s", "TB/s"];
  let divide = 1;
  let at = 0;
  while (highest / divide >= 1000 && at < names.length - 1) {
    divide *= 1000;
    at++;
  }
  return { name: names[at] as string, divide };
}

/** At most three digits after the point, and no trailing zeros. */
export function tidy(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return String(Number(value.toFixed(digits)));
}

/** Round values within a span, at most `wanted` or so of them, for the ticks of our own pictures. */
export function ticks(from: number, to: number, wanted: number): number[] {
  const step = roundStep(to - from, wanted);
  const values: number[] = [];
  // A millionth of a step: the last tick must not be lost to how its fraction was rounded.
  for (let at = Math.ceil(from / step - 1e-6); at * step <= to + step * 1e-6; at++) {
    values.push(at * step);
  }
  return values;
}

/** The first round value that is no less than `end`, where an axis from zero can stop. */
export function roundEnd(end: number, wanted: number): number {
  const step = roundStep(end, wanted);
  return Math.ceil(end / step) * step;
}

/** 1, 2 or 5 times a power of ten. */
function roundStep(span: number, wanted: number): number {
  if (!(span > 0)) return 1;
  let power = 1;
  while (power > span / wanted) power /= 10;
  while (power * 10 <= span / wanted) power *= 10;
  return power * ([1, 2, 5, 10].find((times) => span / (power * times) <= wanted) ?? 10);
}
