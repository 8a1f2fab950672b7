/** Who a peer is: two public keys, and a name that is their hash. */
import type { Crypto } from "./crypto.ts";
import { hex, joined, utf8 } from "./bytes.ts";

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

/** The name that belongs to a pair of public keys. */
export function peerOf(keys: PeerKeys, crypto: Crypto): PeerId {
  return hex(crypto.sha256(joined(ID_LABEL, keys.sign, keys.agree))) as PeerId;
}

/** Both key pairs from one secret seed of 32 bytes; the labels keep the two apart. */
export function identityFrom(seed: Uint8Array, crypto: Crypto): Identity {
  const signSecret = crypto.sha256(joined(SIGN_LABEL, seed));
  const agreeSecret = crypto.sha256(joined(AGREE_LABEL, seed));
  const keys = { sign: crypto.signingKey(signSecret), agree: crypto.agreementKey(agreeSecret) };
  return { peer: peerOf(keys, crypto), keys, signSecret, agreeSecret };
}
