/** What the swarm remembers over a restart is read exactly as it was written, or not at all. */
import assert from "node:assert/strict";
import { sameBytes, Stream } from "../../../runtime/core/mod.ts";
import * as limits from "../../../runtime/protocols/swarm/limits.ts";
import {
  type ContentRecord,
  decodeRecord,
  encodeRecord,
} from "../../../runtime/protocols/swarm/records.ts";

function drawn(random: Stream): ContentRecord {
  const source = () => ({
    sign: random.bytes(32),
    agree: random.bytes(32),
    address: random.pick(["", "10.0.0.7:4545", "[fe80::1%eth0]:4545", "x".repeat(96)]),
  });
  return {
    manifest: random.bytes(random.pick([0, 1, 200])),
    handle: random.pick(["", "lecture.mp4", "\u00e9t\u00e9"]),
    priority: random.pick([0, 1, 127, 128, 1000]),
    leaves: random.bytes(32 * random.below(4)),
    sources: Array.from({ length: random.below(limits.SOURCES + 1) }, source),
  };
}

Deno.test("a record is read as it was written, and cut or longer not at all", () => {
  const random = new Stream("records");
  for (let round = 0; round < 500; round++) {
    const record = drawn(random);
    const bytes = encodeRecord(record);
    const read = decodeRecord(bytes)!;
    assert.ok(sameBytes(encodeRecord(read), bytes));
    assert.equal(read.handle, record.handle);
    assert.equal(read.priority, record.priority);
    assert.deepEqual(
      read.sources.map(({ address }) => address),
      record.sources.map((s) => s.address),
    );
    assert.equal(decodeRecord(bytes.subarray(0, random.below(bytes.length))), undefined);
    assert.equal(decodeRecord(Uint8Array.of(...bytes, 0)), undefined);
  }
});

Deno.test("the largest record of all fits, and one more of anything does not", () => {
  const largest: ContentRecord = {
    manifest: new Uint8Array(limits.MANIFEST_BYTES),
    handle: "h".repeat(1024),
    priority: 1000,
    leaves: new Uint8Array(32 * limits.BLOCKS),
    sources: Array.from({ length: limits.SOURCES }, () => ({
      sign: new Uint8Array(32),
      agree: new Uint8Array(32),
      address: "",
    })),
  };
  assert.ok(decodeRecord(encodeRecord(largest)));
  const beyond: Partial<ContentRecord>[] = [
    { manifest: new Uint8Array(limits.MANIFEST_BYTES + 1) },
    { handle: "h".repeat(1025) },
    { priority: 1001 },
    { leaves: new Uint8Array(32 * limits.BLOCKS + 1) },
    { sources: [...largest.sources, largest.sources[0]!] },
  ];
  for (const change of beyond) {
    assert.throws(() => encodeRecord({ ...largest, ...change }), /Assertion failed/);
  }
});
