/** Letters from person to person: what both sides are told, and what strangers cannot do. */
import assert from "node:assert/strict";
import { type AppEvent, type PeerId, Stream } from "../../../runtime/core/mod.ts";
import { Outbox } from "../../../runtime/protocols/chat/outbox.ts";
import { chat } from "../../../runtime/protocols/mod.ts";
import { crash, wipe } from "../../../sim/mod.ts";
import * as limits from "../../../runtime/protocols/chat/limits.ts";
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
    "refused malformed",
    "refused malformed",
    `accepted ${longest}`,
    "delivered",
  ]);
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
  const sent: unknown[] = [];
  const save = () => {}, send = (_: unknown, message: unknown) => sent.push(message) > 0;
  const ctx = { now: 10, save, send } as unknown as Parameters<Outbox["send"]>[2];
  const outbox = new Outbox();
  const peer = "a".repeat(64) as PeerId, id = new Uint8Array(16);
  outbox.post(peer, { id, purpose: "text", toAll: false, who: "", text: "hello" }, ctx);
  outbox.send(peer, ctx.now - limits.AGAIN, ctx);
  assert.equal(sent.length, 1);
  outbox.send(peer, ctx.now - limits.AGAIN, ctx);
  assert.equal(sent.length, 1, "and not again while it is on its way");
});

Deno.test("receipts of letters that were never written are told of no faster than letters are taken", () => {
  const told: AppEvent[] = [];
  const protocol = chat.chat();
  let now = 1_000_000;
  const ctx = {
    get now() {
      return now;
    },
    send: () => true,
    save: () => {},
    tell: (event: AppEvent) => told.push(event),
  } as unknown as Parameters<NonNullable<typeof protocol.started>>[1];
  protocol.started!({ records: new Map(), kept: [] }, ctx);
  const eve = "e".repeat(64) as PeerId;
  const invent = (count: number) => {
    for (let nth = 0; nth < count; nth++) {
      const ids = Array.from({ length: 64 }, (_, at) => new Uint8Array(16).fill(nth).fill(at, 8));
      protocol.received({ kind: "read", ids }, eve, undefined, ctx);
    }
  };
  invent(100);
  assert.equal(told.length, limits.LETTERS_BURST);
  now += 1_000_000;
  invent(100);
  assert.equal(told.length, limits.LETTERS_BURST + limits.LETTERS_PER_SECOND);
});

/** A chat without a world: what it saves and sends, with friends and rates of its own. */
function alone(records: ReadonlyMap<string, Uint8Array> = new Map()) {
  const saved = new Map<string, Uint8Array | undefined>();
  const sent: { readonly kind: string; readonly ids?: readonly Uint8Array[] }[] = [];
  const told: AppEvent[] = [];
  const protocol = chat.chat();
  const random = new Stream("alone");
  const ctx = {
    now: 1_000_000,
    random,
    isLinked: () => true,
    hold: () => {},
    release: () => {},
    wake: () => {},
    send: (_: PeerId, message: { readonly kind: string }) => sent.push(message) > 0,
    save: (key: string, bytes: Uint8Array | undefined) => void saved.set(key, bytes),
    tell: (event: AppEvent) => told.push(event),
  } as unknown as Parameters<NonNullable<typeof protocol.started>>[1];
  protocol.started!({ records, kept: [] }, ctx);
  return { protocol, ctx, saved, sent, told };
}

Deno.test("what must wait is overtaken by nothing that was written after it", () => {
  const { protocol, ctx, sent, told } = alone();
  const eve = "e".repeat(64) as PeerId;
  const letter = (nth: number, purpose: "text" | "invite") =>
    ({ id: new Uint8Array(16).fill(nth), purpose, toAll: false, who: "Eve", text: "x" }) as const;
  const receive = (...letters: ReturnType<typeof letter>[]) =>
    protocol.received({ kind: "letters", letters }, eve, undefined, ctx);
  for (let nth = 0; nth < limits.UNREAD_OF_STRANGER; nth++) receive(letter(nth, "text"));
  sent.length = 0;
  receive(letter(100, "text"), letter(101, "invite"));
  assert.deepEqual(sent, [], "nothing is confirmed");
  assert.equal(told.some(({ name }) => name === "invited"), false);
});

Deno.test("an invitation without an answer, and without a letter, is made again by a restart", () => {
  const ben = "b".repeat(64) as PeerId;
  const first = alone();
  first.protocol.asked!(chat.befriend(ben), first.ctx);
  const book = first.saved.get(`book/${ben}`);
  assert.ok(book !== undefined);
  const again = alone(new Map([[`book/${ben}`, book]]));
  assert.equal([...again.saved.keys()].filter((key) => key.startsWith(`out/${ben}/`)).length, 1);
});
