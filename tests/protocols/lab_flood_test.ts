/** Too much of anything stops early, and leaves tables that are bounded. */
import { assert, type PeerId } from "../../runtime/core/mod.ts";
import * as limits from "../../runtime/protocols/lab/limits.ts";
import { Lines } from "../../runtime/protocols/lab/lines.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { say } from "../../runtime/protocols/mesh/mod.ts";
import { announcementOf, Forger, row, ticketOf } from "./lab_forge.ts";
import { Room, same } from "./lab_room.ts";

Deno.test("a flood of announcements leaves bounded tables, and the class goes on", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana"); // believes whoever comes first: the worst case
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(2);
  room.add("eve", { liar: true });
  const eve = new Forger(room, "eve");
  const told = room.story("ana").length;
  const { charter: base } = { charter: eve.charter() };
  for (let at = 0; at < 100_000; at++) {
    const salt = new Uint8Array(16);
    new DataView(salt.buffer).setUint32(0, at);
    const from = `10.${at >> 16 & 255}.${at >> 8 & 255}.${at & 255}:1`;
    room.datagram("ana", eve.announcement({ charter: { ...base, salt } }), from);
    if (at % 1000 === 0) room.run(0.01);
  }
  const believed = room.story("ana").length - told;
  assert(
    believed <= limits.STRANGERS_BURST + 1 + 1_000_000 / limits.STRANGERS_EVERY,
    `${believed}`,
  );
  room.ask("ana", lab.join({ session: room.events("teacher", "opened")[0]!.session }));
  room.run(10);
  same(room.events("ana", "welcomed").length, 1, "the teacher is heard all the same");
});

Deno.test("a member's flood of words stops at the first honest hop", () => {
  const { room } = row();
  const { charter } = announcementOf(room, "teacher");
  const ben = new Forger(room, "ben");
  const ticket = ticketOf(room, "ben");
  for (let at = 0; at < 1000; at++) {
    room.ask("ben", say(lab.TOPIC, ben.line({ charter, ticket, sequence: at, text: `${at}` })));
  }
  room.run(5);
  const heard = room.events("ana", "said").length;
  assert(heard <= limits.LINE_BURST + 4, `${heard} at the first hop`);
  assert(room.events("teacher", "said").length <= heard, "fewer beyond");
  for (let at = 0; at < 30; at++) room.ask("ana", lab.say(`${at}`));
  assert(room.events("ana", "refused").length >= 20 - 4, "at the source, too, in words");
});

Deno.test("the same words played back are told once", () => {
  const { room } = row();
  const { charter } = announcementOf(room, "teacher");
  const ben = new Forger(room, "ben");
  const line = ben.line({ charter, ticket: ticketOf(room, "ben"), text: "Hello" });
  for (let at = 0; at < 5; at++) room.ask("ben", say(lab.TOPIC, line));
  room.run(5);
  same(room.events("teacher", "said").length, 1, "once");
});

Deno.test("what lines are remembered by stays bounded, and old ones count as repetitions", () => {
  const lines = new Lines();
  const author = (at: number) => `${at}` as PeerId;
  for (let at = 0; at < 1000; at++) lines.note(author(0), at * 7);
  assert(lines.has(author(0), 3) && lines.has(author(0), 999 * 7), "old and recent");
  assert(!lines.has(author(0), 999 * 7 - 1), "a gap among the recent");
  for (let at = 0; at < limits.AUTHORS; at++) lines.note(author(at + 1), 5);
  assert(!lines.has(author(0), 999 * 7), "the longest silent is forgotten");
});
