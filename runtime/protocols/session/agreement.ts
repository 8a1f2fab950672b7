/**
 * The first secret of two people, one of whom may be away: X3DH (Marlinspike and Perrin, revision 1), and
 * PQXDH (Kret and Schmidt, revision 3) where both sides can: an elliptic curve and ML-KEM-768
 * (FIPS 203) must both be broken to read it.
 *
 * Who is away has left a bundle: a signed prekey for a week or two, one-time prekeys, and keys of the
 * KEM. A key of low order, a wrong signature or length ends it before anything is computed.
 */
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import {
  type Crypto,
  exactly,
  type Identity,
  joined,
  KEY_BYTES,
  optional,
  type PeerKeys,
  SIGNATURE_BYTES,
  struct,
  u32,
  utf8,
  type ValueOf,
} from "../../core/mod.ts";
import { agreed, derived, encapsulated } from "./primitives.ts";
import { type Agreed, awaited, begun, type State, type Tools } from "./ratchet.ts";

export const KEM_KEY_BYTES = 1_184, KEM_SECRET_SEED_BYTES = 64, KEM_BYTES = 1_088;
const KEM_COINS_BYTES = 32;

const key = exactly(KEY_BYTES), signature = exactly(SIGNATURE_BYTES);

/** What somebody leaves for those who want to write to them. */
export const bundleSchema = struct({
  sign: key,
  agree: key,
  signed: struct({ id: u32, key, signature }),
  once: optional(struct({ id: u32, key })),
  kem: optional(struct({ id: u32, key: exactly(KEM_KEY_BYTES), signature })),
});
export type Bundle = ValueOf<typeof bundleSchema>;

/** What the first message says besides its text: it is repeated until an answer has come. */
export const openingSchema = struct({
  ephemeral: key,
  signed: u32,
  once: optional(u32),
  kem: optional(struct({ id: u32, sealed: exactly(KEM_BYTES) })),
});
export type Opening = ValueOf<typeof openingSchema>;

/** The secrets behind a bundle; those of one use are gone when they were used. */
export interface Prekeys {
  /** 32 bytes each. */
  readonly signed: ReadonlyMap<number, Uint8Array>;
  readonly once: ReadonlyMap<number, Uint8Array>;
  /** Seeds of 64 bytes. */
  readonly kem: ReadonlyMap<number, Uint8Array>;
}

const SIGNED = utf8("starling signed prekey 1"), KEM = utf8("starling kem prekey 1");
const CURVE_ONLY = utf8("starling x3dh 1"), HYBRID = utf8("starling pqxdh 1");
const ABOUT = utf8("starling session 1");
/** So that no signature or other use of the same curve begins alike (X3DH, section 2.2). */
const APART = new Uint8Array(KEY_BYTES).fill(0xff);
const NO_SALT = new Uint8Array(KEY_BYTES);

/** A KEM key pair from its seed. */
export function kemKey(seed: Uint8Array): Uint8Array {
  return ml_kem768.keygen(seed).publicKey;
}

/** `hasKem` is signed too: nobody on the way can take the KEM's key out and leave the curve alone. */
export function signedPrekey(
  id: number,
  key: Uint8Array,
  hasKem: boolean,
  { signSecret }: Identity,
  crypto: Crypto,
) {
  return { id, key, signature: crypto.sign(signSecret, signedBytes(key, hasKem)) };
}

function signedBytes(key: Uint8Array, hasKem: boolean): Uint8Array {
  return joined(SIGNED, Uint8Array.of(hasKem ? 1 : 0), key);
}

/** A KEM key with its owner's signature. */
export function kemPrekey(id: number, key: Uint8Array, { signSecret }: Identity, crypto: Crypto) {
  return { id, key, signature: crypto.sign(signSecret, joined(KEM, key)) };
}

/** Whether everything in a bundle is signed by whom it names. */
export function isGenuine({ sign, signed, kem }: Bundle, crypto: Crypto): boolean {
  return crypto.verify(sign, signedBytes(signed.key, kem !== undefined), signed.signature) &&
    (kem === undefined || crypto.verify(sign, joined(KEM, kem.key), kem.signature));
}

/** What every message is bound to: who began, who answers. 32 bytes. */
export function aboutOf(began: PeerKeys, answers: PeerKeys, crypto: Crypto): Uint8Array {
  return crypto.sha256(joined(ABOUT, began.sign, began.agree, answers.sign, answers.agree));
}

/** Begins with somebody's bundle. Undefined where the bundle is not theirs, or its keys are bad. */
export function initiated(
  us: Identity,
  bundle: Bundle,
  tools: Tools,
): { readonly state: State; readonly opening: Opening } | undefined {
  const { crypto, chance } = tools;
  if (!isGenuine(bundle, crypto)) return undefined;
  const secret = chance(KEY_BYTES);
  const parts = [
    agreed(us.agreeSecret, bundle.signed.key, crypto),
    agreed(secret, bundle.agree, crypto),
    agreed(secret, bundle.signed.key, crypto),
    ...(bundle.once === undefined ? [] : [agreed(secret, bundle.once.key, crypto)]),
  ];
  const sealed = bundle.kem && encapsulated(bundle.kem.key, chance(KEM_COINS_BYTES));
  if (bundle.kem !== undefined && sealed === undefined) return undefined;
  const secrets = agreedFrom(parts, sealed?.sharedSecret, bundle.kem?.key);
  const state = secrets && begun(secrets, bundle.signed.key, tools);
  if (state === undefined) return undefined;
  const opening: Opening = {
    ephemeral: crypto.ephemeralKey(secret),
    signed: bundle.signed.id,
    once: bundle.once?.id,
    kem: bundle.kem && { id: bundle.kem.id, sealed: sealed!.cipherText },
  };
  return { state, opening };
}

/** Answers a first message. Undefined where a prekey is not here any more, or a key is bad. */
export function responded(
  us: Identity,
  theirs: PeerKeys,
  opening: Opening,
  prekeys: Prekeys,
  { crypto }: Pick<Tools, "crypto">,
): State | undefined {
  const signed = prekeys.signed.get(opening.signed);
  const once = opening.once === undefined ? undefined : prekeys.once.get(opening.once);
  const seed = opening.kem === undefined ? undefined : prekeys.kem.get(opening.kem.id);
  if (signed === undefined || (opening.once !== undefined && once === undefined)) return undefined;
  if (opening.kem !== undefined && seed === undefined) return undefined;
  const { ephemeral } = opening;
  const parts = [
    agreed(signed, theirs.agree, crypto),
    agreed(us.agreeSecret, ephemeral, crypto),
    agreed(signed, ephemeral, crypto),
    ...(once === undefined ? [] : [agreed(once, ephemeral, crypto)]),
  ];
  const kem = seed && ml_kem768.keygen(seed);
  const shared = kem && ml_kem768.decapsulate(opening.kem!.sealed, kem.secretKey);
  const secrets = agreedFrom(parts, shared, kem?.publicKey);
  return secrets && awaited(secrets, signed, crypto);
}

function agreedFrom(
  parts: readonly (Uint8Array | undefined)[],
  shared: Uint8Array | undefined,
  kem: Uint8Array | undefined,
): Agreed | undefined {
  const known = parts.filter((part) => part !== undefined);
  if (known.length < parts.length) return undefined; // a key of low order
  const secret = joined(APART, ...known, ...(shared === undefined ? [] : [shared]));
  // The KEM's key is bound too: a ciphertext may not be made again for another one.
  const label = shared === undefined ? CURVE_ONLY : joined(HYBRID, kem!);
  const keys = derived(secret, NO_SALT, label, 3 * KEY_BYTES);
  return {
    root: keys.slice(0, KEY_BYTES),
    first: keys.slice(KEY_BYTES, 2 * KEY_BYTES),
    second: keys.slice(2 * KEY_BYTES),
  };
}
