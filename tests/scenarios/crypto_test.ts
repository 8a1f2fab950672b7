/** What computes the cryptography changes nothing of what happens: only the digest sees the bytes. */
import assert from "node:assert/strict";
import type { Crypto } from "../../runtime/core/mod.ts";
import { accounted, withAccountedBodies } from "../../runtime/core/accounted.ts";
import { brief } from "../../runtime/core/brief.ts";
import { memoised, memoisedKeys } from "../../runtime/core/memoised.ts";
import { noble } from "../../runtime/core/noble.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import lab50 from "../../scenarios/lab50.ts";
import smoke from "../../scenarios/smoke.ts";
import type { Scenario } from "../../sim/mod.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

/** Each for one world: some number what passes through them. */
const PROVIDERS: Readonly<Record<string, () => Crypto>> = {
  noble: () => noble,
  node: () => nodeCrypto,
  "node, bodies accounted": () => withAccountedBodies(nodeCrypto),
  light: () => memoisedKeys(memoised(withAccountedBodies(brief(nodeCrypto)))),
  accounted: () => accounted(nodeCrypto),
};

/** All that a run has to say, but for the digest. */
function recordUnder(crypto: Crypto, scenario: Scenario, seed: number, set: readonly string[]) {
  const world = new World({ scenario, crypto, seed, set });
  world.run();
  const { result } = recordOf(world, { name: "run", wallSeconds: 0, replay: "" });
  return { ...result, digest: world.steps };
}

const RUNS: readonly (readonly [string, Scenario, number, readonly string[]])[] = [
  ["smoke", smoke, 1, ["size=256KiB"]],
  ["smoke with faults", smoke, 5, ["faults=drawn", "size=256KiB"]],
  ["a small lab50 with faults", lab50, 50, ["peers=12", "size=2MiB"]],
];

for (const [name, scenario, seed, set] of RUNS) {
  Deno.test(`${name} has one record, whatever computes the cryptography`, () => {
    const [first, ...others] = Object.entries(PROVIDERS).map(([provider, make]) =>
      [provider, recordUnder(make(), scenario, seed, set)] as const
    );
    assert.ok(first![1].contents!.length > 0, "something is shared");
    for (const [provider, record] of others) assert.deepEqual(record, first![1], provider);
  });
}
