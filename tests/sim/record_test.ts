/** What a run's record says of contents and messages, from what nodes told. */
import assert from "node:assert/strict";
import type { AppEvent } from "../../runtime/core/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import { Contents } from "../../sim/contents.ts";
import { cut, lan, payloadRate } from "../../sim/mod.ts";
import { Messages } from "../../sim/messages.ts";
import { recordOf } from "../../sim/results.ts";
import { Buckets, percentile, roundBucket } from "../../sim/series.ts";
import { valueResult } from "../../sim/claims.ts";
import { dial, ping } from "./echo.ts";
import { small, watched } from "./watched.ts";

const actors = ["source", "ana", "ben", "eve"].map((name, index) => ({ name, index }) as Actor);
const [source, ana, ben, eve] = actors as [Actor, Actor, Actor, Actor];
const event = (protocol: string, name: string, fields: object): AppEvent =>
  ({ protocol, name, ...fields }) as AppEvent;
const swarm = (name: string, fields: object = {}) =>
  event("swarm", name, { content: "c0", ...fields });
const second = 1e9;

function lecture(): Contents {
  const rates = new Map([[source, 20], [ana, 10], [ben, 40], [eve, 10]]);
  const ratesOf = (actor: Actor) => ({ up: rates.get(actor)!, down: 50 });
  const contents = new Contents(actors, ratesOf, (handle, bytes) => `${bytes} of ${handle}`);
  contents.told(0, eve, swarm("wanted"));
  contents.told(
    10 * second,
    source,
    swarm("shared", { bytes: 1000, title: "lecture.mp4", handle: "own.mp4" }),
  );
  for (const actor of [ana, ben]) contents.told(11 * second, actor, swarm("wanted"));
  contents.told(20 * second, ana, swarm("progress", { bytes: 250, of: 1000 }));
  contents.told(60 * second, ana, swarm("completed", { bytes: 1000 }));
  contents.told(70 * second, ben, swarm("completed", { bytes: 1000 }));
  contents.told(70 * second, ben, swarm("wasted", { bytes: 30 }));
  contents.told(90 * second, ana, swarm("completed", { bytes: 1000 }));
  contents.told(15 * second, source, swarm("served", { bytes: 900 }));
  contents.told(25 * second, source, swarm("served", { bytes: 600 }));
  contents.told(25 * second, source, swarm("served", { bytes: 200, content: "c1" }));
  contents.told(25 * second, ben, swarm("served", { bytes: 5000 }));
  return contents;
}

Deno.test("a content is measured from when it was shared, against the floor of Kumar and Ross", () => {
  const [result] = lecture().results();
  assert.deepEqual(result, {
    name: "lecture.mp4",
    bytes: 1000,
    sha256: "1000 of own.mp4",
    wanted: 3,
    completed: 2,
    p50Seconds: 50,
    p95Seconds: 60,
    lastSeconds: 60,
    floorSeconds: 50, // the source's uplink: 1000 at 20; all together 3000 at 80; a downlink 1000 at 50
    floorRatio: 60 / 50,
    sourceCopies: 1.5,
    wastedBytes: 30,
  });
});

Deno.test("each of the three floors can be the highest", () => {
  const floor = (up: number, others: number, down: number) => {
    const contents = new Contents(
      actors,
      (actor) => ({ up: actor === source ? up : others, down }),
      () => "",
    );
    contents.told(0, source, swarm("shared", { bytes: 1000, title: "x" }));
    for (const actor of [ana, ben, eve]) contents.told(0, actor, swarm("wanted"));
    return contents.results()[0]!.floorSeconds;
  };
  assert.equal(floor(10, 100, 100), 100);
  assert.equal(floor(100, 100, 5), 200);
  assert.equal(floor(30, 10, 100), 3000 / 60);
});

Deno.test("progress and copies are sampled in buckets", () => {
  const [series] = lecture().series(10 * second, 10, []);
  assert.deepEqual(series!.progress[1], [0, 0, 0.25, 0.25, 0.25, 0.25, 1, 1, 1, 1]);
  assert.deepEqual(series!.progress[0], [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(series!.completedAt, [null, 50, 60, null]);
  assert.ok(Math.abs(series!.sourceCopies.at(-1)! - 1.5) < 1e-9);
  assert.ok(Math.abs(series!.sourceCopies[1]! - 0.9) < 1e-9);
});

Deno.test("messages: heard, heard twice, and lost on those who were there all the time", () => {
  let lives = [1, 1, 0, 1];
  const messages = new Messages(actors, ({ index }) => lives[index]!);
  assert.equal(messages.result(), undefined);
  messages.told(0, source, event("mesh", "sent", { id: "m1" }));
  messages.told(2 * second, ana, event("mesh", "heard", { id: "m1" }));
  messages.told(3 * second, ana, event("mesh", "heard", { id: "m1" }));
  messages.told(4 * second, ben, event("mesh", "heard", { id: "m1" }));
  messages.told(4 * second, source, event("mesh", "heard", { id: "m1" }));
  const told = { sent: 1, delivered: 2, duplicated: 1, p50Seconds: 2, p99Seconds: 4 };
  assert.deepEqual(messages.result(), { ...told, lost: 1 });
  lives = [1, 1, 2, 1];
  messages.told(5 * second, ben, event("mesh", "heard", { id: "m1" }));
  assert.equal(messages.result()!.duplicated, 1, "told again after a restart is a notice");
  lives = [1, 1, 1, 2];
  assert.deepEqual(messages.result(), { ...told, lost: 0 }, "eve was down in between");
});

Deno.test("sums over time keep their total, whatever the buckets", () => {
  const buckets = new Buckets();
  for (let at = 0; at < 100; at++) buckets.add(at * 3_000_000_000, at);
  const total = (sums: number[]) => Math.round(sums.reduce((sum, each) => sum + each, 0));
  assert.equal(total(buckets.in(10 * second, 30)), 4950);
  assert.equal(total(buckets.in(7_777_777_777, 40)), 4950);
  assert.deepEqual([1e9, 3.3e9, 59e9, 3600e9].map((span) => roundBucket(span, 200)), [
    5_000_000,
    20_000_000,
    500_000_000,
    20_000_000_000,
  ]);
  assert.deepEqual([percentile([1, 2, 3, 4], 50), percentile([1, 2, 3, 4], 99)], [2, 4]);
  assert.ok(Number.isNaN(percentile([], 50)));
});

Deno.test("a record has the sections that the run used, its faults and its options", () => {
  const { world } = watched(small(({ named, at, between, expect }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("2s", ana, ping());
    between("3s", "5s", cut(ana, ben));
    expect("they meet", ana, (told) => told.name === "joined", { by: "2s" });
  }, { settings: { peers: { default: 2 } } }));
  const record = recordOf(world, {
    name: "x",
    wallSeconds: 0.5,
    replay: "deno task sim x --seed 1",
  });
  const { result, series } = record;
  assert.deepEqual(
    [result.v, result.scenario, result.seed, result.ok, result.nodes, result.wallSeconds],
    [1, "x", 1, true, 2, 0.5],
  );
  assert.deepEqual(result.faults, { crashes: 0, partitions: 1, lostPackets: 0, corruptions: 0 });
  assert.equal("contents" in result || "messages" in result, false);
  assert.deepEqual(series.faults, [
    { kind: "cut", who: "ana | ben", fromSeconds: 3, toSeconds: 5 },
  ]);
  assert.deepEqual(series.options, { peers: "2", crypto: "node, bodies accounted" });
});

Deno.test("a numeric claim says how far inside its limit it is", () => {
  const claim = (value: number, limits: { atMost?: number; atLeast?: number }) =>
    valueResult({
      name: "x",
      value: () => value,
      unit: "x",
      needsRates: false,
      atMost: undefined,
      atLeast: undefined,
      ...limits,
    }, {});
  assert.deepEqual(claim(1.05, { atMost: 1.2 }), {
    name: "x",
    ok: true,
    target: "at most 1.2x",
    actual: "1.05x",
    margin: (1.2 - 1.05) / 1.2,
  });
  assert.equal(claim(1.3, { atMost: 1.2 }).ok, false);
  assert.equal(claim(1, { atLeast: 0.5, atMost: 1.2 }).ok, true);
  assert.deepEqual([claim(NaN, { atMost: 1 }).ok, claim(NaN, { atMost: 1 }).actual], [
    false,
    "nothing measured",
  ]);
});

Deno.test("what links can carry is less than what the wire does", () => {
  assert.equal(payloadRate(12_500_000, 0), 12_500_000 * 1448 / 1514);
  assert.equal(payloadRate(1514, 100_000), 1448 * 0.9);
  assert.equal(lan({ bandwidth: "100Mbps" }).bandwidth, 12_500_000);
});
