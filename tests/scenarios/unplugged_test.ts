/** A cable that is pulled in the middle of a swarm: nobody waits until that is found out. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import swarm from "../../scenarios/swarm.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

for (const peers of [5, 8]) {
  Deno.test(`${peers} peers, one without a cable: the others lose next to nothing`, () => {
    const set = ["faults=unplug", `peers=${peers}`];
    const world = new World({ scenario: swarm, crypto: accounted(nodeCrypto), set });
    world.run();
    const { result } = recordOf(world, { name: "swarm", wallSeconds: 0, replay: "" });
    const { floorRatio, sourceCopies } = result.contents!.at(-1)!;
    assert.ok(floorRatio < 1.06, `${floorRatio}; 1.27 where all wait for the silent one`);
    assert.ok(sourceCopies < 1.1, `${sourceCopies}; 1.9 where all ask the source for what is next`);
  });
}
