/** What waits to be written: in how many writes it leaves. */
import assert from "node:assert/strict";
import { Buffers } from "../../../runtime/host/net/buffers.ts";
import { Outgoing } from "../../../runtime/host/net/outgoing.ts";
import type { Stream } from "../../../runtime/host/net/stream.ts";

Deno.test("a large frame behind a small one leaves in large writes", async () => {
  const writes: number[] = [];
  const emptied = Promise.withResolvers<void>();
  const stream = {
    transport: "tcp",
    read: () => Promise.resolve(null),
    async write(bytes: Uint8Array) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      writes.push(bytes.length);
      return bytes.length;
    },
    finish: () => Promise.resolve(),
    close() {},
  } satisfies Stream;
  const outgoing = new Outgoing(stream, new Buffers(), {
    waits() {},
    drained() {},
    emptied: () => emptied.resolve(),
    broke: (error) => emptied.reject(error),
  });
  outgoing.push({ head: new Uint8Array(20) });
  await Promise.resolve().then(() => {}); // the small one is on its way
  outgoing.push({ head: new Uint8Array(20), body: new Uint8Array(300_000) });
  await emptied.promise;
  assert.deepEqual(writes, [24, 256 * 1024, 300_028 - 256 * 1024]);
});
