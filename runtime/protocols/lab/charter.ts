/**
 * What a session is: its teacher's keys and a salt, and its name is their hash.
 *
 * So two keys can never share a session's name, every statement that carries the charter can be
 * checked by itself, and a cloned session is simply another session.
 */
import {
  type Crypto,
  exactly,
  hex,
  type Identity,
  joined,
  KEY_BYTES,
  optional,
  type PeerKeys,
  type Random,
  sameBytes,
  struct,
  unhex,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { isProof, PROOF_BYTES, proofOf } from "./secret.ts";

export const SALT_BYTES = 16;
export const SESSION_BYTES = 16;

/** The first 16 bytes of the charter's hash, as 32 hexadecimal digits. */
export type SessionId = string & { readonly __session: unique symbol };

/** `proof` shows that the teacher has the secret of those who may open; without a secret, none. */
export const charterSchema = struct({
  salt: exactly(SALT_BYTES),
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  proof: optional(exactly(PROOF_BYTES)),
});
export type Charter = ValueOf<typeof charterSchema>;

const LABEL = utf8("starling lab session 1");
const PROOF_LABEL = "starling lab charter 1";

/** The charter of a session that this device opens. */
export function newCharter(
  { keys }: Identity,
  secretKey: Uint8Array | undefined,
  random: Random,
  crypto: Crypto,
): Charter {
  const salt = random.bytes(SALT_BYTES);
  const proof = secretKey && proofOf(secretKey, PROOF_LABEL, [salt, keys.sign, keys.agree], crypto);
  return { salt, sign: keys.sign, agree: keys.agree, proof };
}

/** True if whoever made the charter has the secret. */
export function isProvedBy(charter: Charter, secretKey: Uint8Array, crypto: Crypto): boolean {
  const { salt, sign, agree, proof } = charter;
  return isProof(proof, secretKey, PROOF_LABEL, [salt, sign, agree], crypto);
}

/** The name that belongs to a charter. */
export function sessionOf(charter: Charter, crypto: Crypto): SessionId {
  const digest = crypto.sha256(joined(LABEL, bytesOfCharter(charter)));
  return hex(digest.subarray(0, SESSION_BYTES)) as SessionId;
}

/** A charter as it is hashed and signed. */
export function bytesOfCharter(charter: Charter): Uint8Array {
  const writer = new Writer();
  charterSchema.write(writer, charter);
  return writer.take();
}

/** The session that a person names, or undefined for anything that is no session's name. */
export function sessionNamed(text: string): SessionId | undefined {
  return text.length === 2 * SESSION_BYTES && unhex(text) !== undefined
    ? text as SessionId
    : undefined;
}

/** A session's name as it goes on the wire. */
export function bytesOfSession(session: SessionId): Uint8Array {
  return unhex(session)!;
}

/** True if both are the keys of one peer. */
export function sameKeys(one: PeerKeys, other: PeerKeys): boolean {
  return sameBytes(one.sign, other.sign) && sameBytes(one.agree, other.agree);
}
