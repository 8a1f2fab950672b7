/** The code: every set of survivors of every small shape, and of many large ones, gives back every byte. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { Code, GRAIN, mixed, type Mixer } from "../../../runtime/protocols/vault/erasure.ts";
import { codingMatrix, inverse, inverted, times } from "../../../runtime/protocols/vault/field.ts";
import { simdMixer } from "../../../runtime/host/vault/mixer.ts";

const random = new Stream("erasure");

/** Every set of so many numbers below another. */
function* sets(size: number, below: number, from = 0): Generator<number[]> {
  if (size === 0) return yield [];
  for (let first = from; first <= below - size; first++) {
    for (const rest of sets(size - 1, below, first + 1)) yield [first, ...rest];
  }
}

/** One multiplication at a time. */
const plain: Mixer = (rows, inputs, outputs) => {
  rows.forEach((row, at) => {
    for (let byte = 0; byte < outputs[at]!.length; byte++) {
      outputs[at]![byte] = inputs.reduce(
        (sum, input, column) => sum ^ times(row[column]!, input[byte]!),
        0,
      );
    }
  });
};

function data(enough: number, length: number): Uint8Array[] {
  return Array.from({ length: enough }, () => random.bytes(length));
}

Deno.test("the field is one: each element has an inverse, and products are commutative", () => {
  for (let one = 1; one < 256; one++) {
    assert.equal(times(one, inverse(one)), 1);
    for (let other = 0; other < 256; other++) assert.equal(times(one, other), times(other, one));
  }
  const [first, second, third] = [29, 131, 240] as const;
  assert.equal(times(first, second ^ third), times(first, second) ^ times(first, third));
  assert.equal(times(0x80, 2), 0x1d, "the polynomial is 0x11d");
});

Deno.test("a matrix times its inverse is the unit", () => {
  for (const numbers of sets(4, 9)) {
    const rows = numbers.map((number) => codingMatrix(4, 9)[number]!), back = inverted(rows);
    rows.forEach((row, at) =>
      back.forEach((_, column) => {
        const sum = row.reduce((all, value, each) => all ^ times(value, back[each]![column]!), 0);
        assert.equal(sum, at === column ? 1 : 0);
      })
    );
  }
});

Deno.test("all 1,001 sets of survivors of 10 of 14 give back all shards", () => {
  const code = new Code(10, 14), all = code.encoded(data(10, GRAIN));
  let count = 0;
  const everybody = Array.from({ length: 14 }, (_, number) => number);
  for (const numbers of sets(10, 14)) {
    const left = new Map(numbers.map((number) => [number, all[number]!]));
    assert.deepEqual(code.rebuilt(left, everybody), all);
    count++;
  }
  assert.equal(count, 1_001);
});

Deno.test("all sets of survivors of all small shapes, and some of large ones, give back all shards", () => {
  for (let count = 2; count <= 8; count++) {
    for (let enough = 1; enough <= count; enough++) {
      const code = new Code(enough, count), all = code.encoded(data(enough, GRAIN));
      const everybody = all.map((_, number) => number);
      for (const numbers of sets(enough, count)) {
        const left = new Map(random.shuffled(numbers).map((number) => [number, all[number]!]));
        assert.deepEqual(code.rebuilt(left, everybody), all);
      }
    }
  }
  for (let times = 0; times < 60; times++) {
    const count = 3 + random.below(62), enough = 1 + random.below(count);
    const code = new Code(enough, count), all = code.encoded(data(enough, 3 * GRAIN));
    const everybody = all.map((_, number) => number);
    const numbers = random.shuffled(everybody).slice(0, enough);
    const left = new Map(numbers.map((number) => [number, all[number]!]));
    assert.deepEqual(code.rebuilt(left, everybody), all, `${enough} of ${count}`);
  }
});

Deno.test("every way of computing gives the same bytes", () => {
  for (
    const [enough, count, length] of [[10, 14, 65_536], [4, 6, 20_480], [1, 3, 16], [
      7,
      20,
      8_208,
    ]] as const
  ) {
    const inputs = data(enough, length);
    const expected = new Code(enough, count, plain).encoded(inputs);
    for (const mixer of [mixed, simdMixer()]) {
      assert.deepEqual(new Code(enough, count, mixer).encoded(inputs), expected);
    }
  }
});

Deno.test("shards of other lengths, or too few, are our own mistake", () => {
  const code = new Code(2, 3);
  assert.throws(() => code.encoded([new Uint8Array(16)]));
  assert.throws(() => code.encoded([new Uint8Array(16), new Uint8Array(32)]));
  assert.throws(() => code.encoded([new Uint8Array(15), new Uint8Array(15)]));
  assert.throws(() => code.rebuilt(new Map([[0, new Uint8Array(16)]]), [1]));
  assert.throws(() => new Code(4, 3));
  assert.throws(() => new Code(2, 257));
});
