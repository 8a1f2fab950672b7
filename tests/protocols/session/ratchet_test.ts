/** The ratchet under everything that a network, a thief or a restored backup does to it. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import * as limits from "../../../runtime/protocols/session/limits.ts";
import { conversation, Side } from "./two.ts";

Deno.test("two hundred messages each way, lost, late and in any order: each is read once", () => {
  for (let seed = 0; seed < 20; seed++) {
    const random = new Stream(`order ${seed}`);
    const { ana, ben } = conversation({ kem: seed % 2 === 0, once: seed % 3 === 0 });
    const ways: { from: Side; to: Side; flying: { bytes: Uint8Array; text: string }[] }[] = [
      { from: ana, to: ben, flying: [] },
      { from: ben, to: ana, flying: [] },
    ];
    assert.equal(ben.read(ana.write("first")), "first");
    const seen = new Set<string>();
    let written = 0, lost = 0;
    for (let turn = 0; turn < 400; turn++) {
      const { from, to, flying } = ways[random.below(2)]!;
      const text = `message ${written++}`;
      const bytes = from.write(text);
      if (random.below(20) === 0) lost++;
      else flying.push({ bytes, text });
      while (flying.length > 0 && random.below(3) === 0) {
        const [next] = flying.splice(random.below(flying.length), 1);
        assert.equal(to.read(next!.bytes), next!.text);
        assert.equal(to.read(next!.bytes), undefined, "once");
        seen.add(next!.text);
      }
    }
    for (const { to, flying } of ways) {
      for (const { bytes, text } of flying) {
        assert.equal(to.read(bytes), text);
        seen.add(text);
      }
    }
    assert.equal(seen.size, written - lost);
  }
});

Deno.test("node:crypto and noble give the same bytes", () => {
  const [one, other] = [nodeCrypto, noble].map((crypto) => {
    const { ana, ben, opening } = conversation({}, crypto);
    const bytes = ana.write("hello");
    assert.equal(ben.read(bytes), "hello");
    return [opening, bytes, ben.write("hello yourself")];
  });
  assert.deepEqual(one, other);
});

Deno.test("a byte changed, or cut off, anywhere: refused, and nothing has changed", () => {
  const { ana, ben } = conversation();
  ben.read(ana.write("first"));
  const bytes = ana.write("second");
  const before = ben.state;
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1 << (at % 8);
    assert.equal(ben.read(changed), undefined, `byte ${at}`);
    assert.equal(ben.read(bytes.subarray(0, at)), undefined, `cut at ${at}`);
  }
  assert.equal(ben.state, before);
  assert.equal(ben.read(bytes), "second");
});

Deno.test("a jump over 1,000 messages is read, over 1,001 is refused without any work", () => {
  for (const [jump, isRead] of [[999, true], [1_000, true], [1_001, false]] as const) {
    const { ana, ben } = conversation();
    ben.read(ana.write("first"));
    for (let count = 0; count < jump; count++) ana.write("missing");
    assert.equal(ben.read(ana.write("here")) === "here", isRead, `${jump}`);
    assert.equal(ben.state.skipped.length, isRead ? jump : 0);
  }
});

Deno.test("the keys of missing messages are bounded, and the oldest go first", () => {
  const { ana, ben } = conversation();
  ben.read(ana.write("first"));
  const missing: Uint8Array[] = [];
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 900; count++) missing.push(ana.write(`${round}/${count}`));
    assert.equal(ben.read(ana.write("here")), "here");
    assert.equal(ana.read(ben.write("answer")), "answer");
  }
  assert.equal(ben.state.skipped.length, limits.SKIPPED);
  assert.equal(ben.read(missing[0]!), undefined);
  assert.equal(ben.read(missing.at(-1)!), "2/899");
});

Deno.test("what one says cannot be played back to it, nor into another session", () => {
  const one = conversation(), other = conversation({ once: false });
  const bytes = one.ana.write("hello");
  assert.equal(one.ana.read(bytes), undefined);
  assert.equal(other.ben.read(bytes), undefined);
  const front = bytes.subarray(0, 60);
  const mixed = Uint8Array.from([...front, ...other.ana.write("hello").subarray(60)]);
  assert.equal(one.ben.read(mixed), undefined);
  assert.equal(one.ben.read(bytes), "hello");
});

Deno.test("who thinks that others are meant reads nothing", () => {
  const { ana, ben } = conversation();
  const misled = new Side(ben.state, ben.about.slice().fill(7), ben.tools);
  assert.equal(misled.read(ana.write("hello")), undefined);
});

Deno.test("a stolen state reads nothing of before, and is blind after one round trip", () => {
  const { ana, ben } = conversation();
  const early = ana.write("early");
  ben.read(early);
  ana.read(ben.write("yes?"));
  const thief = new Side(ben.state, ben.about, ben.tools);
  assert.equal(thief.read(early), undefined, "its key is gone");
  const open = ana.write("just now");
  assert.equal(thief.read(open), "just now", "who has the state reads on");
  assert.equal(ben.read(open), "just now");
  ana.read(ben.write("a new secret")); // which the thief did not choose
  const healed = ana.write("healed");
  const blind = new Side(thief.state, ben.about, conversation().ana.tools);
  assert.equal(blind.read(healed), undefined);
  assert.equal(ben.read(healed), "healed");
});

Deno.test("a state that was restored seals with other keys than before", () => {
  const { ana, ben } = conversation();
  ben.read(ana.write("first"));
  const old = ana.state;
  const one = ana.write("sent before the crash");
  ana.state = old;
  const other = ana.write("sent before the crash");
  assert.notDeepEqual(one.subarray(60), other.subarray(60), "the same chain, another key");
  assert.equal(ben.read(one), "sent before the crash");
  assert.equal(ben.read(other), undefined, "that place in the chain is taken");
  ana.read(ben.write("turn"));
  assert.equal(ben.read(ana.write("after a turn all is well")), "after a turn all is well");
});

Deno.test("who answers cannot speak first, and an all-zero key is refused", () => {
  const { ben } = conversation();
  assert.throws(() => ben.write("too early"), /can send/);
  assert.equal(ben.tools.crypto.agree(new Uint8Array(32).fill(9), new Uint8Array(32)), undefined);
});
