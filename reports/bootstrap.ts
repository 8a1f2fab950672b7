/** How sure a mean is: the percentile bootstrap (Efron 1979), with chance as an argument. */

/** An integer in [0, bound). */
export type Draw = (bound: number) => number;

/** From the lowest to the highest that a mean may well be. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2000;

/** The interval that holds the mean of what these values are a sample of, 19 times in 20. */
export function meanInterval(values: readonly number[], draw: Draw): Interval {
  const means = Array.from({ length: RESAMPLES }, () => {
    let sum = 0;
    for (let picked = 0; picked < values.length; picked++) {
      sum += values[draw(values.length)] as number;
    }
    return sum / values.length;
  }).sort((one, other) => one - other);
  const at = (part: number) => means[Math.round(part * (RESAMPLES - 1))] as number;
  return { low: at(0.025), high: at(0.975) };
}

/**
 * Draws that are the same in every run: a report must not change when it is printed again.
 * Marsaglia's xorshift32 (2003): plenty for resampling a few dozen seeds, and for nothing more.
 */
export function repeatableDraws(): Draw {
  let state = 0x9e3779b9;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}
