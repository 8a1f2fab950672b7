/** The bytes of membership and mesh: strict, total and canonical, and never longer than what carries them. */
import assert from "node:assert/strict";
import {
  limits as core,
  type Random,
  sameBytes,
  Stream,
  type Wire,
} from "../../runtime/core/mod.ts";
import { datagramWire, membershipWire } from "../../runtime/protocols/membership/mod.ts";
import { meshWire } from "../../runtime/protocols/mesh/mod.ts";

/** The mark of a network and the protocol's code go before a datagram's bytes. */
const DATAGRAM_ROOM = core.DATAGRAM_BYTES - 14;

type Fields = Record<string, unknown>;

const peerOf = (random: Random) =>
  Array.from(random.bytes(32), (byte) => byte.toString(16).padStart(2, "0")).join("");
const addressOf = (random: Random) => random.pick(["", "10.0.0.1:45454", "é".repeat(48)]);
const numberOf = (random: Random, most: number) => [0, 1, 127, 128, most][random.below(5)]!;

function many<Item>(random: Random, most: number, item: () => Item): Item[] {
  return Array.from({ length: random.pick([0, 1, most]) }, item);
}

function cardOf(random: Random): Fields {
  const statement = {
    sign: random.bytes(32),
    agree: random.bytes(32),
    incarnation: numberOf(random, 2 ** 51),
    address: addressOf(random),
  };
  return { statement, signature: random.bytes(64) };
}

/** One value for every field that any message has; each takes what it needs. */
function fields(random: Random): Fields {
  const contact = () => ({ peer: peerOf(random), address: addressOf(random) });
  return {
    ...cardOf(random),
    card: cardOf(random),
    padding: new Uint8Array(96),
    nonce: random.bytes(8),
    incarnation: numberOf(random, 2 ** 51),
    degree: random.below(256),
    pace: random.below(256),
    urgent: random.below(2) === 1,
    contacts: many(random, 8, contact),
    contact: contact(),
    hops: random.below(256),
    peer: peerOf(random),
    obituaries: many(random, 64, () => ({
      peer: peerOf(random),
      incarnation: numberOf(random, 2 ** 51),
    })),
    cards: many(random, 8, () => cardOf(random)),
    heading: {
      sign: random.bytes(32),
      agree: random.bytes(32),
      boot: random.u32(),
      sequence: numberOf(random, 2 ** 48),
      topic: random.pick(["", "lab", "t".repeat(64)]),
    },
    age: numberOf(random, 600_000),
    payload: random.bytes(random.pick([0, 1, 1024])),
    all: random.below(2) === 1,
    messages: many(random, 512, () => ({ id: random.bytes(16), hops: random.below(256) })),
    ids: many(random, 128, () => random.bytes(16)),
    origins: many(random, 64, () => peerOf(random)),
    count: numberOf(random, 512),
    folded: random.bytes(16),
  };
}

// deno-lint-ignore no-explicit-any -- wires of different messages
const WIRES: Record<string, { wire: Wire<any>; room: number }> = {
  membership: { wire: membershipWire, room: core.HEAD_BYTES / 2 },
  datagrams: { wire: datagramWire, room: DATAGRAM_ROOM },
  mesh: { wire: meshWire, room: core.HEAD_BYTES / 2 },
};

/** What is accepted is what would be written; nothing is thrown. */
// deno-lint-ignore no-explicit-any -- wires of different messages
function accepts(wire: Wire<any>, bytes: Uint8Array): boolean {
  const message = wire.decode(bytes);
  if (message === undefined) return false;
  assert.ok(sameBytes(wire.encode(message), bytes), "what is accepted is canonical");
  return true;
}

for (const [name, { wire, room }] of Object.entries(WIRES)) {
  Deno.test(`${name}: every message survives its encoding, cut and lengthened ones do not`, () => {
    const random = new Stream(`wire ${name}`);
    for (const { name: kind, cap } of wire.kinds) {
      assert.ok(cap <= room, `${kind} fits what carries it`);
      for (let turn = 0; turn < 30; turn++) {
        const bytes = wire.encode({ ...fields(random), kind });
        assert.ok(bytes.length <= cap, `${kind} keeps its cap`);
        assert.equal(wire.decode(bytes)?.kind, kind);
        assert.ok(accepts(wire, bytes));
        assert.ok(!accepts(wire, joined(bytes, 0)));
        for (let length = 0; length < bytes.length; length += 1 + random.below(40)) {
          assert.ok(!accepts(wire, bytes.subarray(0, length)), "a part is not the whole");
        }
      }
    }
  });

  Deno.test(`${name}: any bytes give a canonical message or nothing`, () => {
    const random = new Stream(`fuzz ${name}`);
    let accepted = 0;
    for (let turn = 0; turn < 20_000; turn++) {
      const kind = random.below(wire.kinds.length);
      const bytes = wire.encode({ ...fields(random), kind: wire.kinds[kind]!.name });
      for (let change = random.below(3); change >= 0; change--) {
        bytes[random.below(bytes.length)] = random.below(256);
      }
      if (accepts(wire, bytes)) accepted++;
      const noise = random.bytes(random.below(200));
      if (noise.length > 0) noise[0] = kind;
      accepts(wire, noise);
    }
    assert.ok(accepted > 1000, "some changes are valid");
  });

  Deno.test(`${name}: counts and lengths that lie are refused before anything is made of them`, () => {
    for (let kind = 0; kind < 256; kind++) {
      for (
        const count of [[0xff, 0xff, 0xff, 0x7f], [0x80, 0x00], [0xff, 0xff, 0xff, 0xff, 0x0f]]
      ) {
        accepts(wire, Uint8Array.of(kind, ...count, ...new Uint8Array(40)));
        accepts(wire, Uint8Array.of(kind, 0, 0, ...count));
      }
    }
    assert.equal(wire.decode(new Uint8Array(0)), undefined);
    assert.equal(wire.decode(new Uint8Array(1 << 20)), undefined);
  });
}

function joined(bytes: Uint8Array, last: number): Uint8Array {
  return Uint8Array.of(...bytes, last);
}
