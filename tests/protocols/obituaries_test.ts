/** Whom a rumour of a death reaches: those who know the peer, and the peer itself. */
import assert from "node:assert/strict";
import { membership } from "../../runtime/protocols/membership/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import { liar, lie } from "./mesh_liars.ts";
import { Room } from "./mesh_room.ts";

Deno.test("who lives and is called dead to one neighbour alone hears of it from that one", () => {
  const warned = new Set<string>();
  new Room({
    lasts: "11s",
    protocols({ name, peer: self }: Actor) {
      const { received, ...rest } = membership();
      if (name === "mallory") return [liar({ received, ...rest })];
      const listening: typeof received = (message, ...about) => {
        const rumours = message.kind === "rumours" ? message.obituaries : [];
        if (rumours.some(({ peer }) => peer === self)) warned.add(name);
        received(message, ...about);
      };
      return [{ ...rest, received: listening }];
    },
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      const [heard, ...others] = many("pc", 4);
      const obituaries = others.map(({ peer }) => ({ peer, incarnation: 0 }));
      const rumours = { kind: "rumours", obituaries, cards: [] } as const;
      at("10s", mallory!, lie((ctx) => void ctx.send(heard!.peer, rumours)));
    },
  }).run();
  assert.deepEqual([...warned].toSorted(), ["pc2", "pc3", "pc4"]);
});
