/** Letters under lock: what is seen on the way, what heals, and what others cannot do. */
import assert from "node:assert/strict";
import { joined, utf8 } from "../../../runtime/core/mod.ts";
import { receiptOf } from "../../../runtime/protocols/chat/receipt.ts";
import { type ChatMessage, chatWire } from "../../../runtime/protocols/chat/wire.ts";
import { chat } from "../../../runtime/protocols/mod.ts";
import { carry, type Desk, desk, fates, link, settle, texts, unlink } from "./desk.ts";

function write(from: Desk, to: Desk, text: string): void {
  from.protocol.asked!(chat.write({ to: [to.peer], text }), from.ctx);
}

/** Ana and Ben, who have written to each other. */
function acquainted(): readonly [Desk, Desk] {
  const ana = desk("ana"), ben = desk("ben");
  link(ana, ben);
  write(ana, ben, "hello");
  settle([ana, ben]);
  write(ben, ana, "hello yourself");
  settle([ana, ben]);
  assert.deepEqual([texts(ana), texts(ben)], [["hello yourself"], ["hello"]]);
  return [ana, ben];
}

/** The same person from these records, linked again. */
function restarted(old: Desk, name: string, records: Map<string, Uint8Array>, other: Desk): Desk {
  unlink(old, other);
  const again = desk(name, records);
  link(again, other);
  return again;
}

const isLetters = ({ kind }: ChatMessage) => kind === "letters";

Deno.test("nothing that is said on the way holds a letter's text", () => {
  const ana = desk("ana"), ben = desk("ben");
  const seen: Uint8Array[] = [];
  link(ana, ben);
  write(ana, ben, "the parrot is dead");
  settle([ana, ben], (message) => seen.push(chatWire.encode(message)) > 0);
  assert.deepEqual(texts(ben), ["the parrot is dead"]);
  const all = joined(...seen).toString();
  assert.equal(all.includes(utf8("parrot").toString()), false);
  assert.ok(utf8("a parrot").toString().includes(utf8("parrot").toString()), "it would be found");
});

Deno.test("letters of one length class are of one length on the way", () => {
  const [ana, ben] = acquainted();
  const lengths = new Set<number>();
  for (const text of ["I", "I do", "no, I do not"]) {
    write(ana, ben, text);
    settle([ana, ben], (message) => {
      if (message.kind === "letters") lengths.add(chatWire.encode(message).length);
      return true;
    });
  }
  assert.equal(lengths.size, 1);
});

Deno.test("a reader who has forgotten everything is written to anew, and sees each letter once", () => {
  const [ana, ben] = acquainted();
  const again = restarted(ben, "ben", new Map([["out/x", new Uint8Array(0)]]), ana);
  write(ana, again, "one");
  write(ana, again, "two");
  settle([ana, again]);
  write(again, ana, "three");
  settle([ana, again]);
  assert.deepEqual(texts(again), ["one", "two"]);
  assert.deepEqual(texts(ana), ["hello yourself", "three"]);
});

Deno.test("a restored backup, of either side, loses nothing that is written after it", () => {
  for (const whose of ["ana", "ben"]) {
    const [ana, ben] = acquainted();
    const backup = new Map((whose === "ana" ? ana : ben).saved);
    for (let nth = 0; nth < 5; nth++) {
      write(ana, ben, `ana ${nth}`);
      write(ben, ana, `ben ${nth}`);
      settle([ana, ben]);
    }
    const old = whose === "ana" ? ana : ben, other = whose === "ana" ? ben : ana;
    const again = restarted(old, whose, backup, other);
    write(again, other, "from the backup");
    write(other, again, "to the backup");
    settle([again, other]);
    assert.equal(texts(other).at(-1), "from the backup", whose);
    assert.equal(texts(again).at(-1), "to the backup", whose);
    assert.equal(texts(other).filter((text) => text === "from the backup").length, 1);
  }
});

Deno.test("a letter that is sent twice is shown once, and confirmed twice", () => {
  const [ana, ben] = acquainted();
  write(ana, ben, "once");
  const letters = ana.sent.find(({ message }) => isLetters(message))!.message;
  settle([ana, ben]);
  carry(ana, ben, letters);
  assert.equal(ben.sent.at(-1)!.message.kind, "kept");
  const again = restarted(ben, "ben", new Map(ben.saved), ana);
  carry(ana, again, letters);
  assert.equal(again.sent.at(-1)!.message.kind, "kept");
  assert.deepEqual(texts(ben), ["hello", "once"]);
  assert.deepEqual(texts(again), ["again hello", "again once"]);
});

Deno.test("a parcel under another letter's name is not taken, and does no harm", () => {
  const [ana, ben] = acquainted();
  write(ana, ben, "mine");
  settle([ana, ben], (message, from) => from !== ana || !isLetters(message));
  ana.now += 10_000_000;
  ana.protocol.woke!("again", ana.ctx);
  const { message } = ana.sent.find((each) => isLetters(each.message))!;
  assert.ok(message.kind === "letters");
  const letters = message.letters.map(({ packet }) => ({ id: new Uint8Array(16), packet }));
  carry(ana, ben, { kind: "letters", letters });
  assert.deepEqual(texts(ben), ["hello"]);
  settle([ana, ben]);
  assert.deepEqual(texts(ben), ["hello", "mine"]);
});

Deno.test("a receipt that the reader has not signed is no receipt, and ends the link", () => {
  const [ana, ben] = acquainted();
  write(ana, ben, "is it there?");
  const { message } = ana.sent.find((each) => isLetters(each.message))!;
  assert.ok(message.kind === "letters");
  const before = fates(ana).length;
  const ids = message.letters.map(({ id }) => id);
  const cleo = desk("cleo");
  for (
    const forged of [
      receiptOf("kept", ids, ana.peer, cleo.ctx),
      { ...receiptOf("kept", ids, ana.peer, ben.ctx), kind: "read" as const },
      receiptOf("kept", ids, cleo.peer, ben.ctx),
      { ...receiptOf("kept", [new Uint8Array(16)], ana.peer, ben.ctx), ids },
    ]
  ) {
    ana.linked.set(ben.peer, ben);
    carry(ben, ana, forged);
    assert.equal(ana.linked.has(ben.peer), false);
  }
  assert.equal(fates(ana).length, before, "nothing was told");
  ana.linked.set(ben.peer, ben);
  carry(ben, ana, receiptOf("kept", ids, ana.peer, ben.ctx));
  assert.equal(fates(ana).at(-1), "delivered");
});

Deno.test("a letter that is kept back on the way is missed when the next one comes", () => {
  const [ana, ben] = acquainted();
  write(ana, ben, "kept back");
  write(ana, ben, "the next one");
  // Somebody on the way says that the first one is there.
  settle([ana, ben], (message, from) => {
    if (from !== ana || message.kind !== "letters" || message.letters.length > 1) return true;
    carry(ben, ana, receiptOf("kept", [message.letters[0]!.id], ana.peer, ben.ctx));
    return false;
  });
  write(ana, ben, "and one more");
  write(ana, ben, "and another");
  ana.now += 10_000_000;
  ana.protocol.woke!("again", ana.ctx);
  settle([ana, ben]);
  assert.ok(ben.told.some(({ name }) => name === "missed"));
});

Deno.test("the key that opened a letter is gone from the disk before the letter is there", () => {
  const ana = desk("ana"), ben = desk("ben");
  link(ana, ben);
  settle([ana, ben]);
  const order: string[] = [], { save } = ben.ctx;
  Object.assign(ben.ctx, {
    save(key: string, bytes?: Uint8Array) {
      order.push(key.split("/")[0]!);
      save(key, bytes);
    },
  });
  for (const text of ["one", "two"]) {
    order.length = 0;
    write(ana, ben, text);
    settle([ana, ben]);
    const [session, letter] = [order.indexOf("session"), order.indexOf("in")];
    assert.ok(session >= 0 && session < letter, order.join());
  }
});
