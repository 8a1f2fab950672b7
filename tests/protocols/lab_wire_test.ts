/** The lab's bytes: strict, total and canonical, and never longer than what carries them. */
import { assert, limits as core, type Random, Stream, type Wire } from "../../runtime/core/mod.ts";
import { noble } from "../../runtime/core/noble.ts";
import * as limits from "../../runtime/protocols/lab/limits.ts";
import { labWire, statementWire } from "../../runtime/protocols/lab/mod.ts";
import { readClaim } from "../../runtime/protocols/lab/notary.ts";
import { keyOfSecret, proofOf } from "../../runtime/protocols/lab/secret.ts";
import { isLabel } from "../../runtime/protocols/lab/statement.ts";
import { same } from "./lab_room.ts";

/** The mark of a network and the protocol's code go before a datagram's bytes. */
const DATAGRAM_ROOM = core.DATAGRAM_BYTES - 14;
const WORDS = ["a", "Ana", "Łódź", "Ω".repeat(48), "x".repeat(96)];

type Fields = Record<string, unknown>;

function number(random: Random, max: number): number {
  return [0, 1, 127, 128, 300, max][random.below(6)]!;
}

function maybe<Value>(random: Random, value: Value): Value | undefined {
  return random.below(2) === 0 ? undefined : value;
}

function warrant(random: Random): Fields {
  return {
    sign: random.bytes(32),
    agree: random.bytes(32),
    rights: random.below(4),
    serial: number(random, limits.SEQUENCES),
    until: number(random, limits.LASTS_SECONDS),
    signature: random.bytes(64),
  };
}

function ticket(random: Random): Fields {
  return {
    sign: random.bytes(32),
    agree: random.bytes(32),
    who: random.pick(WORDS),
    issuer: maybe(random, warrant(random)),
    signature: random.bytes(64),
  };
}

/** One value for every field that any statement or message has; each takes what it needs. */
function fields(random: Random): Fields {
  return {
    charter: {
      salt: random.bytes(16),
      sign: random.bytes(32),
      agree: random.bytes(32),
      proof: maybe(random, random.bytes(16)),
    },
    warrant: maybe(random, warrant(random)),
    ticket: maybe(random, ticket(random)),
    title: random.pick([...WORDS, "t".repeat(255)]),
    who: random.pick(WORDS),
    address: random.pick(["", "10.0.0.1:1", "x".repeat(96)]),
    sequence: number(random, limits.SEQUENCES),
    age: number(random, limits.LASTS_SECONDS),
    lasts: number(random, limits.LASTS_SECONDS),
    closed: random.below(2) === 1,
    content: random.bytes(32),
    bytes: number(random, limits.CONTENT_BYTES),
    withdrawn: random.below(2) === 1,
    text: random.pick(["", "Hello\n", "é".repeat(1000)]),
    signature: random.bytes(64),
    session: random.bytes(16),
    proof: maybe(random, random.bytes(16)),
    statement: random.bytes(random.below(1025)),
    statements: Array.from({ length: random.below(4) }, () => random.bytes(random.below(40))),
    meet: Array.from({ length: random.below(17) }, () => ({
      sign: random.bytes(32),
      agree: random.bytes(32),
      address: "10.0.0.9:9",
    })),
    why: random.pick(["too-many", "unauthorised", "expired"]),
    digest: random.bytes(32),
    last: random.below(2) === 1,
    number: number(random, limits.SEQUENCES),
    answers: maybe(random, 7),
  };
}

function sample(kind: string, random: Random): Fields {
  const value: Fields = { kind, ...fields(random) };
  if (kind === "grant") value.warrant = warrant(random);
  if (kind === "welcome") value.ticket = ticket(random);
  return value;
}

/** Whatever is accepted is written the same way again. */
function judge(wire: Wire<never>, bytes: Uint8Array, what: string): boolean {
  const message = wire.decode(bytes);
  if (message === undefined) return false;
  same([...wire.encode(message)], [...bytes], what);
  return true;
}

for (const [name, wire] of [["statement", statementWire], ["message", labWire]] as const) {
  const each = wire as unknown as Wire<never>;
  Deno.test(`every ${name} of the lab is read as it was written, whole or not at all`, () => {
    const random = new Stream(`lab ${name}`);
    for (const { name: kind, cap } of wire.kinds) {
      for (let round = 0; round < 40; round++) {
        const bytes = each.encode(sample(kind, random) as never);
        assert(bytes.length <= cap, `${kind} keeps its cap`);
        assert(judge(each, bytes, kind), `${kind} is read`);
        for (let length = 0; length < bytes.length; length += 1 + round) {
          assert(!judge(each, bytes.subarray(0, length), kind), `${kind} cut to ${length}`);
        }
        assert(!judge(each, Uint8Array.of(...bytes, 0), kind), `${kind} with one byte more`);
      }
    }
  });

  Deno.test(`changed bits and random bytes of a lab ${name} never do more than be refused`, () => {
    const random = new Stream(`lab fuzz ${name}`);
    for (const { name: kind } of wire.kinds) {
      const bytes = each.encode(sample(kind, random) as never);
      for (let bit = 0; bit < 8 * Math.min(bytes.length, 1200); bit++) {
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        judge(each, bytes, `${kind} bit ${bit}`);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      }
    }
    for (let round = 0; round < 20_000; round++) {
      const bytes = random.bytes(random.below(200));
      if (bytes.length > 0) bytes[0] = random.below(wire.kinds.length + 1);
      judge(each, bytes, "random");
    }
  });
}

Deno.test("the longest statement and message fit what carries them", () => {
  for (const { name, cap } of statementWire.kinds) {
    if (name === "line") assert(cap <= 32 * 1024, "a line fits the mesh");
    else assert(cap <= limits.KEPT_STATEMENT_BYTES && cap <= DATAGRAM_ROOM, `${name}: ${cap}`);
  }
  for (const { name, cap } of labWire.kinds) assert(cap <= core.HEAD_BYTES - 64, `${name}: ${cap}`);
});

Deno.test("a number or a text beyond its bound is refused", () => {
  const usual = { ...sample("announcement", new Stream("bounds")), title: "t", who: "w" };
  const most = statementWire.encode({ ...usual, age: limits.LASTS_SECONDS } as never);
  const fewer = statementWire.encode({ ...usual, age: limits.LASTS_SECONDS - 1 } as never);
  const at = most.findIndex((byte, index) => byte !== fewer[index]);
  assert(statementWire.decode(most) !== undefined, "a week");
  most[at]!++; // the lowest seven bits of the age
  assert(statementWire.decode(most) === undefined, "a week and a second");
  const title = fewer.findIndex((byte, index) => byte === 1 && fewer[index + 1] === 0x74);
  const long = Uint8Array.of(
    ...fewer.subarray(0, title),
    ...[0x80, 0x02],
    ...new Uint8Array(256).fill(0x74),
    ...fewer.subarray(title + 2),
  );
  assert(statementWire.decode(long) === undefined, "a title of 256 bytes");
});

Deno.test("names and titles that would deceive a reader are refused", () => {
  const bad = [
    "",
    " x",
    "x ",
    "a\nb",
    "a\u0000",
    "\u202egpj.exe",
    "a\u200bb",
    "\u009b2J",
    "\ufeff",
  ];
  for (const text of bad) assert(!isLabel(text), JSON.stringify(text));
  for (const text of ["Ana", "نرگس‌خانم", "क्‍ष", "O'Brien", "👩‍🏫", "日本"]) {
    assert(isLabel(text), text);
  }
});

Deno.test("a proof is HMAC-SHA-256 of its parts, cut to 16 bytes", () => {
  const key = new Uint8Array(32).fill(0x0b);
  // python3 -c "import hmac;print(hmac.new(b'\x0b'*32,b'label\nHi There','sha256').hexdigest()[:32])"
  const proof = proofOf(key, "label", [new TextEncoder().encode("Hi There")], noble);
  same(
    [...proof].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    "fe628738ad278a80f679a45f42f3e5bb",
    "HMAC",
  );
  assert(keyOfSecret("elevenchars", noble) === undefined, "too short");
  assert(keyOfSecret("x".repeat(257), noble) === undefined, "too long");
  assert(keyOfSecret("twelve chars", noble)?.length === 32, "long enough");
});

Deno.test("what is kept of a statement does not keep the frame it came in", () => {
  const frame = new Uint8Array(60_000);
  const bytes = statementWire.encode(sample("publication", new Stream("frame")) as never);
  frame.set(bytes, 100);
  const claim = readClaim(frame.subarray(100, 100 + bytes.length), noble)!;
  assert(claim.bytes.buffer.byteLength < 2000, "its own bytes");
  const { charter } = claim.statement;
  assert(charter.sign.buffer === claim.bytes.buffer, "and views of those only");
});
