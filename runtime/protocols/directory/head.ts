/** The head of a directory's key log: how long it is, and its root, signed by the directory. */
import {
  type Context,
  type Crypto,
  exactly,
  HASH_BYTES,
  joined,
  type PeerKeys,
  SIGNATURE_BYTES,
  struct,
  u32,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";

const LABEL = utf8("starling key log head 1");

export const headSchema = struct({
  size: u32,
  root: exactly(HASH_BYTES),
  signature: exactly(SIGNATURE_BYTES),
});
export type Head = ValueOf<typeof headSchema>;

/** Signs what this directory's log is now. */
export function headOf(
  size: number,
  root: Uint8Array,
  { identity, crypto }: Pick<Context, "identity" | "crypto">,
): Head {
  return { size, root, signature: crypto.sign(identity.signSecret, signedBytes(size, root)) };
}

/** Whether this directory has said so. */
export function isHeadOf({ sign }: PeerKeys, { size, root, signature }: Head, crypto: Crypto) {
  return crypto.verify(sign, signedBytes(size, root), signature);
}

function signedBytes(size: number, root: Uint8Array): Uint8Array {
  const writer = new Writer();
  writer.u32(size);
  return joined(LABEL, writer.take(), root);
}
