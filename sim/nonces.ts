/**
 * Whether any node of a world ever uses a key with a nonce twice: after a crash, a restored disk, or ever.
 * Looks on from outside the nodes, at the cryptography that all of them share.
 *
 * 1. The keys of links count from nought, and are never saved: one that begins anew was had before.
 * 2. The keys of texts and headings take nonces by chance: each pair is remembered.
 */
import { type Crypto, NONCE_BYTES, packed, TAG_BYTES, utf8 } from "../runtime/core/mod.ts";

/** Pairs that are remembered; the first is forgotten first. Some hundred bytes each. */
const REMEMBERED = 1 << 19;

/** Where the number stands in the nonce of a link (Noise, section 5.1). */
const NUMBER_AT = 4;

/** What segments of a vault are bound to begins like this (runtime/protocols/vault/segments.ts). */
const SEGMENT = utf8("starling vault segment 1");

const words = new Uint8Array(16);

/** `base`, with every use of a key looked at. `found` is told what kind of key was used twice. */
export function noncesChecked(base: Crypto, found: (kind: string) => void): Crypto {
  /** What was made with each, where that tells one use from another. */
  const used = new Map<string, string>();

  /** The first time that a link's key is used. */
  function begins(key: Uint8Array, nonce: Uint8Array): void {
    for (let at = NUMBER_AT; at < NONCE_BYTES; at++) if (nonce[at] !== 0) return;
    note("a link's key", `link ${packed(key)}`);
  }

  function pair(kind: string, key: Uint8Array, nonce: Uint8Array, made?: string): void {
    words.set(nonce);
    note(`a key of ${kind}`, `${kind} ${packed(key)}${packed(words)}`, made);
  }

  function note(kind: string, name: string, made = ""): void {
    const before = used.get(name);
    if (before !== undefined && (made === "" || before !== made)) found(kind);
    used.set(name, made);
    if (used.size <= REMEMBERED) return;
    for (const first of used.keys()) {
      used.delete(first);
      return;
    }
  }

  return {
    ...base,
    seal(key, nonce, data, clear) {
      begins(key, nonce);
      return base.seal(key, nonce, data, clear);
    },
    sealBody(key, nonce, body) {
      begins(key, nonce);
      return base.sealBody(key, nonce, body);
    },
    sealText(key, nonce, data, clear) {
      const sealed = base.sealText(key, nonce, data, clear);
      // A vault seals a segment again where it goes on after a crash: the very same one, to the very same bytes.
      const isSegment = SEGMENT.every((byte, at) => data[at] === byte);
      const made = isSegment ? packed(sealed.slice(sealed.length - TAG_BYTES)) : undefined;
      pair("texts", key, nonce, made);
      return sealed;
    },
    sealHeading(key, nonce, heading) {
      pair("headings", key, nonce);
      return base.sealHeading(key, nonce, heading);
    },
  };
}
