/** The short path of simulations gives the bytes that node and noble give, and refuses what they refuse. */
import assert from "node:assert/strict";
import { brief } from "../../runtime/core/brief.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";

const short = brief(nodeCrypto);
const LENGTHS = [0, 1, 15, 16, 17, 63, 64, 65, 118, 200, 247, 248, 300, 1023, 1024, 1025, 2000];

Deno.test("short hashes and sealed texts are the same bytes as the reference's, at every length", () => {
  const random = new Stream("brief");
  for (const length of LENGTHS) {
    const [key, nonce, data] = [random.bytes(32), random.bytes(12), random.bytes(length % 40)];
    const clear = random.bytes(length);
    const sealed = noble.seal(key, nonce, data, clear);
    assert.deepEqual([...short.seal(key, nonce, data, clear)], [...sealed]);
    assert.deepEqual([...short.open(key, nonce, data, sealed)!], [...clear]);
    assert.deepEqual([...short.sha256(clear)], [...noble.sha256(clear)]);
    assert.deepEqual([...short.linkHash(data, clear)], [...noble.linkHash(data, clear)]);
    assert.deepEqual(short.linkKeys(key, clear), noble.linkKeys(key, clear));
    assert.deepEqual(short.linkKeys(data, key), noble.linkKeys(data, key));
  }
});

Deno.test("a changed bit anywhere in a short sealed text is refused", () => {
  const random = new Stream("brief/changed");
  const [key, nonce, data] = [random.bytes(32), random.bytes(12), random.bytes(9)];
  const sealed = short.seal(key, nonce, data, random.bytes(70));
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const changed = sealed.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(short.open(key, nonce, data, changed), undefined);
  }
  assert.equal(short.open(key, nonce, data, sealed.subarray(0, 15)), undefined);
});
