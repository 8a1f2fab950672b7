/** A manifest says one thing in one way, and no lie in any of its fields gets past its reader. */
import assert from "node:assert/strict";
import { sameBytes, Stream } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import * as limits from "../../../runtime/protocols/swarm/limits.ts";
import {
  blockBytesFor,
  blockLength,
  blocksOf,
  contentOf,
  decodeManifest,
  encodeManifest,
  type Manifest,
  problemWith,
} from "../../../runtime/protocols/swarm/manifest.ts";

const KIB = 1024, MIB = 1024 * KIB;
const root = new Uint8Array(32).fill(7);

function manifestOf(changes: Partial<Manifest> = {}): Manifest {
  const files = changes.files ?? [{ path: "a.txt", bytes: 10 }, { path: "b/c.txt", bytes: 40_000 }];
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return { title: "Lecture", blockBytes: 16 * KIB, bytes, root, files, ...changes };
}

/** A honest manifest, of a shape that chance chooses. */
function drawn(random: Stream): Manifest {
  const files = Array.from({ length: 1 + random.below(6) }, (_, at) => ({
    path: `${random.pick(["", "a/", "\u00e9t\u00e9/b/"])}${at}${
      random.pick(["", ".txt", "\u{1f426}"])
    }`,
    bytes: random.below(random.pick([1, 20, 100_000, 0x1_0000_0000])),
  }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const title = random.pick(["", "x", "\u00dcbung 7", "t".repeat(255)]);
  const isEmpty = bytes === 0;
  return {
    title,
    blockBytes: blockBytesFor(bytes),
    bytes,
    root: isEmpty ? new Uint8Array(32) : random.bytes(32),
    files,
  };
}

Deno.test("a manifest is read as it was written, and in no other bytes", () => {
  const random = new Stream("manifests");
  for (let round = 0; round < 1000; round++) {
    const manifest = drawn(random);
    assert.equal(problemWith(manifest), undefined);
    const bytes = encodeManifest(manifest);
    const read = decodeManifest(bytes)!;
    assert.deepEqual({ ...read, root: [...read.root] }, { ...manifest, root: [...manifest.root] });
    assert.ok(sameBytes(encodeManifest(read), bytes));
    assert.equal(decodeManifest(bytes.subarray(0, random.below(bytes.length))), undefined);
    assert.equal(decodeManifest(Uint8Array.of(...bytes, 0)), undefined);
  }
});

Deno.test("a lie in any field is refused, by who reads it and in words by who would share it", () => {
  const file = { path: "a", bytes: 1 };
  const lies: readonly (readonly [Partial<Manifest>, RegExp])[] = [
    [{ blockBytes: 0 }, /out of bounds/],
    [{ blockBytes: 1 }, /out of bounds/],
    [{ blockBytes: 8 * KIB }, /out of bounds/],
    [{ blockBytes: 4 * MIB }, /out of bounds/],
    [{ blockBytes: 2 ** 31 }, /out of bounds/],
    [{ blockBytes: 2 ** 32 - 1 }, /power of two/],
    [{ blockBytes: 16 * KIB + 1 }, /power of two/],
    [{ blockBytes: 48 * KIB }, /power of two/],
    [{ bytes: 40_009 }, /add up/],
    [{ bytes: 40_011 }, /add up/],
    [{ bytes: 0 }, /add up/],
    [{ bytes: limits.BLOCKS * 16 * KIB + 1 }, /too many blocks/],
    [{ files: [], bytes: 0 }, /no files/],
    [{ files: [file, { path: "A", bytes: 2 }] }, /both called "A"/],
    [{ files: [file, { path: "a/b", bytes: 2 }] }, /both called "a\/b"/],
    [{ files: [{ path: "../up", bytes: 1 }] }, /"..\/up" is not a portable path/],
    [{ files: [{ path: "", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "/etc/passwd", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "a//b", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "a/", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "nul", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "cafe\u0301", bytes: 1 }] }, /not a portable path/],
    [{ files: [{ path: "a", bytes: 0 }] }, /empty and has a root/],
  ];
  for (const [changes, why] of lies) {
    const manifest = manifestOf(changes);
    assert.match(problemWith(manifest) ?? "fine", why);
    assert.equal(decodeManifest(encodeManifest(manifest)), undefined, `${why}`);
  }
});

Deno.test("what cannot be written at all is refused in words before it is tried", () => {
  const many = Array.from({ length: limits.FILES + 1 }, (_, at) => ({ path: `${at}`, bytes: 1 }));
  const long = Array.from({ length: 1000 }, (_, at) => ({
    path: `${"folder of a long name/".repeat(20)}${at}`,
    bytes: 1,
  }));
  const path = Array.from({ length: 20 }, () => "x".repeat(30)).join("/");
  assert.match(problemWith(manifestOf({ files: many }))!, /more than 4096 files/);
  assert.match(problemWith(manifestOf({ files: long }))!, /too long together/);
  assert.match(problemWith(manifestOf({ files: [{ path, bytes: 1 }] }))!, /not a portable path/);
  assert.match(problemWith(manifestOf({ title: "\u6f22".repeat(86) }))!, /title is too long/);
  assert.equal(problemWith(manifestOf({ title: "\u6f22".repeat(85) })), undefined);
});

Deno.test("counts and sizes beyond their caps are refused before anything is made of them", () => {
  const bytes = encodeManifest(manifestOf({ files: [{ path: "a", bytes: 5 }] }));
  const sizeAt = 1 + 7 + 4, countAt = sizeAt + 1 + 32;
  const cases: readonly (readonly [number, readonly number[]])[] = [
    [sizeAt, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    [sizeAt, [0x85, 0x00]], // longer than needed
    [countAt, [0x81, 0x20]], // 4097 files
    [countAt, [0xff, 0xff, 0xff, 0xff, 0x0f]],
    [countAt, [0x02]],
    [countAt, [0x00]],
  ];
  assert.equal(bytes[sizeAt], 5);
  assert.equal(bytes[countAt], 1);
  for (const [at, put] of cases) {
    const lie = Uint8Array.of(...bytes.subarray(0, at), ...put, ...bytes.subarray(at + 1));
    assert.equal(decodeManifest(lie), undefined, `${put} at ${at}`);
  }
  assert.equal(decodeManifest(new Uint8Array(limits.MANIFEST_BYTES + 1)), undefined);
  assert.equal(decodeManifest(new Uint8Array(0)), undefined);
});

Deno.test("blocks cover a content exactly, whatever its size", () => {
  const sizes = [0, 1, 16 * KIB - 1, 16 * KIB, 16 * KIB + 1, 16 * MIB, 16 * MIB + 1, 3e9, 2 ** 37];
  for (const bytes of sizes) {
    const blockBytes = blockBytesFor(bytes);
    const manifest = manifestOf({ bytes, blockBytes, files: [{ path: "a", bytes }] });
    const blocks = blocksOf(manifest);
    assert.ok(blocks <= limits.BLOCKS, `${bytes} bytes in ${blocks} blocks`);
    if (blocks === 0) continue;
    const last = blockLength(manifest, blocks - 1);
    assert.ok(last > 0 && last <= blockBytes);
    assert.equal((blocks - 1) * blockBytes + last, bytes);
    if (blocks > 1) assert.equal(blockLength(manifest, 0), blockBytes);
  }
});

Deno.test("a content is named by all of its manifest", () => {
  const bytes = encodeManifest(manifestOf());
  const names = new Set<string>();
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice();
    changed[at]! ^= 1;
    names.add(contentOf(changed, noble));
  }
  assert.equal(names.add(contentOf(bytes, noble)).size, bytes.length + 1);
});
