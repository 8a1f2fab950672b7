/** The symmetric parts of a session: HKDF and HMAC over SHA-256, AES-256-GCM. From @noble, synchronous. */
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { NONCE_BYTES, TAG_BYTES } from "../../core/mod.ts";

/** HMAC-SHA-256 (RFC 2104): 32 bytes. */
export function keyed(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(sha256, key, bytes);
}

/** The same of two inputs by one key, for the price of one and a half. */
export function keyedTwice(
  key: Uint8Array,
  one: Uint8Array,
  other: Uint8Array,
): readonly [Uint8Array, Uint8Array] {
  const state = hmac.create(sha256, key), again = state.clone();
  return [state.update(one).digest(), again.update(other).digest()];
}

/** HKDF-SHA-256 (RFC 5869). */
export function derived(
  secret: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  length: number,
): Uint8Array {
  return hkdf(sha256, secret, salt, label, length);
}

/** AES-256-GCM: ciphertext and tag in one. A key is used with a nonce once. */
export function sealAes(
  key: Uint8Array,
  nonce: Uint8Array,
  about: Uint8Array,
  clear: Uint8Array,
): Uint8Array {
  return gcm(key, nonce, about).encrypt(clear);
}

/** Undefined where a byte was changed. */
export function openAes(
  key: Uint8Array,
  nonce: Uint8Array,
  about: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | undefined {
  return opened(() => gcm(key, nonce, about).decrypt(sealed), sealed);
}

/** ChaCha20-Poly1305 with its random nonce in front: for the few bytes of a header. */
export function sealHeader(key: Uint8Array, nonce: Uint8Array, header: Uint8Array): Uint8Array {
  const sealed = chacha20poly1305(key, nonce).encrypt(header);
  const whole = new Uint8Array(NONCE_BYTES + sealed.length);
  whole.set(nonce);
  whole.set(sealed, NONCE_BYTES);
  return whole;
}

/** The header, or undefined where a byte was changed. */
export function openHeader(key: Uint8Array, whole: Uint8Array): Uint8Array | undefined {
  const nonce = whole.subarray(0, NONCE_BYTES), sealed = whole.subarray(NONCE_BYTES);
  return opened(() => chacha20poly1305(key, nonce).decrypt(sealed), sealed);
}

/** A secret and its ciphertext for a KEM key; undefined where it is none (FIPS 203, section 7.2). */
export function encapsulated(
  key: Uint8Array,
  coins: Uint8Array,
): { readonly cipherText: Uint8Array; readonly sharedSecret: Uint8Array } | undefined {
  try {
    return ml_kem768.encapsulate(key, coins);
  } catch {
    return undefined; // noble has no other way to say so
  }
}

function opened(decrypt: () => Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < TAG_BYTES) return undefined;
  try {
    return decrypt();
  } catch {
    return undefined; // a wrong tag: noble has no other way to say so
  }
}
