/** The handshake and its channel: by the public vectors, and against every changed byte. */
import assert from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { hex, joined, unhex, utf8 } from "../../runtime/core/bytes.ts";
import type { Crypto } from "../../runtime/core/crypto.ts";
import { noble } from "../../runtime/core/noble.ts";
import { type Channel, CipherState, Handshake } from "../../runtime/core/noise.ts";
import { Stream } from "../../runtime/core/random.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import data from "./noise_vectors.json" with { type: "json" };

type Pattern = "XX" | "IK";
const PATTERNS: readonly Pattern[] = ["XX", "IK"];
const ROLES = ["initiator", "responder"] as const;
const EMPTY = new Uint8Array(0);

for (const crypto of [noble, nodeCrypto]) {
  for (const vector of data.vectors) {
    Deno.test(`${crypto.name}: ${vector.protocol_name} of ${vector.from}`, () => {
      const bytes = (digits: string | undefined) => unhex(digits!)!;
      const pattern = vector.protocol_name.slice(6, 8) as Pattern;
      const known = vector.init_remote_static;
      const side = (role: "initiator" | "responder", start: "init" | "resp") =>
        new Handshake({
          pattern,
          role,
          crypto,
          prologue: bytes(vector[`${start}_prologue`]),
          secret: bytes(vector[`${start}_static`]),
          public: crypto.agreementKey(bytes(vector[`${start}_static`])),
          ephemeral: bytes(vector[`${start}_ephemeral`]),
          ...(role === "initiator" && known !== undefined ? { theirs: bytes(known) } : {}),
        });
      const sides = [side("initiator", "init"), side("responder", "resp")] as const;
      let channels: readonly Channel[] | undefined;
      vector.messages.forEach(({ payload, ciphertext }, turn) => {
        const from = turn % 2, to = 1 - from;
        if (channels === undefined) {
          assert.equal(hex(sides[from]!.write(bytes(payload))), ciphertext);
          assert.equal(hex(sides[to]!.read(bytes(ciphertext))!), payload);
        } else {
          assert.equal(hex(channels[from]!.send.seal(EMPTY, bytes(payload))), ciphertext);
          assert.equal(hex(channels[to]!.receive.open(EMPTY, bytes(ciphertext))!), payload);
        }
        if (sides[0].done && sides[1].done) channels ??= sides.map((each) => each.split());
      });
      assert.ok(channels !== undefined && vector.messages.length > 2);
      assert.deepEqual(channels[0]!.binding, channels[1]!.binding);
      const { handshake_hash } = vector;
      if (handshake_hash !== undefined) assert.equal(hex(channels[0]!.binding), handshake_hash);
    });
  }
}

/** A pair of handshakes; `seed` makes the ephemeral keys, everything else may be changed. */
function pair(crypto: Crypto, pattern: Pattern, seed: string, prologues = ["same", "same"]) {
  const random = new Stream(seed);
  const secrets = [random.bytes(32), random.bytes(32)] as const;
  const keys = secrets.map((secret) => crypto.agreementKey(secret));
  const common = (at: 0 | 1) => ({
    pattern,
    crypto,
    prologue: utf8(prologues[at]!),
    secret: secrets[at],
    public: keys[at]!,
    ephemeral: random.bytes(32),
  });
  const theirs = pattern === "IK" ? { theirs: keys[1]! } : {};
  const initiator = new Handshake({ ...common(0), role: "initiator", ...theirs });
  return [initiator, new Handshake({ ...common(1), role: "responder" })] as const;
}

/** Plays a handshake through a wire that may change messages; stops where a side refuses. */
function play(
  [initiator, responder]: readonly [Handshake, Handshake],
  wire = (message: Uint8Array, _turn: number) => message,
): number {
  let turn = 0;
  for (; !(initiator.done && responder.done); turn++) {
    const [from, to] = turn % 2 === 0 ? [initiator, responder] : [responder, initiator];
    if (to.read(wire(from.write(utf8(`turn ${turn}`)), turn)) === undefined) break;
  }
  return turn;
}

/** An honest side, and one whose key of this sort is zero: to it every agreement with that key is zero. */
function withCheat(
  crypto: Crypto,
  pattern: Pattern,
  role: "initiator" | "responder",
  part: "ephemeral" | "public",
) {
  const random = new Stream("cheat"), zeros = new Uint8Array(32);
  const [secret, ephemeral, other, fresh] = [1, 2, 3, 4].map(() => random.bytes(32)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const weak = part === "public" ? secret : ephemeral;
  const cheating: Crypto = {
    ...crypto,
    ephemeralKey: (each) => part === "ephemeral" ? zeros : crypto.ephemeralKey(each),
    agree: (mine, theirs) => mine === weak ? zeros : crypto.agree(mine, theirs),
  };
  const key = crypto.agreementKey(other), common = { pattern, prologue: EMPTY };
  const honest = new Handshake({
    ...{ ...common, crypto, role: role === "initiator" ? "responder" : "initiator" },
    ...{ secret: other, public: key, ephemeral: fresh },
  });
  const cheat = new Handshake({
    ...{ ...common, crypto: cheating, role, secret, ephemeral },
    public: part === "public" ? zeros : crypto.agreementKey(secret),
    ...(pattern === "IK" ? { theirs: key } : {}),
  });
  return [honest, cheat] as const;
}

/** How long each message of an undisturbed handshake is. */
function lengthsOf(crypto: Crypto, pattern: Pattern): number[] {
  const lengths: number[] = [];
  play(pair(crypto, pattern, "lengths"), (message) => (lengths.push(message.length), message));
  return lengths;
}

for (const crypto of [nodeCrypto, accounted(nodeCrypto)]) {
  for (const pattern of PATTERNS) {
    const title = `${crypto.name}, ${pattern}`;

    Deno.test(`${title}: both sides learn each other's key and share one channel`, () => {
      const sides = pair(crypto, pattern, "good");
      assert.equal(play(sides), pattern === "XX" ? 3 : 2);
      const payload = "turn 0".length, sealed = payload + 16, key = 32, hidden = 48;
      assert.deepEqual(
        lengthsOf(crypto, pattern),
        pattern === "XX"
          ? [key + payload, key + hidden + sealed, hidden + sealed]
          : [key + hidden + sealed, key + sealed],
      );
      const [ours, theirs] = sides.map((side) => side.split()) as [Channel, Channel];
      assert.deepEqual(ours.binding, theirs.binding);
      assert.notDeepEqual(sides[0].theirs, sides[1].theirs);
      for (const [from, to] of [[ours, theirs], [theirs, ours]] as const) {
        for (let round = 0; round < 3; round++) {
          const text = utf8(`message ${round}`);
          assert.deepEqual(to.receive.open(EMPTY, from.send.seal(EMPTY, text)), text);
        }
      }
      const other = pair(crypto, pattern, "another");
      play(other);
      assert.notDeepEqual(other[0].split().binding, ours.binding);
    });

    Deno.test(`${title}: whatever byte of whatever message changes, the deceived side never finishes`, () => {
      for (const [turn, whole] of lengthsOf(crypto, pattern).entries()) {
        for (let at = 0; at < whole; at++) {
          const sides = pair(crypto, pattern, "tampered");
          play(sides, (message, now) => {
            if (now !== turn) return message;
            const copy = message.slice();
            copy[at]! ^= 1 << (at % 8);
            return copy;
          });
          // Of an unsealed first message only the answer shows that it was changed: to the initiator.
          const deceived = pattern === "XX" && turn === 0 ? 0 : 1 - turn % 2;
          assert.ok(!sides[deceived]!.done, `message ${turn}, byte ${at}`);
        }
      }
    });

    Deno.test(`${title}: shortened, lengthened and random messages are refused, without a throw`, () => {
      const random = new Stream("junk");
      for (const [turn, whole] of lengthsOf(crypto, pattern).entries()) {
        for (let length = 0; length <= whole + 1; length++) {
          for (const cut of [true, false]) {
            const sides = pair(crypto, pattern, "junk");
            play(sides, (message, now) => {
              if (now !== turn || length === message.length) return message;
              if (!cut) return random.bytes(length);
              return length < message.length
                ? message.subarray(0, length)
                : joined(message, Uint8Array.of(0));
            });
            const finished = sides[0].done && sides[1].done;
            assert.equal(finished, length === whole, `message ${turn}, ${length} bytes`);
          }
        }
      }
    });

    Deno.test(`${title}: nothing is read after a refusal, nor out of turn`, () => {
      const [initiator, responder] = pair(crypto, pattern, "dead");
      const first = initiator.write(EMPTY);
      assert.equal(responder.read(first.subarray(1, 32)), undefined);
      assert.equal(responder.read(first), undefined);
      assert.ok(!responder.done);
      const [early, late] = pair(crypto, pattern, "out of turn");
      assert.equal(early.read(first), undefined);
      assert.throws(() => late.write(EMPTY), /turn to write/);
      assert.throws(() => late.split(), /finished/);
      const [done, answering] = pair(crypto, pattern, "after the end");
      play([done, answering]);
      assert.equal(done.read(first), undefined);
    });

    Deno.test(`${title}: sides with different prologues refuse each other`, () => {
      const sides = pair(crypto, pattern, "prologue", ["tcp", "websocket"]);
      play(sides);
      assert.ok(!sides[0].done && !sides[1].done);
    });

    Deno.test(`${title}: whoever plays the whole handshake with keys of low order is refused`, () => {
      for (const part of ["ephemeral", "public"] as const) {
        for (const role of pattern === "XX" ? ROLES : ["initiator"] as const) {
          const [honest, cheat] = withCheat(crypto, pattern, role, part);
          play(role === "initiator" ? [cheat, honest] : [honest, cheat]);
          assert.ok(!honest.done, `${role}, ${part}`);
        }
      }
    });
  }

  Deno.test(`${crypto.name}, IK: a dialled key of low order, or of somebody else, leads nowhere`, () => {
    const random = new Stream("a stranger");
    const secret = random.bytes(32), mine = crypto.agreementKey(secret);
    for (const theirs of [new Uint8Array(32), crypto.agreementKey(random.bytes(32))]) {
      const [, responder] = pair(crypto, "IK", "wrong key");
      const initiator = new Handshake({
        ...{ pattern: "IK", role: "initiator", crypto, prologue: utf8("same"), secret, theirs },
        ...{ public: mine, ephemeral: random.bytes(32) },
      });
      assert.equal(responder.read(initiator.write(EMPTY)), undefined);
      assert.equal(initiator.read(random.bytes(48)), undefined);
      assert.ok(!initiator.done && !responder.done);
    }
  });

  Deno.test(`${crypto.name}: a channel refuses replays, gaps and strangers, and goes on unharmed`, () => {
    const key = new Stream("channel").bytes(32);
    const send = new CipherState(crypto, key), receive = new CipherState(crypto, key);
    const [first, second] = [send.seal(EMPTY, utf8("one")), send.seal(utf8("data"), utf8("two"))];
    assert.equal(receive.open(utf8("data"), second), undefined); // a gap
    assert.equal(receive.used, 0);
    assert.deepEqual(receive.open(EMPTY, first), utf8("one"));
    assert.equal(receive.open(EMPTY, first), undefined); // a replay
    assert.equal(receive.open(EMPTY, second), undefined); // the wrong data
    assert.equal(receive.open(EMPTY, EMPTY), undefined);
    assert.deepEqual(receive.open(utf8("data"), second), utf8("two"));
    const body = new Uint8Array(1000).fill(7);
    const bulk = send.sealBody(body);
    assert.equal(receive.openBody(bulk.body, new Uint8Array(16)), undefined);
    assert.deepEqual(receive.openBody(bulk.body, bulk.tag), body);
    assert.equal(receive.openBody(bulk.body, bulk.tag), undefined);
    assert.deepEqual(receive.open(EMPTY, send.seal(EMPTY, body)), body);
    assert.deepEqual([send.used, receive.used], [4, 4]);
  });

  Deno.test(`${crypto.name}: after a rekey both ends go on, and the old key opens nothing`, () => {
    const key = new Stream("rekey").bytes(32);
    const [send, receive, stale] = [0, 1, 2].map(() => new CipherState(crypto, key)) as [
      CipherState,
      CipherState,
      CipherState,
    ];
    send.rekey();
    const sealed = send.seal(EMPTY, utf8("after"));
    assert.equal(stale.open(EMPTY, sealed), undefined);
    receive.rekey();
    assert.deepEqual(receive.open(EMPTY, sealed), utf8("after"));
  });
}

Deno.test("the counter is little endian, and a rekey is what section 4.2 of Noise says", () => {
  const key = new Stream("counter").bytes(32);
  const state = new CipherState(nodeCrypto, key);
  for (let count = 0; count < 0x102; count++) {
    const nonce = Uint8Array.of(0, 0, 0, 0, count & 0xff, count >> 8, 0, 0, 0, 0, 0, 0);
    assert.equal(state.used, count);
    assert.deepEqual(state.seal(EMPTY, EMPTY), noble.seal(key, nonce, EMPTY, EMPTY));
  }
  state.rekey();
  const last = Uint8Array.of(0, 0, 0, 0, ...new Uint8Array(8).fill(255));
  const next = noble.seal(key, last, EMPTY, new Uint8Array(32)).subarray(0, 32);
  const nonce = Uint8Array.of(0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0); // the count goes on
  assert.deepEqual(state.seal(EMPTY, EMPTY), noble.seal(next, nonce, EMPTY, EMPTY));
});
