/** What a baseline's file may hold, and what is said of the rest. */
import assert from "node:assert/strict";
import { type Baseline, readBaseline, readResult, writeBaseline } from "../../reports/baseline.ts";
import { resultOf, resultsIn } from "../../reports/current.ts";
import { exampleResults } from "./example_results.ts";
import { exampleRun } from "./example_run.ts";

const results = exampleResults([50, 51]);
const whole: Baseline = {
  name: "lab50",
  scenario: "scenarios/lab50.ts",
  args: ["--set", "faults=none"],
  seeds: [50, 51],
  results,
  tolerance: { "contents.p95Seconds": { relative: 0.05, absolute: 0 } },
};

Deno.test("a baseline that is written reads back the same, a line to each result", () => {
  const text = writeBaseline(whole);
  assert.deepEqual(readBaseline("lab50", text), whole);
  assert.equal(text.split("\n").filter((line) => line.includes('"digest"')).length, 2);
});

Deno.test("a new baseline needs a scenario and seeds, and has no results yet", () => {
  const read = readBaseline("new", '{"scenario": "scenarios/lab50.ts", "seeds": [1]}');
  assert.ok(typeof read !== "string");
  assert.deepEqual([read.args, read.results, read.tolerance], [[], [], {}]);
});

Deno.test("a damaged baseline is told in one sentence, wherever the damage is", () => {
  const text = writeBaseline(whole);
  const value = JSON.parse(text);
  const odd: [unknown, RegExp][] = [
    [[], /not a JSON object/],
    [{ ...value, scenario: "../../bad.ts" }, /"scenario" is not/],
    [{ ...value, scenario: "scenarios/x.ts --allow-all" }, /"scenario" is not/],
    [{ ...value, args: "--set" }, /"args" is not/],
    [{ ...value, seeds: [] }, /"seeds" is not/],
    [{ ...value, seeds: [1.5] }, /"seeds" is not/],
    [{ ...value, seeds: [1, 1] }, /a seed is there twice/],
    [{ ...value, results: {} }, /"results" is not/],
    [{ ...value, results: [{ ...results[0], v: 2 }] }, /a result has version 2, this is version 1/],
    [{ ...value, results: [{ ...results[0], digest: 5 }] }, /a result has no usable "digest"/],
    [{ ...value, results: [{ ...results[0], ok: 1 }] }, /a result has no usable "ok"/],
    [{ ...value, results: [{ ...results[0], claims: [{}] }] }, /a result has no usable "claims"/],
    [{ ...value, results: [{ ...results[0], contents: [null] }] }, /no usable "contents"/],
    [{ ...value, results: [{ ...results[0], messages: {} }] }, /no usable "messages"/],
    [{ ...value, tolerance: { "contents.p95": {} } }, /did you mean "contents.p95Seconds"\?/],
    [{ ...value, tolerance: { "messages.lost": { relative: -1 } } }, /"tolerance" of/],
    [{ ...value, tolerance: { "messages.lost": 0.5 } }, /"tolerance" of/],
  ];
  for (const [damaged, why] of odd) {
    const said = readBaseline("lab50", JSON.stringify(damaged));
    assert.ok(typeof said === "string", JSON.stringify(damaged));
    assert.match(said, /^Cannot read baseline "lab50": [^\n]+$/);
    assert.match(said, why);
  }
  for (let length = 0; length < text.length - 2; length += 97) {
    assert.match(readBaseline("lab50", text.slice(0, length)) as string, /not a JSON object/);
  }
});

Deno.test("a time that never came is null in JSON, and is a result all the same", () => {
  const [run] = results;
  const contents = run!.contents!.map((content) => ({ ...content, lastSeconds: null }));
  assert.equal(typeof readResult({ ...run, contents }), "object");
});

Deno.test("results are found in one object, a list, a record, or one to a line", () => {
  const [one, other] = results;
  assert.deepEqual(resultsIn("f", JSON.stringify(one, null, 2)), [one]);
  assert.deepEqual(resultsIn("f", JSON.stringify(results)), results);
  assert.deepEqual(resultsIn("f", JSON.stringify(exampleRun())), [exampleRun().result]);
  const lines = ["lab50 seed 50", JSON.stringify(one), "", JSON.stringify(other), ""].join("\n");
  assert.deepEqual(resultsIn("f", lines), results);
  assert.deepEqual(resultsIn("f", '{"name": "a manifest"}'), []);
  assert.match(
    resultsIn("f.json", JSON.stringify({ ...one, v: 9 })) as string,
    /f\.json: .*version 9/,
  );
});

Deno.test("a run's result is told from one with other settings by its replay command", () => {
  const [one] = results;
  const faulty = { ...one!, replay: `${one!.replay} --set faults=all` };
  const calm = {
    ...one!,
    replay: `deno task sim scenarios/lab50.ts --set faults=none --seed 50 --crypto node`,
  };
  const request = { scenario: whole.scenario, args: whole.args, seed: 50 };
  assert.equal(resultOf(request, [faulty, calm]), calm);
  assert.equal(resultOf({ ...request, args: [] }, [faulty, calm, one!]), one);
  assert.equal(resultOf(request, [faulty]), faulty);
  assert.equal(resultOf({ ...request, seed: 9 }, [faulty, calm]), undefined);
});
