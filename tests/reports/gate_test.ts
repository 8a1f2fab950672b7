/** One exit code for all baselines, whatever became of each. */
import assert from "node:assert/strict";
import type { Baseline } from "../../reports/baseline.ts";
import { gate, type Runner, type RunRequest } from "../../reports/gate.ts";
import type { RunResult } from "../../sim/record.ts";
import { changed, exampleResults, failing } from "./example_results.ts";

const results = exampleResults([50, 51]);
const slow = changed(results, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.05 }));

function baseline(name: string, kept: readonly RunResult[] = results): Baseline {
  const scenario = "scenarios/lab50.ts";
  return {
    name,
    scenario,
    args: ["--set", `is=${name}`],
    seeds: [50, 51],
    results: kept,
    tolerance: {},
  };
}

/** Answers each run from the list that stands for its baseline's name. */
function runner(by: Record<string, readonly RunResult[] | string>): Runner {
  return ({ args, seed }) => {
    const answers = by[args[1]!.replace("is=", "")]!;
    if (typeof answers === "string") return Promise.resolve({ broken: answers });
    return Promise.resolve(answers.find((result) => result.seed === seed)!);
  };
}

Deno.test("unchanged runs pass with 0", async () => {
  const report = await gate([baseline("a"), baseline("b")], runner({ a: results, b: results }));
  assert.equal(report.exitCode, 0);
  assert.deepEqual(report.comparisons.map(({ verdict }) => verdict), ["identical", "identical"]);
  assert.deepEqual(report.comparisons.map(({ name }) => name), ["a", "b"]);
});

Deno.test("one regression among many baselines ends with 99", async () => {
  const report = await gate([baseline("a"), baseline("b")], runner({ a: results, b: slow }));
  assert.equal(report.exitCode, 99);
});

Deno.test("a claim that fails ends with 99 even where no metric moved", async () => {
  const fallen = failing(results, 51, "everyone gets the lecture");
  assert.equal((await gate([baseline("a")], runner({ a: fallen }))).exitCode, 99);
});

Deno.test("a baseline without results, and no baseline at all, end with 97", async () => {
  assert.equal((await gate([baseline("a", [])], runner({ a: results }))).exitCode, 97);
  assert.equal((await gate([], runner({}))).exitCode, 97);
});

Deno.test("a baseline of other seeds or nodes ends with 3", async () => {
  const half = baseline("a", results.slice(1));
  assert.equal((await gate([half], runner({ a: results }))).exitCode, 3);
  const bigger = results.map((result) => ({ ...result, nodes: 500 }));
  assert.equal((await gate([baseline("a")], runner({ a: bigger }))).exitCode, 3);
});

Deno.test("a run that breaks ends with 1, is told, and stops its baseline only", async () => {
  const asked: RunRequest[] = [];
  const run = runner({ a: "Cannot run it: exit code 1", b: results });
  const report = await gate([baseline("a"), baseline("b")], (request) => {
    asked.push(request);
    return run(request);
  });
  assert.equal(report.exitCode, 1);
  assert.deepEqual(report.comparisons.map(({ verdict }) => verdict), ["broken", "identical"]);
  assert.match(report.comparisons[0]!.why, /exit code 1/);
  assert.deepEqual(asked.map(({ seed }) => seed), [50, 50, 51]);
  assert.deepEqual(report.renewed.map(({ name }) => name), ["b"]);
});

Deno.test("the gravest verdict decides: broken, regression, incompatible, missing", async () => {
  const other = results.map((result) => ({ ...result, nodes: 500 }));
  const by = { broken: "it broke", worse: slow, odd: other, missing: results, good: results };
  const all = [
    ...[baseline("good"), baseline("missing", []), baseline("odd")],
    ...[baseline("worse"), baseline("broken")],
  ];
  const codes: number[] = [];
  for (let count = 1; count <= all.length; count++) {
    codes.push((await gate(all.slice(0, count), runner(by))).exitCode);
  }
  assert.deepEqual(codes, [0, 97, 3, 99, 1]);
});

Deno.test("what an update keeps is what ran", async () => {
  const { renewed } = await gate([baseline("a")], runner({ a: slow }));
  assert.deepEqual(renewed, [{ ...baseline("a"), results: slow }]);
});

Deno.test("each request is the baseline's own: its scenario, its arguments, each of its seeds", async () => {
  const asked: RunRequest[] = [];
  await gate([baseline("a")], (request) => {
    asked.push(request);
    return Promise.resolve(results[0]!);
  });
  const { scenario, args } = baseline("a");
  assert.deepEqual(asked, [{ scenario, args, seed: 50 }, { scenario, args, seed: 51 }]);
});
