/** Making a content: every block is read once, in any order of answers, and never many at a time. */
import assert from "node:assert/strict";
import { type Context, fileKey, joined, Stream } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { rootOf, treeOf } from "../../../runtime/protocols/swarm/merkle.ts";
import { Sharing } from "../../../runtime/protocols/swarm/sharing.ts";

const BLOCK = 16 * 1024;

/** What a sharing has asked its host to read, in order. */
function reader() {
  const asked: { key: string; offset: number; length: number }[] = [];
  const ctx = {
    crypto: nodeCrypto,
    read: (handle: string, offset: number, length: number) =>
      asked.push({ key: fileKey(handle, offset, length), offset, length }),
  } as unknown as Context;
  return { asked, ctx };
}

function sharingOf(...sizes: number[]): Sharing {
  const files = sizes.map((bytes, at) => ({ path: `${at}`, bytes }));
  return new Sharing("title", "handle", files, 1);
}

Deno.test("the manifest holds the root over all blocks, whatever the order in which they were read", () => {
  const random = new Stream("sharing");
  for (const bytes of [1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 40 * BLOCK + 17]) {
    const whole = random.bytes(bytes);
    const sharing = sharingOf(bytes);
    const { asked, ctx } = reader();
    sharing.read(ctx);
    const seen = new Set<string>();
    while (!sharing.done) {
      const at = random.below(asked.length);
      const [{ key, offset, length }] = asked.splice(at, 1) as [typeof asked[0]];
      assert.ok(sharing.owns(key) && !seen.has(key), "each block once");
      seen.add(key);
      assert.ok(sharing.take(key, whole.slice(offset, offset + length), ctx));
      assert.ok(asked.length <= 8, `${asked.length} blocks at a time`);
      assert.equal(sharing.owns(key), false);
    }
    assert.equal(asked.length, 0);
    const leaves: Uint8Array[] = [];
    for (let at = 0; at < bytes; at += BLOCK) {
      leaves.push(nodeCrypto.sha256(whole.subarray(at, at + BLOCK)));
    }
    const manifest = sharing.manifest(ctx);
    assert.deepEqual(sharing.leaves, joined(...leaves));
    assert.deepEqual(manifest.root, rootOf(treeOf(joined(...leaves), nodeCrypto)));
    assert.equal(manifest.bytes, bytes);
  }
});

Deno.test("an empty content is done before anything is read, and has no root", () => {
  for (const sharing of [sharingOf(0), sharingOf(0, 0, 0)]) {
    const { asked, ctx } = reader();
    assert.ok(sharing.done);
    sharing.read(ctx);
    assert.deepEqual(asked, []);
    assert.deepEqual(sharing.manifest(ctx).root, new Uint8Array(32));
    assert.equal(sharing.blocks, 0);
  }
});

Deno.test("blocks run on over the ends of files", () => {
  const sharing = sharingOf(10, 0, BLOCK, 5);
  const { asked, ctx } = reader();
  sharing.read(ctx);
  assert.deepEqual(asked.map(({ offset, length }) => [offset, length]), [[0, BLOCK], [BLOCK, 15]]);
});

Deno.test("what was not asked for, or was answered before, is not taken", () => {
  const sharing = sharingOf(2 * BLOCK);
  const { asked, ctx } = reader();
  sharing.read(ctx);
  const { key, length } = asked[0]!;
  assert.equal(sharing.take("file/other/0+1", new Uint8Array(1), ctx), false);
  assert.ok(sharing.take(key, new Uint8Array(length), ctx));
  assert.equal(sharing.take(key, new Uint8Array(length), ctx), false);
  assert.equal(sharing.done, false);
});
