/** A lesson: a session is opened, found, joined; files, words and questions reach whom they should. */
import { assert, type Command, hex, type PeerId, second, utf8 } from "../../runtime/core/mod.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { lesson, NOTES, Room, same } from "./lab_room.ts";

/** What a machine's swarm was asked: verbs and contents. */
function wishes(room: Room, machine: string): string[] {
  return room.get(machine).asked.map((command) => {
    const { name, content } = command as Command & { content?: string };
    return content === undefined ? name : `${name} ${content.slice(0, 4)}`;
  });
}

function contentOf(room: Room, handle: string): string {
  return hex(room.crypto.sha256(utf8(handle)));
}

Deno.test("students find the session by themselves and are let in under their names", () => {
  const room = lesson("ana", "ben");
  same(room.events("teacher", "joined").map(({ who }) => who).sort(), ["ana", "ben"], "joined");
  const [welcomed] = room.events("ana", "welcomed");
  same([welcomed!.title, welcomed!.teacher, welcomed!.who], ["Physics", "Ms Curie", "ana"], "ana");
  same(room.events("ana", "announced").length, 1, "told once, however often it is announced");
});

Deno.test("who wants to join waits for a session, over a restart too", () => {
  const room = new Room();
  room.add("teacher");
  room.add("ana");
  room.ask("ana", lab.join({ who: "ana" }));
  room.run(100);
  room.crash("ana");
  room.start("ana");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(5);
  same(room.events("ana", "welcomed").map(({ who }) => who), ["ana"], "welcomed");
});

Deno.test("other subnets hear of a session by mesh", () => {
  const room = new Room();
  room.add("teacher", { near: ["ben"] });
  room.add("ben", { near: ["teacher", "ana"] });
  room.add("ana", { near: ["ben"], subnet: 1 });
  room.run(1);
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join({ who: "ana" }));
  room.run(5);
  same(room.events("ana", "welcomed").length, 1, "welcomed");
});

Deno.test("a name that is taken, or looks like one, gets a number", () => {
  const room = lesson("ana");
  for (const [machine, who] of [["two", "Ana"], ["three", "a\u200dna"]] as const) {
    room.add(machine);
    room.ask(machine, lab.join({ who }));
    room.run(6);
  }
  room.add("eve");
  room.ask("eve", lab.join({ who: "Ms\u00a0curie" }));
  room.run(6);
  same(room.events("eve", "welcomed")[0]!.who, "Ms\u00a0curie (2)", "the teacher's is taken, too");
  same(room.events("two", "welcomed")[0]!.who, "Ana (2)", "two");
  same(room.events("three", "welcomed")[0]!.who, "a\u200dna (3)", "three");
});

Deno.test("what the teacher shares is published to everybody and fetched from the teacher", () => {
  const room = lesson("ana", "ben");
  room.ask("teacher", lab.share(NOTES));
  room.run(1);
  for (const student of ["ana", "ben"]) {
    const [published] = room.events(student, "published");
    same([published!.title, published!.bytes], ["notes.pdf", 4096], student);
    const [fetch] = room.get(student).asked as (Command & { sources: { address: string }[] })[];
    same(
      [fetch!.name, fetch!.sources[0]!.address],
      ["fetch", room.get("teacher").address],
      student,
    );
  }
  same(wishes(room, "teacher"), ["share"], "the teacher does not fetch its own");
});

Deno.test("who comes late is handed what was shared before", () => {
  const room = lesson("ana");
  for (let at = 0; at < 60; at++) {
    room.ask("teacher", lab.share({ ...NOTES, handle: `h${at}`, title: `${at}.pdf` }));
  }
  room.run(1200); // longer than the mesh remembers
  room.add("ben", { near: [] });
  room.ask("ben", lab.join({ who: "ben" }));
  room.run(10);
  same(room.events("ben", "published").length, 60, "published");
});

Deno.test("what comes too fast to be listened to comes with the next recall", () => {
  const room = new Room();
  room.add("teacher", { near: [] });
  room.add("ana", { near: [] }); // no mesh at all
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(5);
  for (let at = 0; at < 130; at++) room.ask("teacher", lab.share({ ...NOTES, handle: `h${at}` }));
  room.run(1);
  const atOnce = room.events("ana", "published").length;
  assert(atOnce >= 90 && atOnce < 110, `${atOnce} at once`);
  room.run(32);
  same(room.events("ana", "published").length, 130, "all of them");
});

Deno.test("a withdrawn file is withdrawn everywhere, also for who comes later", () => {
  const room = lesson("ana");
  room.ask("teacher", lab.share(NOTES));
  room.run(1);
  const content = contentOf(room, NOTES.handle);
  room.ask("teacher", lab.withdraw(content));
  room.run(1);
  same(room.events("ana", "withdrawn").length, 1, "withdrawn");
  same(
    wishes(room, "ana"),
    ["fetch", "cancel"].map((verb) => `${verb} ${content.slice(0, 4)}`),
    "",
  );
  room.add("ben");
  room.ask("ben", lab.join());
  room.run(6);
  same(room.events("ben", "published").length, 0, "published to the latecomer");
  room.ask("teacher", lab.share(NOTES));
  room.run(1);
  same(room.events("ben", "published").length, 1, "shared again");
});

Deno.test("what anybody says reaches everybody once, with name and role", () => {
  const room = lesson("ana", "ben");
  room.ask("teacher", lab.say("Page seven"));
  room.ask("ana", lab.say("Which book?"));
  room.run(40);
  for (const machine of ["teacher", "ana", "ben"]) {
    const heard = room.events(machine, "said").map(({ who, role, text }) => [who, role, text]);
    const expected = [["Ms Curie", "teacher", "Page seven"], ["ana", "member", "Which book?"]];
    same(heard.sort(), expected, machine);
  }
});

Deno.test("a question reaches the teacher alone, and its answer who asked", () => {
  const room = lesson("ana", "ben");
  room.ask("ana", lab.ask("May I leave?"));
  room.run(1);
  const [asked] = room.events("teacher", "question");
  same([asked!.who, asked!.text], ["ana", "May I leave?"], "asked");
  const { peer, question } = asked!;
  room.ask("teacher", lab.answer({ peer, question, text: "In a minute" }));
  room.run(1);
  const [answered] = room.events("ana", "answered");
  same([answered!.question, answered!.text], [question, "In a minute"], "answered");
  same(room.events("ana", "delivered").length, 1, "the question was delivered");
  same(room.events("teacher", "delivered").length, 1, "the answer was delivered");
  same(room.events("ben", "question").length + room.events("ben", "answered").length, 0, "ben");
  room.ask("teacher", lab.answer({ peer, question, text: "Again" }));
  same(room.events("teacher", "refused")[0]!.what, "answer", "answered twice");
});

Deno.test("a question waits for the teacher to be back", () => {
  const room = lesson("ana");
  room.crash("teacher");
  room.run(1);
  room.ask("ana", lab.ask("Are you there?"));
  same(room.events("ana", "accepted").length, 1, "accepted");
  room.run(3);
  room.start("teacher");
  room.run(10);
  same(room.events("teacher", "question").map(({ text }) => text), ["Are you there?"], "asked");
  same(room.events("ana", "delivered").length, 1, "delivered");
});

Deno.test("questions beyond what the teacher keeps stay with who asked until others are answered", () => {
  const room = lesson("ana");
  const ask = (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      room.ask("ana", lab.ask(`${at}`));
      room.run(2);
    }
  };
  ask(0, 18);
  same(room.events("teacher", "question").length, 8, "kept");
  same(room.events("ana", "refused").map(({ why }) => why), ["too-many", "too-many"], "beyond");
  for (const { peer, question } of room.events("teacher", "question")) {
    room.ask("teacher", lab.answer({ peer, question, text: "Yes" }));
  }
  room.run(100);
  const texts = room.events("teacher", "question").map(({ text }) => text);
  same(texts, Array.from({ length: 16 }, (_, at) => `${at}`), "all that were accepted, in order");
});

Deno.test("an assistant publishes, until it is revoked; what it published stays for latecomers", () => {
  const room = lesson("ana", "ben");
  room.ask("ana", lab.share(NOTES));
  same(room.events("ana", "refused")[0]!.why, "unauthorised", "not yet");
  room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["publish"] }));
  room.run(1);
  for (const machine of ["teacher", "ana", "ben"]) {
    same(room.events(machine, "delegated")[0]!.rights, ["publish"], machine);
  }
  room.ask("ana", lab.share(NOTES));
  room.run(1);
  same(room.events("ben", "published")[0]!.peer, room.peer("ana"), "published");
  room.ask("teacher", lab.revoke(room.peer("ana")));
  room.run(1);
  same(room.events("ben", "revoked").length, 1, "revoked");
  room.ask("ana", lab.share({ ...NOTES, handle: "more" }));
  same(room.events("ana", "refused")[1]!.why, "unauthorised", "not any more");
  room.add("late");
  room.ask("late", lab.join());
  room.run(6);
  const shown = room.events("late", "published").map(({ title, peer }) => [title, peer]);
  same(shown, [["notes.pdf", room.peer("teacher")]], "in the teacher's name");
  same(room.events("ben", "published").length, 1, "told once all the same");
});

Deno.test("a delegation ends by itself, and what was published stays in the teacher's name", () => {
  const room = lesson("ana");
  const peer = room.peer("ana");
  room.ask("teacher", lab.delegate({ peer, rights: ["publish"], lasts: 30 * second }));
  room.run(1);
  room.ask("ana", lab.share(NOTES));
  room.run(60);
  room.ask("ana", lab.share({ ...NOTES, handle: "more" }));
  same(room.events("ana", "refused").map(({ why }) => why), ["unauthorised"], "too late");
  room.add("late");
  room.ask("late", lab.join());
  room.run(6);
  same(room.events("late", "published").map(({ peer }) => peer), [room.peer("teacher")], "late");
});

Deno.test("what an assistant published while the teacher was away reaches it without a mesh", () => {
  const room = new Room();
  for (const name of ["teacher", "ana", "ben"]) room.add(name, { near: [] });
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  for (const name of ["ana", "ben"]) room.ask(name, lab.join({ who: name }));
  room.run(5);
  room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["publish", "announce"] }));
  room.run(0.01);
  assert(room.get("ana").spoken.length > 0, "ana announces at once");
  room.crash("teacher");
  room.run(1);
  room.ask("ana", lab.share(NOTES));
  room.start("teacher");
  room.run(15);
  same(room.events("teacher", "published").length, 1, "the teacher");
  room.run(35);
  same(room.events("ben", "published").length, 1, "and from it everybody");
});

Deno.test("an assistant withdraws what it has shared, not what others have", () => {
  const room = lesson("ana");
  room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["publish"] }));
  room.ask("teacher", lab.share(NOTES));
  room.run(1);
  room.ask("ana", lab.share({ ...NOTES, handle: "mine" }));
  room.ask("ana", lab.withdraw(contentOf(room, NOTES.handle)));
  room.ask("ana", lab.withdraw(contentOf(room, "mine")));
  room.ask("ana", lab.withdraw(contentOf(room, "nothing")));
  room.run(1);
  const refused = room.events("ana", "refused").map(({ why }) => why);
  same(refused, ["unauthorised", "expired"], "refused");
  const withdrawn = room.events("teacher", "withdrawn").map(({ content }) => content);
  same(withdrawn, [contentOf(room, "mine")], "its own");
});

Deno.test("nobody is delegated or revoked who is not there", () => {
  const room = lesson("ana");
  room.ask("teacher", lab.delegate({ peer: "0".repeat(64) as PeerId, rights: ["publish"] }));
  room.ask("teacher", lab.revoke(room.peer("ana")));
  room.ask("ana", lab.delegate({ peer: room.peer("ana"), rights: ["publish"] }));
  same(
    room.events("teacher", "refused").map(({ what }) => what),
    ["delegate", "revoke"],
    "teacher",
  );
  same(room.events("ana", "refused").map(({ why }) => why), ["unauthorised"], "ana");
});

Deno.test("while the teacher is away an assistant lets people in, and the session goes on", () => {
  const room = lesson("ana", "ben");
  room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["publish", "announce"] }));
  room.run(5);
  room.crash("teacher");
  room.run(60);
  room.add("late");
  room.ask("late", lab.join({ who: "late" }));
  room.run(30);
  same(room.events("late", "welcomed").map(({ peer }) => peer), [room.peer("ana")], "by ana");
  same(room.events("ben", "welcomed").map(({ peer }) => peer).at(-1), room.peer("ana"), "ben, too");
  room.ask("late", lab.say("Hello"));
  room.ask("ana", lab.share(NOTES));
  room.run(2);
  same(room.events("ben", "said").map(({ who }) => who), ["late"], "heard");
  same(room.events("late", "published").length, 1, "published");
  room.start("teacher");
  room.run(40);
  same(room.events("late", "welcomed").at(-1)!.peer, room.peer("teacher"), "back to the teacher");
  same(room.events("teacher", "published").length, 1, "the teacher learns what it missed");
  const here = room.events("teacher", "joined").map(({ who }) => who);
  same(here.slice(-3).sort(), ["ana", "ben", "late"], "all of them");
});

Deno.test("who leaves is gone until it joins again, and nothing of the session stays", () => {
  const room = lesson("ana");
  const kept = () => {
    const keys = [...room.get("ana").records.keys()].filter((key) => key.startsWith("lab/"));
    return keys.filter((key) => key.split("/").length > 2 || key === "lab/seat");
  };
  room.ask("teacher", lab.share(NOTES));
  room.run(1);
  room.ask("ana", lab.leave());
  room.run(2);
  same(room.events("teacher", "left").map(({ who, why }) => [who, why]), [["ana", "left"]], "left");
  same(kept(), [], "records");
  same(room.events("ana", "departed").length, 1, "told");
  room.ask("ana", lab.join({ who: "ana" }));
  room.run(5);
  same(room.events("ana", "welcomed").length, 2, "and back");
  room.cut("ana", "teacher");
  room.ask("ana", lab.ask("Are you there?"));
  assert(kept().length > 2, "a question waits");
  room.ask("ana", lab.leave());
  same(kept(), [], "no more");
});

Deno.test("a closed session is over for everybody, and cannot be joined", () => {
  const room = lesson("ana", "ben");
  room.crash("ben");
  room.ask("teacher", lab.close());
  room.run(2);
  same(room.events("ana", "closed").length, 1, "ana");
  same(room.events("teacher", "closed").length, 1, "teacher");
  room.start("ben");
  room.run(60);
  same(room.events("ben", "closed").length, 1, "ben hears of it when it is back");
  room.ask("teacher", lab.open({ title: "Chemistry", who: "Ms Curie" }));
  room.ask("ana", lab.join());
  room.run(5);
  same(room.events("ana", "welcomed").at(-1)!.title, "Chemistry", "the next one");
});

Deno.test("a session ends by its own clock everywhere, whatever the devices' clocks say", () => {
  const room = new Room();
  room.now = 5 * second;
  room.add("teacher");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie", lasts: 100 * second }));
  room.run(40);
  room.add("ana");
  room.ask("ana", lab.join());
  room.run(10);
  room.crash("teacher");
  room.run(30);
  same(room.events("ana", "closed").length, 0, "not yet");
  room.run(25);
  same(room.events("ana", "closed").map(({ why }) => why), ["expired"], "over");
  room.ask("ana", lab.say("Still here?"));
  same(room.events("ana", "refused").length, 1, "nothing to be said");
});

Deno.test("a teacher's crash does not give a session more time", () => {
  const room = new Room();
  room.add("teacher");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie", lasts: 1000 * second }));
  room.run(500);
  room.crash("teacher");
  room.run(1);
  room.start("teacher");
  room.run(510);
  same(room.events("teacher", "closed").length, 1, "over");
});

Deno.test("commands that make no sense here are refused in words", () => {
  const room = lesson("ana");
  room.add("eve");
  for (const command of [lab.leave(), lab.ask("?"), lab.say("?"), lab.share(NOTES), lab.close()]) {
    room.ask("eve", command);
  }
  const words = room.events("eve", "refused").map(({ words }) => words);
  same(words.length, 5, "all");
  same(words[3], "Cannot share: you are in no session", "in words");
  room.ask("teacher", lab.open({ title: "Two", who: "x" }));
  room.ask("teacher", lab.join());
  room.ask("ana", lab.open({ title: "Mine", who: "ana" }));
  room.ask("ana", lab.say(""));
  room.ask("ana", lab.say("x".repeat(2001)));
  room.ask("ana", lab.ask("x".repeat(4001)));
  room.ask("eve", lab.join({ who: "\u202e" }));
  same(room.events("teacher", "refused").length, 2, "teacher");
  same(room.events("ana", "refused").length, 4, "ana");
  same(room.events("eve", "refused").length, 6, "eve");
});
