/** A crash between any two orders: no number is used twice, nothing that was accepted is lost. */
import { assert } from "../../runtime/core/mod.ts";
import { Counter } from "../../runtime/protocols/lab/counter.ts";
import * as lab from "../../runtime/protocols/lab/mod.ts";
import { statementWire } from "../../runtime/protocols/lab/statement.ts";
import { lesson, NOTES, Room, same } from "./lab_room.ts";

/** A lesson in which everything happens that is saved, with one machine crashing on its way. */
function lessonWithCrash(
  victim: string,
  orders: number,
  again: number | undefined,
): { room: Room; crashed: boolean } {
  const room = new Room();
  room.add("teacher");
  room.add("ana");
  room.add("ben");
  room.crashAfter(victim, orders);
  const acts: (() => void)[] = [
    () => room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" })),
    () => room.ask("ana", lab.join({ who: "ana" })),
    () => room.ask("ben", lab.join({ who: "ben" })),
    () => room.ask("teacher", lab.share(NOTES)),
    () => room.ask("ana", lab.ask("Why?")),
    () => room.ask("teacher", lab.delegate({ peer: room.peer("ana"), rights: ["publish"] })),
    () => room.ask("ana", lab.share({ ...NOTES, handle: "mine", title: "mine.pdf" })),
    () => answerAll(room),
    () => room.ask("ben", lab.say("Hello")),
    () => room.ask("teacher", lab.revoke(room.peer("ana"))),
    () => room.ask("teacher", lab.say("Goodbye")),
  ];
  for (const act of acts) {
    act();
    room.run(2);
    if (restartAll(room) && again !== undefined) room.crashAfter(victim, again);
  }
  const crashed = room.get(victim).boots > 1;
  room.get(victim).crashBefore = undefined;
  restartAll(room);
  // What a person was not told was accepted, a person asks for again.
  if (room.events("teacher", "opened").length === 0) {
    room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  }
  room.run(100);
  for (const student of ["ana", "ben"]) {
    if (room.events(student, "welcomed").length === 0) {
      room.ask(student, lab.join({ who: student }));
    }
  }
  if (published(room, "teacher", "notes.pdf") === 0) room.ask("teacher", lab.share(NOTES));
  room.run(100);
  answerAll(room);
  room.run(100);
  return { room, crashed };
}

/** True if one had to be. */
function restartAll(room: Room): boolean {
  const down = [...room.machines.values()].filter(({ node }) => node === undefined);
  for (const { name } of down) room.start(name);
  return down.length > 0;
}

function answerAll(room: Room): void {
  for (const { peer, question } of room.events("teacher", "question")) {
    room.ask("teacher", lab.answer({ peer, question, text: "Because" }));
  }
}

function published(room: Room, machine: string, title: string): number {
  return room.events(machine, "published").filter((event) => event.title === title).length;
}

/** Everything that holds after any crash. */
function claimAll({ room }: { room: Room }, when: string): void {
  const bytesOf = new Map<string, string>();
  for (const bytes of room.statements) {
    const statement = statementWire.decode(bytes)!;
    if (statement.kind === "grant") continue;
    const signer = "ticket" in statement ? statement.ticket?.sign : statement.warrant?.sign;
    const counter = statement.kind === "announcement" ? "beats" : "numbers";
    const name = `${signer ?? statement.charter.sign} ${counter} ${statement.sequence}`;
    const known = bytesOf.get(name);
    assert(known === undefined || known === `${bytes}`, `${when}: a number was used twice`);
    bytesOf.set(name, `${bytes}`);
  }
  const sessions = new Set(room.events("teacher", "opened").map(({ session }) => session));
  same(sessions.size, 1, `${when}: one session`);
  for (const student of ["ana", "ben"]) {
    assert(room.events(student, "welcomed").length > 0, `${when}: ${student} is in`);
    assert(published(room, student, "notes.pdf") > 0, `${when}: ${student} has the notes`);
  }
  const accepted = room.events("ana", "accepted").length;
  const asked = new Set(room.events("teacher", "question").map(({ question }) => question)).size;
  assert(asked >= accepted, `${when}: an accepted question is asked`);
  const fresh = room.events("teacher", "question").filter(({ again }) => !again);
  same(new Set(fresh.map(({ question }) => question)).size, fresh.length, `${when}: asked once`);
  const answers = room.events("teacher", "accepted").length;
  const told = new Set(room.events("ana", "answered").map(({ question }) => question)).size;
  assert(told >= Math.min(answers, 1), `${when}: an accepted answer is told`);
  // What nobody had heard when ana was revoked is void.
  const mine = published(room, "teacher", "mine.pdf") > 0;
  assert(!mine || published(room, "ben", "mine.pdf") > 0, `${when}: what ana published is there`);
}

for (const victim of ["teacher", "ana"]) {
  for (const again of [undefined, 1]) {
    const andAgain = again === undefined ? "" : ` and again ${again} orders after its restart`;
    Deno.test(`${victim} may crash before any of its orders${andAgain}`, () => {
      let orders = 0;
      for (let crashed = true; crashed; orders++) {
        const outcome = lessonWithCrash(victim, orders, again);
        crashed = outcome.crashed;
        claimAll(outcome, `${victim} crashes before order ${orders}${andAgain}`);
      }
      assert(orders > 50, `${orders} places to crash at were tried`);
    });
  }
}

Deno.test("a counter never gives a number twice, wherever its saves are cut", () => {
  for (let cut = 0; cut < 40; cut++) {
    let saved: Uint8Array | undefined;
    let saves = 0;
    const used = new Set<number>();
    for (let boot = 0; boot < 20; boot++) {
      const counter = new Counter("n", 3);
      assert(counter.restore(saved), "readable");
      for (let at = 0; at < 7; at++) {
        let durable = true;
        const number = counter.next({
          save: (_key: string, bytes: Uint8Array) => {
            if (saves++ % 40 === cut) durable = false;
            else saved = bytes;
          },
        } as never);
        if (!durable) break; // the crash: the save and everything after it is lost
        assert(!used.has(number), `cut ${cut}: ${number} again`);
        used.add(number);
      }
    }
  }
});

Deno.test("where the numbers are unreadable or cannot be saved, nothing is signed any more", () => {
  const room = new Room();
  room.add("teacher");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(5);
  room.crash("teacher");
  room.get("teacher").records.set("lab/beats", Uint8Array.of(255));
  const spoken = room.get("teacher").spoken.length;
  room.start("teacher");
  room.run(30);
  same(room.get("teacher").spoken.length, spoken, "nothing is announced");
  room.ask("teacher", lab.say("Hello"));
  same(
    room.events("teacher", "refused").map(({ why }) => why),
    ["disk-error", "disk-error"],
    "told",
  );
});

Deno.test("a disk that does not take the numbers stops what would use them, until it does", () => {
  const room = new Room();
  room.add("teacher");
  room.ask("teacher", lab.open({ title: "Physics", who: "Ms Curie" }));
  room.run(5);
  room.refuseSave("teacher", "lab/beats");
  const spoken = room.get("teacher").spoken.length;
  room.run(1);
  same(room.get("teacher").spoken.length, spoken, "nothing is announced any more");
  room.ask("teacher", lab.say("Hello"));
  room.run(30);
  assert(room.get("teacher").spoken.length > spoken, "it goes on when the disk takes them again");
  same(
    room.events("teacher", "refused").map(({ why }) => why),
    ["disk-full", "disk-error"],
    "told",
  );
});

Deno.test("a disk that does not take a member's record leaves that member's questions where they are", () => {
  // Found by smoke with drawn faults, seed 239: a refused member took a confirmed question with it.
  const room = lesson("ana");
  room.ask("ana", lab.ask("May I go to the whiteboard?"));
  room.run(1);
  const questions = () => room.events("teacher", "question").length;
  same(questions(), 1, "asked");
  room.refuseSave("teacher", `lab/member/${room.peer("ana")}`);
  room.run(30);
  room.crash("teacher");
  room.start("teacher");
  room.run(5);
  assert(questions() > 1, "told again, since nobody has answered it");
});

Deno.test("a session that was closed does not come back with a restart", () => {
  const room = lesson("ana");
  const kept = () =>
    [...room.get("teacher").records.keys()].filter((key) => key.split("/").length > 2);
  room.ask("teacher", lab.close());
  same(kept().filter((key) => key.startsWith("lab/")), [], "records");
  room.crash("teacher");
  room.start("teacher");
  room.run(10);
  same(room.events("teacher", "opened").length, 1, "opened once");
});

Deno.test("records of another device, or damaged ones, are not signed, believed or handed on", () => {
  const room = lesson();
  room.ask("teacher", lab.share(NOTES));
  room.ask("teacher", lab.share({ ...NOTES, handle: "two" }));
  room.run(1);
  room.add("mallory");
  room.crash("mallory");
  for (const [key, bytes] of room.get("teacher").records) {
    room.get("mallory").records.set(key, bytes);
  }
  room.start("mallory");
  room.run(5);
  same(room.events("mallory", "opened").length, 0, "another identity opens nothing");
  same(room.events("mallory", "refused").map(({ what }) => what), ["record"], "and is told");
  room.crash("teacher");
  const [key, bytes] = [...room.get("teacher").records].find(([key]) => key.includes("/shelf/"))!;
  const damaged = bytes.slice();
  damaged[damaged.length - 1]! ^= 1;
  room.get("teacher").records.set(key, damaged);
  room.start("teacher");
  same(room.events("teacher", "refused").map(({ why }) => why), ["disk-error"], "told");
  room.add("late", { near: [] });
  room.ask("late", lab.join());
  room.run(8);
  same(room.events("late", "welcomed").length, 1, "welcomed");
  same(room.events("late", "published").length, 1, "what is left is handed over");
  same(room.isLinked("late", "teacher"), true, "and nobody is blamed");
});
