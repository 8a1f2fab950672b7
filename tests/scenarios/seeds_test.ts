/** The scenarios themselves: as they are, and with whatever some seeds let go wrong. */
import assert from "node:assert/strict";
import churn from "../../scenarios/churn.ts";
import smoke from "../../scenarios/smoke.ts";
import { played } from "./stage.ts";

const drawn = ["faults=drawn"];

Deno.test("smoke holds without faults, and is small", () => {
  const { broken, world } = played(smoke);
  assert.deepEqual(broken, []);
  assert.ok(world.steps < 5_000, `${world.steps} steps`);
});

Deno.test("smoke holds whatever twelve seeds let go wrong", () => {
  for (let seed = 1; seed <= 12; seed++) {
    assert.deepEqual(played(smoke, { seed, set: drawn }).broken, [], `seed ${seed}`);
  }
});

Deno.test("churn holds without faults, and with those of a seed", () => {
  assert.deepEqual(played(churn).broken, []);
  assert.deepEqual(played(churn, { seed: 2, set: drawn }).broken, []);
});

Deno.test("each seed draws its own faults, machines and network", () => {
  const plans = [1, 2, 3, 4].map((seed) => {
    const { world } = played(smoke, { seed, set: drawn });
    const faults = world.stage.acts.flatMap(({ deed }) =>
      deed.kind === "begin" ? [deed.fault] : []
    );
    return JSON.stringify([
      faults.map(({ name, who }) => `${name} ${who}`),
      world.stage.actors.map(({ name, options }) => [name, options]),
    ]);
  });
  assert.equal(new Set(plans).size, plans.length);
});
