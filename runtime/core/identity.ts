/** Who a peer is: two public keys, and a name that is their hash. */
import type { Crypto } from "./crypto.ts";
import { hex, joined, packed, utf8 } from "./bytes.ts";
import { Recent } from "./recent.ts";

/** SHA-256 over both public keys, as 64 hexadecimal digits. Proved by every link's handshake. */
export type PeerId = string & { readonly __peer: unique symbol };

/** What others know of a peer. 32 bytes each. */
export interface PeerKeys {
  /** Ed25519: signatures. */
  readonly sign: Uint8Array;
  /** X25519: links. */
  readonly agree: Uint8Array;
}

/** A node's own keys; the secrets never leave it. */
export interface Identity {
  readonly peer: PeerId;
  readonly keys: PeerKeys;
  readonly signSecret: Uint8Array;
  readonly agreeSecret: Uint8Array;
}

const ID_LABEL = utf8("starling peer 1");
const SIGN_LABEL = utf8("starling sign 1");
const AGREE_LABEL = utf8("starling agree 1");

/** Names that were worked out lately. Strangers only push each other out. */
const namesBy = new WeakMap<Crypto, Recent<string, PeerId>>();
const REMEMBERED_NAMES = 4096;

/** The name that belongs to a pair of public keys. Every beacon and every plan asks for some again. */
export function peerOf({ sign, agree }: PeerKeys, crypto: Crypto): PeerId {
  let names = namesBy.get(crypto);
  if (names === undefined) namesBy.set(crypto, names = new Recent(REMEMBERED_NAMES));
  const keys = packed(sign) + packed(agree);
  let name = names.get(keys);
  if (name === undefined) {
    name = hex(crypto.sha256(joined(ID_LABEL, sign, agree))) as PeerId;
    names.set(keys, name);
  }
  return name;
}

/** Both key pairs from one secret seed of 32 bytes; the labels keep the two apart. */
export function identityFrom(seed: Uint8Array, crypto: Crypto): Identity {
  const signSecret = crypto.sha256(joined(SIGN_LABEL, seed));
  const agreeSecret = crypto.sha256(joined(AGREE_LABEL, seed));
  const keys = { sign: crypto.signingKey(signSecret), agree: crypto.agreementKey(agreeSecret) };
  return { peer: peerOf(keys, crypto), keys, signSecret, agreeSecret };
}
