/**
 * Sender keys (Signal's Sender Keys; Balbas, Collins and Gajland 2023 on what they lack): who speaks in a
 * group has a chain of keys that the others know, so that a message is sealed once for all of them, and a
 * signature key, so that nobody else who knows the chain can speak in their name.
 *
 * A key is new after a hundred messages, after somebody has left, and after every start.
 */
import {
  type Context,
  exactly,
  joined,
  KEY_BYTES,
  NONCE_BYTES,
  type PeerId,
  struct,
  u32,
  unhex,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { keysAfter, padded, unpadded } from "../session/mod.ts";
import * as limits from "./limits.ts";

const LABEL = utf8("starling group message 1");

/** What the others are told of a key. */
export const sharedKey = struct({
  /** Of this sender's keys for this group, which one. */
  number: u32,
  /** Messages before this state of the chain: those cannot be read with it. */
  iteration: u32,
  chain: exactly(KEY_BYTES),
  /** Ed25519. */
  verify: exactly(KEY_BYTES),
});
export type SharedKey = ValueOf<typeof sharedKey>;

/** One's own. */
export interface OwnKey extends SharedKey {
  readonly signSecret: Uint8Array;
}

/** A message as it travels; bound to group, sender and roster. */
export interface Sealed {
  readonly number: number;
  readonly iteration: number;
  readonly sealed: Uint8Array;
  readonly signature: Uint8Array;
}

/** What a message is about: it cannot be moved elsewhere. */
export interface About {
  readonly group: Uint8Array;
  readonly roster: Uint8Array;
  readonly sender: PeerId;
}

type Tools = Pick<Context, "crypto" | "random">;

/** A key that was never used. */
export function newKey(number: number, { crypto, random }: Tools): OwnKey {
  const signSecret = random.bytes(KEY_BYTES);
  const verify = crypto.signingKey(signSecret);
  return { number, iteration: 0, chain: random.bytes(KEY_BYTES), verify, signSecret };
}

/** The next message of a chain, and the chain after it. */
export function sealFor(
  key: OwnKey,
  clear: Uint8Array,
  about: About,
  { crypto, random }: Tools,
): { readonly key: OwnKey; readonly message: Sealed } {
  const { number, iteration } = key;
  const [message, chain] = keysAfter(key.chain);
  const nonce = random.bytes(NONCE_BYTES);
  const bound = boundBytes(about, number, iteration);
  const sealed = joined(nonce, crypto.sealText(message, nonce, bound, padded(clear)));
  const signature = crypto.sign(key.signSecret, joined(bound, sealed));
  return {
    key: { ...key, chain, iteration: iteration + 1 },
    message: { number, iteration, sealed, signature },
  };
}

/** Undefined where it is another key's, an earlier message, or was changed: then the key stays as it is. */
export function openFrom(
  key: SharedKey,
  { number, iteration, sealed, signature }: Sealed,
  about: About,
  { crypto }: Pick<Tools, "crypto">,
): { readonly key: SharedKey; readonly clear: Uint8Array } | undefined {
  const bound = boundBytes(about, number, iteration);
  const isNext = number === key.number && iteration >= key.iteration &&
    iteration - key.iteration <= limits.SKIPPED;
  if (!isNext || !crypto.verify(key.verify, joined(bound, sealed), signature)) return undefined;
  let { chain } = key, message = chain;
  for (let step = key.iteration; step <= iteration; step++) [message, chain] = keysAfter(chain);
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const whole = crypto.openText(message, nonce, bound, sealed.subarray(NONCE_BYTES));
  const clear = whole && unpadded(whole);
  return clear && { key: { ...key, chain, iteration: iteration + 1 }, clear };
}

function boundBytes({ group, roster, sender }: About, number: number, iteration: number) {
  const writer = new Writer();
  writer.u32(number);
  writer.u32(iteration);
  return joined(LABEL, group, roster, unhex(sender)!, writer.take());
}
