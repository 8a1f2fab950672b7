/** Segments and the mapping: every changed byte, every exchange and every wrong key is found. */
import assert from "node:assert/strict";
import { joined, packed, Stream, TAG_BYTES, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { Code } from "../../../runtime/protocols/vault/erasure.ts";
import { isPass, Keys, shareName } from "../../../runtime/protocols/vault/keys.ts";
import * as limits from "../../../runtime/protocols/vault/limits.ts";
import {
  type Content,
  EMPTY,
  type Mapping,
  readMapping,
  readVersion,
  unwritten,
  witnessesFor,
  written,
} from "../../../runtime/protocols/vault/mapping.ts";
import {
  keyOf,
  openedSegment,
  sealedSegment,
  type Sealing,
} from "../../../runtime/protocols/vault/segments.ts";
import { isShape, shardLength, shareLength } from "../../../runtime/protocols/vault/shape.ts";
import type { PeerId } from "../../../runtime/core/mod.ts";

const random = new Stream("segments");
const sealing: Sealing = {
  id: random.bytes(32),
  key: random.bytes(32),
  bytes: 9_000,
  enough: 2,
  count: 3,
};
const clear = random.bytes(9_000);

Deno.test("a segment opens as it was, by either cryptography; its shards are whole blocks", () => {
  for (const bytes of [0, 1, 4_095, 8_175, 8_176, 8_177, 9_000]) {
    const own = { ...sealing, bytes }, text = random.bytes(bytes);
    const { hash, shards } = sealedSegment(own, 0, text, noble);
    assert.deepEqual(sealedSegment(own, 0, text, nodeCrypto), { hash, shards });
    assert.equal(shards.length, 2);
    for (const { length } of shards) {
      assert.equal(length % limits.BLOCK_BYTES, 0);
      assert.equal(length, shardLength(own, 0));
    }
    assert.deepEqual(openedSegment(own, 0, hash, shards, nodeCrypto), text);
    const all = new Code(2, 3).encoded(shards);
    const back = new Code(2, 3).rebuilt(new Map([[2, all[2]!], [1, all[1]!]]), [0, 1]);
    assert.deepEqual(openedSegment(own, 0, hash, back, noble), text);
  }
});

Deno.test("a segment opens under nothing but its own key, place, shape, length and hash", () => {
  const { hash, shards } = sealedSegment(sealing, 0, clear, noble);
  const others: Partial<Sealing>[] = [
    { key: sealing.key.with(31, sealing.key[31]! ^ 1) },
    { id: sealing.id.with(0, sealing.id[0]! ^ 1) },
    { count: 4 },
    { bytes: 8_999 },
  ];
  for (const other of others) {
    assert.equal(openedSegment({ ...sealing, ...other }, 0, hash, shards, noble), undefined);
  }
  assert.equal(openedSegment(sealing, 1, hash, shards, noble), undefined);
  assert.equal(openedSegment(sealing, 0, hash.with(0, hash[0]! ^ 1), shards, noble), undefined);
  assert.equal(openedSegment(sealing, 0, hash, shards.toReversed(), noble), undefined);
});

Deno.test("each changed byte of a sealed segment is found", () => {
  const { hash, shards } = sealedSegment(
    { ...sealing, bytes: 100 },
    0,
    clear.subarray(0, 100),
    noble,
  );
  const [first, second] = shards as [Uint8Array, Uint8Array];
  for (let at = 0; at < 100 + TAG_BYTES; at++) {
    const changed = [first.with(at, first[at]! ^ 1), second];
    assert.equal(openedSegment({ ...sealing, bytes: 100 }, 0, hash, changed, noble), undefined);
  }
});

Deno.test("no two segments share a key: of one content, of two, and of one that is changed", () => {
  const sealed = new Set<string>();
  const crypto = {
    ...noble,
    sealText(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, text: Uint8Array) {
      sealed.add(key.toHex() + nonce.toHex());
      return noble.sealText(key, nonce, data, text);
    },
  };
  const text = new Uint8Array(16), long = { ...sealing, bytes: 200 * limits.SEGMENT_BYTES };
  for (let number = 0; number < 200; number++) sealedSegment(long, number, text, crypto);
  assert.equal(sealed.size, 200);
  sealedSegment(long, 0, text, crypto);
  assert.equal(sealed.size, 200, "the same bytes again have the same seal");
  sealedSegment(long, 0, text.with(0, 1), crypto);
  sealedSegment({ ...long, id: random.bytes(32) }, 0, text, crypto);
  sealedSegment({ ...long, key: random.bytes(32) }, 0, text, crypto);
  assert.equal(sealed.size, 203);
});

Deno.test("of a million segments no two share a key and a nonce", () => {
  const pairs = new Set<string>(), hash = new Uint8Array(32);
  for (let number = 0; number < 1_000_000; number++) {
    // Of many contents, of many places, and changed ones of the same place.
    const id = new Uint8Array(32).fill(number % 7);
    hash[0] = number % 3;
    const { key, nonce } = keyOf({ id, key: sealing.key }, Math.floor(number / 21), hash);
    pairs.add(packed(joined(key, nonce, new Uint8Array(4))));
  }
  assert.equal(pairs.size, 1_000_000);
});

Deno.test("the same file locked twice shows devices nothing alike", () => {
  const twice = [random.bytes(32), random.bytes(32)].map((key) =>
    sealedSegment({ ...sealing, key }, 0, clear, noble).shards
  );
  assert.notDeepEqual(twice[0]![0], twice[1]![0]);
  assert.notDeepEqual(shareName(sealing.key, 0, 0), shareName(sealing.key, 1, 0));
  assert.notDeepEqual(shareName(sealing.key, 0, 0), shareName(sealing.key, 0, 1));
});

Deno.test("there is no content of other shapes than these", () => {
  const good = { bytes: 5, enough: 2, count: 3 };
  assert.ok(isShape(good) && isShape({ ...good, bytes: 0 }));
  assert.ok(isShape({ bytes: limits.SEGMENT_BYTES * limits.SEGMENTS, enough: 10, count: 64 }));
  for (const wrong of [0, 1, 3, 2 ** 31, NaN, 2.5, -2]) {
    assert.ok(!isShape({ ...good, enough: wrong }));
  }
  for (const wrong of [0, 2, 65, 2 ** 31, NaN]) assert.ok(!isShape({ ...good, count: wrong }));
  for (const wrong of [-1, NaN, 0.5, limits.SEGMENT_BYTES * limits.SEGMENTS + 1]) {
    assert.ok(!isShape({ ...good, bytes: wrong }));
  }
  const shape = { bytes: 2 * limits.SEGMENT_BYTES + 1, enough: 4, count: 6 };
  assert.equal(shareLength(shape), 2 * shardLength(shape, 0) + limits.BLOCK_BYTES);
});

const keys = new Keys(new Uint8Array(32).fill(1), noble);
const peer = (digit: string) => digit.repeat(64) as PeerId;

function content(fields: Partial<Content> = {}): Content {
  const share = { device: peer("a"), age: 0, root: random.bytes(32) };
  return {
    ...{ ...sealing, name: "badge.png", preview: new Uint8Array(0), part: undefined },
    hashes: [random.bytes(32)],
    shares: [share, undefined, share],
    ...fields,
  };
}

const mapping: Mapping = {
  devices: [{ peer: peer("a"), address: "10.0.0.1:1", domain: "" }],
  contents: [content()],
  condemned: [],
  deleted: [],
  ancestors: [],
};
const salt = new Uint8Array(32).fill(9);
const first = written(unwritten(noble), 1, EMPTY, keys, salt, noble)!;
const second = written(first, 2, mapping, keys, salt, noble)!;

Deno.test("a mapping opens with its own secret only, and says what was written", () => {
  const read = readVersion(second.sealed, keys, nodeCrypto)!;
  assert.deepEqual([read.version, read.previous, read.mapping], [2, first.hash, {
    ...mapping,
    ancestors: [first.hash],
  }]);
  const others = new Keys(new Uint8Array(32).fill(2), noble);
  assert.equal(readVersion(second.sealed, others, noble), undefined);
  const almost = new Keys(new Uint8Array(32).fill(1).with(31, 0), noble);
  assert.equal(readVersion(second.sealed, almost, noble), undefined);
});

Deno.test("each changed byte, and each cut, of a mapping is found", () => {
  const { sealed } = second;
  for (let at = 0; at < sealed.length; at++) {
    assert.equal(readVersion(sealed.with(at, sealed[at]! ^ 1), keys, noble), undefined, `${at}`);
    assert.equal(readVersion(sealed.subarray(0, at), keys, noble), undefined);
  }
});

Deno.test("a mapping that says what cannot be is none", () => {
  const write = (fields: Partial<Content>) => {
    const made = written(first, 2, { ...mapping, contents: [content(fields)] }, keys, salt, noble);
    return readVersion(made!.sealed, keys, noble);
  };
  assert.ok(write({}) !== undefined);
  assert.equal(write({ enough: 0 }), undefined);
  assert.equal(write({ enough: 3 }), undefined);
  assert.equal(write({ count: 64 }), undefined, "shares of another number");
  assert.equal(write({ hashes: [] }), undefined);
  assert.equal(write({ bytes: Number.MAX_SAFE_INTEGER }), undefined);
  assert.equal(readMapping(utf8("nonsense")), undefined);
});

Deno.test("a mapping that would be longer than devices take is not written", () => {
  const preview = new Uint8Array(limits.PREVIEW_BYTES);
  const most = Math.floor(limits.MAPPING_BYTES / limits.PREVIEW_BYTES);
  const write = (count: number) => {
    const contents = Array.from({ length: count }, () => content({ preview }));
    return written(first, 2, { ...mapping, contents }, keys, salt, nodeCrypto);
  };
  const { sealed } = write(most - 3)!;
  assert.ok(sealed.length <= limits.MAPPING_BYTES);
  assert.ok(readVersion(sealed, keys, nodeCrypto) !== undefined);
  assert.equal(write(most), undefined);
});

Deno.test("so many devices witness a version that whoever asks enough of them meets one", () => {
  const of = (devices: number, enough: number) =>
    witnessesFor({
      devices: Array.from(
        { length: devices },
        (_, at) => ({ peer: peer(`${at % 10}`), address: "", domain: "" }),
      ),
      contents: [content({ enough })],
      condemned: [],
      deleted: [],
      ancestors: [],
    });
  assert.equal(of(6, 4), 4);
  assert.equal(of(6, 2), 5);
  assert.equal(of(14, 10), 8);
  assert.equal(of(1, 4), 1);
  for (let devices = 1; devices < 20; devices++) {
    for (let enough = 2; enough < 20; enough++) {
      assert.ok(of(devices, enough) + Math.min(enough, devices) > devices);
      assert.ok(2 * of(devices, enough) > devices);
    }
  }
});

Deno.test("a pass is for one vault, one device and one holder", () => {
  const pass = keys.pass(peer("a"), peer("b"), noble);
  assert.ok(isPass(keys.vault, peer("a"), peer("b"), pass, noble));
  assert.ok(!isPass(keys.vault, peer("c"), peer("b"), pass, noble));
  assert.ok(!isPass(keys.vault, peer("a"), peer("c"), pass, noble));
  assert.ok(!isPass(keys.vault, peer("b"), peer("a"), pass, noble));
  const others = new Keys(new Uint8Array(32).fill(2), noble);
  assert.ok(!isPass(others.vault, peer("a"), peer("b"), pass, noble));
});
