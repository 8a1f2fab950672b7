/** Groups, devices, vaults and thieves through storms: seeds in which something went wrong once. */
import assert from "node:assert/strict";
import chatStorm from "../../scenarios/chat_storm.ts";
import devices from "../../scenarios/devices.ts";
import vaultLoss from "../../scenarios/vault_loss.ts";
import theft from "../../scenarios/theft.ts";
import type { Scenario } from "../../sim/mod.ts";
import { played } from "./stage.ts";

const stories: readonly [Scenario, number, readonly string[], string][] = [
  [chatStorm, 349, ["people=8"], "a letter that had lost its seal was left out of the chain"],
  [chatStorm, 100, ["people=8"], "a message was read before its sender's key was on the disk"],
  [chatStorm, 105, ["people=8"], "a full disk took a removal, and not the key that it depends on"],
  [chatStorm, 895, ["people=6"], "a key was saved before what a restart tells, and kept it back"],
  [chatStorm, 7566, ["people=6"], "a message that was read took a refused one's key along"],
  [devices, 28, ["people=3"], "a note about devices was saved before a letter was told"],
  [devices, 172, ["people=3"], "a letter was read at another device, and refused by the disk here"],
  [devices, 291, ["people=3"], "a device spoke in a group before it was known whose it is"],
  [devices, 116, ["people=3"], "a list of devices was confirmed that no disk had taken"],
  [
    vaultLoss,
    3837,
    ["faults=drawn", "size=60KB", "devices=4", "lost=1", "storm=40"],
    "a device forgot shares that its disk had not let go",
  ],
  [theft, 136, ["theft=20", "faults=drawn"], "a crash left keys that had been used on the disk"],
];

for (const [scenario, seed, set, what] of stories) {
  Deno.test(`seed ${seed}, ${set.join(", ")}: ${what}`, () => {
    assert.deepEqual(played(scenario, { seed, set }).broken, []);
  });
}
