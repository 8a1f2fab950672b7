/** Accounted and memoised cryptography: sizes and failures as in the real thing. */
import assert from "node:assert/strict";
import { accounted, withAccountedBodies } from "../../runtime/core/accounted.ts";
import { hex, joined } from "../../runtime/core/bytes.ts";
import type { Crypto } from "../../runtime/core/crypto.ts";
import { identityFrom } from "../../runtime/core/identity.ts";
import { memoised } from "../../runtime/core/memoised.ts";
import { Mix } from "../../runtime/core/mix.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Slab } from "../../runtime/core/slab.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

const EMPTY = new Uint8Array(0);

/** Every single-bit change of some bytes. */
function* changed(original: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < 8 * original.length; bit++) {
    const copy = original.slice();
    copy[bit >> 3]! ^= 1 << (bit & 7);
    yield copy;
  }
}

Deno.test("peers and contents have their real names in an accounted world", () => {
  const seed = new Stream("names").bytes(32);
  const world = accounted(nodeCrypto);
  assert.deepEqual(identityFrom(seed, world), identityFrom(seed, noble));
  assert.deepEqual(world.sha256(seed), noble.sha256(seed));
});

Deno.test("accounted results have the real lengths", () => {
  const random = new Stream("lengths");
  const key = random.bytes(32), nonce = random.bytes(12), clear = random.bytes(77);
  const sizes = (crypto: Crypto) =>
    [
      ...[crypto.linkHash(key, clear), ...crypto.linkKeys(key, clear), crypto.ephemeralKey(key)],
      ...[crypto.agree(key, crypto.agreementKey(key))!],
      ...[crypto.sign(key, clear), crypto.seal(key, nonce, EMPTY, clear)],
      ...[crypto.sealBody(key, nonce, clear).body, crypto.sealBody(key, nonce, clear).tag],
    ].map((bytes) => bytes.length);
  assert.deepEqual(sizes(accounted(nodeCrypto)), sizes(nodeCrypto));
});

Deno.test("two accounted worlds that are asked the same give the same bytes", () => {
  const told = [accounted(nodeCrypto), accounted(noble)].map((world) => {
    const random = new Stream("again");
    const log: string[] = [];
    for (let round = 0; round < 20; round++) {
      const [key, other] = [random.bytes(32), random.bytes(32)];
      const nonce = random.bytes(12), text = random.bytes(random.below(200));
      const theirs = round % 2 === 0 ? world.agreementKey(other) : world.ephemeralKey(other);
      const { tag } = world.sealBody(key, nonce, text);
      log.push(
        ...[theirs, world.agree(key, theirs)!, world.sign(key, text), tag].map(hex),
        ...[world.seal(key, nonce, text, text), world.linkHash(key, text)].map(hex),
        ...world.linkKeys(key, text).map(hex),
      );
    }
    return log;
  });
  assert.deepEqual(told[0], told[1]);
  assert.equal(new Set(told[0]).size, told[0]!.length);
});

Deno.test("accounted agreement is the same from both sides, for lasting and ephemeral keys", () => {
  const world = accounted(nodeCrypto), random = new Stream("agreement");
  const secrets = Array.from({ length: 8 }, () => random.bytes(32));
  const keys = secrets.map((secret, at) =>
    at % 2 === 0 ? world.agreementKey(secret) : world.ephemeralKey(secret)
  );
  const seen = new Set<string>();
  for (let one = 0; one < 8; one++) {
    for (let other = 0; other <= one; other++) {
      const shared = world.agree(secrets[one]!, keys[other]!)!;
      assert.deepEqual(world.agree(secrets[other]!, keys[one]!), shared);
      seen.add(hex(shared));
    }
  }
  assert.equal(seen.size, 36);
});

Deno.test("an accounted agreement refuses low order, and gives a stranger's key another result", () => {
  const world = accounted(nodeCrypto), random = new Stream("strangers");
  const secret = random.bytes(32), other = random.bytes(32), key = world.ephemeralKey(other);
  for (const length of [0, 31, 33]) {
    assert.equal(world.agree(secret, new Uint8Array(length).fill(5)), undefined);
  }
  for (const lowest of [0, 1, 0xff]) {
    const low = new Uint8Array(32).fill(lowest === 0xff ? 0xff : 0);
    low[0] = lowest === 0xff ? 0xec : lowest;
    assert.equal(world.agree(secret, low), undefined);
    assert.equal(nodeCrypto.agree(secret, low), undefined);
  }
  const shared = world.agree(secret, key);
  for (const wrong of changed(key)) {
    // The top bit counts neither here nor in the real thing.
    const isTop = wrong.length === 32 && (wrong[31]! ^ key[31]!) === 0x80;
    if (isTop) assert.deepEqual(world.agree(secret, wrong), shared);
    else assert.notDeepEqual(world.agree(secret, wrong), shared);
  }
});

Deno.test("whatever bit of an accounted message, its data, nonce or key changes, it stays shut", () => {
  const world = accounted(nodeCrypto), random = new Stream("accounted tamper");
  for (const length of [0, 1, 3, 4, 15, 16, 40]) {
    const key = random.bytes(32), nonce = random.bytes(12), data = random.bytes(21);
    const clear = random.bytes(length);
    const sealed = world.seal(key, nonce, data, clear);
    assert.deepEqual(world.open(key, nonce, data, sealed), clear);
    for (const wrong of changed(sealed)) {
      assert.equal(world.open(key, nonce, data, wrong), undefined);
    }
    for (const wrong of changed(data)) {
      assert.equal(world.open(key, nonce, wrong, sealed), undefined);
    }
    for (const wrong of changed(nonce)) {
      assert.equal(world.open(key, wrong, data, sealed), undefined);
    }
    for (const wrong of changed(key)) {
      assert.equal(world.open(wrong, nonce, data, sealed), undefined);
    }
    for (let cut = 0; cut < sealed.length; cut++) {
      assert.equal(world.open(key, nonce, data, sealed.subarray(0, cut)), undefined);
    }
    assert.equal(world.open(key, nonce, data, joined(sealed, Uint8Array.of(0))), undefined);
    assert.equal(
      world.open(key, nonce, joined(data, sealed.subarray(0, 1)), sealed.subarray(1)),
      undefined,
    );
  }
});

Deno.test("an accounted message does not show its text", () => {
  const world = accounted(nodeCrypto), random = new Stream("hidden");
  const clear = new Uint8Array(64), key = random.bytes(32);
  const covers = Array.from({ length: 50 }, () => world.seal(key, random.bytes(12), EMPTY, clear));
  const counts = new Map<number, number>();
  for (const byte of covers.flatMap((sealed) => [...sealed.subarray(0, 64)])) {
    counts.set(byte, (counts.get(byte) ?? 0) + 1);
  }
  // 3200 bytes over 256 values: 12.5 of each on average.
  assert.ok(counts.size > 250 && Math.max(...counts.values()) < 35);
});

Deno.test("whatever bit of an accounted signature, its message or key changes, it fails", () => {
  const world = accounted(nodeCrypto), random = new Stream("accounted signatures");
  const seed = random.bytes(32), message = random.bytes(37);
  const key = world.signingKey(seed), signature = world.sign(seed, message);
  assert.ok(world.verify(key, message, signature));
  for (const wrong of changed(signature)) assert.ok(!world.verify(key, message, wrong));
  for (const wrong of changed(message)) assert.ok(!world.verify(key, wrong, signature));
  for (const wrong of changed(key)) assert.ok(!world.verify(wrong, message, signature));
  assert.ok(!world.verify(key, message, world.sign(random.bytes(32), message)));
  for (const length of [0, 1, 63]) {
    assert.ok(!world.verify(key, message, signature.subarray(0, length)));
    assert.ok(!world.verify(key.subarray(0, length % 32), message, signature));
  }
  assert.ok(accounted(noble).verify(key, message, signature), "a key needs no table to be checked");
});

for (const world of [accounted(nodeCrypto), withAccountedBodies(nodeCrypto)]) {
  Deno.test(`${world.name}: a body passes by reference, and opens only as itself`, () => {
    const random = new Stream("bodies");
    const key = random.bytes(32), nonce = random.bytes(12), body = random.bytes(100);
    const sealed = world.sealBody(key, nonce, body);
    assert.equal(sealed.body, body);
    assert.equal(sealed.tag.length, 16);
    assert.equal(world.openBody(key, nonce, body, sealed.tag), body);
    assert.deepEqual(world.sealBody(key, nonce, body).tag, sealed.tag);
    for (const wrong of changed(key)) {
      assert.equal(world.openBody(wrong, nonce, body, sealed.tag), undefined);
    }
    for (const wrong of changed(nonce)) {
      assert.equal(world.openBody(key, wrong, body, sealed.tag), undefined);
    }
    for (const wrong of changed(sealed.tag)) {
      assert.equal(world.openBody(key, nonce, body, wrong), undefined);
    }
    assert.equal(world.openBody(key, nonce, body, sealed.tag.subarray(0, 15)), undefined);
    const copy = body.slice();
    assert.equal(world.openBody(key, nonce, copy, sealed.tag), undefined, "never sealed");
    assert.notDeepEqual(world.sealBody(key, nonce, copy).tag, sealed.tag);
    assert.equal(world.openBody(key, nonce, copy, sealed.tag), undefined, "another buffer");
  });
}

Deno.test("with accounted bodies everything but bodies is real", () => {
  const world = withAccountedBodies(nodeCrypto), random = new Stream("rest");
  const key = random.bytes(32), nonce = random.bytes(12), text = random.bytes(50);
  assert.deepEqual(world.seal(key, nonce, key, text), noble.seal(key, nonce, key, text));
  assert.deepEqual(world.linkKeys(key, text), noble.linkKeys(key, text));
  assert.deepEqual(world.sign(key, text), noble.sign(key, text));
  assert.deepEqual(world.ephemeralKey(key), noble.ephemeralKey(key));
});

Deno.test("a large buffer is hashed once, a small one each time, and both rightly", () => {
  let hashed = 0;
  const counting: Crypto = {
    ...nodeCrypto,
    sha256: (bytes) => (hashed++, nodeCrypto.sha256(bytes)),
  };
  const crypto = memoised(counting), random = new Stream("memo");
  for (const [length, times] of [[4095, 3], [4096, 1], [70_000, 1]] as const) {
    const bytes = random.bytes(length);
    hashed = 0;
    for (let round = 0; round < 3; round++) {
      assert.deepEqual(crypto.sha256(bytes), noble.sha256(bytes));
    }
    assert.equal(hashed, times, `${length} bytes`);
    assert.deepEqual(crypto.sha256(bytes.subarray(0, 4090)), noble.sha256(bytes.subarray(0, 4090)));
  }
});

Deno.test("pieces of a slab are zeros of the length asked, and nobody else's", () => {
  const random = new Stream("pieces"), slab = new Slab();
  const pieces = Array.from({ length: 500 }, (_, at) => {
    const length = [0, 1, 32, 76, 255, 256, 257, 2000][random.below(8)]!;
    const piece = slab.cut(length);
    assert.deepEqual(piece, new Uint8Array(length));
    return piece.fill(at);
  });
  pieces.forEach((piece, at) => assert.ok(piece.every((byte) => byte === (at & 0xff))));
});

Deno.test("a mix counts where one input ends and the next begins, and what it is for", () => {
  const mixed = (label: number, ...parts: number[][]) => {
    const mix = new Mix().start(label), result = new Uint8Array(16);
    for (const part of parts) mix.bytes(Uint8Array.from(part));
    mix.finish().write(result, 0);
    return hex(result);
  };
  const all = [[[1, 2], [3]], [[1], [2, 3]], [[1, 2, 3]], [[], [1, 2, 3]], [[1, 2, 3], []], [[
    1,
    2,
    3,
    0,
  ]]];
  const results = all.map((parts) => mixed(1, ...parts));
  assert.equal(new Set([...results, mixed(2, [1, 2, 3])]).size, all.length + 1);
});

Deno.test("every bit of an input moves about half the bits of its mix", () => {
  const random = new Stream("avalanche");
  const mixed = (bytes: Uint8Array) => {
    const result = new Uint8Array(16);
    new Mix().start(1).bytes(bytes).finish().write(result, 0);
    return result;
  };
  let moved = 0, changes = 0, fewest = 128;
  for (const length of [1, 5, 12, 32, 61]) {
    const input = random.bytes(length), before = mixed(input);
    for (const other of changed(input)) {
      const bits = mixed(other).reduce((sum, byte, at) => sum + ones(byte ^ before[at]!), 0);
      moved += bits;
      fewest = Math.min(fewest, bits);
      changes++;
    }
  }
  const share = moved / changes / 128;
  assert.ok(share > 0.48 && share < 0.52 && fewest > 30, `${share}, at least ${fewest}`);
});

function ones(byte: number): number {
  return byte.toString(2).replaceAll("0", "").length;
}
