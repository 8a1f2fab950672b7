/** What a conversation must not do, whatever reaches it: refused without a change, or harmless. */
import assert from "node:assert/strict";
import { type Crypto, identityFrom, type Random, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { noncesChecked } from "../../../sim/nonces.ts";
import * as limits from "../../../runtime/protocols/session/limits.ts";
import {
  type Bundle,
  initiated,
  opened,
  packetWire,
  responded,
  sealed,
  Sessions,
} from "../../../runtime/protocols/session/mod.ts";
import { conversation, Person } from "./two.ts";

/** A key in another form: X25519 gives the same with it, and it is other bytes. */
function otherwise(key: Uint8Array): Uint8Array {
  const other = key.slice();
  other[31]! |= 0x80;
  return other;
}

Deno.test("a key in another form than the one that counts begins, answers and turns nothing", () => {
  const ana = new Person("ana", noble), ben = new Person("ben", noble);
  const { bundle, secrets } = ben.prekeys();
  assert.notEqual(initiated(ana.identity, bundle, ana.tools), undefined);
  const once = { ...bundle.once!, key: otherwise(bundle.once!.key) };
  for (const odd of [{ ...bundle, once }, { ...bundle, agree: otherwise(bundle.agree) }]) {
    assert.equal(initiated(ana.identity, odd, ana.tools), undefined);
  }
  const { opening } = initiated(ana.identity, bundle, ana.tools)!;
  const odd = { ...opening, ephemeral: otherwise(opening.ephemeral) };
  assert.equal(responded(ben.identity, ana.identity.keys, odd, secrets, ben.tools), undefined);

  const { ana: writer, ben: reader } = conversation({}, noble);
  writer.state = { ...writer.state, ours: otherwise(writer.state.ours) };
  const before = reader.state;
  assert.equal(reader.read(writer.write("hello")), undefined);
  assert.equal(reader.state, before);
});

Deno.test("a counter at its end seals nothing more, and one beyond it is refused", () => {
  const { ana, ben } = conversation({}, noble);
  const at = (count: number) => ({ ...ana.state, sending: { ...ana.state.sending!, count } });
  assert.equal(sealed(at(limits.COUNT), utf8("x"), ana.about, ana.tools), undefined);
  const last = sealed(at(limits.COUNT - 1), utf8("x"), ana.about, ana.tools)!;
  const before = ben.state;
  assert.equal(ben.read(last.bytes), undefined, "too far ahead, and no work is done for it");
  assert.equal(ben.state, before);
  // 2^32 - 1 cannot be written by an honest device; by another one it is no heading.
  const beyond = { ...at(0), previous: 0xffff_ffff };
  const { bytes } = sealed(beyond, utf8("x"), ana.about, ana.tools)!;
  assert.equal(opened(ben.state, bytes, ben.about, ben.tools), undefined);
});

Deno.test("nobody on the way takes the KEM out of a bundle, and the curve alone is never taken for both", () => {
  const ana = new Person("ana", noble), ben = new Person("ben", noble);
  const { bundle, secrets } = ben.prekeys();
  const weaker: Bundle = { ...bundle, kem: undefined };
  assert.equal(initiated(ana.identity, weaker, ana.tools), undefined);
  const first = initiated(ana.identity, bundle, ana.tools)!;
  const { kem: _gone, ...opening } = first.opening;
  const answer = responded(
    ben.identity,
    ana.identity.keys,
    { ...opening, kem: undefined },
    secrets,
    ben.tools,
  )!;
  const { bytes } = sealed(first.state, utf8("hello"), new Uint8Array(32), ana.tools)!;
  assert.equal(opened(answer, bytes, new Uint8Array(32), ben.tools), undefined);
});

Deno.test("a changed byte of the KEM's ciphertext opens nothing, and is no error either", () => {
  const ana = new Person("ana", noble), ben = new Person("ben", noble);
  const { bundle, secrets } = ben.prekeys();
  const first = initiated(ana.identity, bundle, ana.tools)!;
  const about = new Uint8Array(32);
  const { bytes } = sealed(first.state, utf8("hello"), about, ana.tools)!;
  for (const at of [0, 500, 1087]) {
    const cipherText = first.opening.kem!.sealed.slice();
    cipherText[at]! ^= 1;
    const opening = { ...first.opening, kem: { ...first.opening.kem!, sealed: cipherText } };
    const state = responded(ben.identity, ana.identity.keys, opening, secrets, ben.tools)!;
    assert.equal(opened(state, bytes, about, ben.tools), undefined);
  }
});

/** A device whose chance is as given. */
function device(name: string, random: Random, crypto: Crypto = noble) {
  const identity = identityFrom(noble.sha256(utf8(name)), noble);
  const saved = new Map<string, Uint8Array>();
  const save = (key: string, bytes?: Uint8Array) => void (bytes && saved.set(key, bytes));
  const ctx = { identity, random, crypto, now: 0, boot: 0, save };
  return { peer: identity.peer, ctx, saved, sessions: new Sessions() };
}

Deno.test("a packet of a kind that nobody knows, and one with a byte too many, are none", () => {
  const ana = device("ana", new Stream("ana")), ben = device("ben", new Stream("ben"));
  ana.sessions.begin(ben.peer, ben.sessions.bundle(ben.ctx), ana.ctx);
  const packet = ana.sessions.seal(ben.peer, utf8("hello"), ana.ctx)!;
  const kinds = packetWire.kinds.length;
  for (const kind of [kinds, kinds + 1, 0x7f, 0xff]) {
    const unknown = packet.slice();
    unknown[0] = kind;
    assert.equal(ben.sessions.open(ana.peer, unknown, ben.ctx), undefined);
  }
  const longer = new Uint8Array([...packet, 0]);
  assert.equal(ben.sessions.open(ana.peer, longer, ben.ctx), undefined);
  assert.notEqual(ben.sessions.open(ana.peer, packet, ben.ctx), undefined);
});

/** A generator that is broken: always the same. */
class Constant extends Stream {
  override u32(): number {
    return 0x5a5a5a5a;
  }
}

Deno.test("with a generator that gives constants no key and nonce serve two texts, not even after a restore", () => {
  const reused: string[] = [];
  const crypto = noncesChecked(noble, (kind) => reused.push(kind));
  const ana = device("ana", new Constant("broken"), crypto), ben = device("ben", new Stream("ben"));
  ana.sessions.begin(ben.peer, ben.sessions.bundle(ben.ctx), ana.ctx);
  for (const text of ["one", "two", "three"]) ana.sessions.seal(ben.peer, utf8(text), ana.ctx);
  ana.sessions.save(ana.ctx);
  const backup = new Map(ana.saved);
  ana.sessions.seal(ben.peer, utf8("said before the restore"), ana.ctx);
  const again = new Sessions();
  for (const [key, bytes] of backup) again.restore(key, bytes);
  again.seal(ben.peer, utf8("said after the restore"), ana.ctx);
  assert.deepEqual(reused, []);
  // And the check would see it: the very same text once more is the very same seal.
  const twin = new Sessions();
  for (const [key, bytes] of backup) twin.restore(key, bytes);
  twin.seal(ben.peer, utf8("said after the restore"), ana.ctx);
  assert.deepEqual(reused, ["a key of headings", "a key of texts"]);
});

Deno.test("a backup that is a month old reads nothing of what it missed, begins anew, and is read", () => {
  const ana = device("ana", new Stream("ana")), ben = device("ben", new Stream("ben"));
  ana.sessions.begin(ben.peer, ben.sessions.bundle(ben.ctx), ana.ctx);
  const hello = ana.sessions.seal(ben.peer, utf8("hello"), ana.ctx)!;
  ben.sessions.open(ana.peer, hello, ben.ctx);
  ben.sessions.save(ben.ctx);
  const backup = new Map(ben.saved);
  for (let day = 0; day < 30; day++) {
    const later = { ...ben.ctx, now: day * 24 * 60 * 60_000_000, boot: day };
    ben.sessions.open(ana.peer, ana.sessions.seal(ben.peer, utf8(`day ${day}`), ana.ctx)!, later);
    ana.sessions.open(ben.peer, ben.sessions.seal(ana.peer, utf8("yes"), later)!, ana.ctx);
  }
  const old = new Sessions();
  for (const [key, bytes] of backup) old.restore(key, bytes);
  const ctx = { ...ben.ctx, random: new Stream("ben again"), now: 1, boot: 31 };
  const packet = ana.sessions.seal(ben.peer, utf8("still there?"), ana.ctx)!;
  assert.equal(old.open(ana.peer, packet, ctx), undefined);
  assert.ok(ana.sessions.begin(ben.peer, old.bundle(ctx), ana.ctx));
  const anew = ana.sessions.seal(ben.peer, utf8("still there?"), ana.ctx)!;
  assert.notEqual(old.open(ana.peer, anew, ctx), undefined);
});
