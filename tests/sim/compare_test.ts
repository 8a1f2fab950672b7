/** Two runs side by side. */
import assert from "node:assert/strict";
import { compared } from "../../sim/compare.ts";
import type { ContentResult, RunRecord } from "../../sim/record.ts";

function record(mode: "sim" | "live", last: number, but?: string): RunRecord {
  const content = {
    name: "a.bin",
    bytes: 1,
    sha256: "",
    wanted: 2,
    completed: 2,
    p50Seconds: 1,
    p95Seconds: last,
    lastSeconds: last,
    floorSeconds: 1,
    floorRatio: last,
    sourceCopies: 1,
    wastedBytes: 0,
  } satisfies ContentResult;
  return {
    result: {
      v: 1,
      scenario: "pair",
      seed: 1,
      ok: true,
      digest: "none",
      mode,
      nodes: 3,
      events: 1,
      virtualSeconds: 1,
      wallSeconds: 1,
      claims: [],
      contents: [content],
      replay: "",
    },
    series: {
      bucketSeconds: 1,
      peers: [],
      contents: [],
      faults: [],
      options: but === undefined ? {} : { but },
    },
  };
}

Deno.test("two worlds stand side by side, with the distance of the second from the first", () => {
  const lines = compared(record("sim", 2), record("live", 2.1, "no latency")).split("\n");
  assert.match(lines[0]!, /^ +sim +live +difference$/);
  const last = lines.find((line) => line.startsWith("a.bin: last "))!;
  assert.match(last, /^a.bin: last +2 s +2.100 s +\+5.0 %$/);
  assert.equal(lines.at(-1), "live: no latency");
});

Deno.test("what one of them lacks is a dash, and there is no distance from nothing", () => {
  const one = record("sim", 2), other = record("sim", 2);
  const lines = compared(one, { ...other, result: { ...other.result, contents: [] } }).split("\n");
  assert.match(lines.find((line) => line.startsWith("a.bin: p50"))!, /^a.bin: p50 +1 s +-$/);
  assert.match(lines.find((line) => line.startsWith("a.bin: wasted"))!, /0 MB +-$/);
});
