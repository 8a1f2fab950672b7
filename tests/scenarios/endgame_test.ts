/** A seed whose last blocks came late once: what waits at the end waits for nobody in particular. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import lab50 from "../../scenarios/lab50.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

/** Last of all over the floor, with mixed uplinks. */
function ratioOf(seed: number): number {
  const set = ["uplinks=mixed", "faults=none"];
  const world = new World({ scenario: lab50, crypto: accounted(nodeCrypto), seed, set });
  world.run();
  const { result } = recordOf(world, { name: "run", wallSeconds: 0, replay: "" });
  const claim = result.claims.find(({ name }) => /used to the full/.test(name))!;
  return Number(/[\d.]+/.exec(claim.actual)![0]);
}

Deno.test("the last block is asked of somebody else when a slow uplink is long in sending it", () => {
  const ratio = ratioOf(2);
  assert.ok(ratio < 1.11, `seed 2: ${ratio}; 1.128 where it waited`);
});
