/** The second file of a lesson: over the links of the first, and not a byte twice. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import swarm from "../../scenarios/swarm.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

Deno.test("fifty get a second file over the links of the first, and the source sends each byte once", () => {
  const dialled: number[] = [];
  let sharedAt = Infinity;
  const world = new World({
    scenario: swarm,
    crypto: accounted(nodeCrypto),
    set: ["peers=50", "rate=10Mbps", "size=12.5MB"],
    watch: {
      stepped: (now, _actor, _input, { effects }) => {
        for (const effect of effects) {
          if (effect.kind === "dial") dialled.push(now);
          if (effect.kind === "tell" && effect.event.name === "shared") sharedAt = now;
        }
      },
    },
  });
  world.run();
  const { result } = recordOf(world, { name: "swarm", wallSeconds: 0, replay: "" });
  const { name, floorRatio, sourceCopies } = result.contents!.at(-1)!;
  assert.equal(name, "lecture.bin");
  assert.ok(sourceCopies < 1.02, `${sourceCopies}; 1.05 where all ask the source for its hashes`);
  assert.ok(floorRatio < 1.32, `${floorRatio}`);
  const late = dialled.filter((at) => at >= sharedAt).length;
  assert.ok(late < 20, `${late} dials; 130 where members stand in the order in which they came`);
});
