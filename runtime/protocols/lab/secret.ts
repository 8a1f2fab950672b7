/**
 * What a shared secret proves. It never goes on the wire: its stretched key makes short proofs, and
 * a proof shows nothing but that its maker has the same key.
 *
 * Limit: whoever overhears a proof can guess secrets at home, STRETCH_ROUNDS hashes a guess. The
 * least length of a secret is chosen for that; a secret of one's own wit should be longer.
 */
import { type Crypto, joined, sameBytes, utf8 } from "../../core/mod.ts";
import { SECRET_BYTES, SECRET_CHARACTERS, STRETCH_ROUNDS } from "./limits.ts";

const LABEL = utf8("starling lab secret 1");
const BLOCK_BYTES = 64;
export const PROOF_BYTES = 16;

/** The key of a secret that is long enough to be one. */
export function keyOfSecret(secret: string, crypto: Crypto): Uint8Array | undefined {
  const bytes = utf8(secret);
  if (secret.length < SECRET_CHARACTERS || bytes.length > SECRET_BYTES) return undefined;
  let key = crypto.sha256(joined(LABEL, bytes));
  for (let round = 0; round < STRETCH_ROUNDS; round++) key = crypto.sha256(joined(key, bytes));
  return key;
}

/** HMAC-SHA-256 (RFC 2104) over a label and the parts, which all have fixed lengths; 16 bytes. */
export function proofOf(
  key: Uint8Array,
  label: string,
  parts: readonly Uint8Array[],
  crypto: Crypto,
): Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36);
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c);
  for (let at = 0; at < key.length; at++) {
    inner[at]! ^= key[at]!;
    outer[at]! ^= key[at]!;
  }
  const digest = crypto.sha256(joined(inner, utf8(`${label}\n`), ...parts));
  return crypto.sha256(joined(outer, digest)).slice(0, PROOF_BYTES);
}

/** True if whoever made the proof has the key. */
export function isProof(
  claimed: Uint8Array | undefined,
  key: Uint8Array,
  label: string,
  parts: readonly Uint8Array[],
  crypto: Crypto,
): boolean {
  return claimed !== undefined && sameBytes(claimed, proofOf(key, label, parts, crypto));
}
