/** Programs on processors so slow that everything is late: nobody may make it worse by giving others up. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import swarm from "../../scenarios/swarm.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

Deno.test("24 peers on processors 450 times as slow all get the file, and soon", () => {
  const set = ["peers=24", "rate=10Mbps", "size=6MB", "notes=0B", "slow=450"];
  const world = new World({ scenario: swarm, crypto: accounted(nodeCrypto), set });
  world.run();
  const { result } = recordOf(world, { name: "swarm", wallSeconds: 0, replay: "" });
  const { completed, p95Seconds, floorSeconds } = result.contents!.at(-1)!;
  assert.equal(completed, 24, "22, where the living are taken for dead because they are late");
  // Not the last one: whom several have lost at once is kept busy by their handshakes (README, "Not yet").
  const ratio = p95Seconds / floorSeconds;
  assert.ok(ratio < 12, `${ratio}; 25 to 62 there`);
});
