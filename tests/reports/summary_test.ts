/** The terminal's account of a run. */
import assert from "node:assert/strict";
import { summary } from "../../reports/summary.ts";
import { controlsIn } from "./controls.ts";
import { exampleRun } from "./example_run.ts";

Deno.test("a failed run tells everything, and its last line repeats it", () => {
  assert.equal(
    summary(exampleRun(), { colour: false, picture: "reports/out/lab50/index.html" }),
    `\
lab50  seed 50  51 nodes  3m 00s simulated in 4.82s  1,284,911 events  digest 9f2c41d07ab3e58866d1c0a94be7230f
  with  fidelity=fluid  loss=0.1%
  content           size      done    p50    p95    last  floor   ratio       source  wasted
  lecture.mp4      40 MB  48 of 50  33.0s  45.0s  1m 12s  12.4s   5.77x  1.53 copies  393 kB
  badge sheet.pdf   6 MB  48 of 50  7.00s  8.50s  1m 04s  3.10s  20.65x  1.64 copies  393 kB
  ok    the last peer is near the floor  target below 8x the floor  actual 5.77x            margin +27.9 %
  FAIL  everyone gets the lecture        target 50 of 50            actual 48 of 50         margin -4.0 %
  ok    Ben hears Ana exactly once       target 1 time by 60s       actual 1 time at 31.2s  margin +48.0 %
  faults    3 crashes, 2 partitions, 8,213 lost packets, 1 corruption
  messages  412 sent, 412 delivered, 0 lost, 0 duplicated, p50 11ms, p99 2.40s
  requests  500 issued, 498 served, 2 failed, 0 duplicated, p50 41ms, p99 390ms, busiest of 5 servers 1.39x its share
FAILED: 1 of 3 claims
picture: reports/out/lab50/index.html
again:   deno task sim scenarios/lab50.ts --seed 50`,
  );
});

Deno.test("a run that holds says so, in no colour unless asked", () => {
  const record = exampleRun({ stuck: 0, faults: [] });
  const plain = summary(record, { colour: false });
  assert.match(
    plain,
    /\nok: all 3 claims hold\nagain: {3}deno task sim scenarios\/lab50.ts --seed 50$/,
  );
  assert.deepEqual(controlsIn(plain), []);
  assert.doesNotMatch(plain, /picture:|FAIL/);
  const painted = summary(record, { colour: true });
  assert.equal(painted.split("\x1b").map((part) => part.replace(/^\[\d+m/, "")).join(""), plain);
  assert.ok(painted.includes("\x1b[32mok  \x1b[0m"));
});

Deno.test("a run that is not ok is never told as ok, even if every claim holds", () => {
  const record = exampleRun({ stuck: 0, faults: [] });
  const told = summary({ ...record, result: { ...record.result, ok: false } }, { colour: false });
  assert.match(told, /\nFAILED: the run did not end well/);
});

Deno.test("names that peers chose cannot reach the terminal", () => {
  const record = exampleRun({
    names: ["a\x1b[2J\x1b]0;owned\x07", "b\nok  everyone got it\u202e"],
  });
  const { result } = record;
  const claims = [{ ...result.claims[0]!, name: "\x1b[31m", target: "\r", actual: "\x9b" }];
  const hostile = { ...result, claims, scenario: "\x1bc", digest: "\x07", replay: "x\x1b[A" };
  const options = { "k\x1b": "v\n" };
  const told = summary(
    { result: hostile, series: { ...record.series, options } },
    { colour: false, picture: "p\x1b" },
  );
  assert.deepEqual(controlsIn(told), []);
  assert.equal(told.split("\n").filter((line) => line.includes("everyone got it")).length, 1);
});

Deno.test("what a scenario does not use is left out", () => {
  const { result, series } = exampleRun();
  const { contents: _c, messages: _m, requests: _r, faults: _f, ...rest } = result;
  const told = summary(
    { result: { ...rest, ok: true, claims: [] }, series: { ...series, options: {} } },
    { colour: false },
  );
  assert.equal(told.split("\n").length, 3);
  assert.match(told, /\nok: this scenario claims nothing\n/);
});
