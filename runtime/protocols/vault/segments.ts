/**
 * Segments: sealed one by one, each under a key of its own, and bound to everything that says which one
 * it is. Whoever has fewer shards than are enough has nothing; whoever has enough has only this seal.
 *
 *     key, nonce = HKDF-SHA-256(content key, salt: SHA-256 of the clear segment, label, number)
 *     AES-256-GCM, bound to: label, content, number, enough, count, length of the file
 *
 * The hash in the derivation is what makes it safe to seal a segment again, as a sender does that goes on
 * after a crash: the same bytes give the same seal, and other bytes have another key (RFC 5869; the idea
 * of RFC 5297, by keys instead of nonces).
 */
import {
  type Crypto,
  joined,
  KEY_BYTES,
  NONCE_BYTES,
  sameBytes,
  TAG_BYTES,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { keyed } from "./keys.ts";
import { clearLength, type Shape, shardLength } from "./shape.ts";

const KEY = utf8("starling vault segment key 1"), ABOUT = utf8("starling vault segment 1");

/** What all segments of a content have in common. */
export interface Sealing extends Shape {
  /** Names the content among all of its vault's. */
  readonly id: Uint8Array;
  readonly key: Uint8Array;
}

/** A sealed segment, and the hash without which it cannot be opened. */
export interface Sealed {
  readonly hash: Uint8Array;
  /** The data shards, in whole blocks. */
  readonly shards: readonly Uint8Array[];
}

/** Seals one segment, and cuts it into as many shards as are enough. */
export function sealedSegment(
  sealing: Sealing,
  number: number,
  clear: Uint8Array,
  crypto: Crypto,
): Sealed {
  const hash = crypto.sha256(clear);
  const { key, nonce } = keyOf(sealing, number, hash);
  const length = shardLength(sealing, number);
  const sealed = crypto.sealText(key, nonce, about(sealing, number), clear);
  const shards = Array.from({ length: sealing.enough }, (_, at) => {
    const part = sealed.subarray(at * length, (at + 1) * length);
    if (part.length === length) return part;
    const padded = new Uint8Array(length);
    padded.set(part);
    return padded;
  });
  return { hash, shards };
}

/** Undefined where the shards are not those of this segment. */
export function openedSegment(
  sealing: Sealing,
  number: number,
  hash: Uint8Array,
  shards: readonly Uint8Array[],
  crypto: Crypto,
): Uint8Array | undefined {
  const { key, nonce } = keyOf(sealing, number, hash);
  const length = clearLength(sealing, number) + TAG_BYTES;
  const sealed = joined(...shards.slice(0, sealing.enough)).subarray(0, length);
  const clear = crypto.openText(key, nonce, about(sealing, number), sealed);
  return clear !== undefined && sameBytes(crypto.sha256(clear), hash) ? clear : undefined;
}

/** The key and the nonce of one segment, which serve nothing else. */
export function keyOf(
  { key, id }: Pick<Sealing, "key" | "id">,
  number: number,
  hash: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const place = new Writer();
  place.raw(id);
  place.u32(number);
  const both = keyed(key, hash, joined(KEY, place.take()), KEY_BYTES + NONCE_BYTES);
  return { key: both.subarray(0, KEY_BYTES), nonce: both.subarray(KEY_BYTES) };
}

function about({ id, bytes, enough, count }: Sealing, number: number): Uint8Array {
  const writer = new Writer();
  writer.raw(ABOUT);
  writer.raw(id);
  writer.u32(number);
  writer.u8(enough);
  writer.u8(count);
  writer.varint(bytes);
  return writer.take();
}
