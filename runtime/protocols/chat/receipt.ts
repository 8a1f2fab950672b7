/**
 * Receipts: signed by the device that has the letter, so that nobody on the way can make one, and none
 * says anything about another letter, or of another reader.
 *
 *     signature over: label, kind, writer, reader, ids
 */
import { type Context, joined, type PeerId, type PeerKeys, unhex, utf8 } from "../../core/mod.ts";

const LABEL = utf8("starling receipt 1");

/** They are on the reader's disk; a person has seen them; they are not taken. */
export const RECEIPTS = ["kept", "read", "dropped"] as const;
export type ReceiptKind = typeof RECEIPTS[number];

export interface Receipt {
  readonly kind: ReceiptKind;
  readonly ids: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

/** A receipt of this device's, for whoever wrote the letters. */
export function receiptOf(
  kind: ReceiptKind,
  ids: readonly Uint8Array[],
  writer: PeerId,
  { crypto, identity }: Pick<Context, "crypto" | "identity">,
): Receipt {
  const bytes = signedBytes(kind, writer, identity.peer, ids);
  return { kind, ids, signature: crypto.sign(identity.signSecret, bytes) };
}

/** Whether the reader has signed it, about letters of this device's. */
export function isSigned(
  { kind, ids, signature }: Receipt,
  reader: PeerId,
  { sign }: PeerKeys,
  { crypto, self }: Pick<Context, "crypto" | "self">,
): boolean {
  return crypto.verify(sign, signedBytes(kind, self, reader, ids), signature);
}

function signedBytes(
  kind: ReceiptKind,
  writer: PeerId,
  reader: PeerId,
  ids: readonly Uint8Array[],
): Uint8Array {
  const kindByte = Uint8Array.of(RECEIPTS.indexOf(kind));
  return joined(LABEL, kindByte, unhex(writer)!, unhex(reader)!, ...ids);
}
