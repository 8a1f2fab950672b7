/** More people than a session takes, and more of everything else than anybody keeps. */
import { assert, type Crypto, type PeerId, utf8 } from "../../runtime/core/mod.ts";
import { noble } from "../../runtime/core/noble.ts";
import type { Charter, SessionId } from "../../runtime/protocols/lab/charter.ts";
import { Grants } from "../../runtime/protocols/lab/grants.ts";
import * as limits from "../../runtime/protocols/lab/limits.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import type { Claim } from "../../runtime/protocols/lab/notary.ts";
import { Pace, Paces } from "../../runtime/protocols/lab/pace.ts";
import { Session, Sessions } from "../../runtime/protocols/lab/sessions.ts";
import { Shelf } from "../../runtime/protocols/lab/shelf.ts";
import type { Publication, Warrant } from "../../runtime/protocols/lab/statement.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { opened, sealed } from "../sealed.ts";
import { lessonIn, NOTES, Room, same } from "./lab_room.ts";

Deno.test("five hundred are let in, the next is not, until one of them leaves", () => {
  const room = new Room();
  room.add("teacher", { near: [] });
  const names = Array.from({ length: limits.ROSTER + 1 }, (_, at) => `pc${at}`);
  for (const name of names) room.add(name, { near: [] });
  room.ask("teacher", lab.open({ title: "Lecture", who: "Ms Curie" }));
  for (const name of names) room.ask(name, lab.join({ who: name }));
  room.run(20);
  const inside = names.filter((name) => room.events(name, "welcomed").length > 0);
  const outside = names.filter((name) => room.events(name, "welcomed").length === 0);
  same(inside.length, limits.ROSTER, "inside");
  same(room.events(outside[0]!, "refused").map(({ why }) => why), ["too-many"], "told why");
  same(room.events("teacher", "joined").at(-1)!.here, limits.ROSTER, "counted");
  room.ask("teacher", lab.share(NOTES));
  room.ask(inside[0]!, lab.leave());
  room.run(2);
  room.ask(outside[0]!, lab.join({ who: outside[0]! }));
  room.run(45);
  same(room.events(outside[0]!, "welcomed").length, 1, "in at last");
  const informed = names.filter((name) => room.events(name, "published").length === 1);
  same(informed.length, limits.ROSTER, "everybody inside has heard of the notes");
  const members = [...room.get("teacher").records.keys()].filter((key) => key.includes("/member/"));
  same(members.length, limits.ROSTER, "records");
});

const someone = (at: number) => `${at}`.padStart(64, "0") as PeerId;

function session(id: number, standing: "trusted" | "unknown", heardAt: number): Session {
  const made = new Session(`${id}` as SessionId, {} as Charter, someone(id), standing);
  made.heardAt = heardAt;
  return made;
}

Deno.test("sessions of strangers push out one another, never those that are trusted", () => {
  const sessions = new Sessions();
  for (let at = 0; at < 40; at++) sessions.add(session(at, "trusted", at), at, "7" as SessionId);
  for (let at = 100; at < 10_000; at++) sessions.add(session(at, "unknown", at), at, undefined);
  same(sessions.size, limits.SESSIONS_TRUSTED + limits.SESSIONS_UNKNOWN, "bounded");
  assert(sessions.get("7" as SessionId) !== undefined, "the one we are in stays");
  assert(sessions.get("39" as SessionId) !== undefined, "the latest of the trusted");
  assert(sessions.get("0" as SessionId) === undefined, "the oldest of the trusted made room");
  assert(sessions.get("9999" as SessionId) !== undefined, "the latest of the strangers");
});

Deno.test("delegations and shelves have room for so many and no more", () => {
  const grants = new Grants();
  const warrant = { rights: 1, serial: 1, until: 9, signature: new Uint8Array(64) } as Warrant;
  for (let at = 0; at < limits.GRANTS; at++) {
    same(grants.learn(someone(at), warrant), "new", "room");
  }
  same(grants.learn(someone(999), warrant), "full", "no more");
  same(grants.learn(someone(0), { ...warrant, serial: 2 }), "new", "but for those that are known");
  const shelf = new Shelf(someone(0), noble);
  const claim = (author: number, content: number, sequence: number) => ({
    statement: { content: noble.sha256(utf8(`${content}`)), sequence, withdrawn: false },
    bytes: utf8(`${author} ${content} ${sequence}`),
    author: someone(author),
  } as never as Claim<Publication>);
  for (const [author, room] of [[0, limits.SHELF_TEACHER], [1, limits.SHELF_ASSISTANT]] as const) {
    for (let at = 0; at < room; at++) same(shelf.place(claim(author, at, at)), "new", "room");
    same(shelf.place(claim(author, 5000, 5000)), "full", "no more");
    same(shelf.place(claim(author, 0, 5001)), "new", "but for what is there");
  }
});

Deno.test("two shelves with the same statements show the same, in whatever order they came", () => {
  const claims = [];
  for (
    const [author, sequence, withdrawn] of [[0, 5, false], [0, 9, true], [1, 7, false], [
      1,
      7,
      true,
    ], [2, 3, false]] as const
  ) {
    claims.push({
      statement: { content: new Uint8Array(32), sequence, withdrawn },
      bytes: utf8(`${author} ${sequence} ${withdrawn}`),
      author: someone(author),
    } as never as Claim<Publication>);
  }
  const outcomes = new Set<string>();
  for (let start = 0; start < claims.length; start++) {
    for (const direction of [1, claims.length - 1]) {
      const shelf = new Shelf(someone(0), noble);
      for (let step = 0; step < claims.length; step++) {
        shelf.place(claims[(start + step * direction) % claims.length]!);
      }
      const shown = shelf.onShow("00".repeat(32))?.author ?? "nothing";
      outcomes.add(`${shown} ${shelf.digest(() => true)}`);
    }
  }
  same(outcomes.size, 1, "outcomes");
  assert([...outcomes][0]!.startsWith("nothing"), "the teacher's latest word counts");
});

Deno.test("a pace allows a burst, then one at a time, and forgets names beyond its bound", () => {
  const pace = new Pace(10, 3);
  same([0, 0, 0, 0, 9, 10, 10, 40, 40, 40, 40].map((now) => pace.allows(now)), [
    true,
    true,
    true,
    false,
    false,
    true,
    false,
    true,
    true,
    true,
    false,
  ], "allowed");
  const paces = new Paces<number>(10, 1, 2);
  same(
    [1, 1, 2, 3, 1].map((name) => paces.allows(name, 0)),
    [true, false, true, true, true],
    "names",
  );
});

/** Public keys are the host's to compute: its arithmetic may ask for more than a node may. */
const ofHost: Crypto = {
  ...noble,
  signingKey: (seed) => opened(() => noble.signingKey(seed)),
  agreementKey: (secret) => opened(() => noble.agreementKey(secret)),
};

Deno.test("a lesson needs no clock, no chance and no host but those it is given", () => {
  const stories = [1, 2].map(() =>
    sealed(() => {
      const room = lessonIn(new Room(accounted(ofHost)), "ana", "ben");
      room.ask("teacher", lab.share(NOTES));
      room.ask("ana", lab.say("Hello"));
      room.crash("teacher");
      room.run(5);
      room.start("teacher");
      room.run(60);
      return JSON.stringify([...room.machines.values()].map(({ told }) => told));
    })
  );
  assert(stories[0]!.length > 1000, "something happened");
  same(stories[0], stories[1], "the same again");
});
