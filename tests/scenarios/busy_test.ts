/** Programs on processors so slow that everything is late: nobody may make it worse by giving others up. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import swarm from "../../scenarios/swarm.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

/** Among 24 peers on processors so many times as slow: who got the file, and when the last one did. */
function last(slow: number) {
  const set = ["peers=24", "rate=10Mbps", "size=6MB", "notes=0B", `slow=${slow}`];
  const world = new World({ scenario: swarm, crypto: accounted(nodeCrypto), set });
  world.run();
  const { result } = recordOf(world, { name: "swarm", wallSeconds: 0, replay: "" });
  const { completed, lastSeconds, floorSeconds } = result.contents!.at(-1)!;
  return { completed, ratio: lastSeconds / floorSeconds };
}

Deno.test("24 peers on processors 450 times as slow all get the file, and soon", () => {
  const { completed, ratio } = last(450);
  assert.equal(completed, 24, "22, where the living are taken for dead because they are late");
  assert.ok(ratio < 6.5, `${ratio}; 25 to 62 there`);
});

Deno.test("where a greeting takes 0.4 s nobody is kept from all others by them", () => {
  const { completed, ratio } = last(600);
  assert.equal(completed, 24, "20, where a late node greets all who dial it at one time");
  assert.ok(ratio < 20, `${ratio}`);
});
