/** What waits to be written: in how many writes it leaves, and when it counts as read. */
import assert from "node:assert/strict";
import { Deframer, encodeReceipt } from "../../../runtime/core/framing.ts";
import { Buffers } from "../../../runtime/host/net/buffers.ts";
import { Outgoing } from "../../../runtime/host/net/outgoing.ts";
import { Receipts } from "../../../runtime/host/net/receipts.ts";
import type { Stream } from "../../../runtime/host/net/stream.ts";

/** An `Outgoing` on a stream that takes everything, and what became of it. */
function outgoingTo(written: (bytes: Uint8Array) => void) {
  const emptied = Promise.withResolvers<void>();
  const drained: number[] = [];
  const stream = {
    transport: "tcp",
    read: () => Promise.resolve(null),
    async write(bytes: Uint8Array) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      written(bytes.slice());
      return bytes.length;
    },
    finish: () => Promise.resolve(),
    close() {},
  } satisfies Stream;
  const outgoing = new Outgoing(stream, new Buffers(), new Receipts(), {
    waits() {},
    drained: (queued) => drained.push(queued),
    emptied: () => emptied.resolve(),
    broke: (error) => emptied.reject(error),
  });
  return { outgoing, drained, emptied: emptied.promise };
}

const frameOf = (bytes: number) => ({ head: new Uint8Array(20), body: new Uint8Array(bytes) });

Deno.test("a large frame behind a small one leaves in large writes", async () => {
  const writes: number[] = [];
  const { outgoing, emptied } = outgoingTo(({ length }) => writes.push(length));
  outgoing.push({ head: new Uint8Array(20) });
  await Promise.resolve().then(() => {}); // the small one is on its way
  outgoing.push(frameOf(300_000));
  await emptied;
  assert.deepEqual(writes, [24, 256 * 1024, 300_028 - 256 * 1024]);
});

Deno.test("a body is drained when the other side has read it, not when the system took it", async () => {
  const { outgoing, drained, emptied } = outgoingTo(() => {});
  outgoing.push(frameOf(100));
  outgoing.push(frameOf(200));
  await emptied;
  assert.deepEqual(drained, []);
  assert.ok(outgoing.isOwed);
  assert.ok(outgoing.confirmed(1));
  assert.deepEqual(drained, [228]);
  assert.ok(outgoing.isOwed);
  assert.ok(outgoing.confirmed(1));
  assert.deepEqual(drained, [228, 0]);
  assert.ok(!outgoing.isOwed);
});

Deno.test("a receipt for what was not sent yet, or never, is refused", async () => {
  const { outgoing, drained, emptied } = outgoingTo(() => {});
  assert.ok(!outgoing.confirmed(1));
  outgoing.push(frameOf(100));
  assert.ok(!outgoing.confirmed(1), "it still waits here");
  await emptied;
  assert.ok(!outgoing.confirmed(2));
  assert.deepEqual(drained, [0], "the first of the two was true");
});

Deno.test("one body waits a moment for its receipt; a second or a frame takes it along", async () => {
  const deframer = new Deframer();
  let receipts = 0;
  const { outgoing } = outgoingTo((bytes) => {
    deframer.push(bytes);
    receipts += deframer.takeReceipts();
  });
  const within = async (millis: number) => {
    await new Promise((resolve) => setTimeout(resolve, millis));
    return receipts;
  };
  outgoing.acknowledge(1);
  assert.equal(await within(10), 0);
  assert.equal(await within(100), 1, "its time has come");
  outgoing.acknowledge(1);
  outgoing.acknowledge(1);
  assert.equal(await within(15), 3, "two go at once");
  outgoing.acknowledge(1);
  outgoing.push({ head: new Uint8Array(20) });
  assert.equal(await within(15), 4, "it goes with a frame");
  outgoing.acknowledge(1);
  outgoing.giveReceipts();
  assert.equal(await within(15), 5, "a link that ends tells now");
  assert.equal(await within(100), 5, "and not once more");
  outgoing.acknowledge(1);
  outgoing.close();
  assert.equal(await within(100), 5, "nobody is told any more");
});

Deno.test("a closed link takes no receipts", () => {
  const { outgoing, drained } = outgoingTo(() => {});
  outgoing.close();
  assert.ok(outgoing.confirmed(3));
  assert.deepEqual(drained, []);
  assert.deepEqual(encodeReceipt(3), Uint8Array.of(0x20, 0, 0, 3));
});
