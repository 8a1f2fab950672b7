/** What a mailbox keeps for whom, how much of it, and for how long. */
import assert from "node:assert/strict";
import type { Context, PeerId } from "../../../runtime/core/mod.ts";
import { Keeper } from "../../../runtime/protocols/mailbox/keeper.ts";
import * as limits from "../../../runtime/protocols/mailbox/limits.ts";
import type { Item, MailboxMessage } from "../../../runtime/protocols/mailbox/wire.ts";

const [ana, ben, eve] = ["a", "b", "e"].map((digit) => digit.repeat(64) as PeerId);
const NOTHING = new Uint8Array(0);

/** A keeper that starts from these records, and all that it says and saves. */
function shelf(records = new Map<string, Uint8Array>()) {
  const saved = new Map(records), sent: [PeerId, MailboxMessage][] = [];
  const ctx = {
    now: 0,
    send: (to: PeerId, message: MailboxMessage) => sent.push([to, message]) > 0,
    save(key: string, bytes: Uint8Array | undefined) {
      if (bytes === undefined) saved.delete(key);
      else saved.set(key, bytes);
    },
  };
  const keeper = new Keeper(true);
  for (const [key, bytes] of [...records].sort(() => -1)) assert.ok(keeper.restore(key, bytes, 0));
  keeper.restored();
  const context = ctx as unknown as Context<MailboxMessage>;
  return {
    keeper,
    ctx,
    saved,
    context,
    open: (peer: PeerId) => keeper.open(peer, Uint8Array.of(7), context),
    /** Brings one parcel: what is answered. */
    bring(from: PeerId, to: PeerId, name: number, packet = Uint8Array.of(name)) {
      ctx.now += 1_000_000;
      sent.length = 0;
      keeper.deposit(from, to, [{ id: idOf(name), packet }], context);
      return sent.map(([, { kind }]) => kind);
    },
    /** Everything that waits for somebody. */
    all(peer: PeerId): readonly Item[] {
      const items: Item[] = [];
      for (;;) {
        sent.length = 0;
        keeper.fetch(peer, items.at(-1)?.order ?? 0, context);
        const [[, page]] = sent as [[PeerId, MailboxMessage]];
        assert.ok(page.kind === "items");
        if (page.items.length === 0) return items;
        items.push(...page.items);
      }
    },
    sent,
  };
}

function idOf(name: number): Uint8Array {
  const id = new Uint8Array(limits.ID_BYTES);
  new DataView(id.buffer).setUint32(0, name);
  return id;
}

const names = (items: readonly Item[]) =>
  items.map(({ id }) => new DataView(id.buffer, id.byteOffset).getUint32(0));

Deno.test("parcels wait in the order in which they came, over a restart, until they are taken", () => {
  const first = shelf();
  first.open(ben!);
  for (let name = 0; name < 12; name++) {
    assert.deepEqual(first.bring(name % 2 === 0 ? ana! : eve!, ben!, name), ["held", "news"]);
  }
  const again = shelf(first.saved);
  assert.deepEqual(names(again.all(ben!)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  again.keeper.taken(ben!, [idOf(0), idOf(5)], again.context);
  const third = shelf(again.saved);
  assert.deepEqual(names(third.all(ben!)), [1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(names(third.all(ana!)), []);
});

Deno.test("nothing is kept for who has not asked for it, nor taken by who does not own it", () => {
  const { bring, open, all, keeper, context } = shelf();
  assert.deepEqual(bring(ana!, ben!, 1), ["declined"]);
  open(ben!);
  assert.deepEqual(bring(ana!, ben!, 1), ["held", "news"]);
  keeper.taken(eve!, [idOf(1)], context);
  keeper.taken(ana!, [idOf(1)], context);
  assert.equal(all(ben!).length, 1);
  assert.equal(all(ana!).length, 0);
});

Deno.test("the same parcel again is kept once; sealed anew, it takes its own place", () => {
  const { bring, open, all } = shelf();
  open(ben!);
  bring(ana!, ben!, 1);
  bring(ana!, ben!, 2);
  assert.deepEqual(bring(ana!, ben!, 1, Uint8Array.of(9, 9)), ["held", "news"]);
  const items = all(ben!);
  assert.deepEqual(names(items), [1, 2]);
  assert.deepEqual(items[0]!.packet, Uint8Array.of(9, 9));
  bring(eve!, ben!, 1);
  assert.equal(all(ben!).length, 3, "another sender's is another one");
});

Deno.test("one sender fills a part, all together a mailbox, and every owner one of so many", () => {
  const box = shelf();
  box.open(ben!);
  for (let name = 0; name < limits.PARCELS_OF_SENDER; name++) box.bring(ana!, ben!, name);
  assert.deepEqual(box.bring(ana!, ben!, 9_999), ["declined"]);
  assert.deepEqual(box.bring(eve!, ben!, 9_999), ["held", "news"]);
  for (let owner = 1; owner < limits.OWNERS; owner++) {
    box.open(owner.toString(16).padStart(64, "0") as PeerId);
  }
  box.sent.length = 0;
  box.open(eve!);
  assert.deepEqual(box.sent.map(([, { kind }]) => kind), ["full"]);
});

Deno.test("what is kept of all together has a bound in bytes", () => {
  const box = shelf();
  const large = new Uint8Array(limits.PACKET_BYTES);
  let held = 0;
  for (let owner = 1; owner <= limits.OWNERS; owner++) {
    const peer = owner.toString(16).padStart(64, "0") as PeerId;
    box.open(peer);
    for (let name = 0; name < 16; name++) {
      if (box.bring(ana!, peer, name, large)[0] === "held") held++;
    }
  }
  assert.equal(held, Math.floor(limits.BYTES / limits.PACKET_BYTES));
});

Deno.test("what the disk refuses was not held; what nobody fetches is forgotten in two weeks", () => {
  const box = shelf();
  box.open(ben!);
  box.bring(ana!, ben!, 1);
  box.bring(ana!, ben!, 2);
  const { order } = box.all(ben!)[1]!;
  box.saved.delete(`item/${ben}/${order}`);
  box.keeper.refused(ben!, order);
  assert.deepEqual(names(box.all(ben!)), [1]);
  const days = limits.KEPT_FOR / limits.DAY;
  for (let day = 1; day <= days; day++) {
    assert.equal(box.all(ben!).length, 1, `day ${day}`);
    box.ctx.now += limits.DAY;
    box.keeper.aDayLater(box.context);
  }
  assert.deepEqual(box.all(ben!), []);
  assert.equal([...box.saved.keys()].some((key) => key.startsWith("item/")), false);
});

Deno.test("a restart makes no parcel young again", () => {
  const box = shelf();
  box.open(ben!);
  box.bring(ana!, ben!, 1);
  box.ctx.now += limits.KEPT_FOR - limits.DAY;
  box.keeper.aDayLater(box.context);
  const again = shelf(box.saved);
  assert.equal(again.all(ben!).length, 1);
  again.ctx.now += 2 * limits.DAY;
  again.keeper.aDayLater(again.context);
  assert.equal(again.all(ben!).length, 0);
});

Deno.test("who asks how to write to somebody is given what they left, at a bounded rate", () => {
  const { keeper, context, open, sent } = shelf();
  open(ben!);
  sent.length = 0;
  keeper.inquire(ana!, ben!, context);
  keeper.inquire(ana!, eve!, context);
  assert.deepEqual(sent.map(([, message]) => message), [
    { kind: "answer", peer: ben, bundle: Uint8Array.of(7) },
    { kind: "answer", peer: eve, bundle: undefined },
  ]);
  for (let nth = 0; nth < 1_000; nth++) keeper.inquire(ana!, ben!, context);
  assert.equal(sent.length, limits.ASKED_BURST);
});

Deno.test("who is not willing keeps nothing, and says nothing of it", () => {
  const { keeper, context, sent } = shelf();
  keeper.isServing = false;
  keeper.joined(ana!, context);
  assert.equal(sent.length, 0);
  keeper.open(ana!, NOTHING, context);
  assert.deepEqual(sent.map(([, { kind }]) => kind), ["full"]);
});
