/** Who is looked for, how often, and who answers. */
import assert from "node:assert/strict";
import {
  type AppEvent,
  type Command,
  hex,
  type Micros,
  type PeerId,
  Reader,
  second,
  unhex,
} from "../../../runtime/core/mod.ts";
import { Reach, whereSchema } from "../../../runtime/protocols/chat/reach.ts";
import * as limits from "../../../runtime/protocols/chat/limits.ts";

const peer = (number: number) => hex(new Uint8Array(32).fill(number)) as PeerId;

/** A device that says things over the mesh and dials, and what it did. */
function device(self: PeerId, address: string) {
  const said: Uint8Array[] = [], dialled: string[] = [];
  const ctx = {
    self,
    address,
    now: 0 as Micros,
    ask: (command: Command) => said.push((command as unknown as { payload: Uint8Array }).payload),
    dial: (place: string) => dialled.push(place),
  };
  return { ctx, said, dialled, reach: new Reach() };
}

const soughtIn = (bytes: Uint8Array) =>
  whereSchema.read(new Reader(bytes)).sought.map((each) => hex(each));

const heardFrom = (origin: PeerId, payload: Uint8Array, topic = "chat/where") =>
  ({ protocol: "mesh", name: "heard", topic, origin, payload }) as unknown as AppEvent;

Deno.test("all whose place is unknown are asked for at once, then less and less often", () => {
  const { ctx, said, reach } = device(peer(1), "10.0.0.1:1");
  const sought = Array.from({ length: 40 }, (_, nth) => peer(100 + nth));
  reach.seek(sought, ctx as never);
  assert.deepEqual(said.map((bytes) => soughtIn(bytes).length), [limits.SOUGHT]);
  reach.seek(sought, ctx as never);
  assert.deepEqual(said.map((bytes) => soughtIn(bytes).length), [limits.SOUGHT, 8]);
  for (let at = 0; at < 600; at++) {
    ctx.now = at * second;
    reach.seek(sought.slice(0, 1), ctx as never);
  }
  assert.equal(said.length - 2, 7); // after 15, 45, 105, then every 120 seconds
});

Deno.test("whoever is sought dials the asker, nobody else does, and not without end", () => {
  const asker = device(peer(1), "10.0.0.1:1");
  asker.reach.seek([peer(2)], asker.ctx as never);
  const question = heardFrom(peer(1), asker.said[0]!);
  const two = device(peer(2), "10.0.0.2:1"), three = device(peer(3), "10.0.0.3:1");
  for (let times = 0; times < 50; times++) two.reach.heard(question, two.ctx as never);
  three.reach.heard(question, three.ctx as never);
  assert.deepEqual(two.dialled, Array(4).fill("10.0.0.1:1"));
  assert.deepEqual(three.dialled, []);
});

Deno.test("a question that is cut short, longer, or of another topic moves nobody", () => {
  const asker = device(peer(1), "10.0.0.1:1"), two = device(peer(2), "10.0.0.2:1");
  asker.reach.seek([peer(2)], asker.ctx as never);
  const [question] = asker.said as [Uint8Array];
  const bad = [question.subarray(0, -1), new Uint8Array([...question, 0]), unhex(peer(2))!];
  for (const payload of bad) two.reach.heard(heardFrom(peer(1), payload), two.ctx as never);
  two.reach.heard(heardFrom(peer(1), question, "chat/else"), two.ctx as never);
  assert.deepEqual(two.dialled, []);
});
