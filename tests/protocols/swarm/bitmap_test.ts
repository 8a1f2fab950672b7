/** A bitmap is a set of small numbers, and takes from a wire only what is one. */
import assert from "node:assert/strict";
import { Stream } from "../../../runtime/core/mod.ts";
import { Bitmap } from "../../../runtime/protocols/swarm/bitmap.ts";

Deno.test("a bitmap is a set: the same numbers in any order, each counted once", () => {
  const random = new Stream("bitmaps");
  for (const length of [0, 1, 7, 8, 9, 63, 64, 65, 1000]) {
    const bitmap = new Bitmap(length);
    const model = new Set<number>();
    assert.equal(bitmap.full, length === 0);
    for (let round = 0; round < 3 * length; round++) {
      const at = random.below(length);
      assert.equal(bitmap.add(at), !model.has(at));
      model.add(at);
      assert.equal(bitmap.count, model.size);
      assert.equal(bitmap.full, model.size === length);
    }
    for (let at = 0; at < length; at++) assert.equal(bitmap.has(at), model.has(at));
    for (let at = 0; at < length; at++) bitmap.add(at);
    assert.ok(bitmap.full);
  }
});

Deno.test("from a wire come the same numbers again, in bytes of its own", () => {
  const random = new Stream("bitmaps on a wire");
  for (const length of [0, 1, 8, 13, 16, 500]) {
    const bitmap = new Bitmap(length);
    for (let round = 0; round < length / 2; round++) bitmap.add(random.below(length));
    const sent = bitmap.bytes.slice();
    const read = Bitmap.from(sent, length)!;
    assert.equal(read.count, bitmap.count);
    for (let at = 0; at < length; at++) assert.equal(read.has(at), bitmap.has(at));
    for (let at = 0; at < length; at++) read.add(at);
    assert.deepEqual(sent, bitmap.bytes, "what was read is not changed");
  }
});

Deno.test("another length, or a number beyond the end, is refused", () => {
  for (const length of [1, 7, 8, 9, 100]) {
    const bytes = new Uint8Array(Math.ceil(length / 8));
    assert.ok(Bitmap.from(bytes, length));
    assert.equal(Bitmap.from(new Uint8Array(bytes.length + 1), length), undefined);
    assert.equal(Bitmap.from(bytes.subarray(1), length), undefined);
    for (let bit = length; bit < 8 * bytes.length; bit++) {
      const beyond = bytes.slice();
      beyond[bit >> 3]! |= 1 << (bit & 7);
      assert.equal(Bitmap.from(beyond, length), undefined, `${bit} of ${length}`);
    }
  }
  assert.ok(Bitmap.from(new Uint8Array(0), 0));
});
