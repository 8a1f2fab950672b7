/** No secret is told to people or sent in clear, in whatever form: looked for in all that a run says. */
import assert from "node:assert/strict";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import storm from "../../scenarios/chat_storm.ts";
import { World } from "../../sim/world.ts";

/** A key as it might be written somewhere. */
function forms(key: Uint8Array): readonly string[] {
  return [key.toHex(), key.toBase64(), [...key].join(",")];
}

Deno.test("neither keys of identities nor those of conversations are in any event or frame", () => {
  const told: string[] = [], frames: Uint8Array[] = [];
  const world = new World({
    scenario: storm as never,
    seed: 3,
    set: ["people=6", "faults=none"],
    crypto: nodeCrypto,
    watch: {
      told: (_now, _actor, event) => void told.push(JSON.stringify(event)),
      stepped(_now, _machine, _input, { effects }) {
        for (const effect of effects) {
          if (effect.kind === "send") frames.push(effect.frame.head.slice());
          if (effect.kind === "cast") frames.push(effect.bytes.slice());
        }
      },
    },
  });
  world.run();
  const secrets: Uint8Array[] = world.stage.actors.map(({ name }) => world.stage.secretOf(name));
  for (const { disk } of world.machines) {
    for (const [name, bytes] of disk.saved().records) {
      // The end of a sender's key of one's own is the secret that signs: see group.ts.
      if (name.includes("/prekey/") || name.includes("/session/")) secrets.push(bytes.slice(-32));
      if (name.includes("/session/")) secrets.push(bytes.slice(100, 132));
    }
  }
  assert.ok(secrets.length > 40, `${secrets.length} secrets are looked for`);
  const said = told.join("\n"), sent = frames.map((frame) => frame.toHex()).join("-");
  assert.ok(told.length > 100 && frames.length > 1_000);
  for (const secret of secrets) {
    for (const form of forms(secret)) assert.ok(!said.includes(form), "an event tells a secret");
    assert.ok(!sent.includes(secret.toHex()), "a frame holds a secret in clear");
  }
  assert.ok(said.includes(world.stage.actors[3]!.peer), "and what is public is found");
});
