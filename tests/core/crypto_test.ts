/** The two real providers: right by the standards' own vectors, and byte for byte the same. */
import assert from "node:assert/strict";
import { hex, joined, unhex, utf8 } from "../../runtime/core/bytes.ts";
import type { Crypto } from "../../runtime/core/crypto.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Stream } from "../../runtime/core/random.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import vectors from "./crypto_vectors.json" with { type: "json" };

const REAL = [noble, nodeCrypto];
/** Around the block sizes of SHA-256 (64), ChaCha20 (64) and Poly1305 (16). */
const SIZES = [0, 1, 15, 16, 17, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 129, 1000, 4096, 65_536];
const EMPTY = new Uint8Array(0);

/** The fields of one line of the data file. */
function fields(line: string): string[] {
  return line.split(" ").map((field) => field === "-" ? "" : field);
}

function bytes(digits: string): Uint8Array {
  const result = unhex(digits);
  assert.ok(result !== undefined, `${digits} is hexadecimal`);
  return result;
}

/** The same bytes with one bit of one byte changed, for every byte. */
function* changed(original: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < original.length; at++) {
    const copy = original.slice();
    copy[at]! ^= 1 << (at % 8);
    yield copy;
  }
}

for (const crypto of REAL) {
  const { name } = crypto;

  Deno.test(`${name}: SHA-256 gives the digests of FIPS 180-4`, () => {
    const digests: [string, string][] = [
      ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
      ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
      [
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
      ],
      ["a".repeat(1e6), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
    ];
    for (const [text, digest] of digests) {
      assert.equal(hex(crypto.sha256(utf8(text))), digest);
      assert.equal(hex(crypto.linkHash(utf8(text.slice(0, 2)), utf8(text.slice(2)))), digest);
    }
  });

  Deno.test(`${name}: the link keys are the HKDF of RFC 5869, test case 3`, () => {
    const [first, second] = crypto.linkKeys(EMPTY, new Uint8Array(22).fill(0x0b));
    const okm =
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8";
    assert.equal(hex(joined(first, second)).slice(0, okm.length), okm);
  });

  Deno.test(`${name}: X25519 gives the results of RFC 7748, section 5.2`, () => {
    const nine = new Uint8Array(32);
    nine[0] = 9;
    let scalar: Uint8Array = nine, point: Uint8Array = nine;
    const rounds = crypto === noble ? 1 : 1000;
    for (let round = 0; round < rounds; round++) {
      [scalar, point] = [crypto.agree(scalar, point)!, scalar];
    }
    const after = {
      1: "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
      1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
    };
    assert.equal(hex(scalar), after[rounds]);
    assert.deepEqual(crypto.agreementKey(scalar), crypto.agree(scalar, nine));
  });

  Deno.test(`${name}: X25519 agrees with Wycheproof, and gives no shared zero`, () => {
    for (const [secret, key, shared] of vectors.x25519.map(fields)) {
      const result = crypto.agree(bytes(secret!), bytes(key!));
      const zero = /^0+$/.test(shared!);
      assert.equal(result === undefined ? undefined : hex(result), zero ? undefined : shared, key);
    }
  });

  Deno.test(`${name}: Ed25519 signs as RFC 8032, section 7.1, does`, () => {
    const cases: [seed: string, key: string, message: string, signature: string][] = [
      [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
      ],
      [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
      ],
      [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
      ],
    ];
    for (const [seed, key, message, signature] of cases) {
      assert.equal(hex(crypto.signingKey(bytes(seed))), key);
      assert.equal(hex(crypto.sign(bytes(seed), bytes(message))), signature);
      assert.ok(crypto.verify(bytes(key), bytes(message), bytes(signature)));
    }
  });

  Deno.test(`${name}: Ed25519 verifies as Wycheproof and the speccheck cases demand`, () => {
    for (const line of [...vectors.ed25519, ...vectors.ed25519_speccheck]) {
      const [key, message, signature, verdict] = fields(line);
      const verified = crypto.verify(bytes(key!), bytes(message!), bytes(signature!));
      assert.equal(verified, verdict === "valid", line);
    }
  });

  Deno.test(`${name}: ChaCha20-Poly1305 seals as RFC 8439, section 2.8.2, and Wycheproof do`, () => {
    for (const line of vectors.chacha20_poly1305) {
      const [key, nonce, data, clear, sealed, verdict] = fields(line);
      const [k, n, d] = [bytes(key!), bytes(nonce!), bytes(data!)];
      const opened = crypto.open(k, n, d, bytes(sealed!));
      assert.equal(opened && hex(opened), verdict === "valid" ? clear : undefined, line);
      if (verdict === "valid") assert.equal(hex(crypto.seal(k, n, d, bytes(clear!))), sealed, line);
    }
  });

  Deno.test(`${name}: whatever byte of a sealed message, its data, nonce or key changes, it stays shut`, () => {
    const random = new Stream("tamper");
    const [key, nonce, data, clear] = [32, 12, 20, 40].map((length) => random.bytes(length)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const sealed = crypto.seal(key, nonce, data, clear);
    assert.deepEqual(crypto.open(key, nonce, data, sealed), clear);
    for (const wrong of changed(sealed)) {
      assert.equal(crypto.open(key, nonce, data, wrong), undefined);
    }
    for (const wrong of changed(data)) {
      assert.equal(crypto.open(key, nonce, wrong, sealed), undefined);
    }
    for (const wrong of changed(nonce)) {
      assert.equal(crypto.open(key, wrong, data, sealed), undefined);
    }
    for (const wrong of changed(key)) {
      assert.equal(crypto.open(wrong, nonce, data, sealed), undefined);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(crypto.open(key, nonce, data, sealed.subarray(0, length)), undefined);
    }
    assert.equal(crypto.open(key, nonce, data, joined(sealed, Uint8Array.of(0))), undefined);
  });

  Deno.test(`${name}: whatever byte of a body, its tag, nonce or key changes, it stays shut`, () => {
    const random = new Stream("tamper bodies");
    const [key, nonce, clear] = [32, 12, 300].map((length) => random.bytes(length)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const { body, tag } = crypto.sealBody(key, nonce, clear);
    assert.equal(body.length, clear.length);
    assert.deepEqual(joined(body, tag), crypto.seal(key, nonce, EMPTY, clear));
    assert.deepEqual(crypto.openBody(key, nonce, body, tag), clear);
    for (const wrong of changed(body)) {
      assert.equal(crypto.openBody(key, nonce, wrong, tag), undefined);
    }
    for (const wrong of changed(tag)) {
      assert.equal(crypto.openBody(key, nonce, body, wrong), undefined);
    }
    for (const wrong of changed(nonce)) {
      assert.equal(crypto.openBody(key, wrong, body, tag), undefined);
    }
    for (const wrong of changed(key)) {
      assert.equal(crypto.openBody(wrong, nonce, body, tag), undefined);
    }
    for (let length = 0; length < tag.length; length++) {
      assert.equal(crypto.openBody(key, nonce, body, tag.subarray(0, length)), undefined);
    }
    assert.equal(crypto.openBody(key, nonce, body, joined(tag, tag)), undefined);
    // The same bytes, cut elsewhere.
    const longer = joined(body, tag.subarray(0, 1)), shorter = body.subarray(0, 299);
    assert.equal(crypto.openBody(key, nonce, longer, tag.subarray(1)), undefined);
    const longTag = joined(body.subarray(299), tag);
    assert.equal(crypto.openBody(key, nonce, shorter, longTag), undefined);
  });

  Deno.test(`${name}: whatever byte of a signature, its message or key changes, it does not verify`, () => {
    const random = new Stream("tamper signatures");
    const seed = random.bytes(32), message = random.bytes(50);
    const key = crypto.signingKey(seed), signature = crypto.sign(seed, message);
    assert.ok(crypto.verify(key, message, signature));
    for (const wrong of changed(signature)) assert.ok(!crypto.verify(key, message, wrong));
    for (const wrong of changed(message)) assert.ok(!crypto.verify(key, wrong, signature));
    for (const wrong of changed(key)) assert.ok(!crypto.verify(wrong, message, signature));
    for (const length of [0, 31, 63]) {
      assert.ok(!crypto.verify(key, message, signature.subarray(0, length)));
      assert.ok(!crypto.verify(key.subarray(0, length % 32), message, signature));
    }
    assert.ok(!crypto.verify(joined(key, key), message, signature));
    assert.ok(!crypto.verify(key, message, joined(signature, signature)));
  });

  Deno.test(`${name}: what comes out is plain bytes, and what went in is unchanged`, () => {
    const random = new Stream("plain");
    const inputs = [32, 12, 33, 100].map((length) => random.bytes(length));
    const [key, nonce, data, clear] = inputs as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const before = inputs.map(hex);
    const sealed = crypto.seal(key, nonce, data, clear);
    const bulk = crypto.sealBody(key, nonce, clear);
    const signature = crypto.sign(key, clear);
    const agreed = crypto.agreementKey(key);
    for (
      const result of [
        ...[crypto.sha256(clear), crypto.linkHash(key, clear), ...crypto.linkKeys(key, clear)],
        ...[agreed, crypto.ephemeralKey(key), crypto.agree(key, agreed)!, crypto.signingKey(key)],
        ...[signature, sealed, crypto.open(key, nonce, data, sealed)!, bulk.body, bulk.tag],
        ...[
          crypto.openBody(key, nonce, bulk.body, bulk.tag)!,
          crypto.seal(key, nonce, data, EMPTY),
        ],
        ...[crypto.sealBody(key, nonce, EMPTY).body, crypto.sealBody(key, nonce, EMPTY).tag],
      ]
    ) assert.equal(Object.getPrototypeOf(result), Uint8Array.prototype);
    assert.deepEqual(inputs.map(hex), before);
  });
}

Deno.test("both providers hash and seal inputs of every size to the same bytes", () => {
  const random = new Stream("sizes");
  for (const size of SIZES) {
    const key = random.bytes(32), nonce = random.bytes(12), text = random.bytes(size);
    const data = random.bytes(random.below(40));
    sameOf((crypto) => crypto.sha256(text));
    sameOf((crypto) => crypto.linkHash(key, text));
    sameOf((crypto) => joined(...crypto.linkKeys(key, text)));
    const sealed = sameOf((crypto) => crypto.seal(key, nonce, data, text));
    assert.deepEqual(sameOf((crypto) => crypto.open(key, nonce, data, sealed)!), text);
    const body = sameOf((crypto) => crypto.sealBody(key, nonce, text).body);
    const tag = sameOf((crypto) => crypto.sealBody(key, nonce, text).tag);
    assert.deepEqual(sameOf((crypto) => crypto.openBody(key, nonce, body, tag)!), text);
  }
});

Deno.test("both providers make the same keys, agreements and signatures of random secrets", () => {
  const random = new Stream("keys");
  for (let round = 0; round < 20; round++) {
    const mine = random.bytes(32), other = random.bytes(32), message = random.bytes(round * 7);
    const theirs = sameOf((crypto) => crypto.agreementKey(other));
    assert.deepEqual(sameOf((crypto) => crypto.ephemeralKey(other)), theirs);
    const shared = sameOf((crypto) => crypto.agree(mine, theirs)!);
    assert.deepEqual(nodeCrypto.agree(other, nodeCrypto.agreementKey(mine)), shared);
    // Any 32 bytes are a public key of X25519; the top bit does not count.
    sameOf((crypto) => crypto.agree(mine, other)!);
    const key = sameOf((crypto) => crypto.signingKey(mine));
    const signature = sameOf((crypto) => crypto.sign(mine, message));
    for (const crypto of REAL) assert.ok(crypto.verify(key, message, signature));
  }
});

Deno.test("node's key objects are forgotten and made anew without a difference", () => {
  const random = new Stream("many keys");
  const seeds = Array.from({ length: 600 }, () => random.bytes(32));
  const first = seeds.map((seed) => hex(nodeCrypto.signingKey(seed)));
  assert.deepEqual(seeds.map((seed) => hex(nodeCrypto.signingKey(seed))), first);
  assert.equal(new Set(first).size, seeds.length);
});

/** What both providers answer, after a look that it is the same. */
function sameOf(ask: (crypto: Crypto) => Uint8Array): Uint8Array {
  const answer = ask(noble);
  assert.deepEqual(ask(nodeCrypto), answer);
  return answer;
}
