/** Answers, changes, and who may write at all. */
import assert from "node:assert/strict";
import { chat } from "../../../runtime/protocols/mod.ts";
import { type Desk, desk, link, settle } from "./desk.ts";

function ask(self: Desk, command: chat.ChatCommand): void {
  self.protocol.asked!(command, self.ctx);
}

function told(self: Desk, name: chat.ChatEvent["name"]): Record<string, unknown>[] {
  return self.told.filter((event) => event.name === name) as unknown as Record<string, unknown>[];
}

/** What came from others, in short. */
function received(self: Desk): string[] {
  return self.told.filter(chat.isReceived).map(({ deed, about, text }) =>
    [deed, about?.slice(0, 4), text].filter((part) => part !== undefined).join(" ")
  );
}

function pair(options: chat.ChatOptions = {}): [Desk, Desk] {
  const ana = desk("ana"), ben = desk("ben", new Map(), options);
  link(ana, ben);
  settle([ana, ben]);
  return [ana, ben];
}

const lastId = (self: Desk) => told(self, "accepted").at(-1)!.id as string;

Deno.test("an answer names what it answers; a change and a withdrawal come after what they change", () => {
  const [ana, ben] = pair();
  ask(ana, chat.write({ to: [ben.peer], text: "at nine" }));
  settle([ana, ben]);
  const id = lastId(ana);
  ask(ben, chat.write({ to: [ana.peer], text: "why?", about: id }));
  ask(ana, chat.edit({ to: [ben.peer], about: id, text: "at ten" }));
  ask(ana, chat.unsend({ to: [ben.peer], about: id }));
  settle([ana, ben]);
  const short = id.slice(0, 4);
  assert.deepEqual(received(ana), [`says ${short} why?`]);
  assert.deepEqual(received(ben), ["says at nine", `edits ${short} at ten`, `deletes ${short} `]);
  assert.equal(told(ana, "delivered").length, 3);
});

Deno.test("a change that says of nothing what it changes is refused at the source", () => {
  const [ana, ben] = pair();
  const id = "ab".repeat(16);
  const bad = [
    { deed: "edits", text: "new" },
    { deed: "edits", about: id, text: "" },
    { deed: "deletes", about: id, text: "words" },
    { about: "abc", text: "an answer" },
    { about: `${id}00`, text: "an answer" },
  ] as const;
  for (const fields of bad) {
    ask(ana, { protocol: "chat", name: "write", to: [ben.peer], ...fields });
  }
  settle([ana, ben]);
  assert.equal(told(ana, "refused").length, bad.length);
  assert.deepEqual(received(ben), []);
});

Deno.test("who is blocked is neither shown nor answered, also after a restart, and is not told", () => {
  const [ana, ben] = pair();
  ask(ana, chat.write({ to: [ben.peer], text: "first" }));
  settle([ana, ben]);
  ask(ben, chat.block(ana.peer));
  const before = ben.sent.length;
  ask(ana, chat.write({ to: [ben.peer], text: "second" }));
  ask(ana, chat.befriend(ben.peer));
  settle([ana, ben]);
  assert.deepEqual(received(ben), ["says first"]);
  assert.equal(ben.sent.length, before);
  assert.equal(told(ana, "delivered").length, 1);
  assert.deepEqual(told(ana, "parted"), []);

  const again = desk("ben", ben.saved);
  assert.equal(told(again, "blocked").length, 1);
  link(ana, again);
  settle([ana, again]);
  assert.deepEqual(told(again, "received").filter(({ text }) => text === "second"), []);
  ask(again, chat.unblock(ana.peer));
  ana.now += 60_000_000;
  ana.protocol.woke!("again", ana.ctx);
  settle([ana, again]);
  assert.ok(received(again).includes("says second"), "it waited with its sender");
});

Deno.test("a stranger's letters wait, where this person wants to be asked, until they are answered", () => {
  const [ana, ben] = pair({ strangers: "ask" });
  ask(ana, chat.write({ to: [ben.peer], text: "one" }));
  ask(ana, chat.write({ to: [ben.peer], text: "two" }));
  settle([ana, ben]);
  assert.deepEqual(received(ben), []);
  assert.deepEqual(told(ben, "requested").map(({ count }) => count), [1, 2]);
  ask(ben, chat.write({ to: [ana.peer], text: "who are you?" }));
  assert.deepEqual(received(ben), ["says one", "says two"]);
  settle([ana, ben]);
  ask(ana, chat.write({ to: [ben.peer], text: "three" }));
  settle([ana, ben]);
  assert.deepEqual(received(ben), ["says one", "says two", "says three"]);
});

Deno.test("what a stranger wrote before a restart is shown when they become a friend", () => {
  const [ana, ben] = pair({ strangers: "ask" });
  ask(ana, chat.write({ to: [ben.peer], text: "one" }));
  settle([ana, ben]);
  const again = desk("ben", ben.saved, { strangers: "ask" });
  assert.deepEqual(received(again), []);
  assert.equal(told(again, "requested").length, 1);
  ask(again, chat.befriend(ana.peer));
  assert.deepEqual(received(again), ["says one"]);
});

Deno.test("that somebody writes is told only between two who both want it, and not often", () => {
  const heard = (one: boolean, other: boolean, times = 1) => {
    const ana = desk("ana", new Map(), { tellsTyping: one });
    const ben = desk("ben", new Map(), { tellsTyping: other });
    link(ana, ben);
    settle([ana, ben]);
    for (let time = 0; time < times; time++) ask(ana, chat.typing(ben.peer));
    settle([ana, ben]);
    return told(ben, "typing").length;
  };
  assert.deepEqual([heard(false, false), heard(true, false), heard(false, true)], [0, 0, 0]);
  assert.deepEqual([heard(true, true), heard(true, true, 20)], [1, 1]);
});
