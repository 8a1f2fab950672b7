/** The wire is strict, total and canonical, whatever bytes arrive. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { joined, utf8 } from "../../runtime/core/bytes.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Reader } from "../../runtime/core/reader.ts";
import {
  ascending,
  bytesUpTo,
  exactly,
  flag,
  listOf,
  numbersUpTo,
  oneOf,
  optional,
  type Schema,
  struct,
  textUpTo,
  u16,
  u32,
  u8,
  upTo,
  type ValueOf,
  wire,
} from "../../runtime/core/wire.ts";
import { Writer } from "../../runtime/core/writer.ts";

const LARGEST = Number.MAX_SAFE_INTEGER;
const COLOURS = ["red", "green", "blue"] as const;

/** One of everything. */
const table = {
  numbers: struct({ a: u8, b: u16, c: u32, small: upTo(200), large: upTo(LARGEST), yes: flag }),
  blobs: struct({ key: exactly(5), bytes: bytesUpTo(300), text: textUpTo(40) }),
  lists: struct({
    gaps: ascending(1000, 20),
    numbers: numbersUpTo(70_000, 20),
    pairs: listOf(struct({ left: u8, right: optional(textUpTo(3)) }), 6),
    colour: oneOf(COLOURS),
  }),
  nothing: struct({}),
};
const sample = wire(table);
type Sample = NonNullable<ReturnType<typeof sample.decode>>;

/** Plain objects, as decoding makes them. */
const record = <T>(model: { [Name in keyof T]: fc.Arbitrary<T[Name]> }) =>
  fc.record<T>(model, { noNullPrototype: true });
const blob = (max: number, min = 0) => fc.uint8Array({ minLength: min, maxLength: max });
const text = (max: number) =>
  fc.string({ unit: "binary", maxLength: max }).filter((each) => utf8(each).length <= max);
const whole = (max: number) =>
  fc.oneof(fc.nat({ max }), fc.constantFrom(0, 127, 128, 255, max))
    .map((each) => Math.min(each, max));

const messages: fc.Arbitrary<Sample> = fc.oneof(
  record({
    ...{
      kind: fc.constant("numbers" as const),
      a: whole(0xff),
      b: whole(0xffff),
      c: whole(0xffff_ffff),
    },
    ...{ small: whole(200), large: fc.maxSafeNat(), yes: fc.boolean() },
  }),
  record({
    kind: fc.constant("blobs" as const),
    key: blob(5, 5),
    bytes: blob(300),
    text: text(40),
  }),
  record({
    kind: fc.constant("lists" as const),
    gaps: fc.uniqueArray(fc.nat({ max: 1000 }), { maxLength: 20 })
      .map((list) => list.sort((one, other) => one - other)),
    numbers: fc.array(whole(70_000), { maxLength: 20 }),
    pairs: fc.array(
      record({ left: whole(0xff), right: fc.option(text(3), { nil: undefined }) }),
      { maxLength: 6 },
    ),
    colour: fc.constantFrom(...COLOURS),
  }),
  record({ kind: fc.constant("nothing" as const) }),
) as fc.Arbitrary<Sample>;

function check(property: fc.IProperty<[Sample]>): void {
  fc.assert(property, { seed: 1, numRuns: 2000 });
}

/** Accepted bytes must be the encoding of what they were taken for. */
function assertCanonical(bytes: Uint8Array): boolean {
  const message = sample.decode(bytes);
  if (message === undefined) return false;
  assert.deepEqual(sample.encode(message), bytes);
  return true;
}

/** The value of a schema in exactly these bytes. */
function read<S extends Schema<unknown>>(schema: S, ...bytes: number[]): ValueOf<S> | undefined {
  const reader = new Reader(Uint8Array.from(bytes));
  const value = schema.read(reader) as ValueOf<S>;
  return reader.whole ? value : undefined;
}

function written<Value>(schema: Schema<Value>, value: Value): Uint8Array {
  const writer = new Writer();
  schema.write(writer, value);
  return writer.take();
}

Deno.test("what is encoded is decoded to the same, and no encoding exceeds its cap", () => {
  const capOf = new Map(sample.kinds.map(({ name, cap }) => [name, cap]));
  check(fc.property(messages, (message) => {
    const bytes = sample.encode(message);
    assert.deepEqual(sample.decode(bytes), message);
    assert.ok(bytes.length <= capOf.get(message.kind)!);
  }));
});

Deno.test("the largest value of each kind fits its cap", () => {
  const fits = <Value>(schema: Schema<Value>, largest: Value) => {
    const bytes = written(schema, largest);
    assert.ok(bytes.length <= schema.cap, `${bytes.length} bytes, cap ${schema.cap}`);
    assert.deepEqual(read(schema, ...bytes), largest);
  };
  fits(upTo(LARGEST), LARGEST);
  fits(exactly(9), new Uint8Array(9));
  fits(bytesUpTo(9), new Uint8Array(9));
  fits(textUpTo(9), "\u20ac\u20ac\u20ac");
  fits(listOf(exactly(10), 9), Array.from({ length: 9 }, () => new Uint8Array(10)));
  fits(ascending(LARGEST, 2), [LARGEST - 1, LARGEST]);
  fits(optional(exactly(9)), new Uint8Array(9));
  fits(struct({ one: exactly(9), two: u32 }), { one: new Uint8Array(9), two: 0xffff_ffff });
});

Deno.test("nothing shorter or longer than an encoding is accepted in its place", () => {
  check(fc.property(messages, (message) => {
    const bytes = sample.encode(message);
    for (let length = 0; length < bytes.length; length++) {
      assert.equal(sample.decode(bytes.subarray(0, length)), undefined);
    }
    assert.equal(sample.decode(joined(bytes, Uint8Array.of(0))), undefined);
  }));
});

Deno.test("whatever byte of an encoding changes, it is refused or means exactly what it says", () => {
  const random = new Stream("changed bytes");
  let accepted = 0;
  check(fc.property(messages, (message) => {
    const bytes = sample.encode(message);
    bytes[random.below(bytes.length)] = random.below(256);
    if (assertCanonical(bytes)) accepted++;
  }));
  assert.ok(accepted > 100, `${accepted} changed messages were accepted`);
});

Deno.test("a hundred thousand random inputs are refused or canonical, and nothing throws", () => {
  const random = new Stream("random input");
  let accepted = 0;
  for (let round = 0; round < 100_000; round++) {
    const bytes = random.bytes(random.below(24));
    // Small numbers make counts and lengths that fit, so that reading gets somewhere.
    if (round % 2 === 0) { for (let at = 0; at < bytes.length; at++) bytes[at]! &= 7; }
    if (assertCanonical(bytes)) accepted++;
  }
  assert.ok(accepted > 300, `${accepted} random inputs were accepted`);
});

Deno.test("a number has one form only, and keeps below its limit", () => {
  assert.equal(read(upTo(LARGEST), 0), 0);
  assert.equal(read(upTo(LARGEST), 0x80, 0x01), 128);
  assert.equal(read(upTo(LARGEST), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f), LARGEST);
  const refused = [
    ...[[0x80, 0x00], [0x81, 0x80, 0x00]], // longer than needed
    ...[[0x80], [0xff, 0xff], []], // cut off
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], // 2^53
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], // 2^56 - 1
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], // nine groups
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
  ];
  for (const bytes of refused) assert.equal(read(upTo(LARGEST), ...bytes), undefined, `${bytes}`);
  assert.equal(read(upTo(200), 0xc8, 0x01), 200);
  assert.equal(read(upTo(200), 0xc9, 0x01), undefined);
  for (let power = 1; power < 2 ** 53; power *= 2) {
    for (const value of [power - 1, power, power + 1]) {
      assert.equal(read(upTo(LARGEST), ...written(upTo(LARGEST), value)), value);
    }
  }
});

Deno.test("flags, words and choices other than the known ones are refused", () => {
  assert.equal(read(flag, 1), true);
  for (let byte = 2; byte < 256; byte++) assert.equal(read(flag, byte), undefined);
  assert.equal(read(oneOf(COLOURS), 2), "blue");
  for (let byte = 3; byte < 256; byte++) assert.equal(read(oneOf(COLOURS), byte), undefined);
  assert.equal(read(optional(u8), 2, 5), undefined);
  assert.equal(read(optional(u8), 1), undefined);
  for (let kind = 4; kind < 256; kind++) {
    assert.equal(sample.decode(Uint8Array.of(kind)), undefined);
  }
  assert.equal(sample.decode(new Uint8Array(0)), undefined);
});

Deno.test("text is well-formed UTF-8, and a byte order mark is a character like another", () => {
  const refused = [
    ...[[0xc0, 0x80], [0xe0, 0x80, 0xaf]], // longer than needed
    ...[[0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]], // half a pair; above the last character
    ...[[0xff], [0x80], [0xe2, 0x82]],
  ];
  for (const bytes of refused) {
    assert.equal(read(textUpTo(10), bytes.length, ...bytes), undefined, `${bytes}`);
  }
  assert.equal(read(textUpTo(10), 4, 0xef, 0xbb, 0xbf, 0x61), "\uFEFFa");
  assert.equal(read(textUpTo(3), 4, 0x61, 0x61, 0x61, 0x61), undefined);
});

Deno.test("a list of numbers is written and read as a list of anything else", () => {
  const lists = [[], [0], [127, 128, 16_383, 16_384, 70_000], [1, 1, 1]];
  const numbers = numbersUpTo(70_000, 5), any = listOf(upTo(70_000), 5);
  assert.equal(numbers.cap, any.cap);
  for (const list of lists) {
    const bytes = written(numbers, list);
    assert.deepEqual(bytes, written(any, list));
    assert.deepEqual(read(numbers, ...bytes), list);
  }
  assert.equal(read(numbers, 1, 0xf1, 0xa2, 4), undefined); // 70,001
  assert.equal(read(numbers, 1, 0x80, 0), undefined);
  assert.equal(read(numbers, 6, 0, 0, 0, 0, 0, 0), undefined);
  assert.throws(() => written(numbers, [70_001]));
  assert.throws(() => written(numbers, [0, 0, 0, 0, 0, 0]));
});

Deno.test("numbers that grow are refused beyond their limit", () => {
  assert.deepEqual(read(ascending(9, 3), 3, 0, 0, 7), [0, 1, 9]);
  assert.equal(read(ascending(9, 3), 3, 0, 0, 8), undefined);
  assert.equal(read(ascending(9, 3), 4, 0, 0, 0, 0), undefined);
  assert.equal(read(ascending(9, 3), 1, 10), undefined);
});

Deno.test("counts and lengths over their cap are refused before anything is read or set aside", () => {
  let reads = 0;
  const counted: Schema<number> = { ...u8, read: (r) => (reads++, r.u8()) };
  assert.equal(read(listOf(counted, 5), 6, 1, 2, 3, 4, 5, 6), undefined);
  assert.equal(reads, 0);
  // Within the cap, but not there: reading stops at the end of the bytes.
  assert.equal(read(listOf(counted, 100_000), 0xa0, 0x8d, 0x06, 1, 2, 3), undefined);
  assert.equal(reads, 4);
  assert.equal(read(bytesUpTo(3), 4, 1, 2, 3, 4), undefined);
  assert.equal(read(bytesUpTo(100_000), 0xa0, 0x8d, 0x06, 1, 2, 3), undefined);
  reads = 0;
  const small = wire({ only: counted as Schema<never> });
  assert.equal(small.decode(new Uint8Array(1000)), undefined);
  assert.equal(reads, 0, "a message beyond its cap is not looked into");
});

Deno.test("after the first thing that does not fit, a reader stays refused", () => {
  const reader = new Reader(Uint8Array.of(9, 1, 2));
  assert.equal(reader.raw(4).length, 0);
  assert.ok(!reader.ok);
  reader.raw(3);
  assert.ok(!reader.ok && !reader.whole && reader.left === 0);
});

Deno.test("what no reader would accept cannot be written", () => {
  const attempts: (() => unknown)[] = [
    () => written(u8, 256),
    () => written(u16, -1),
    () => written(u32, 2 ** 32),
    () => written(upTo(9), 10),
    () => written(upTo(9), 1.5),
    () => written(upTo(9), NaN),
    () => written(exactly(2), new Uint8Array(3)),
    () => written(bytesUpTo(2), new Uint8Array(3)),
    () => written(textUpTo(2), "ää"),
    () => written(listOf(u8, 1), [1, 2]),
    () => written(ascending(9, 3), [1, 1]),
    () => written(ascending(9, 3), [4, 2]),
    () => written(ascending(9, 3), [10]),
    () => written(oneOf(["a", "b"] as const), "c" as "a"),
    () => wire(table).encode({ kind: "unheard-of" } as unknown as Sample),
    () => oneOf(["twice", "twice"]),
  ];
  for (const attempt of attempts) assert.throws(attempt, /Assertion failed/, `${attempt}`);
});

Deno.test("a writer grows as needed, and hands over copies", () => {
  const random = new Stream("writer"), writer = new Writer();
  for (const lengths of [[0, 1, 127, 1], [128], [129], [5000, 1, 20_000], [3]]) {
    const parts = lengths.map((length) => random.bytes(length));
    for (const part of parts) writer.raw(part);
    writer.u32(0x89ab_cdef);
    writer.u16(0xfedc);
    const expected = joined(...parts, Uint8Array.of(0x89, 0xab, 0xcd, 0xef, 0xfe, 0xdc));
    assert.equal(writer.length, expected.length);
    const taken = writer.take();
    assert.deepEqual(taken, expected);
    writer.raw(random.bytes(10));
    writer.take();
    assert.deepEqual(taken, expected);
  }
  for (let count = 0; count < 300; count++) writer.u8(count);
  assert.deepEqual(writer.take(), Uint8Array.from({ length: 300 }, (_, at) => at));
});
