/** What derives the keys of a session: HKDF over SHA-256, ChaCha20, ML-KEM. From @noble, synchronous. */
import { chacha20 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { type Crypto, isCanonicalKey, KEY_BYTES, NONCE_BYTES } from "../../core/mod.ts";

/** A block of ChaCha20, of zeros: to lay the stream over. */
const NOTHING = new Uint8Array(64);

/**
 * Two keys from one, which is forgotten: a block of ChaCha20 under the key (Bernstein, "Fast-key-erasure
 * random-number generators", 2017). A pseudo-random function, as the Double Ratchet's chains want
 * (section 2.2), for a fifth of the time of two HMACs.
 */
export function keysAfter(key: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const block = chacha20(key, NOTHING.subarray(0, NONCE_BYTES), NOTHING);
  return [block.slice(0, KEY_BYTES), block.slice(KEY_BYTES)];
}

/** X25519 with a key in the one form that counts: undefined for another form, and for a low order. */
export function agreed(
  secret: Uint8Array,
  theirs: Uint8Array,
  crypto: Crypto,
): Uint8Array | undefined {
  return isCanonicalKey(theirs) ? crypto.agree(secret, theirs) : undefined;
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
