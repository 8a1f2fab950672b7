/** Who a peer is: names that cannot be had without the keys. */
import assert from "node:assert/strict";
import { hex, joined, utf8 } from "../../runtime/core/bytes.ts";
import { identityFrom, peerOf } from "../../runtime/core/identity.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

Deno.test("a seed always makes the same peer, with every provider", () => {
  const seed = Uint8Array.from({ length: 32 }, (_, at) => at);
  const identity = identityFrom(seed, noble);
  assert.deepEqual(identityFrom(seed, nodeCrypto), identity);
  assert.equal(identity.peer, "f040511aea18feb44ae162beb4fa18f2b3aa9e1a4239c893c6a67939a5645b90");
});

Deno.test("a peer's name is the hash of a label and both its public keys", () => {
  const { keys, peer } = identityFrom(new Stream("ana").bytes(32), nodeCrypto);
  const said = joined(utf8("starling peer 1"), keys.sign, keys.agree);
  assert.equal(peer, hex(noble.sha256(said)));
  assert.equal(peerOf(keys, nodeCrypto), peer);
  assert.match(peer, /^[0-9a-f]{64}$/);
});

Deno.test("whatever byte of either key changes, it is another peer", () => {
  const { keys, peer } = identityFrom(new Stream("ben").bytes(32), nodeCrypto);
  const seen = new Set<string>([peer]);
  for (const name of ["sign", "agree"] as const) {
    for (let at = 0; at < 32; at++) {
      const other = keys[name].slice();
      other[at]! ^= 1;
      seen.add(peerOf({ ...keys, [name]: other }, nodeCrypto));
    }
  }
  assert.equal(seen.size, 65);
  assert.notEqual(peerOf({ sign: keys.agree, agree: keys.sign }, nodeCrypto), peer);
});

Deno.test("the two secrets are neither the seed nor each other, and fit the public keys", () => {
  const seed = new Stream("cleo").bytes(32);
  const { keys, signSecret, agreeSecret } = identityFrom(seed, nodeCrypto);
  assert.equal(new Set([seed, signSecret, agreeSecret, keys.sign, keys.agree].map(hex)).size, 5);
  const message = utf8("hello");
  assert.ok(noble.verify(keys.sign, message, noble.sign(signSecret, message)));
  const other = identityFrom(new Stream("dan").bytes(32), nodeCrypto);
  assert.deepEqual(
    noble.agree(agreeSecret, other.keys.agree),
    noble.agree(other.agreeSecret, keys.agree),
  );
});
