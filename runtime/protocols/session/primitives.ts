/** The symmetric parts of a session: HKDF over SHA-256, AES-256-GCM, ChaCha20. From @noble, synchronous. */
import { gcm } from "@noble/ciphers/aes.js";
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { KEY_BYTES, NONCE_BYTES, sameBytes, TAG_BYTES } from "../../core/mod.ts";

/** Of ChaCha20. */
const BLOCK_BYTES = 64;
export const HEADING_TAG_BYTES = 8;
/** Zeros, to lay a stream over. */
const NOTHING = new Uint8Array(2 * BLOCK_BYTES);

/**
 * Two keys from one, which is forgotten: a block of ChaCha20 under the key (Bernstein, "Fast-key-erasure
 * random-number generators", 2017). A pseudo-random function, as the Double Ratchet's chains want
 * (section 2.2), for a fifth of the time of two HMACs.
 */
export function keysAfter(key: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const block = chacha20(key, NOTHING.subarray(0, NONCE_BYTES), NOTHING.subarray(0, BLOCK_BYTES));
  return [block.slice(0, KEY_BYTES), block.slice(KEY_BYTES)];
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

/**
 * ChaCha20-Poly1305 (RFC 8439) for the few bytes of a heading, its tag cut to eight bytes: it only tells
 * whose chain a message is of, before any work is done for it. The text's own tag covers the heading too.
 */
export function sealHeading(key: Uint8Array, nonce: Uint8Array, heading: Uint8Array): Uint8Array {
  const stream = chacha20(key, nonce, NOTHING.subarray(0, BLOCK_BYTES + heading.length));
  const whole = new Uint8Array(heading.length + HEADING_TAG_BYTES);
  for (let at = 0; at < heading.length; at++) whole[at] = heading[at]! ^ stream[BLOCK_BYTES + at]!;
  whole.set(headingTag(stream, whole.subarray(0, heading.length)), heading.length);
  return whole;
}

/** The heading, or undefined where it is none of this key's. */
export function openHeading(
  key: Uint8Array,
  nonce: Uint8Array,
  whole: Uint8Array,
): Uint8Array | undefined {
  const length = whole.length - HEADING_TAG_BYTES;
  if (length < 0 || length > NOTHING.length - BLOCK_BYTES) return undefined;
  const sealed = whole.subarray(0, length);
  const stream = chacha20(key, nonce, NOTHING.subarray(0, BLOCK_BYTES + length));
  if (!sameBytes(headingTag(stream, sealed), whole.subarray(length))) return undefined;
  const heading = new Uint8Array(length);
  for (let at = 0; at < length; at++) heading[at] = sealed[at]! ^ stream[BLOCK_BYTES + at]!;
  return heading;
}

/** The first block of the stream is the key of the tag, as in RFC 8439, section 2.6. */
function headingTag(stream: Uint8Array, sealed: Uint8Array): Uint8Array {
  return poly1305(sealed, stream.subarray(0, KEY_BYTES)).subarray(0, HEADING_TAG_BYTES);
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
