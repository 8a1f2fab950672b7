/** Signal's first contact, both roles: X3DH (version 3) and PQXDH with Kyber-1024 (version 4). */
import { ed25519 } from "@noble/curves/ed25519.js";
import { bytesToNumberLE, numberToBytesLE } from "@noble/curves/utils.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { ml_kem1024 } from "@noble/post-quantum/ml-kem.js";
import { joined, utf8 } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { derived } from "../../runtime/protocols/session/primitives.ts";
import { awaited, begun, type State, type Tools } from "../../runtime/protocols/session/mod.ts";
import { marked } from "./profile.ts";
import { decoded, encoded } from "./protobuf.ts";

/** What the library leaves for us, raw. */
export interface TheirBundle {
  readonly identity: Uint8Array;
  readonly signed: { readonly id: number; readonly key: Uint8Array };
  readonly once: { readonly id: number; readonly key: Uint8Array };
  readonly kyber: { readonly id: number; readonly key: Uint8Array } | undefined;
}

const KYBER_MARK = Uint8Array.of(8);
const NO_SALT = new Uint8Array(32), APART = new Uint8Array(32).fill(0xff);
const REGISTRATION = 5;

/** Begins a session; `wrap` makes its first messages. */
export function begins(secret: Uint8Array, bundle: TheirBundle, tools: Tools) {
  const { crypto, chance } = tools;
  const base = chance(32);
  const kyber = bundle.kyber && encapsulated(bundle.kyber.key, chance(32));
  const root = rootOf([
    crypto.agree(secret, bundle.signed.key)!,
    crypto.agree(base, bundle.identity)!,
    crypto.agree(base, bundle.signed.key)!,
    crypto.agree(base, bundle.once.key)!,
  ], kyber?.secret);
  const state = begun({ root, first: undefined, second: undefined }, bundle.signed.key, tools)!;
  const version = kyber === undefined ? 3 : 4;
  const wrap = (message: Uint8Array) =>
    joined(
      Uint8Array.of((version << 4) | 4),
      encoded([
        [5, REGISTRATION],
        [1, bundle.once.id],
        [6, bundle.signed.id],
        ...(kyber === undefined
          ? []
          : [[7, bundle.kyber!.id], [8, joined(KYBER_MARK, kyber.sealed)]] as const),
        [2, marked(crypto.ephemeralKey(base))],
        [3, marked(crypto.agreementKey(secret))],
        [4, message],
      ]),
    );
  return { state, wrap };
}

/** Our prekeys, raw secrets. */
export interface OurSecrets {
  readonly identity: Uint8Array;
  readonly signed: Uint8Array;
  readonly once: Uint8Array;
  /** 64 bytes, where the session is to be hybrid. */
  readonly kyber: Uint8Array | undefined;
}

/** Answers the library's first message: the state, their key, and the message inside. */
export function answers(
  ours: OurSecrets,
  bytes: Uint8Array,
): { readonly state: State; readonly theirs: Uint8Array; readonly message: Uint8Array } {
  const fields = decoded(bytes.subarray(1));
  const base = (fields.get(2) as Uint8Array).slice(1),
    theirs = (fields.get(3) as Uint8Array).slice(1);
  const { agree } = nodeCrypto;
  const sealed = fields.get(8) as Uint8Array | undefined;
  const secret = sealed === undefined ? undefined : decapsulated(ours.kyber!, sealed.subarray(1));
  const root = rootOf([
    agree(ours.signed, theirs)!,
    agree(ours.identity, base)!,
    agree(ours.signed, base)!,
    agree(ours.once, base)!,
  ], secret);
  const state = awaited({ root, first: undefined, second: undefined }, ours.signed, nodeCrypto);
  return { state, theirs, message: fields.get(4) as Uint8Array };
}

function rootOf(parts: readonly Uint8Array[], kyber: Uint8Array | undefined): Uint8Array {
  const label = kyber === undefined
    ? "WhisperText"
    : "WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024";
  const secret = joined(APART, ...parts, ...(kyber === undefined ? [] : [kyber]));
  return derived(secret, NO_SALT, utf8(label), kyber === undefined ? 64 : 96).slice(0, 32);
}

/** Kyber-1024 of round 3 by ML-KEM-1024: the message is hashed first, the secret last. */
function encapsulated(key: Uint8Array, coins: Uint8Array) {
  const { cipherText, sharedSecret } = ml_kem1024.encapsulate(key, sha3_256(coins));
  return { sealed: cipherText, secret: round3(sharedSecret, cipherText) };
}

function decapsulated(seed: Uint8Array, sealed: Uint8Array): Uint8Array {
  return round3(ml_kem1024.decapsulate(sealed, ml_kem1024.keygen(seed).secretKey), sealed);
}

function round3(shared: Uint8Array, sealed: Uint8Array): Uint8Array {
  return shake256(joined(shared, sha3_256(sealed)), { dkLen: 32 });
}

export function kyberKey(seed: Uint8Array): Uint8Array {
  return joined(KYBER_MARK, ml_kem1024.keygen(seed).publicKey);
}

/** XEdDSA (Perrin) as Signal signs: the Edwards key's sign travels in the signature's last bit. */
export function signed(secret: Uint8Array, message: Uint8Array, chance: Uint8Array): Uint8Array {
  const { Fn, BASE } = ed25519.Point;
  const clamped = secret.slice();
  clamped[0]! &= 248;
  clamped[31] = (clamped[31]! & 127) | 64;
  const scalar = Fn.create(bytesToNumberLE(clamped));
  const key = BASE.multiply(scalar).toBytes();
  const prefix = new Uint8Array(32).fill(0xff);
  prefix[0] = 0xfe;
  const hashed = (...parts: Uint8Array[]) => Fn.create(bytesToNumberLE(sha512(joined(...parts))));
  const nonce = hashed(prefix, clamped, message, chance);
  const commitment = BASE.multiply(nonce).toBytes();
  const challenge = hashed(commitment, key, message);
  const response = numberToBytesLE(Fn.add(nonce, Fn.mul(challenge, scalar)), 32);
  response[31] = (response[31]! & 0x7f) | (key[31]! & 0x80);
  return joined(commitment, response);
}
