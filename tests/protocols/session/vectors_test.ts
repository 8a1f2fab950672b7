/** The primitives of a session against Project Wycheproof: every case, valid or not. */
import assert from "node:assert/strict";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { joined, sameBytes } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { kemKey } from "../../../runtime/protocols/session/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { derived } from "../../../runtime/protocols/session/primitives.ts";
import vectors from "./vectors.json" with { type: "json" };

interface Case {
  readonly isValid: boolean;
  readonly fields: readonly string[];
}

function casesOf(lines: readonly string[]): Case[] {
  return lines.map((line) => {
    const [result, ...fields] = line.split(" ");
    return { isValid: result === "valid", fields };
  });
}

const bytes = (text: string | undefined) =>
  text === undefined || text === "-" ? new Uint8Array(0) : Uint8Array.fromBase64(text);
const digestOf = (value: Uint8Array) => nodeCrypto.sha256(value).toHex();

/** Undefined where it throws: what noble does with what is no key or ciphertext. */
function tried<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

Deno.test(`AES-256-GCM: ${vectors.aes_gcm.length} cases`, () => {
  for (const { isValid, fields } of casesOf(vectors.aes_gcm)) {
    const [key, nonce, about, clear, sealed, tag] = fields.map(bytes);
    const whole = joined(sealed!, tag!);
    const opened = noble.openText(key!, nonce!, about!, whole);
    assert.equal(opened !== undefined, isValid);
    if (!isValid) continue;
    assert.deepEqual(opened, clear);
    assert.deepEqual(noble.sealText(key!, nonce!, about!, clear!), whole);
  }
});

Deno.test(`HKDF-SHA-256: ${vectors.hkdf_sha256.length} cases`, () => {
  for (const { isValid, fields } of casesOf(vectors.hkdf_sha256)) {
    const [secret, salt, label, wanted] = fields.slice(1).map(bytes);
    const got = tried(() => derived(secret!, salt!, label!, Number(fields[0])));
    assert.equal(got !== undefined && sameBytes(got, wanted!), isValid);
  }
});

Deno.test(`HMAC-SHA-256: ${vectors.hmac_sha256.length} cases`, () => {
  for (const { isValid, fields } of casesOf(vectors.hmac_sha256)) {
    const [key, message, tag] = fields.map(bytes);
    const got = hmac(sha256, key!, message!).subarray(0, tag!.length);
    assert.equal(sameBytes(got, tag!), isValid);
  }
});

Deno.test(`ML-KEM-768 makes keys: ${vectors.mlkem_768_keygen.length} cases`, () => {
  for (const { isValid, fields: [seed, wanted] } of casesOf(vectors.mlkem_768_keygen)) {
    assert.ok(isValid);
    assert.equal(digestOf(kemKey(bytes(seed))), wanted);
  }
});

Deno.test(`ML-KEM-768 opens: ${vectors.mlkem_768.length} cases`, () => {
  for (const { isValid, fields } of casesOf(vectors.mlkem_768)) {
    const [seed, , sealed, shared] = fields.map((field, at) => at === 1 ? field : bytes(field));
    const got = tried(() => {
      const { publicKey, secretKey } = ml_kem768.keygen(seed as Uint8Array);
      if (isValid && fields[1] !== "-") assert.equal(digestOf(publicKey), fields[1]);
      return ml_kem768.decapsulate(sealed as Uint8Array, secretKey);
    });
    assert.equal(got !== undefined, isValid, fields.join(" ").slice(0, 80));
    if (isValid) assert.deepEqual(got, shared);
  }
});

Deno.test(`ML-KEM-768 seals: ${vectors.mlkem_768_encaps.length} cases`, () => {
  for (const { isValid, fields } of casesOf(vectors.mlkem_768_encaps)) {
    const [coins, key] = [bytes(fields[0]), bytes(fields[1])];
    const got = tried(() => ml_kem768.encapsulate(key, coins));
    assert.equal(got !== undefined, isValid);
    if (got === undefined) continue;
    assert.equal(digestOf(got.cipherText), fields[2]);
    assert.deepEqual(got.sharedSecret, bytes(fields[3]));
  }
});
