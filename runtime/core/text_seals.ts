/** How texts and their headings are sealed: the same for every provider, from @noble, synchronous. */
import { poly1305 } from "@noble/ciphers/_poly1305.js";
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20 } from "@noble/ciphers/chacha.js";
import { sameBytes } from "./bytes.ts";
import { type Crypto, HEADING_TAG_BYTES, KEY_BYTES, TAG_BYTES } from "./crypto.ts";

/** Of ChaCha20. */
const BLOCK_BYTES = 64;
/** Zeros, to lay a stream over. */
const NOTHING = new Uint8Array(2 * BLOCK_BYTES);

/**
 * For a text of some hundred bytes noble is three times as fast as node:crypto on Deno, whose every
 * cipher object costs a crossing of its own.
 */
export const textSeals: Pick<Crypto, "sealText" | "openText" | "sealHeading" | "openHeading"> = {
  sealText: (key, nonce, data, clear) => gcm(key, nonce, data).encrypt(clear),

  openText(key, nonce, data, sealed) {
    if (sealed.length < TAG_BYTES) return undefined;
    const cipher = gcm(key, nonce, data); // outside: a key of a wrong length is our own bug
    try {
      return cipher.decrypt(sealed);
    } catch {
      return undefined; // a wrong tag: noble has no other way to say so
    }
  },

  sealHeading(key, nonce, heading) {
    const stream = chacha20(key, nonce, NOTHING.subarray(0, BLOCK_BYTES + heading.length));
    const whole = new Uint8Array(heading.length + HEADING_TAG_BYTES);
    for (let at = 0; at < heading.length; at++) {
      whole[at] = heading[at]! ^ stream[BLOCK_BYTES + at]!;
    }
    whole.set(headingTag(stream, whole.subarray(0, heading.length)), heading.length);
    return whole;
  },

  openHeading(key, nonce, whole) {
    const length = whole.length - HEADING_TAG_BYTES;
    if (length < 0 || length > NOTHING.length - BLOCK_BYTES) return undefined;
    const sealed = whole.subarray(0, length);
    const stream = chacha20(key, nonce, NOTHING.subarray(0, BLOCK_BYTES + length));
    if (!sameBytes(headingTag(stream, sealed), whole.subarray(length))) return undefined;
    const heading = new Uint8Array(length);
    for (let at = 0; at < length; at++) heading[at] = sealed[at]! ^ stream[BLOCK_BYTES + at]!;
    return heading;
  },
};

/** The first block of the stream is the key of the tag, as in RFC 8439, section 2.6. */
function headingTag(stream: Uint8Array, sealed: Uint8Array): Uint8Array {
  return poly1305(sealed, stream.subarray(0, KEY_BYTES)).subarray(0, HEADING_TAG_BYTES);
}
