/** A crash between any two orders: after a record and before the message, and the other way round. */
import assert from "node:assert/strict";
import { chat } from "../../../runtime/protocols/mod.ts";
import { crashAfter } from "../../../sim/mod.ts";
import { told, wordsOf } from "./people.ts";

/** Orders of a letter's whole life, from the first link to the noted receipt, on either side. */
const ORDERS = 60;

for (const who of ["ana", "ben"] as const) {
  Deno.test(`whichever of ${ORDERS} orders is the last of ${who}'s: a letter comes, and is new once`, () => {
    let crashes = 0;
    for (let orders = 0; orders < ORDERS; orders++) {
      const said = told(20, ({ at, whenever }, people) => {
        const { ana, ben } = people;
        at("2s", crashAfter(people[who], orders));
        at("2s", ana, chat.write({ to: [ben.peer], text: "hello" }));
        whenever([ben], chat.isReceived, {
          of: ben,
          ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
        }, { after: "500ms" });
        at("8s", ana, chat.write({ to: [ben.peer], text: "still there?" }));
      });
      const accepted = said.filter(({ who, event }) => who === "ana" && event.name === "accepted")
        .map(({ event }) => (event as { text: string }).text);
      const received = wordsOf(said, "ben").filter((line) => line.startsWith("received"));
      const fresh = received.filter((line) => !line.startsWith("received again"));
      for (const text of accepted) {
        assert.ok(received.some((line) => line.endsWith(` ${text}`)), `${orders}: ${text} is lost`);
        const times = fresh.filter((line) => line.endsWith(` ${text}`)).length;
        assert.ok(times <= 1, `${orders}: ${text} is new ${times} times`);
      }
      if (accepted.length > 0 && received.length > fresh.length) crashes++;
    }
    if (who === "ben") assert.ok(crashes > 0, "some crash came between the disk and the screen");
  });
}
