/** Letters through storms: seeds in which one was lost, came twice, or came in the wrong order once. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import letters from "../../scenarios/letters.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

const seeds = {
  275: "a disk that would not let a letter go sent it again, after its receipt was noted",
  292: "the other disk refused a letter and took the next one",
  262: "an invitation was refused by the disk, and never sent again",
  332: "an answer was lost by a disk that failed, and never asked for again",
  2189: "a receipt came again before the disk had said that it refused the first",
  410: "nobody was told of an invitation, since the disk refused it at first",
};

for (const [seed, what] of Object.entries(seeds)) {
  Deno.test(`seed ${seed}: ${what}`, () => {
    const set = ["faults=drawn"];
    const crypto = accounted(nodeCrypto);
    const world = new World({ scenario: letters, crypto, seed: Number(seed), set });
    world.run();
    const { result } = recordOf(world, { name: "letters", wallSeconds: 0, replay: "" });
    const broken = result.claims.filter(({ ok }) => !ok).map(({ name, actual }) => [name, actual]);
    assert.deepEqual(broken, []);
  });
}
