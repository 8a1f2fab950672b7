/** Forged, replayed, cloned, expired: nothing of it changes what honest devices believe. */
import { assert, second } from "../../runtime/core/mod.ts";
import { bytesOfSession, sessionOf } from "../../runtime/protocols/lab/charter.ts";
import type { LabMessage } from "../../runtime/protocols/lab/mod.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { statementWire } from "../../runtime/protocols/lab/statement.ts";
import { say } from "../../runtime/protocols/mesh/mod.ts";
import { announcementOf, Forger, news, row, ticketOf } from "./lab_forge.ts";
import { force, lesson, NOTES, Room, same } from "./lab_room.ts";

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
  const told = room.events("ana", "announced").length;
  for (let at = 0; at < 5; at++) room.datagram("ana", old, "10.0.0.66:1");
  room.crash("ana");
  room.start("ana");
  room.datagram("ana", old, "10.0.0.66:1");
  room.run(40);
  const since = room.events("ana", "announced").slice(told).map(({ address }) => address);
  assert(since.every((address) => address === "10.0.0.99:4545"), "and not back");
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
  room.run(2);
  same(room.isLinked("ana", "eve"), false, "not even linked");
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

Deno.test("one's own session of yesterday, played back, is nobody's", () => {
  const room = lesson("ana");
  const old = room.get("teacher").spoken.at(-1)!;
  room.ask("teacher", lab.close());
  room.crash("teacher");
  room.start("teacher");
  const before = room.story("teacher").length;
  room.datagram("teacher", old);
  room.run(10);
  same(news(room, "teacher", before), [], "teacher");
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
    { kind: "catchUp", session, statements: [eve.publication({ charter })], last: true },
  ];
  for (const victim of ["teacher", "ana"]) {
    room.dial("eve", victim);
    for (const message of messages) room.ask("eve", force(room.peer(victim), message));
    room.run(3);
    same(room.isLinked("eve", victim), true, "what is not listened to need not be judged");
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
