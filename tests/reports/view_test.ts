/** What the page draws is thinner than the record, and says the same. */
import assert from "node:assert/strict";
import { view } from "../../reports/view.ts";
import type { RunRecord } from "../../sim/record.ts";
import { exampleRun } from "./example_run.ts";

/** The same run with other goodput for its only content. */
function withGoodput(goodput: readonly number[]): RunRecord {
  const { result, series } = exampleRun({ peers: 3, names: ["lecture.mp4"], buckets: 10 });
  const contents = series.contents.map((content) => ({ ...content, goodput }));
  return { result, series: { ...series, contents } };
}

Deno.test("a peak and a gap of one bucket in ten thousand are drawn", () => {
  const goodput = new Array<number>(10_000).fill(50);
  goodput[7_777] = 900;
  goodput[1_234] = 0;
  const points = view(withGoodput(goodput)).contents[0]!.goodput;
  assert.ok(points.length <= 620, `${points.length} points`);
  assert.deepEqual(points.find(([, rate]) => rate === 900), [7_778 * 0.5, 900]);
  assert.deepEqual(points.find(([, rate]) => rate === 0), [1_235 * 0.5, 0]);
  assert.deepEqual(points.toSorted((one, other) => one[0] - other[0]), points);
});

Deno.test("completion counts the peers that wanted it, and not its source", () => {
  const [lecture] = view(exampleRun({ peers: 4, stuck: 1, faults: [] })).contents;
  assert.deepEqual(lecture!.completion[0], [0, 0]);
  assert.equal(lecture!.completion.length, 4);
  assert.equal(lecture!.completion.at(-1)![1], 75);
  assert.equal(lecture!.heat.rows.length, 4);
  assert.ok(lecture!.heat.rows.every(({ label }) => label !== "teacher"));
});

Deno.test("fifty peers have a row each, the first to finish on top and who never did at the bottom", () => {
  const { rows } = view(exampleRun()).contents[0]!.heat;
  assert.equal(rows.length, 50);
  const times = rows.map(({ completedAt }) => completedAt ?? Infinity);
  assert.deepEqual(times.toSorted((one, other) => one - other), times);
  assert.equal(times.filter((time) => time === Infinity).length, 2);
  assert.ok(rows.every(({ percent }) => percent.length <= 240));
  assert.ok(rows.every(({ percent }) => percent.every((part) => part >= 0 && part <= 100)));
});

Deno.test("five hundred peers share rows, and no group hides one that never finished", () => {
  const { rows } = view(exampleRun({ peers: 500, stuck: 1, faults: [] })).contents[0]!.heat;
  assert.ok(rows.length <= 60);
  assert.equal(rows.reduce((sum, { peers }) => sum + peers, 0), 500);
  assert.deepEqual(rows.filter(({ completedAt }) => completedAt === null).length, 1);
  assert.match(rows[0]!.label, /^1-\d+$/);
});

Deno.test("a map covers the time in which something moved, and all of it where that is most", () => {
  const short = view(exampleRun({ buckets: 3600, stuck: 0, faults: [] })).contents[0]!.heat;
  const columns = short.rows[0]!.percent.length;
  assert.ok(short.columnSeconds * columns < 60, "half an hour of nothing is cut off");
  assert.equal(short.rows.at(-1)!.percent.at(-1), 100);
  const long = view(exampleRun({ buckets: 100 })).contents[0]!.heat;
  assert.equal(long.fromSeconds, 0);
  assert.equal(long.rows[0]!.percent.length, 100);
});

Deno.test("of many contents the unfinished and the slowest are drawn, and the rest is counted", () => {
  const names = Array.from({ length: 12 }, (_, at) => `file ${at}`);
  const { result, series } = exampleRun({ peers: 5, names, buckets: 900, stuck: 0, faults: [] });
  const contents = result.contents!.map((content, at) =>
    at === 11 ? { ...content, completed: 1 } : { ...content, lastSeconds: 100 - at }
  );
  const drawn = view({ result: { ...result, contents }, series });
  assert.deepEqual(drawn.contents.map(({ name }) => name), [
    ...names.slice(0, 7),
    "file 11",
  ]);
  assert.equal(drawn.contentsNotDrawn, 4);
});

Deno.test("a run without contents, faults or peers still has a view", () => {
  const { result } = exampleRun();
  const { contents: _c, requests: _r, ...rest } = result;
  const series = { bucketSeconds: 1, peers: [], contents: [], faults: [], options: {} };
  const drawn = view({ result: rest, series });
  assert.equal(drawn.endSeconds, result.virtualSeconds);
  assert.deepEqual([drawn.contents, drawn.faults, drawn.perServer, drawn.peers], [[], [], [], []]);
});
