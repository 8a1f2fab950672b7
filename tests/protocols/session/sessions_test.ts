/** Conversations of two devices: who begins, who forgets, who replays; all come to one in the end. */
import assert from "node:assert/strict";
import {
  type Crypto,
  identityFrom,
  type PeerId,
  type PeerKeys,
  Stream,
  utf8,
} from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import * as limits from "../../../runtime/protocols/session/limits.ts";
import { type Bundle, packetWire, Sessions } from "../../../runtime/protocols/session/mod.ts";

/** A device with its conversations, and what it has saved. */
function device(name: string, records = new Map<string, Uint8Array>(), life = 0) {
  const identity = identityFrom(noble.sha256(utf8(name)), noble);
  const random = new Stream(`${name} ${life}`);
  const saved = new Map(records);
  const save = (key: string, bytes: Uint8Array | undefined) => {
    if (bytes === undefined) saved.delete(key);
    else saved.set(key, bytes);
  };
  const ctx = { identity, random, crypto: noble as Crypto, now: 0, boot: life, save };
  const sessions = new Sessions();
  for (const [key, bytes] of records) assert.ok(sessions.restore(key, bytes), key);
  const { peer, keys } = identity;
  return {
    peer,
    keys: keys as PeerKeys,
    ctx,
    saved,
    sessions,
    bundle: () => sessions.bundle(ctx),
    begin: (to: PeerId, bundle: Bundle) => sessions.begin(to, bundle, ctx),
    write(to: PeerId, text: string) {
      const packet = sessions.seal(to, utf8(text), ctx);
      sessions.save(ctx);
      return packet!;
    },
    read(from: PeerId, packet: Uint8Array) {
      const clear = sessions.open(from, packet, ctx);
      sessions.save(ctx);
      return clear && new TextDecoder().decode(clear);
    },
    /** The same device, started again from what it had saved then. */
    again: (then = saved) => device(name, new Map(then), life + 1),
  };
}

type Device = ReturnType<typeof device>;

function speaking(): readonly [Device, Device] {
  const ana = device("ana"), ben = device("ben");
  assert.ok(ana.begin(ben.peer, ben.bundle()));
  assert.equal(ben.read(ana.peer, ana.write(ben.peer, "hello")), "hello");
  assert.equal(ana.read(ben.peer, ben.write(ana.peer, "hello yourself")), "hello yourself");
  return [ana, ben];
}

/** Both write until the other reads it: what each says arrives. */
function claimSpeaking(one: Device, other: Device): void {
  for (const text of ["first", "second", "third"]) {
    assert.equal(other.read(one.peer, one.write(other.peer, text)), text);
    assert.equal(one.read(other.peer, other.write(one.peer, text)), text);
  }
}

const kindOf = (packet: Uint8Array) => packetWire.decode(packet)!.kind;

Deno.test("who begins says how with every message until an answer has come", () => {
  const ana = device("ana"), ben = device("ben");
  ana.begin(ben.peer, ben.bundle());
  const packets = ["one", "two", "three"].map((text) => ana.write(ben.peer, text));
  assert.deepEqual(packets.map(kindOf), ["first", "first", "first"]);
  assert.equal(ben.read(ana.peer, packets[2]!), "three", "whichever comes first");
  assert.equal(ben.read(ana.peer, packets[0]!), "one");
  assert.equal(ana.read(ben.peer, ben.write(ana.peer, "heard")), "heard");
  assert.equal(kindOf(ana.write(ben.peer, "four")), "later");
  assert.equal(ben.read(ana.peer, packets[1]!), "two");
});

Deno.test("a first message is at most 2.6 KB with the post-quantum key, a later one 80 bytes above its text", () => {
  const [ana, ben] = speaking();
  assert.ok(ana.write(ben.peer, "x".repeat(63)).length - 64 <= 80);
  const cleo = device("cleo");
  const bundle = ana.bundle();
  cleo.begin(ana.peer, bundle);
  const contact = cleo.write(ana.peer, "hello").length;
  assert.ok(contact <= 2_600, `${contact} bytes`);
});

Deno.test("both begin at once, in every order of arrival: they come to one conversation", () => {
  // What each has said first, and answered, arrives in all 24 orders.
  const orders = permutations(["ana 1", "ana 2", "ben 1", "ben 2"]);
  assert.equal(orders.length, 24);
  for (const order of orders) {
    const ana = device("ana"), ben = device("ben");
    const bundles = [ana.bundle(), ben.bundle()] as const;
    ana.begin(ben.peer, bundles[1]);
    ben.begin(ana.peer, bundles[0]);
    const packets: Record<string, Uint8Array> = {
      "ana 1": ana.write(ben.peer, "ana 1"),
      "ana 2": ana.write(ben.peer, "ana 2"),
      "ben 1": ben.write(ana.peer, "ben 1"),
      "ben 2": ben.write(ana.peer, "ben 2"),
    };
    for (const text of order) {
      const [to, from] = text.startsWith("ana") ? [ben, ana] : [ana, ben];
      assert.equal(to.read(from.peer, packets[text]!), text, order.join());
    }
    claimSpeaking(ana, ben);
    assert.deepEqual(spoken(ana, ben), spoken(ben, ana), order.join());
  }
});

/** The name of the conversation that is spoken: what the record has first. */
function spoken({ saved }: Device, { peer }: Device): string {
  return saved.get(`session/${peer}`)!.slice(0, 1 + 32).toString();
}

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest])
  );
}

Deno.test("what is read once is not read again, whichever kind of message it is", () => {
  const ana = device("ana"), ben = device("ben");
  ana.begin(ben.peer, ben.bundle());
  const first = ana.write(ben.peer, "first");
  assert.equal(ben.read(ana.peer, first), "first");
  assert.equal(ben.read(ana.peer, first), undefined);
  ana.read(ben.peer, ben.write(ana.peer, "answer"));
  const later = ana.write(ben.peer, "later");
  assert.equal(ben.read(ana.peer, later), "later");
  assert.equal(ben.read(ana.peer, later), undefined);
  claimSpeaking(ana, ben);
});

Deno.test("the replay of a first message begins nothing, even when its conversation is forgotten", () => {
  for (const lasting of [false, true]) {
    const ana = device("ana"), ben = device("ben");
    ana.begin(ben.peer, lasting ? ben.sessions.lastingBundle(ben.ctx) : ben.bundle());
    const first = ana.write(ben.peer, "pay him");
    assert.equal(ben.read(ana.peer, first), "pay him");
    ben.saved.delete(`session/${ana.peer}`);
    const again = ben.again();
    assert.equal(again.read(ana.peer, first), undefined, `lasting ${lasting}`);
  }
});

Deno.test("a one-time prekey opens one conversation: the second to claim it is refused", () => {
  const ana = device("ana"), ben = device("ben"), cleo = device("cleo");
  const bundle = ben.bundle();
  ana.begin(ben.peer, bundle);
  cleo.begin(ben.peer, bundle);
  assert.equal(ben.read(ana.peer, ana.write(ben.peer, "first")), "first");
  assert.equal(ben.read(cleo.peer, cleo.write(ben.peer, "second")), undefined);
});

Deno.test("a bundle of last resort serves many, and does not change until its signed prekey does", () => {
  const ben = device("ben");
  const bundle = ben.sessions.lastingBundle(ben.ctx);
  assert.equal(bundle.once, undefined);
  for (const name of ["ana", "cleo", "dan"]) {
    const other = device(name);
    other.begin(ben.peer, bundle);
    assert.equal(ben.read(other.peer, other.write(ben.peer, name)), name);
  }
  assert.deepEqual(ben.sessions.lastingBundle(ben.ctx), bundle);
  assert.deepEqual(ben.again().sessions.lastingBundle(ben.ctx), bundle);
  ben.ctx.now += limits.SIGNED_FOR;
  const next = ben.sessions.lastingBundle(ben.ctx);
  assert.notEqual(next.signed.id, bundle.signed.id);
  assert.notEqual(next.kem!.id, bundle.kem!.id);
  const eve = device("eve");
  eve.begin(ben.peer, bundle);
  assert.equal(ben.read(eve.peer, eve.write(ben.peer, "late")), "late", "the one before opens too");
});

Deno.test("a signed prekey of too many generations ago opens nothing", () => {
  const ana = device("ana"), ben = device("ben");
  ana.begin(ben.peer, ben.bundle());
  const letter = ana.write(ben.peer, "stale");
  for (let generation = 0; generation < limits.SIGNED_PREKEYS; generation++) {
    ben.ctx.now += limits.SIGNED_FOR;
    ben.bundle();
  }
  assert.equal(ben.read(ana.peer, letter), undefined);
});

Deno.test("prekeys given out are bounded, and the newest work", () => {
  const ana = device("ana"), ben = device("ben");
  const first = ben.bundle();
  for (let nth = 0; nth < limits.ONCE_PREKEYS; nth++) ben.bundle();
  const kept = [...ben.saved.keys()].filter((key) => key.startsWith("prekey/once/"));
  assert.equal(kept.length, limits.ONCE_PREKEYS);
  ana.begin(ben.peer, first);
  assert.equal(ben.read(ana.peer, ana.write(ben.peer, "too late")), undefined);
  ana.begin(ben.peer, ben.bundle());
  assert.equal(ben.read(ana.peer, ana.write(ben.peer, "anew")), "anew");
});

Deno.test("somebody else's bundle begins nothing, nor does one with a changed byte", () => {
  const ana = device("ana"), ben = device("ben"), cleo = device("cleo");
  assert.equal(ana.begin(ben.peer, cleo.bundle()), false);
  const bundle = ben.bundle();
  const changed = (bytes: Uint8Array) => bytes.with(5, bytes[5]! ^ 1);
  const { signed, kem } = bundle;
  const wrong: Bundle[] = [
    { ...bundle, sign: cleo.keys.sign },
    { ...bundle, agree: cleo.keys.agree },
    { ...bundle, signed: { ...signed, key: changed(signed.key) } },
    { ...bundle, signed: { ...signed, signature: changed(signed.signature) } },
    { ...bundle, kem: { ...kem!, key: changed(kem!.key) } },
    { ...bundle, kem: undefined },
  ];
  for (const each of wrong) assert.equal(ana.begin(ben.peer, each), false);
  assert.ok(ana.begin(ben.peer, bundle));
});

Deno.test("what cannot be opened leaves the device as it was, to the byte", () => {
  const [ana, ben] = speaking();
  const before = [...ben.saved].toString();
  const eve = device("eve");
  eve.begin(ben.peer, ben.bundle());
  const after = [...ben.saved].toString();
  assert.notEqual(after, before, "the bundle's secrets were saved");
  const letter = ana.write(ben.peer, "letter"), first = eve.write(ben.peer, "first");
  for (const [from, packet] of [[ana, letter], [eve, first]] as const) {
    for (let at = 0; at < packet.length; at += from === ana ? 1 : 7) {
      const flipped = packet.with(at, packet[at]! ^ 0x10);
      assert.equal(ben.read(from.peer, flipped), undefined, `byte ${at} of ${packet.length}`);
      assert.equal(ben.read(from.peer, packet.subarray(0, at)), undefined, `cut at ${at}`);
    }
  }
  assert.equal([...ben.saved].toString(), after);
  assert.equal(ben.read(ana.peer, letter), "letter");
  assert.equal(ben.read(eve.peer, first), "first");
});

Deno.test("one's own message, and another conversation's, are not read", () => {
  const [ana, ben] = speaking();
  const cleo = device("cleo");
  cleo.begin(ben.peer, ben.bundle());
  ben.read(cleo.peer, cleo.write(ben.peer, "hello"));
  const letter = ana.write(ben.peer, "for ben");
  assert.equal(ana.read(ben.peer, letter), undefined, "reflected");
  assert.equal(ben.read(cleo.peer, letter), undefined, "under another's name");
  const fromBen = ben.write(cleo.peer, "for cleo");
  assert.equal(ana.read(ben.peer, fromBen), undefined);
});

Deno.test("both have forgotten everything: they begin anew, and speak", () => {
  const [ana, ben] = speaking();
  const one = ana.again(new Map()), other = ben.again(new Map());
  assert.equal(one.sessions.speaksTo(ben.peer), false);
  one.begin(ben.peer, other.bundle());
  assert.equal(other.read(ana.peer, one.write(ben.peer, "again")), "again");
  claimSpeaking(one, other);
});

Deno.test("one was restored to an earlier day: what it says is refused, and the next beginning heals", () => {
  const [ana, ben] = speaking();
  const backup = new Map(ben.saved);
  claimSpeaking(ana, ben);
  const restored = ben.again(backup);
  assert.equal(ana.read(ben.peer, restored.write(ana.peer, "from the past")), undefined);
  assert.equal(restored.read(ana.peer, ana.write(ben.peer, "from the future")), undefined);
  restored.begin(ana.peer, ana.bundle());
  ana.begin(ben.peer, restored.bundle());
  const [one, other] = [ana.write(ben.peer, "one"), restored.write(ana.peer, "other")];
  assert.equal(restored.read(ana.peer, one), "one");
  assert.equal(ana.read(ben.peer, other), "other");
  claimSpeaking(ana, restored);
});

Deno.test("a cloned device never seals two texts alike, though both have the same state", () => {
  const [ana, ben] = speaking();
  const clone = ana.again();
  const packets = [ana.write(ben.peer, "same text"), clone.write(ben.peer, "same text")];
  assert.notDeepEqual(packets[0], packets[1]);
  assert.deepEqual(packets.map((packet) => ben.read(ana.peer, packet)), ["same text", undefined]);
});

Deno.test("at most five conversations with one peer are kept, the newest of them", () => {
  const [ana, ben] = speaking();
  for (let nth = 0; nth < 10; nth++) ana.begin(ben.peer, ben.bundle());
  assert.equal(ben.read(ana.peer, ana.write(ben.peer, "newest")), "newest");
  const restored = ana.again();
  assert.equal(ana.saved.get(`session/${ben.peer}`)![0], limits.SESSIONS);
  assert.equal(ben.read(ana.peer, restored.write(ben.peer, "after a restart")), "after a restart");
});

Deno.test("ten thousand messages that nobody can open do not keep the others from being read", () => {
  const [ana, ben] = speaking();
  const junk = ana.write(ben.peer, "junk");
  const random = new Stream("junk");
  for (let nth = 0; nth < 10_000; nth++) {
    const at = 2 + random.below(junk.length - 2);
    assert.equal(ben.read(ana.peer, junk.with(at, junk[at]! ^ (1 + random.below(255)))), undefined);
  }
  assert.equal(ben.read(ana.peer, junk), "junk");
});
