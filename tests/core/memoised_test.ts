/** Keys agreed and signatures checked once for all nodes of a world: to the same bytes as without. */
import assert from "node:assert/strict";
import type { Crypto } from "../../runtime/core/crypto.ts";
import { memoisedKeys } from "../../runtime/core/memoised.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Recent } from "../../runtime/core/recent.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

/** A provider that counts what it really computes. */
function counting(): { crypto: Crypto; counts: { agreed: number; verified: number } } {
  const counts = { agreed: 0, verified: 0 };
  const crypto: Crypto = {
    ...nodeCrypto,
    agree: (secret, theirs) => (counts.agreed++, nodeCrypto.agree(secret, theirs)),
    verify: (...words) => (counts.verified++, nodeCrypto.verify(...words)),
  };
  return { crypto: memoisedKeys(crypto), counts };
}

Deno.test("two ends agree on what X25519 says, and only one of them computes it", () => {
  const { crypto, counts } = counting(), random = new Stream("ends");
  for (const kind of ["agreementKey", "ephemeralKey"] as const) {
    const one = random.bytes(32), other = random.bytes(32);
    const oneKey = crypto.agreementKey(one), otherKey = crypto[kind](other);
    assert.deepEqual(otherKey, nodeCrypto[kind](other));
    counts.agreed = 0;
    const expected = nodeCrypto.agree(one, otherKey);
    assert.deepEqual(crypto.agree(one, otherKey), expected);
    assert.deepEqual(crypto.agree(other, oneKey), expected);
    assert.equal(counts.agreed, 1);
    assert.deepEqual(crypto.agree(one, otherKey), expected); // another handshake of the same two
    assert.equal(counts.agreed, 2);
  }
});

Deno.test("an end whose key is not known, or a key of no use, is computed as without memory", () => {
  const { crypto, counts } = counting(), random = new Stream("stranger");
  const secret = random.bytes(32), theirs = nodeCrypto.agreementKey(random.bytes(32));
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(crypto.agree(secret, theirs), nodeCrypto.agree(secret, theirs));
  }
  assert.equal(counts.agreed, 3);
  crypto.ephemeralKey(secret);
  assert.equal(crypto.agree(secret, new Uint8Array(32)), undefined);
  assert.equal(crypto.agree(secret, new Uint8Array(31)), undefined);
});

Deno.test("a signature is checked once, and for another key or message again", () => {
  const { crypto, counts } = counting(), random = new Stream("signed");
  const seed = random.bytes(32), key = nodeCrypto.signingKey(seed), message = random.bytes(120);
  const signature = nodeCrypto.sign(seed, message);
  for (let round = 0; round < 3; round++) assert.ok(crypto.verify(key, message, signature));
  assert.equal(counts.verified, 1);
  const otherKey = nodeCrypto.signingKey(random.bytes(32)), otherMessage = message.slice();
  otherMessage[7]! ^= 1;
  assert.equal(crypto.verify(otherKey, message, signature), false);
  assert.equal(crypto.verify(key, otherMessage, signature), false);
  assert.ok(crypto.verify(key, message, signature));
  assert.equal(crypto.verify(key, message, signature.subarray(1)), false);
  message[0]! ^= 1; // what is remembered are not the caller's bytes
  assert.equal(crypto.verify(key, message, signature), false);
});

Deno.test("what was found out first is forgotten first", () => {
  const recent = new Recent<string, number>(2);
  for (const [at, key] of ["a", "b", "a", "c"].entries()) recent.set(key, at);
  assert.deepEqual(["a", "b", "c"].map((key) => recent.get(key)), [undefined, 1, 3]);
  recent.delete("b");
  recent.set("d", 4);
  assert.deepEqual(["b", "c", "d"].map((key) => recent.get(key)), [undefined, 3, 4]);
});
