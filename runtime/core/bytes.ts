/** Plain operations on bytes that every layer needs. */
import { assert } from "./assert.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Of an address or a name: the platform's decoder takes longer to be called than to decode these. */
const SHORT_TEXT = 48;
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));

/** The text's bytes. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** True for text that takes one byte a character. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

/** The text, or undefined where the bytes are not well-formed UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  const short = bytes.length <= SHORT_TEXT ? asciiOf(bytes) : undefined;
  if (short !== undefined) return short;
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined; // the platform's decoder has no other way to say "malformed"
  }
}

function asciiOf(bytes: Uint8Array): string | undefined {
  let text = "";
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x80) return undefined;
    text += ASCII[byte];
  }
  return text;
}

/** Lower-case hexadecimal digits, two a byte. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at++) text += DIGITS[bytes[at]!];
  return text;
}

/** Bytes as half as many code units: a key for a Map in a fraction of the time that `hex` takes. */
export function packed(bytes: Uint8Array): string {
  assert(bytes.length % 8 === 0, "keys, hashes and signatures are whole words");
  let text = "";
  for (let at = 0; at < bytes.length; at += 8) {
    text += String.fromCharCode(
      bytes[at]! | (bytes[at + 1]! << 8),
      bytes[at + 2]! | (bytes[at + 3]! << 8),
      bytes[at + 4]! | (bytes[at + 5]! << 8),
      bytes[at + 6]! | (bytes[at + 7]! << 8),
    );
  }
  return text;
}

/** The bytes of lower-case hexadecimal digits, or undefined for anything else. */
export function unhex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = parseInt(text.slice(2 * at, 2 * at + 2), 16);
  }
  return bytes;
}

/** One after another, in a new array. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Takes as long for unequal bytes as for equal ones of the same length. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0; // no early exit: secrets are compared here too
  for (let at = 0; at < one.length; at++) difference |= one[at]! ^ other[at]!;
  return difference === 0;
}

/** Sorts text by its UTF-16 code units: the same order on every machine and locale. */
export function byCodeUnit(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
