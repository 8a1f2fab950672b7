/** Drawn delays have the means and quantiles of their distributions. */
import { assert } from "../../runtime/core/assert.ts";
import { Stream } from "../../runtime/core/random.ts";
import { exponential, naturalLog, normal, uniform } from "../../sim/variates.ts";

const DRAWS = 200_000;

function drawn(draw: (random: Stream) => number): number[] {
  const random = new Stream("variates");
  return Array.from({ length: DRAWS }, () => draw(random)).sort((one, other) => one - other);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) * (value - middle))));
}

/** The distribution's value at each quantile, within five standard errors of an order statistic. */
function checkQuantiles(values: readonly number[], cumulative: (x: number) => number): void {
  for (const q of [0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999]) {
    const value = values[Math.floor(q * DRAWS)] as number;
    const error = Math.abs(cumulative(value) - q), allowed = 5 * Math.sqrt(q * (1 - q) / DRAWS);
    assert(error < allowed, `quantile ${q} is off by ${error}, allowed ${allowed}`);
  }
}

/** The standard normal distribution, by Simpson's rule: slow, and right to 1e-9. */
function standardNormal(x: number): number {
  const steps = 2000, width = x / steps;
  let sum = 0;
  for (let step = 0; step <= steps; step++) {
    const weight = step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-(step * width) * (step * width) / 2);
  }
  return 0.5 + sum * width / 3 / Math.sqrt(2 * Math.PI);
}

Deno.test("the series is the logarithm", () => {
  const random = new Stream("logarithms");
  for (let n = 0; n < 20_000; n++) {
    const x = (random.u32() + 1) / 2 ** 32 * 2 ** (random.below(140) - 70);
    const expected = Math.log(x), error = Math.abs(naturalLog(x) - expected);
    assert(error <= 4e-16 * Math.max(1, Math.abs(expected)), `ln ${x} is off by ${error}`);
  }
  assert(naturalLog(1) === 0 && naturalLog(2) === 0.6931471805599453, "exact where it can be");
  assert(Math.abs(naturalLog(5e-324) + 744.4400719213812) < 1e-12, "the least number has one too");
});

Deno.test("exponential delays have their mean and quantiles", () => {
  const values = drawn((random) => exponential(random, 5_000_000));
  assert(Math.abs(mean(values) / 5_000_000 - 1) < 0.01, `the mean is ${mean(values)}`);
  checkQuantiles(values, (x) => 1 - Math.exp(-x / 5_000_000));
  assert(values.every((value) => Number.isSafeInteger(value) && value >= 0), "all are whole");
  assert(exponential(new Stream("zero"), 0) === 0, "no mean, no delay");
});

Deno.test("normal delays have their mean, deviation and quantiles", () => {
  const values = drawn((random) => normal(random, 10_000_000, 1_000_000));
  assert(Math.abs(mean(values) / 10_000_000 - 1) < 0.001, `the mean is ${mean(values)}`);
  assert(Math.abs(deviation(values) / 1_000_000 - 1) < 0.01, `deviation ${deviation(values)}`);
  checkQuantiles(values, (x) => standardNormal((x - 10_000_000) / 1_000_000));
  assert(values.every(Number.isSafeInteger), "all are whole");
  const clipped = drawn((random) => normal(random, 0, 1000, -500));
  assert(clipped[0] === -500 && (clipped.at(-1) as number) > 3000, "nothing is below the least");
});

Deno.test("uniform delays are even, within 32 bits and beyond", () => {
  for (const [least, most] of [[-3, 3], [0, 2 ** 40], [5, 5 + 3 * 2 ** 51]] as const) {
    const values = drawn((random) => uniform(random, least, most));
    const span = most - least;
    assert(values.every((x) => Number.isSafeInteger(x) && x >= least && x <= most), "all in range");
    assert(Math.abs((mean(values) - least) / span - 0.5) < 0.005, `the mean is ${mean(values)}`);
    if (span > 1e6) checkQuantiles(values, (x) => (x - least) / span);
  }
  const seen = new Set(drawn((random) => uniform(random, -3, 3)));
  assert(seen.size === 7, "both ends are drawn");
});

Deno.test("drawn delays are the same on every machine", () => {
  const random = new Stream("known");
  const known = Array.from({ length: 4 }, () => [
    uniform(random, 0, 2 ** 45),
    exponential(random, 1e9),
    normal(random, 1e9, 1e8),
  ]);
  assert(
    known.join(" ") ===
      "20284047241578,234166933,972495180 4620921785283,427782675,866578984 30147908282961,660529716,1048007504 30819717811743,104013052,1146127081",
    `as written down: ${known.join(" ")}`,
  );
});
