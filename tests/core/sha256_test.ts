/** Our own SHA-256 for short inputs: the standard's vectors, and byte for byte what noble gives. */
import assert from "node:assert/strict";
import { hex, utf8 } from "../../runtime/core/bytes.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { ShortSha256 } from "../../runtime/core/sha256.ts";

const EMPTY = new Uint8Array(0);

Deno.test("short inputs have the digests of FIPS 180-4", () => {
  const own = new ShortSha256(2);
  const digests: [string, string][] = [
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    [
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ],
  ];
  for (const [text, digest] of digests) assert.equal(hex(own.digest(utf8(text), EMPTY)), digest);
});

Deno.test("every length, however it is parted, has the digest that noble gives it", () => {
  const own = new ShortSha256(4), random = new Stream("short");
  assert.equal(own.longest, 4 * 64 - 9);
  for (let length = 0; length <= own.longest; length++) {
    const input = random.bytes(length), digest = noble.sha256(input);
    for (const cut of [0, length >> 1, length]) {
      assert.deepEqual(own.digest(input.subarray(0, cut), input.subarray(cut)), digest);
    }
  }
});

Deno.test("a digest that is kept does not change with those that come after it", () => {
  const own = new ShortSha256(2), random = new Stream("kept");
  const inputs = Array.from({ length: 200 }, () => random.bytes(50));
  const digests = inputs.map((input) => own.digest(input, EMPTY));
  inputs.forEach((input, at) => assert.deepEqual(digests[at], noble.sha256(input)));
});

Deno.test("an input that is too long is our own bug", () => {
  const own = new ShortSha256(1);
  assert.throws(() => own.digest(new Uint8Array(30), new Uint8Array(26)), /short/);
});
