/** A message as its origin said and signed it, and its name. */
import {
  type Crypto,
  hex,
  type Identity,
  joined,
  type Micros,
  type PeerId,
  peerOf,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { type Heading, heading, ID_BYTES } from "./wire.ts";

const SIGN_LABEL = utf8("starling mesh 1");
const ID_LABEL = utf8("starling mesh id 1");
const writer = new Writer();

/** One message, and how it came here. */
export interface Statement {
  readonly id: Uint8Array;
  /** The id in hexadecimal digits: what people and siblings see. */
  readonly name: string;
  readonly origin: PeerId;
  readonly heading: Heading;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** Links between the origin and this node. */
  readonly hops: number;
  /** When it was said, on this node's clock, as far as is known. */
  readonly saidAt: Micros;
  /** Who passed it on; undefined at its origin. */
  readonly from: PeerId | undefined;
}

/** Names a message by who said it and when in order: 128 bits of a hash. */
export function idOf({ sign, agree, boot, sequence }: Heading, crypto: Crypto): Uint8Array {
  writer.raw(ID_LABEL);
  writer.raw(sign);
  writer.raw(agree);
  writer.u32(boot);
  writer.varint(sequence);
  return crypto.sha256(writer.take()).slice(0, ID_BYTES);
}

/** A message that this node says. */
export function stated(
  said: Heading,
  payload: Uint8Array,
  identity: Identity,
  crypto: Crypto,
  now: Micros,
): Statement {
  const id = idOf(said, crypto);
  return {
    id,
    name: hex(id),
    origin: identity.peer,
    heading: said,
    payload,
    signature: crypto.sign(identity.signSecret, signedBytes(said, payload, crypto)),
    hops: 0,
    saidAt: now,
    from: undefined,
  };
}

/** Whom a heading claims as its origin. */
export function originOf(said: Heading, crypto: Crypto): PeerId {
  return peerOf(said, crypto);
}

/** True if the origin said exactly this. */
export function isGenuine(
  said: Heading,
  payload: Uint8Array,
  signature: Uint8Array,
  crypto: Crypto,
): boolean {
  return crypto.verify(said.sign, signedBytes(said, payload, crypto), signature);
}

function signedBytes(said: Heading, payload: Uint8Array, crypto: Crypto): Uint8Array {
  heading.write(writer, said);
  return joined(SIGN_LABEL, writer.take(), crypto.sha256(payload));
}
