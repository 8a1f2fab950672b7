/**
 * The cryptography a node uses: synchronous, and the same bytes from every implementation.
 *
 * Implementations: `noble.ts` (reference, browser), `runtime/host/crypto.ts` (node:crypto, the fast
 * path), `accounted.ts` (for large studies: same sizes and same failures, no arithmetic).
 */

/** Keys are 32 bytes, nonces 12, tags 16, signatures 64. */
export interface Crypto {
  readonly name: string;

  /** SHA-256 (FIPS 180-4); always real, in every implementation. 32 bytes. */
  sha256(bytes: Uint8Array): Uint8Array;

  /** Hash of a link's handshake: SHA-256 of the parts, one after another. 32 bytes. */
  linkHash(first: Uint8Array, second: Uint8Array): Uint8Array;
  /** The two outputs of Noise's HKDF (HMAC-SHA-256), 32 bytes each. */
  linkKeys(chaining: Uint8Array, input: Uint8Array): readonly [Uint8Array, Uint8Array];

  /** X25519 public key of an identity or an ephemeral secret (RFC 7748). */
  agreementKey(secret: Uint8Array): Uint8Array;
  ephemeralKey(secret: Uint8Array): Uint8Array;
  /** X25519; undefined where the result would be all zero (a low-order point). */
  agree(secret: Uint8Array, theirs: Uint8Array): Uint8Array | undefined;

  /** Ed25519 public key of a 32-byte seed (RFC 8032). */
  signingKey(seed: Uint8Array): Uint8Array;
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** Strict: refuses small-order and non-canonical public keys as well as wrong signatures. */
  verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;

  /** ChaCha20-Poly1305 (RFC 8439): ciphertext and tag in one. */
  seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, clear: Uint8Array): Uint8Array;
  /** Undefined where a byte was changed. `data` is the additional authenticated data. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    data: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;

  /** The same cipher for bulk, tag apart, so that the body keeps its length. */
  sealBody(
    key: Uint8Array,
    nonce: Uint8Array,
    body: Uint8Array,
  ): { readonly body: Uint8Array; readonly tag: Uint8Array };
  openBody(
    key: Uint8Array,
    nonce: Uint8Array,
    body: Uint8Array,
    tag: Uint8Array,
  ): Uint8Array | undefined;

  /** AES-256-GCM for what a person wrote: ciphertext and tag in one. A key is used with a nonce once. */
  sealText(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, clear: Uint8Array): Uint8Array;
  /** Undefined where a byte was changed. */
  openText(
    key: Uint8Array,
    nonce: Uint8Array,
    data: Uint8Array,
    sealed: Uint8Array,
  ): Uint8Array | undefined;

  /**
   * ChaCha20-Poly1305 for the few bytes in front of a text, up to 64 of them, its tag cut to eight
   * bytes: it only tells whose text it is, before any work is done for that.
   */
  sealHeading(key: Uint8Array, nonce: Uint8Array, heading: Uint8Array): Uint8Array;
  /** The heading, or undefined where it is none of this key's. */
  openHeading(key: Uint8Array, nonce: Uint8Array, whole: Uint8Array): Uint8Array | undefined;
}

export const KEY_BYTES = 32;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const HEADING_TAG_BYTES = 8;
export const SIGNATURE_BYTES = 64;
