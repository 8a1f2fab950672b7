/** Forged, replayed, cloned, expired, flooded: nothing of it changes what honest devices believe. */
import { assert, type PeerId, second } from "../../runtime/core/mod.ts";
import { bytesOfSession, sessionOf } from "../../runtime/protocols/lab/charter.ts";
import * as limits from "../../runtime/protocols/lab/limits.ts";
import type { LabMessage } from "../../runtime/protocols/lab/mod.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { Lines } from "../../runtime/protocols/lab/lines.ts";
import { statementWire, type Ticket } from "../../runtime/protocols/lab/statement.ts";
import { say } from "../../runtime/protocols/mesh/mod.ts";
import { announcementOf, Forger } from "./lab_forge.ts";
import { force, lesson, NOTES, Room, same } from "./lab_room.ts";

/** What a person at this machine was told since, apart from refusals. */
function news(room: Room, machine: string, since: number): string[] {
  return room.story(machine).slice(since);
}

/** A class with a liar, who is let in like anybody: teacher - ana - ben - eve, in a row. */
function row(): { room: Room; eve: Forger } {
  const room = new Room();
  room.add("teacher", { near: ["ana"] });
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  room.add("ana", { trust, near: ["teacher", "ben"] });
  room.add("ben", { trust, near: ["ana", "eve"] });
  room.add("eve", { near: ["ben"], liar: true });
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join({ who: "ana" }));
  room.ask("ben", lab.join({ who: "ben" }));
  room.run(10);
  same(room.isLinked("eve", "ben"), true, "eve is in the mesh");
  return { room, eve: new Forger(room, "eve") };
}

Deno.test("a forged announcement is believed by nobody", () => {
  const room = lesson("ana");
  const eve = new Forger(room, (room.add("eve", { liar: true }), "eve"));
  const { charter, ...genuine } = announcementOf(room, "teacher");
  const before = room.story("ana").length;
  const forgeries = [
    eve.announcement({ charter }), // the teacher's session, signed by somebody else
    eve.announcement({ charter, warrant: eve.warrant(charter) }), // by an assistant of one's own
    eve.announcement({ charter: eve.charter() }), // a session of one's own
    eve.announcement({ charter: { ...charter, sign: eve.me.keys.sign } }), // a clone, another key
    statementWire.encode({ ...genuine, charter, sequence: 999_999 }), // the old signature
    statementWire.encode({ ...genuine, charter, address: "10.0.0.66:1", sequence: 999_999 }),
  ];
  for (const bytes of forgeries) {
    room.datagram("ana", bytes);
    room.run(2);
  }
  same(news(room, "ana", before), [], "ana");
  room.crash("ana");
  room.start("ana");
  room.run(5);
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("teacher"), "back at the teacher");
});

Deno.test("a session cannot be cloned: its name is the hash of its teacher's keys", () => {
  const room = lesson("ana");
  room.add("eve", { liar: true });
  const { charter } = announcementOf(room, "teacher");
  const { sign, agree } = new Forger(room, "eve").me.keys;
  const names = [charter, { ...charter, sign }, { ...charter, agree }, { ...charter, sign, agree }]
    .map((each) => sessionOf(each, room.crypto));
  same(new Set(names).size, 4, "four names");
});

Deno.test("an old announcement played back does not move the session to where it was", () => {
  const room = lesson("ana");
  const old = room.get("teacher").spoken[0]!;
  room.get("teacher").address = "10.0.0.99:4545";
  room.crash("teacher");
  room.run(3);
  room.start("teacher"); // at another address, under a higher number
  room.run(40);
  same(room.events("ana", "announced").at(-1)!.address, "10.0.0.99:4545", "moved");
  for (let at = 0; at < 5; at++) room.datagram("ana", old, "10.0.0.66:1");
  room.crash("ana");
  room.start("ana");
  room.datagram("ana", old, "10.0.0.66:1");
  room.run(40);
  same(room.events("ana", "announced").at(-1)!.address, "10.0.0.99:4545", "and not back");
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("teacher"), "joined where it is");
});

Deno.test("a genuine announcement replayed from elsewhere leads to the genuine teacher", () => {
  const room = lesson();
  room.add("late", { subnet: 9 });
  room.add("eve", { liar: true, subnet: 9 });
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  room.ask("late", lab.trust(trust));
  room.ask("late", lab.join());
  room.datagram("late", room.get("teacher").spoken.at(-1)!, room.get("eve").address);
  room.run(3);
  same(room.events("late", "welcomed").map(({ peer }) => peer), [room.peer("teacher")], "welcomed");
  same(room.isLinked("late", "eve"), false, "nobody asked eve");
});

Deno.test("who answers at the announced address with other keys is not joined", () => {
  const room = lesson();
  const address = room.get("teacher").address;
  const genuine = room.get("teacher").spoken.at(-1)!;
  room.crash("teacher");
  room.get("teacher").address = "10.0.0.98:1";
  room.add("eve", { trust: "first" });
  room.get("eve").address = address; // eve takes its place
  room.add("ana");
  room.ask("ana", lab.join());
  room.datagram("ana", genuine);
  room.run(60);
  same(room.events("ana", "welcomed").length, 0, "not welcomed");
});

Deno.test("an expired announcement is no session, and a bound one does not outlive its time", () => {
  const room = new Room();
  room.add("teacher");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie", lasts: 60 * second }));
  room.run(2);
  const early = room.get("teacher").spoken.at(-1)!;
  room.add("ana");
  room.datagram("ana", early);
  room.run(100);
  const last = room.get("teacher").spoken.at(-1)!;
  room.add("ben");
  const { age, lasts } = statementWire.decode(last) as { age: number; lasts: number } & never;
  assert(age <= lasts, "the teacher announced nothing beyond the end");
  room.datagram("ana", early);
  room.datagram("ana", last);
  room.ask("ana", lab.join());
  room.run(20);
  same(room.events("ana", "welcomed").length, 0, "over is over");
  const eve = new Forger(room, "ben");
  const before = room.story("ana").length;
  room.datagram("ana", eve.announcement({ charter: eve.charter(), age: 60, lasts: 60 }));
  same(news(room, "ana", before), [], "born expired");
});

Deno.test("only a device whose key is authorised may open, and no other is believed", () => {
  const room = lesson("ana", "ben");
  const trust = { authorities: [room.get("teacher").identity.keys.sign] };
  room.add("eve", { trust, near: ["ana"] });
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  const [refused] = room.events("eve", "refused");
  same([refused!.what, refused!.why], ["open", "unauthorised"], "refused at the source");
  room.crash("eve");
  room.get("eve").options = { trust: "first", near: ["ana"] }; // eve does as it likes
  const before = room.story("ana").length;
  room.start("eve");
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(60);
  same(room.events("eve", "opened").length, 1, "eve believes in itself");
  room.ask("eve", lab.share(NOTES));
  room.run(5);
  same(room.isLinked("eve", "ana"), true, "who trusts otherwise is not to blame");
  same(news(room, "ana", before), [], "nobody else does");
});

Deno.test("a student's publication forced on the wire dies at the first honest hop", () => {
  const { room, eve } = row();
  const { charter } = announcementOf(room, "teacher");
  room.ask("eve", say(lab.TOPIC, eve.publication({ charter })));
  room.run(5);
  for (const name of ["teacher", "ana", "ben"]) same(room.events(name, "published"), [], name);
  same(room.isLinked("ben", "eve"), false, "its sender is banned");
  room.run(30);
  same(room.isLinked("ben", "eve"), false, "for good");
});

Deno.test("each way to give oneself rights is refused, and whoever passes it on is banned", () => {
  const { room: { crypto } } = row();
  const attempts = ["own warrant", "rights raised", "own ticket", "no ticket", "other's words"];
  for (const attempt of [...attempts, "own grant", "malformed"]) {
    const { room, eve } = row();
    const { charter } = announcementOf(room, "teacher");
    room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["announce"] }));
    room.run(1);
    const before = room.story("teacher").length;
    const own = eve.warrant(charter);
    const payload = attempt === "own warrant"
      ? eve.publication({ charter, warrant: own })
      : attempt === "rights raised"
      ? eve.publication({
        charter,
        warrant: { ...own, signature: crypto.sign(eve.me.signSecret, own.sign) },
      })
      : attempt === "own ticket"
      ? eve.line({ charter, ticket: eve.ticket(charter) })
      : attempt === "no ticket"
      ? eve.line({ charter })
      : attempt === "other's words"
      ? room.get("teacher").spoken[0]!
      : attempt === "own grant"
      ? eve.grant(charter, own)
      : Uint8Array.of(1, 2, 3);
    room.ask("eve", say(lab.TOPIC, payload));
    room.run(5);
    same(news(room, "teacher", before), [], attempt);
    same(room.isLinked("ben", "eve"), false, `${attempt}: banned`);
  }
});

Deno.test("a revoked assistant's publications are refused at every hop, and nobody is blamed", () => {
  const { room } = row();
  const { charter } = announcementOf(room, "teacher");
  room.ask("teacher", lab.delegate({ peer: room.peer("ben"), rights: ["publish"] }));
  room.run(1);
  const ben = new Forger(room, "ben");
  room.ask("ben", lab.share(NOTES));
  room.run(1);
  const told = room.events("ana", "published").length;
  same(told, 1, "while it may");
  const serial = room.get("ben").records.get(`lab/grant/${room.peer("ben")}`)!;
  const { warrant } = statementWire.decode(serial) as never as { warrant: never };
  room.ask("teacher", lab.revoke(room.peer("ben")));
  room.run(1);
  room.ask("ben", say(lab.TOPIC, ben.publication({ charter, warrant })));
  room.run(40);
  same(room.events("ana", "published").length, told, "ana");
  same(room.isLinked("ana", "ben"), true, "what is only too late is nobody's guilt");
  room.crash("ana");
  room.start("ana");
  room.run(5);
  room.ask("ben", say(lab.TOPIC, ben.publication({ charter, warrant, sequence: 2_000_000 })));
  room.run(40);
  const again = room.events("ana", "published").filter((event) => !event.again);
  same(again.length, told, "nor after a restart");
  room.ask("ben", say(lab.TOPIC, ben.grant(charter, warrant))); // the delegation, played back
  room.run(5);
  same(room.events("teacher", "delegated").length, 1, "not delegated again");
  same(room.isLinked("ana", "ben"), false, "what others have signed is not ben's to say");
});

Deno.test("delegation and revocation lead to the same rights in whatever order they arrive", () => {
  for (const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]) {
    const { room } = row();
    const { charter } = announcementOf(room, "teacher");
    const teacher = new Forger(room, "teacher");
    const { sign, agree } = room.get("ana").identity.keys;
    const warrants = [[3, 10], [0, 11], [1, 12]].map(([rights, serial]) =>
      teacher.warrant(charter, { sign, agree, rights: rights!, serial: serial! })
    );
    for (const at of order) {
      room.ask("teacher", say(lab.TOPIC, teacher.grant(charter, warrants[at]!)));
      room.run(1);
    }
    const last = room.events("ben", "delegated").at(-1)!;
    same(last.rights, ["publish"], `order ${order}`);
    const [, , latest] = warrants;
    const kept = statementWire.decode(room.get("ben").records.get(`lab/grant/${last.peer}`)!);
    same((kept as never as { warrant: { serial: number } }).warrant.serial, latest!.serial, "kept");
  }
});

Deno.test("who does not know the secret cannot open, announce or join", () => {
  const room = new Room();
  const trust = { secret: "correct horse battery" };
  room.add("teacher", { trust });
  room.add("ana", { trust });
  room.add("bob", { trust: { secret: "wrong horse battery" } });
  const eve = new Forger(room, (room.add("eve", { liar: true }), "eve"));
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.ask("bob", lab.join());
  room.run(10);
  same(room.events("ana", "welcomed").length, 1, "ana knows it");
  same(room.events("bob", "announced").length, 0, "bob believes none of it");
  const { charter } = announcementOf(room, "teacher");
  room.datagram("ana", eve.announcement({ charter: eve.charter() }));
  room.datagram("ana", eve.announcement({ charter: { ...eve.charter(), proof: charter.proof } }));
  room.run(2);
  same(room.events("ana", "announced").length, 1, "neither without a proof nor with a stolen one");
  // Eve dials the teacher all the same, and says hello with what it has overheard.
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  for (const proof of [undefined, charter.proof, new Uint8Array(16)]) {
    const hello = { kind: "hello", session, who: "Eve", address: "10.0.0.66:1", proof } as const;
    room.dial("eve", "teacher");
    room.ask("eve", force(room.peer("teacher"), hello));
    room.run(1);
  }
  same(room.events("teacher", "joined").length, 1, "eve is not let in");
  for (const machine of room.machines.values()) {
    for (const bytes of machine.spoken) {
      assert(!new TextDecoder().decode(bytes).includes("horse"), "the secret is never spoken");
    }
  }
});

Deno.test("a proof for one link is of no use on another", () => {
  const room = new Room();
  const trust = { secret: "correct horse battery" };
  room.add("teacher", { trust });
  room.add("ana", { trust });
  room.add("eve", { liar: true });
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(10);
  assert(room.hellos.length > 0, "ana has said hello");
  room.dial("eve", "teacher");
  room.ask("eve", force(room.peer("teacher"), room.hellos[0]!));
  room.run(2);
  same(room.events("teacher", "joined").length, 1, "ana's hello is not eve's");
});

Deno.test("a secret too short to be one is refused, and then nobody is believed", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana", { trust: { secret: "short" } });
  same(room.events("ana", "refused").map(({ what }) => what), ["trust"], "told");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(5);
  same(room.events("ana", "announced").length, 0, "nobody is believed");
  room.ask("ana", lab.trust({ secret: "short" }));
  room.ask("ana", lab.trust("first"));
  room.ask("ana", lab.join());
  room.run(5);
  same(room.events("ana", "refused").length, 2, "told again");
  same(room.events("ana", "welcomed").length, 1, "a choice helps");
});

Deno.test("the first teacher joined is remembered; another one is warned about, once", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(5);
  room.add("eve");
  room.ask("eve", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(20);
  const [warned, ...more] = room.events("ana", "warned");
  same(more, [], "once");
  room.crash("ana");
  room.start("ana");
  room.run(30);
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("teacher"), "after a restart, too");
  room.ask("ana", lab.leave());
  room.ask("ana", lab.join({ session: warned!.session }));
  same(room.events("ana", "refused").at(-1)!.why, "unauthorised", "not without being asked");
  room.ask("ana", lab.join({ session: warned!.session, accept: true }));
  room.run(5);
  same(room.events("ana", "welcomed").at(-1)!.peer, room.peer("eve"), "a person may insist");
});

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

Deno.test("words under a name that the teacher did not give are nobody's", () => {
  const { room } = row();
  const { charter } = announcementOf(room, "teacher");
  const ben = new Forger(room, "ben");
  const ticket = { ...ticketOf(room, "ben"), who: "Ms Curie" };
  room.ask("ben", say(lab.TOPIC, ben.line({ charter, ticket })));
  room.run(5);
  same(room.events("ana", "said").length, 0, "not told");
  same(room.isLinked("ana", "ben"), false, "banned");
});

Deno.test("a right that one has does not give another", () => {
  const { room } = row();
  const { charter } = announcementOf(room, "teacher");
  const ben = new Forger(room, "ben");
  const teacher = new Forger(room, "teacher");
  const { sign, agree } = room.get("ben").identity.keys;
  const warrant = teacher.warrant(charter, { sign, agree, rights: 2, serial: 5 });
  room.ask("ben", say(lab.TOPIC, ben.publication({ charter, warrant })));
  room.run(5);
  same(room.events("ana", "published").length, 0, "an announcer does not publish");
  same(room.isLinked("ana", "ben"), false, "banned: the warrant itself shows it");
});

Deno.test("a closed session stays closed, whatever its teacher says later", () => {
  const room = lesson("ana");
  const { charter } = announcementOf(room, "teacher");
  const teacher = new Forger(room, "teacher");
  room.datagram("ana", teacher.announcement({ charter, sequence: 2000, closed: true }));
  same(room.events("ana", "closed").length, 1, "closed");
  room.crash("teacher");
  const { address } = room.get("teacher");
  room.datagram("ana", teacher.announcement({ charter, sequence: 3000, address }));
  room.ask("ana", lab.join());
  room.run(10);
  same(room.events("ana", "seeking").length, 2, "nothing to join");
});

Deno.test("a delegation to oneself in a catch-up is no delegation", () => {
  const room = lesson("ana");
  const ana = new Forger(room, "ana");
  const { charter } = announcementOf(room, "teacher");
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  room.turnLiar("ana");
  room.dial("ana", "teacher");
  const hello = { kind: "hello", session, who: "ana", address: "10.0.0.2:1" } as const;
  room.ask("ana", force(room.peer("teacher"), { ...hello, proof: undefined }));
  room.run(1);
  const statements = [ana.grant(charter, ana.warrant(charter))];
  room.ask(
    "ana",
    force(room.peer("teacher"), { kind: "catchUp", session, statements, last: true }),
  );
  room.run(1);
  same(room.events("teacher", "delegated").length, 0, "not delegated");
  same(room.isLinked("ana", "teacher"), false, "banned");
});

Deno.test("a catch-up with a forgery in it is believed by nobody, and ends the link", () => {
  const room = lesson("ana");
  room.add("eve", { liar: true });
  const ana = new Forger(room, "ana");
  const { charter } = announcementOf(room, "teacher");
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  const statements = [ana.publication({ charter })];
  room.turnLiar("ana"); // ana turns out to be a liar, with a seat in the class
  room.run(1);
  room.dial("ana", "teacher");
  const hello = { kind: "hello", session, who: "ana", address: "10.0.0.2:1" } as const;
  room.ask("ana", force(room.peer("teacher"), { ...hello, proof: undefined }));
  room.run(1);
  room.ask(
    "ana",
    force(room.peer("teacher"), { kind: "catchUp", session, statements, last: true }),
  );
  room.run(1);
  same(room.events("teacher", "published").length, 0, "not published");
  same(room.isLinked("ana", "teacher"), false, "banned");
});

Deno.test("who is not in the session is not heard by its teacher, nor believed by its members", () => {
  const room = lesson("ana");
  room.add("eve", { liar: true });
  const eve = new Forger(room, "eve");
  const { charter } = announcementOf(room, "teacher");
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  const before = [room.story("teacher").length, room.story("ana").length];
  const statement = room.get("teacher").spoken.at(-1)!;
  const ticket = eve.ticket(charter);
  const messages: LabMessage[] = [
    { kind: "letter", session, number: 1, answers: undefined, text: "I am nobody" },
    { kind: "letter", session, number: 2, answers: 1, text: "The teacher says no" },
    { kind: "kept", session, number: 1 },
    { kind: "recall", session, digest: new Uint8Array(32) },
    { kind: "goodbye", session },
    { kind: "welcome", session, statement, ticket, meet: [] },
    { kind: "declined", session, why: "expired" },
  ];
  for (const victim of ["teacher", "ana"]) {
    room.dial("eve", victim);
    for (const message of messages) room.ask("eve", force(room.peer(victim), message));
    room.run(3);
  }
  same(news(room, "teacher", before[0]!), [], "teacher");
  same(news(room, "ana", before[1]!), [], "ana");
  same(room.heardByLiars.filter(({ kind }) => kind === "catchUp").length, 0, "nothing handed over");
});

Deno.test("a member that the teacher sends newcomers to is where its own bytes come from", () => {
  const room = lesson("ana");
  room.turnLiar("ana");
  room.dial("ana", "teacher");
  const { charter } = announcementOf(room, "teacher");
  const session = bytesOfSession(sessionOf(charter, room.crypto));
  const victim = "192.168.0.1:80";
  const hello = { kind: "hello", session, who: "ana", address: victim, proof: undefined } as const;
  room.ask("ana", force(room.peer("teacher"), hello));
  room.run(1);
  room.add("ben");
  room.ask("ben", lab.join());
  room.run(5);
  same(room.events("ben", "welcomed").length, 1, "ben is in");
  same(room.dialled.includes(victim), false, "nobody is sent elsewhere");
  assert(room.dialled.includes("10.0.0.2:80"), "the port is the member's own choice");
});

function ticketOf(room: Room, machine: string): Ticket {
  return room.tickets.get(room.peer(machine)) as Ticket;
}
