/** The reference cryptography: @noble/*, the same in a browser, a simulation and a live node. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE } from "@noble/curves/utils.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { assert } from "./assert.ts";
import { joined, sameBytes } from "./bytes.ts";
import { type Crypto, KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES } from "./crypto.ts";
import { isLowOrder, isStrictSigningKey } from "./curve25519.ts";
import { textSeals } from "./text_seals.ts";

const EMPTY = new Uint8Array(0);
const FIRST = Uint8Array.of(1);
const SECOND = Uint8Array.of(2);
const { Point } = ed25519;

/** Every function on @noble/*: the bytes that every other provider has to give, too. */
export const noble: Crypto = {
  name: "noble",
  sha256: (bytes) => sha256(bytes),
  linkHash: (first, second) => sha256.create().update(first).update(second).digest(),

  linkKeys(chaining, input) {
    // Noise, section 4.3: HKDF of RFC 5869 with the chaining key as salt and empty info.
    const keyed = hmac.create(sha256, hmac(sha256, chaining, input));
    const first = keyed.clone().update(FIRST).digest();
    return [first, keyed.update(first).update(SECOND).digest()];
  },

  agreementKey: (secret) => x25519.getPublicKey(secret),
  ephemeralKey: (secret) => x25519.getPublicKey(secret),
  agree(secret, theirs) {
    assert(secret.length === KEY_BYTES, "an agreement secret is 32 bytes");
    // Noble throws on a low-order point; to know it beforehand keeps a catch out of here.
    if (theirs.length !== KEY_BYTES || isLowOrder(theirs)) return undefined;
    return x25519.getSharedSecret(secret, theirs);
  },

  signingKey: (seed) => ed25519.getPublicKey(seed),
  sign: (seed, message) => ed25519.sign(message, seed),
  verify(key, message, signature) {
    return signature.length === SIGNATURE_BYTES && isStrictSigningKey(key) &&
      isSigned(key, message, signature);
  },

  seal: (key, nonce, data, clear) => chacha20poly1305(key, nonce, data).encrypt(clear),
  open: decrypted,

  sealBody(key, nonce, body) {
    const sealed = chacha20poly1305(key, nonce, EMPTY).encrypt(body);
    return { body: sealed.subarray(0, body.length), tag: sealed.subarray(body.length) };
  },
  openBody(key, nonce, body, tag) {
    return tag.length !== TAG_BYTES ? undefined : decrypted(key, nonce, EMPTY, joined(body, tag));
  },

  ...textSeals,
};

/**
 * RFC 8032, section 5.1.7, without the cofactor: R has to be the very bytes of [S]B - [k]A. Noble's own
 * `verify` multiplies both sides by eight, as ZIP 215 does, and so takes some signatures that OpenSSL
 * and libsodium refuse; two nodes must never disagree about one signature.
 */
function isSigned(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const commitment = signature.subarray(0, 32);
  const response = bytesToNumberLE(signature.subarray(32));
  if (response >= Point.Fn.ORDER) return false; // the same signature plus a multiple of the order
  const signer = pointOf(key);
  if (signer === undefined) return false;
  const digest = sha512.create().update(commitment).update(key).update(message).digest();
  const challenge = Point.Fn.create(bytesToNumberLE(digest));
  const expected = Point.BASE.multiplyUnsafe(response).subtract(signer.multiplyUnsafe(challenge));
  return sameBytes(expected.toBytes(), commitment);
}

function pointOf(key: Uint8Array) {
  try {
    return Point.fromBytes(key, false);
  } catch {
    return undefined; // about half of all numbers are no point; noble has no other way to say so
  }
}

function decrypted(
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  const cipher = chacha20poly1305(key, nonce, data); // outside: a key of a wrong length is our own bug
  try {
    return cipher.decrypt(sealed);
  } catch {
    return undefined; // a wrong tag, or no room for one; noble has no other way to say so
  }
}
