/** A trace is one that viewers open: slices that nest, arrows with two ends, processes with names. */
import assert from "node:assert/strict";
import { Tracer } from "../../sim/trace.ts";
import { dial, flood, ping } from "./echo.ts";
import { small, watched } from "./watched.ts";

interface Entry {
  readonly ph: string;
  readonly name: string;
  readonly pid: number;
  readonly ts: number;
  readonly dur: number;
  readonly id: number;
}

Deno.test("a trace shows each step, each frame's way, and each event told", () => {
  const watch = new Tracer();
  const { world } = watched(
    small(({ named, at }) => {
      const { ana, ben } = named("ana", "ben");
      at("1s", ana, dial(ben.address));
      at("2s", ana, ping(3));
      at("3s", ana, flood(20, 200_000));
    }),
    { watch },
  );
  const { traceEvents } = JSON.parse(watch.text()) as { traceEvents: Entry[] };
  const of = (ph: string) => traceEvents.filter((entry) => entry.ph === ph);
  assert.equal(of("X").length, world.steps);
  assert.deepEqual(of("M").map(({ pid }) => pid).toSorted(), [0, 1]);
  assert.ok(of("i").some(({ name }) => name === "echo.pong"));
  for (const pid of [0, 1]) {
    let free = 0;
    for (const { ts, dur } of of("X").filter((slice) => slice.pid === pid)) {
      assert.ok(ts >= free - 0.001, `the slice at ${ts} begins before the one before it ends`);
      free = ts + dur;
    }
  }
  const starts = new Map(of("s").map(({ id, ts }) => [id, ts]));
  assert.ok(of("f").length > 25);
  for (const { id, ts } of of("f")) assert.ok(ts > starts.get(id)!);
});
