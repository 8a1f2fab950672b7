/** Letters from person to person: what both sides are told, and what strangers cannot do. */
import assert from "node:assert/strict";
import type { PeerId } from "../../../runtime/core/mod.ts";
import { type Attachment, attachmentBytes } from "../../../runtime/protocols/chat/mod.ts";
import { receiptOf } from "../../../runtime/protocols/chat/receipt.ts";
import { chat } from "../../../runtime/protocols/mod.ts";
import { crash, wipe } from "../../../sim/mod.ts";
import * as limits from "../../../runtime/protocols/chat/limits.ts";
import { carry, desk, fates, link, settle, texts } from "./desk.ts";
import { type Said, told, wordsOf } from "./people.ts";

function idsOf(said: readonly Said[], who: string): string[] {
  return said.flatMap(({ who: by, event }) =>
    by === who && event.name === "received" ? [event.id] : []
  );
}

Deno.test("a letter is accepted, delivered and read, in this order", () => {
  const said = told(10, ({ at, whenever }, { ana, ben }) => {
    at("2s", ana, chat.write({ to: [ben.peer], text: "hello" }));
    whenever(ben, chat.isReceived, {
      of: ben,
      ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
    }, { after: "3s" });
  });
  assert.deepEqual(wordsOf(said, "ana"), ["accepted hello", "delivered", "read"]);
  assert.deepEqual(wordsOf(said, "ben"), ["received hello"]);
  const [accepted, received, delivered, read] = said.map(({ at }) => at);
  assert.ok(received! < delivered! && delivered! < accepted! + 0.1);
  assert.ok(read! > received! + 3);
});

Deno.test("a letter waits for who is not there yet, over restarts of its sender", () => {
  const said = told(20, ({ at, between }, { ana, ben }) => {
    at("1s", ana, chat.write({ to: [ben.peer], text: "one" }));
    at("1500ms", ana, chat.write({ to: [ben.peer], text: "two" }));
    between("2s", "4s", crash(ana));
  }, { startsAt: "8s" });
  assert.deepEqual(wordsOf(said, "ben"), ["received one", "received two"]);
  assert.deepEqual(wordsOf(said, "ana"), [
    "accepted one",
    "accepted two",
    "accepted again one",
    "accepted again two",
    "delivered",
    "delivered",
  ]);
});

Deno.test("what nobody has read is told again after a restart, and what was read is not", () => {
  const said = told(20, ({ at, between, when }, { ana, ben }) => {
    at("2s", ana, chat.write({ to: [ben.peer], text: "read" }));
    when(ben, chat.isReceived, {
      of: ben,
      ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
    }, { after: "1s" });
    at("5s", ana, chat.write({ to: [ben.peer], text: "unread" }));
    between("8s", "9s", crash(ben));
  });
  const words = ["received read", "received unread", "received again unread"];
  assert.deepEqual(wordsOf(said, "ben"), words);
});

Deno.test("an invitation that is answered makes friends; who is removed is heard no more", () => {
  const said = told(30, ({ at }, { ana, ben }) => {
    at("2s", ana, chat.befriend(ben.peer));
    at("4s", ben, chat.befriend(ana.peer));
    at("6s", ana, chat.remove(ben.peer));
    at("8s", ben, chat.write({ to: [ana.peer], text: "why?" }));
    at("12s", ana, chat.befriend(ben.peer));
    at("14s", ben, chat.befriend(ana.peer));
    at("16s", ben, chat.write({ to: [ana.peer], text: "thanks" }));
  });
  assert.deepEqual(wordsOf(said, "ana"), [
    "befriended",
    "parted",
    "befriended",
    "received thanks",
  ]);
  assert.deepEqual(wordsOf(said, "ben"), [
    "invited",
    "befriended",
    "parted",
    "accepted why?",
    "dropped",
    "invited",
    "befriended",
    "accepted thanks",
    "delivered",
  ]);
});

Deno.test("the same letter goes to several, and each of them is told of by itself", () => {
  const said = told(10, ({ at }, { ana, ben, cleo }) => {
    at("2s", ana, chat.write({ to: [ben.peer, cleo.peer, ana.peer, ben.peer], text: "all" }));
  });
  const [id] = idsOf(said, "ben");
  assert.deepEqual([idsOf(said, "ben"), idsOf(said, "cleo")], [[id], [id]]);
  const accepted = ["accepted all", "accepted all", "delivered", "delivered"];
  assert.deepEqual(wordsOf(said, "ana"), accepted);
});

Deno.test("what cannot be written is refused, and says why", () => {
  const said = told(5, ({ at }, { ana, ben }) => {
    at("2s", ana, chat.write({ to: [ben.peer], text: "x".repeat(limits.TEXT_BYTES + 1) }));
    at("2s", ana, chat.write({ to: [ben.peer], text: "" }));
    at("2s", ana, chat.write({ to: [], text: "nobody" }));
    at("3s", ana, chat.write({ to: [ben.peer], text: "ü".repeat(limits.TEXT_BYTES / 2) }));
  });
  const longest = "ü".repeat(limits.TEXT_BYTES / 2);
  assert.deepEqual(wordsOf(said, "ana"), [
    "refused too-large",
    "refused impossible",
    "refused impossible",
    `accepted ${longest}`,
    "delivered",
  ]);
});

Deno.test("the largest preview goes with a first letter, and leaves its text less room", () => {
  const filled = (length: number) => new Uint8Array(length).fill(7);
  const attachment: Attachment = {
    content: filled(32),
    key: filled(32),
    bytes: limits.ATTACHED_BYTES,
    type: "x".repeat(limits.TYPE_BYTES),
    name: "x".repeat(limits.FILE_NAME_BYTES),
    preview: filled(limits.PREVIEW_BYTES),
    sign: filled(32),
    agree: filled(32),
    address: "x".repeat(96),
  };
  assert.ok(attachmentBytes(attachment).length <= limits.ATTACHMENT_BYTES);
  const text = "x".repeat(limits.CAPTION_BYTES);
  const said = told(5, ({ at }, { ana, ben }) => {
    at("2s", ana, chat.write({ to: [ben.peer], text: `${text}y`, attachment }));
    at("3s", ana, chat.write({ to: [ben.peer], text, attachment }));
  });
  assert.deepEqual(wordsOf(said, "ana"), ["refused too-large", `accepted ${text}`, "delivered"]);
  const come = said.map(({ event }) => event).find((event) => chat.isReceived(event));
  assert.deepEqual(come?.attachment, attachment);
});

Deno.test("a stranger fills a small part of the inbox, a friend more, and all of it comes once read", () => {
  const said = told(40, ({ at, every, whenever }, { ana, ben, cleo }) => {
    at("2s", cleo, chat.befriend(ben.peer));
    at("3s", ben, chat.befriend(cleo.peer));
    for (const writer of [ana, cleo]) {
      every("50ms", writer, chat.write({ to: [ben.peer], text: writer.name }), {
        from: "4s",
        until: "6500ms",
      });
    }
    whenever(ben, chat.isReceived, {
      of: ben,
      ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
    }, { after: "15s" });
  });
  const count = (name: string, until: number) =>
    said.filter(({ at, who, event }) =>
      at < until && who === "ben" && event.name === "received" && event.who === name
    ).length;
  assert.equal(count("ana", 15), limits.UNREAD_OF_STRANGER);
  assert.equal(count("cleo", 15), 50);
  assert.equal(count("ana", 40), 50);
});

Deno.test("a device that forgets everything writes anew, and is heard", () => {
  const said = told(30, ({ at, between }, { ana, ben }) => {
    at("2s", ana, chat.write({ to: [ben.peer], text: "before" }));
    between("4s", "5s", crash(ana));
    at("4500ms", wipe(ana));
    at("8s", ana, chat.write({ to: [ben.peer], text: "after" }));
  });
  assert.deepEqual(wordsOf(said, "ben"), ["received before", "received after"]);
});

Deno.test("a letter leaves at once, also in the first moment of a boot", () => {
  const ana = desk("ana"), ben = desk("ben");
  ana.now = 10;
  link(ana, ben);
  ana.protocol.asked!(chat.write({ to: [ben.peer], text: "hello" }), ana.ctx);
  settle([ana, ben], ({ kind }) => kind !== "letters");
  const letters = () => ana.sent.filter(({ message }) => message.kind === "letters").length;
  assert.equal(letters(), 0, "it has left");
  ana.protocol.woke!("again", ana.ctx);
  assert.equal(letters(), 0, "and not again while it is on its way");
  ana.now += limits.AGAIN;
  ana.protocol.woke!("again", ana.ctx);
  assert.equal(letters(), 1);
});

Deno.test("receipts of letters that were never written are told of no faster than letters are taken", () => {
  const ana = desk("ana"), eve = desk("eve");
  link(ana, eve);
  const invent = (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const ids = Array.from({ length: 64 }, (_, at) => new Uint8Array(16).fill(nth).fill(at, 8));
      carry(eve, ana, receiptOf("read", ids, ana.peer, eve.ctx));
    }
  };
  invent(10);
  assert.equal(fates(ana).length, limits.LETTERS_BURST);
  ana.now += 1_000_000;
  invent(10);
  assert.equal(fates(ana).length, limits.LETTERS_BURST + limits.LETTERS_PER_SECOND);
});

Deno.test("what must wait is overtaken by nothing that was written after it", () => {
  const ana = desk("ana"), eve = desk("eve");
  link(ana, eve);
  for (let nth = 0; nth < limits.UNREAD_OF_STRANGER; nth++) {
    eve.protocol.asked!(chat.write({ to: [ana.peer], text: "x" }), eve.ctx);
    settle([ana, eve]);
  }
  eve.protocol.asked!(chat.write({ to: [ana.peer], text: "one too many" }), eve.ctx);
  eve.protocol.asked!(chat.befriend(ana.peer), eve.ctx);
  settle([ana, eve]);
  assert.equal(texts(ana).length, limits.UNREAD_OF_STRANGER);
  assert.equal(ana.told.some(({ name }) => name === "invited"), false);
});

Deno.test("an invitation without an answer, and without a letter, is made again by a restart", () => {
  const ben = "b".repeat(64) as PeerId;
  const first = desk("ana");
  first.protocol.asked!(chat.befriend(ben), first.ctx);
  const book = first.saved.get(`book/${ben}`);
  assert.ok(book !== undefined);
  const again = desk("ana", new Map([[`book/${ben}`, book]]));
  assert.equal([...again.saved.keys()].filter((key) => key.startsWith(`out/${ben}/`)).length, 1);
});
