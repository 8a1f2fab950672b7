/** Keys and signatures made to be judged differently by different verifiers. */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha512 } from "@noble/hashes/sha2.js";
import assert from "node:assert/strict";
import { hex, joined } from "../../runtime/core/bytes.ts";
import { isLowOrder, isStrictSigningKey } from "../../runtime/core/curve25519.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

const { Point } = ed25519;
const PRIME = Point.Fp.ORDER;
const TORSION = ED25519_TORSION_SUBGROUP.map((digits) => Point.fromHex(digits));

/** Each number that fits 255 bits and is the same modulo p, with and without the top bit. */
function encodings(number: bigint): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let each = number; each < 1n << 255n; each += PRIME) {
    const plain = numberToBytesLE(each, 32), topped = plain.slice();
    topped[31]! |= 0x80;
    found.push(plain, topped);
  }
  return found;
}

Deno.test("every encoding of every point of small order is refused as a signing key", () => {
  const ys = new Set(TORSION.map((point) => point.toAffine().y));
  assert.equal(ys.size, 5);
  const all = [...ys].flatMap(encodings);
  assert.equal(all.length, 14); // 5, and 0 and 1 once more plus p; each with either top bit
  const message = Uint8Array.of(1);
  for (const key of all) {
    assert.ok(!isStrictSigningKey(key), hex(key));
    // R = the identity and S = 0: valid under a key of small order for one message in eight or more.
    const signature = joined(Point.ZERO.toBytes(), new Uint8Array(32));
    for (const crypto of [noble, nodeCrypto]) assert.ok(!crypto.verify(key, message, signature));
  }
});

Deno.test("a signing key of p or above is refused, one just below is looked at", () => {
  for (let above = 0n; above < 19n; above++) {
    for (const key of encodings(PRIME + above)) assert.ok(!isStrictSigningKey(key), hex(key));
  }
  for (let below = 2n; below < 20n; below++) {
    for (const key of encodings(PRIME - below)) assert.ok(isStrictSigningKey(key), hex(key));
  }
  for (let at = 1; at < 32; at++) {
    const key = new Uint8Array(32).fill(0xff);
    assert.ok(!isStrictSigningKey(key));
    key[at]! ^= 1; // one bit less, in whatever byte, makes it smaller than p
    assert.ok(isStrictSigningKey(key), hex(key));
  }
});

Deno.test("every encoding of a point that X25519 sends to zero is refused, and no other", () => {
  const us = new Set(TORSION.filter((point) => !point.is0()).map(montgomeryU));
  us.add(1n).add(PRIME - 1n); // the twist's points of order 4: u = 1 and p - 1, one of them on the curve
  const all = [...us].flatMap(encodings);
  const secret = new Stream("low order").bytes(32);
  for (const key of all) {
    assert.ok(isLowOrder(key), hex(key));
    for (const crypto of [noble, nodeCrypto]) assert.equal(crypto.agree(secret, key), undefined);
  }
  assert.equal(all.length, 14);
  for (const number of [2n, 9n, PRIME - 2n]) {
    for (const key of encodings(number)) assert.notEqual(nodeCrypto.agree(secret, key), undefined);
  }
});

Deno.test("a signature whose commitment or key has a small-order part gets one verdict", () => {
  const random = new Stream("mixed order");
  let refusedByUs = 0, takenByCofactor = 0, taken = 0;
  for (let round = 0; round < 64; round++) {
    const message = random.bytes(20);
    const keyPart = TORSION[random.below(8)]!, commitmentPart = TORSION[random.below(8)]!;
    const { key, signature } = crafted(random, message, keyPart, commitmentPart);
    const verdict = noble.verify(key, message, signature);
    assert.equal(nodeCrypto.verify(key, message, signature), verdict);
    if (verdict) taken++;
    if (ed25519.verify(signature, message, key, { zip215: false })) takenByCofactor++;
    if (!verdict) refusedByUs++;
  }
  // The test is worth something: a verifier with the cofactor takes all of them, we a few.
  assert.equal(takenByCofactor, 64);
  assert.ok(refusedByUs > 32 && taken > 0, `${refusedByUs} refused, ${taken} taken`);
});

Deno.test("any bytes as key and signature get the same verdict, and nobody throws", () => {
  const random = new Stream("junk keys");
  const seed = random.bytes(32), message = random.bytes(9);
  const good = noble.sign(seed, message);
  let points = 0;
  for (let round = 0; round < 300; round++) {
    const key = random.bytes(32);
    if (round % 3 === 0) key.fill(0xff, 2);
    if (nodeCrypto.verify(key, message, good) !== noble.verify(key, message, good)) assert.fail();
    const junk = random.bytes(64);
    assert.equal(nodeCrypto.verify(key, message, junk), noble.verify(key, message, junk));
    try {
      Point.fromBytes(key);
      points++;
    } catch {
      continue;
    }
  }
  assert.ok(points > 50 && points < 250, `${points} of 300 are points`);
});

Deno.test("a signature plus the order of the group is not the same signature", () => {
  const random = new Stream("malleable");
  const seed = random.bytes(32), message = random.bytes(9);
  const key = noble.signingKey(seed), signature = noble.sign(seed, message);
  const response = bytesToNumberLE(signature.subarray(32)) + Point.Fn.ORDER;
  const other = joined(signature.subarray(0, 32), numberToBytesLE(response, 32));
  for (const crypto of [noble, nodeCrypto]) {
    assert.ok(crypto.verify(key, message, signature));
    assert.ok(!crypto.verify(key, message, other));
  }
});

/** A signature that fits up to a point of small order: S = r + k·a for R = rB + T and A = aB + T'. */
function crafted(
  random: Stream,
  message: Uint8Array,
  keyPart: typeof Point.ZERO,
  commitmentPart: typeof Point.ZERO,
) {
  const scalar = () => Point.Fn.create(bytesToNumberLE(random.bytes(32)));
  const secret = scalar(), commit = scalar();
  const key = Point.BASE.multiply(secret).add(keyPart).toBytes();
  const commitment = Point.BASE.multiply(commit).add(commitmentPart).toBytes();
  const challenge = Point.Fn.create(bytesToNumberLE(sha512(joined(commitment, key, message))));
  const response = Point.Fn.create(commit + challenge * secret);
  return { key, signature: joined(commitment, numberToBytesLE(response, 32)) };
}

/** u = (1 + y) / (1 - y) (RFC 7748, section 4.1). */
function montgomeryU(point: typeof Point.ZERO): bigint {
  const { y } = point.toAffine();
  return Point.Fp.div(Point.Fp.create(1n + y), Point.Fp.create(1n - y));
}
