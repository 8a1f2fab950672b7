/** The root of a run's chance: one for each seed. */
import assert from "node:assert/strict";
import { rootOf } from "../../sim/root.ts";

Deno.test("no two seeds are the same run, nor alike", () => {
  const roots = new Set(Array.from({ length: 3_000 }, (_, seed) => rootOf(seed)));
  assert.equal(roots.size, 3_000); // 6, 66 and 666 once were: a generator that repeats its key
  assert.equal(new Set([...roots].map((root) => root.slice(0, 8))).size, 3_000);
  assert.notEqual(rootOf(Number.MAX_SAFE_INTEGER), rootOf(Number.MAX_SAFE_INTEGER - 1));
});
