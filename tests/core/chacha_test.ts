/** Our own cipher for short messages: the standard's vectors, and byte for byte what noble gives. */
import assert from "node:assert/strict";
import { hex, unhex, utf8 } from "../../runtime/core/bytes.ts";
import { ChaChaPoly } from "../../runtime/core/chacha.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Poly1305 } from "../../runtime/core/poly1305.ts";
import { Stream } from "../../runtime/core/random.ts";

const own = new ChaChaPoly();

function bytes(digits: string): Uint8Array {
  const result = unhex(digits.replaceAll(/\s/g, ""));
  assert.ok(result !== undefined, `${digits} is hexadecimal`);
  return result;
}

/** The one-time key as the words that `start` takes. */
function tagOf(key: Uint8Array, text: Uint8Array): string {
  const poly = new Poly1305(), tag = new Uint8Array(16);
  poly.start(new Int32Array(key.slice().buffer));
  poly.absorb(text, text.length);
  poly.finish(tag, 0);
  return hex(tag);
}

Deno.test("a short message is sealed as in RFC 8439, section 2.8.2", () => {
  const key = bytes("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const nonce = bytes("070000004041424344454647"), data = bytes("50515253c0c1c2c3c4c5c6c7");
  const text = utf8(
    "Ladies and Gentlemen of the class of '99: " +
      "If I could offer you only one tip for the future, sunscreen would be it.",
  );
  const sealed = own.seal(key, nonce, data, text);
  assert.equal(
    hex(sealed),
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6" +
      "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36" +
      "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc" +
      "3ff4def08e4b7a9de576d26586cec64b6116" + "1ae10b594f09e26a7e902ecbd0600691",
  );
  assert.deepEqual(own.open(key, nonce, data, sealed), text);
});

Deno.test("a short message is opened as in RFC 8439, appendix A.5", () => {
  const key = bytes("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  const nonce = bytes("000000000102030405060708"), data = bytes("f33388860000000000004e91");
  const sealed = bytes(`
    64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2
    4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf
    332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855
    9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4
    b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e
    af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a
    0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10
    49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29
    a6ad5cb4022b02709beead9d67890cbb22392336fea1851f38`);
  const text = new TextDecoder().decode(own.open(key, nonce, data, sealed));
  assert.match(text, /^Internet-Drafts are draft documents.*work in progress\./);
});

/** A block or a key of sixteen bytes, of which the first are given and the others are alike. */
const filled = (first: string, rest: string) => first + rest.repeat(16 - first.length / 2);
const ZEROS = filled("", "00"), ONES = filled("", "ff");

Deno.test("Poly1305 passes the corners of RFC 8439, appendix A.3", () => {
  const large = "0100000000000000040000000000000000000000000000000000000000000000";
  const start = "e33594d7505e43b900000000000000003394d7505e4379cd01000000000000000000000000000000";
  const cases: [what: string, key: string, text: string, tag: string][] = [
    ["nothing but zeros", ZEROS + ZEROS, ZEROS.repeat(4), ZEROS],
    ["the sum is not below the prime", filled("02", "00") + ZEROS, ONES, filled("03", "00")],
    [
      "the pad goes beyond 2^128",
      filled("02", "00") + ONES,
      filled("02", "00"),
      filled("03", "00"),
    ],
    [
      "the sum is just above the prime",
      filled("01", "00") + ZEROS,
      ONES + filled("f0", "ff") + filled("11", "00"),
      filled("05", "00"),
    ],
    [
      "the sum is the prime",
      filled("01", "00") + ZEROS,
      ONES + filled("fb", "fe") + filled("", "01"),
      ZEROS,
    ],
    ["the sum is just below", filled("02", "00") + ZEROS, filled("fd", "ff"), filled("fa", "ff")],
    [
      "limbs carry far",
      large,
      `${start}${"00".repeat(8)}${filled("01", "00")}`,
      "14000000000000005500000000000000",
    ],
    ["limbs carry less far", large, `${start}${"00".repeat(8)}`, filled("13", "00")],
  ];
  for (const [what, key, text, tag] of cases) {
    assert.equal(tagOf(bytes(key), bytes(text)), tag, what);
  }
});

Deno.test("every length of text and data is sealed as noble seals it, and opens again", () => {
  const random = new Stream("chacha");
  for (let length = 0; length <= 400; length++) {
    const key = random.bytes(32), nonce = random.bytes(12), text = random.bytes(length);
    if (length % 3 === 0) key.fill(0xff);
    if (length % 5 === 0) text.fill(0xff);
    const data = random.bytes(length % 49);
    const sealed = own.seal(key, nonce, data, text);
    assert.deepEqual(sealed, noble.seal(key, nonce, data, text), `${length} bytes`);
    assert.deepEqual(own.open(key, nonce, data, sealed), text);
  }
});

Deno.test("no changed byte of a short message, its tag, data, key or nonce goes unnoticed", () => {
  const random = new Stream("changed");
  const key = random.bytes(32), nonce = random.bytes(12), data = random.bytes(20);
  const sealed = own.seal(key, nonce, data, random.bytes(70));
  for (const part of [key, nonce, data, sealed]) {
    for (let at = 0; at < part.length; at++) {
      part[at]! ^= 1 << (at % 8);
      assert.equal(own.open(key, nonce, data, sealed), undefined);
      part[at]! ^= 1 << (at % 8);
    }
  }
  assert.ok(own.open(key, nonce, data, sealed) !== undefined);
  for (let length = 0; length < sealed.length; length++) {
    assert.equal(own.open(key, nonce, data, sealed.subarray(0, length)), undefined);
  }
});
