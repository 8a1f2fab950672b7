/** What counts as a regression, and what does not. */
import assert from "node:assert/strict";
import { meanInterval, repeatableDraws } from "../../reports/bootstrap.ts";
import { compare, type Comparison, type Tolerances } from "../../reports/compare.ts";
import type { RunResult } from "../../sim/record.ts";
import { changed, exampleResults, failing } from "./example_results.ts";

const one = exampleResults([50]);
const many = exampleResults([1, 2, 3, 4, 5, 6, 7, 8]);

function judged(now: readonly RunResult[], before: readonly RunResult[], own: Tolerances = {}) {
  return compare(now, before, own, repeatableDraws());
}

function worse({ metrics }: Comparison): string[] {
  return metrics.filter(({ verdict }) => verdict === "worse").map(({ of, kind }) =>
    `${of} ${kind}`
  );
}

Deno.test("an identical rerun is no behavioural change, and nothing is measured", () => {
  const again = many.map((result) => ({ ...result, wallSeconds: result.wallSeconds * 9 }));
  const comparison = judged(again, many);
  assert.equal(comparison.verdict, "identical");
  assert.match(comparison.why, /No behavioural change/);
  assert.deepEqual(comparison.metrics, []);
  assert.ok(comparison.wallSeconds.now > comparison.wallSeconds.before * 8, "wall time is told");
});

Deno.test("five percent slower is caught on one seed, exactly where it is", () => {
  const slow = changed(one, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.05 }));
  const comparison = judged(slow, one);
  assert.equal(comparison.verdict, "worse");
  assert.deepEqual(worse(comparison), [
    "lecture.mp4 contents.p95Seconds",
    "badge sheet.pdf contents.p95Seconds",
  ]);
  assert.ok(comparison.metrics.every(({ interval }) => interval === undefined));
});

Deno.test("five percent slower is caught on eight seeds, under noise of three percent", () => {
  const slow = changed(many, ({ lastSeconds }, random) => ({
    lastSeconds: lastSeconds * (1.05 + (random.below(601) - 300) / 10_000),
  }));
  const comparison = judged(slow, many);
  assert.equal(comparison.verdict, "worse");
  assert.ok(worse(comparison).includes("lecture.mp4 contents.lastSeconds"));
  const change = comparison.metrics.find(({ kind }) => kind === "contents.lastSeconds")!;
  assert.ok(change.interval!.low > change.allowed);
});

Deno.test("noise around nothing is no regression, however much a single seed suffers", () => {
  const noisy = changed(many, ({ p50Seconds }, random) => ({
    p50Seconds: p50Seconds * (1 + (random.below(2001) - 1000) / 10_000),
  }));
  const comparison = judged(noisy, many);
  assert.equal(comparison.verdict, "within");
  const sharpest = noisy.some((result, at) =>
    result.contents![0]!.p50Seconds > many[at]!.contents![0]!.p50Seconds * 1.02
  );
  assert.ok(sharpest, "at least one seed alone is beyond the tolerance");
});

Deno.test("a change within the tolerance is told and passes, one just beyond does not", () => {
  const by = (factor: number) =>
    changed(one, ({ lastSeconds }) => ({ lastSeconds: lastSeconds * factor }));
  assert.equal(judged(by(1.0199), one).verdict, "within");
  assert.equal(judged(by(1.021), one).verdict, "worse");
  assert.equal(judged(by(0.9), one).verdict, "better");
  const loose = { "contents.lastSeconds": { relative: 0.1, absolute: 0 } };
  assert.equal(judged(by(1.05), one, loose).verdict, "within");
  assert.equal(judged(by(1.11), one, loose).verdict, "worse");
});

Deno.test("three seeds are too few to resample: their mean difference counts as it is", () => {
  const three = many.slice(0, 3);
  const slow = changed(three, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.03 }));
  const comparison = judged(slow, three);
  assert.equal(comparison.verdict, "worse");
  assert.equal(comparison.metrics[0]!.interval, undefined);
});

Deno.test("one peer that no longer completes is a regression, and one lost message is", () => {
  const short = changed(one, ({ completed }) => ({ completed: completed - 1, lastSeconds: 0 }));
  assert.ok(worse(judged(short, one)).includes("lecture.mp4 contents.unfinished"));
  const lossy = one.map((run) => ({
    ...run,
    digest: "other",
    messages: { ...run.messages!, lost: 1 },
  }));
  assert.deepEqual(worse(judged(lossy, one)), [" messages.lost"]);
});

Deno.test("a time that never came is left to the count of the unfinished", () => {
  const never = JSON.parse(JSON.stringify(
    changed(one, ({ completed }) => ({ completed: completed - 1, lastSeconds: Infinity })),
  ));
  const comparison = judged(never, one);
  assert.deepEqual(worse(comparison), [
    "lecture.mp4 contents.unfinished",
    "badge sheet.pdf contents.unfinished",
  ]);
  assert.ok(comparison.metrics.every(({ kind }) => kind !== "contents.lastSeconds"));
});

Deno.test("a claim that falls on one of eight seeds is a regression, and that seed is replayed", () => {
  const name = "Ben hears Ana exactly once";
  const comparison = judged(failing(many, 6, name), many);
  assert.equal(comparison.verdict, "worse", "even where the digests are equal");
  assert.deepEqual(comparison.claims.filter(({ verdict }) => verdict === "worse").length, 1);
  assert.match(comparison.claims.find((claim) => claim.name === name)!.why, /fails, seed 6/);
  assert.match(comparison.replay, /--seed 6$/);
});

Deno.test("a metric's regression is replayed by the seed that suffered most", () => {
  const slow = changed(many, (_, random) => ({ p50Seconds: random.path === "change/4" ? 99 : 40 }));
  assert.match(judged(slow, many).replay, /--seed 4$/);
});

Deno.test("a claim that is no longer made is a regression, a new one that holds is none", () => {
  const fewer = one.map((run) => ({ ...run, claims: run.claims.slice(1) }));
  assert.equal(judged(fewer, one).verdict, "worse");
  assert.match(judged(fewer, one).claims.at(0)!.why, /no longer claimed/);
  const comparison = judged(one, fewer);
  assert.equal(comparison.verdict, "identical");
  assert.ok(comparison.claims.some(({ verdict }) => verdict === "new"));
});

Deno.test("a claim that failed before and fails now is told, and is no regression", () => {
  const name = "everyone gets the lecture";
  const bad = failing(one, 50, name);
  assert.equal(judged(bad, bad).verdict, "identical");
  assert.match(judged(bad, bad).claims.find((claim) => claim.name === name)!.why, /still fails/);
  assert.equal(judged(one, bad).claims.find((claim) => claim.name === name)!.verdict, "better");
});

Deno.test("without a baseline the verdict is missing", () => {
  assert.equal(judged(one, []).verdict, "missing");
});

Deno.test("what cannot be compared is incompatible, in one sentence, and never passes", () => {
  const [run] = one as [RunResult];
  const odd: [readonly RunResult[], RegExp][] = [
    [exampleResults([51]), /the baseline has seeds 50, the runs 51/],
    [[...one, ...exampleResults([51])], /the runs 50, 51/],
    [[], /the runs none/],
    [[{ ...run, v: 2 as 1 }], /version 2/],
    [[{ ...run, scenario: "lab500" }], /scenario was lab50, is lab500/],
    [[{ ...run, nodes: 14 }], /nodes was 13, is 14/],
    [[{ ...run, mode: "live" }], /mode was sim, is live/],
    [[{ ...run, contents: run.contents!.slice(1) }], /the runs have no content "lecture.mp4"/],
    [changed(one, () => ({ bytes: 5 })), /the runs have no content "lecture.mp4" of 40000000/],
  ];
  for (const [now, why] of odd) {
    const comparison = judged(now, one);
    assert.equal(comparison.verdict, "incompatible");
    assert.match(comparison.why, why);
  }
  assert.match(judged(one, [{ ...run, contents: [] }]).why, /the baseline has no content/);
});

Deno.test("the order in which results arrive makes no difference", () => {
  const slow = changed(many, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.05 }));
  assert.deepEqual(judged(slow.toReversed(), many), judged(slow, many));
});

Deno.test("the bootstrap's interval holds the mean of a known spread about nineteen times in twenty", () => {
  const draw = repeatableDraws();
  let held = 0;
  const rounds = 200;
  for (let round = 0; round < rounds; round++) {
    const values = Array.from({ length: 20 }, () => draw(1001) + draw(1001) - 1000);
    const { low, high } = meanInterval(values, draw);
    assert.ok(low < high);
    if (low <= 0 && high >= 0) held++;
  }
  assert.ok(held > rounds * 0.88 && held < rounds * 0.99, `${held} of ${rounds}`);
});
