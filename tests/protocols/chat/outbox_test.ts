/** What waits, in which order it goes, and what a failing disk does to that. */
import assert from "node:assert/strict";
import { hex, type PeerId } from "../../../runtime/core/mod.ts";
import type { Chained, Letter } from "../../../runtime/protocols/chat/content.ts";
import { Outbox } from "../../../runtime/protocols/chat/outbox.ts";
import { linkOf, Transcript } from "../../../runtime/protocols/chat/transcript.ts";
import { desk } from "./desk.ts";

const NOTHING = new Uint8Array(0);
const TO = "b".repeat(64) as PeerId, BOX = "c".repeat(64) as PeerId;

function letter(number: number): Letter {
  const id = new Uint8Array(16).fill(number);
  const speech = { deed: "says", about: undefined, text: `${number}` } as const;
  return { id, purpose: "text", toAll: false, who: "", ...speech, enclosed: NOTHING };
}

Deno.test("one that has lost its seal on a failing disk is not left out of the chain", () => {
  const { ctx } = desk("ana"), outbox = new Outbox(new Transcript());
  const chain: Chained[] = [];
  const sealer = {
    seal(_to: PeerId, chained: Chained) {
      chain.push(chained);
      return NOTHING;
    },
    save() {},
  };
  const bring = () => outbox.parcels(TO, BOX, ctx.now, sealer as never, ctx).map(({ id }) => id[0]);
  outbox.post(TO, letter(1), ctx);
  assert.deepEqual(bring(), [1]);
  outbox.held(TO, BOX, new Set([hex(letter(1).id)]));
  outbox.refusedSealed(TO, hex(letter(1).id));
  outbox.post(TO, letter(2), ctx);
  assert.deepEqual(bring(), [1, 2]);
  const [, again, second] = chain;
  assert.equal(again!.letter.text, "1");
  assert.deepEqual(second!.after, linkOf(again!, ctx));
});
