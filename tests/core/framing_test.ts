/** A stream of bytes gives the same frames however it is cut, and takes no more memory than it brings. */
import fc from "fast-check";
import assert from "node:assert/strict";
import { joined } from "../../runtime/core/bytes.ts";
import {
  Deframer,
  encodeFrame,
  encodeReceipt,
  frameBytes,
  RECEIPT_BODIES,
} from "../../runtime/core/framing.ts";
import type { Frame } from "../../runtime/core/io.ts";
import { BODY_BYTES, HEAD_BYTES } from "../../runtime/core/limits.ts";
import { Stream } from "../../runtime/core/random.ts";

const sizes = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 300 }), fc.constantFrom(0, 5000, 70_000));
const frames: fc.Arbitrary<Frame[]> = fc.array(
  fc.record({ head: sizes, body: fc.option(sizes), fill: fc.nat({ max: 255 }) }).map((shape) => {
    const head = new Uint8Array(Math.min(shape.head, HEAD_BYTES)).fill(shape.fill);
    return shape.body === null
      ? { head }
      : { head, body: new Uint8Array(shape.body).fill(~shape.fill) };
  }),
  { maxLength: 6 },
);

/** Pushes a stream in pieces of the given lengths (again and again), from one buffer used each time. */
function pushed(
  stream: Uint8Array,
  lengths: readonly number[],
  deframer = new Deframer(),
): Frame[] {
  const found: Frame[] = [];
  const buffer = new Uint8Array(stream.length);
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const length = Math.min(Math.max(1, lengths[turn % lengths.length]!), stream.length - at);
    buffer.set(stream.subarray(at, at + length));
    found.push(...deframer.push(buffer.subarray(0, length)));
    buffer.fill(0xaa);
    at += length;
  }
  return found;
}

function streamOf(list: readonly Frame[]): Uint8Array {
  return joined(...list.flatMap(encodeFrame));
}

Deno.test("frames come out as they went in, whole, byte by byte and at random cuts", () => {
  const cuts = fc.array(fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 100_000 })), { minLength: 1 });
  fc.assert(
    fc.property(frames, cuts, (list, lengths) => {
      const stream = streamOf(list);
      assert.equal(stream.length, list.reduce((sum, frame) => sum + frameBytes(frame), 0));
      assert.deepEqual(pushed(stream, [stream.length]), list);
      assert.deepEqual(pushed(stream, lengths), list);
      if (stream.length < 3000) assert.deepEqual(pushed(stream, [1]), list);
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("a short stream gives the same frames when cut at each byte", () => {
  const list: Frame[] = [
    { head: Uint8Array.of(1, 2, 3) },
    { head: Uint8Array.of(), body: Uint8Array.of() },
    { head: Uint8Array.of(4), body: Uint8Array.of(5, 6) },
    { head: Uint8Array.of() },
  ];
  const stream = streamOf(list);
  for (let cut = 1; cut < stream.length; cut++) {
    assert.deepEqual(pushed(stream, [cut, stream.length]), list, `cut at ${cut}`);
  }
  assert.deepEqual(new Deframer().push(new Uint8Array(0)), []);
});

Deno.test("receipts between frames are counted, and are no part of any frame, at each cut", () => {
  const list: Frame[] = [
    { head: Uint8Array.of(1, 2, 3) },
    { head: Uint8Array.of(4), body: Uint8Array.of(0x20, 0, 0, 1) },
    { head: Uint8Array.of() },
  ];
  const [first, second, third] = list.map((frame) => joined(...encodeFrame(frame)));
  const stream = joined(
    ...[encodeReceipt(2), first!, encodeReceipt(1), encodeReceipt(RECEIPT_BODIES), second!, third!],
    encodeReceipt(1),
  );
  for (let cut = 1; cut < stream.length; cut++) {
    const deframer = new Deframer();
    assert.deepEqual(pushed(stream, [cut, stream.length], deframer), list, `cut at ${cut}`);
    assert.equal(deframer.takeReceipts(), 4 + RECEIPT_BODIES);
    assert.equal(deframer.takeReceipts(), 0);
    assert.equal(deframer.begun, 0);
  }
  assert.throws(() => encodeReceipt(0), /Assertion/);
  assert.throws(() => encodeReceipt(RECEIPT_BODIES + 1), /Assertion/);
});

Deno.test("a word for no body, or for too many, is no receipt", () => {
  for (const word of [0x2000_0000, 0x2000_0000 + RECEIPT_BODIES + 1]) {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, word);
    const deframer = new Deframer();
    deframer.push(bytes);
    assert.ok(deframer.tooLarge);
    assert.equal(deframer.takeReceipts(), 0);
  }
});

Deno.test("what has begun of a frame is known until it is whole", () => {
  const deframer = new Deframer();
  const stream = streamOf([{ head: Uint8Array.of(1, 2), body: new Uint8Array(10) }]);
  for (let at = 0; at < stream.length; at++) {
    assert.equal(deframer.begun, at);
    deframer.push(stream.subarray(at, at + 1));
  }
  assert.equal(deframer.begun, 0);
});

Deno.test("a body is handed on without a copy", () => {
  const body = new Uint8Array(1000);
  const parts = encodeFrame({ head: Uint8Array.of(1), body });
  assert.equal(parts.at(-1), body);
  assert.equal(frameBytes({ head: Uint8Array.of(1), body }), 8 + 1 + 1000);
  assert.equal(frameBytes({ head: Uint8Array.of(1) }), 4 + 1);
});

Deno.test("frames at their limits pass; one byte more is refused on the way in, a bug on the way out", () => {
  const largest = { head: new Uint8Array(HEAD_BYTES), body: new Uint8Array(BODY_BYTES) };
  assert.deepEqual(pushed(streamOf([largest]), [1 << 16]), [largest]);
  assert.throws(() => encodeFrame({ head: new Uint8Array(HEAD_BYTES + 1) }), /Assertion/);
  const over = { head: new Uint8Array(0), body: new Uint8Array(BODY_BYTES + 1) };
  assert.throws(() => encodeFrame(over), /Assertion/);
  const small: Frame = { head: Uint8Array.of(7) };
  for (
    const length of [[HEAD_BYTES + 1], [2 ** 31 + 1, BODY_BYTES + 1], [2 ** 31 - 1], [2 ** 32 - 1]]
  ) {
    const opening = new DataView(new ArrayBuffer(4 * length.length));
    length.forEach((word, at) => opening.setUint32(4 * at, word));
    const stream = joined(
      ...encodeFrame(small),
      new Uint8Array(opening.buffer),
      new Uint8Array(99),
    );
    for (const cut of [1, 3, stream.length]) {
      const deframer = new Deframer();
      assert.deepEqual(pushed(stream, [cut], deframer), [small], "what came before is good");
      assert.ok(deframer.tooLarge);
      assert.deepEqual(deframer.push(joined(...encodeFrame(small))), []);
      assert.ok(deframer.reserved <= 4);
    }
  }
});

Deno.test("memory grows with what came, not with what was promised", () => {
  const opening = encodeFrame({
    head: new Uint8Array(HEAD_BYTES),
    body: new Uint8Array(BODY_BYTES),
  });
  const stream = joined(...opening);
  const deframer = new Deframer();
  for (let at = 0; at < stream.length;) {
    const length = at < 100 ? 1 : Math.min(1000, stream.length - at);
    deframer.push(stream.subarray(at, at + length));
    at += length;
    assert.ok(deframer.reserved <= 2 * at + 8, `${deframer.reserved} bytes for ${at}`);
  }
  assert.ok(deframer.reserved <= 4);
});

Deno.test("junk never throws, and ends in frames or a refusal, the same at every cut", () => {
  const random = new Stream("junk streams");
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    const junk = random.bytes(random.below(400));
    // Small lengths, so that some frames come out of it.
    if (round % 2 === 0) {
      for (let at = 0; at < junk.length; at++) {
        junk[at] = junk[at]! % 5 ? 0 : 3;
      }
    }
    const atOnce = new Deframer(), bitByBit = new Deframer();
    const found = pushed(junk, [junk.length], atOnce);
    assert.deepEqual(pushed(junk, [1 + random.below(5), 1], bitByBit), found);
    assert.equal(bitByBit.tooLarge, atOnce.tooLarge);
    if (atOnce.tooLarge) refused++;
    const stream = streamOf(found);
    assert.deepEqual(
      stream,
      junk.subarray(0, stream.length),
      "accepted bytes encode to themselves",
    );
  }
  assert.ok(refused > 100 && refused < 500, `${refused} refused`);
});
