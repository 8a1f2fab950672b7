/**
 * Images without what they tell besides the picture: where and when it was taken, by which camera, with
 * which words, and what some cameras append (a second picture with details of its own, a film).
 */
import { walkJpeg } from "./jpeg_segments.ts";
import { onlyOrientation } from "./orientation.ts";

/** The picture alone; undefined where it cannot be followed, or is of another kind than JPEG, PNG and WebP. */
export function withoutDetails(image: Uint8Array, type: string): Uint8Array | undefined {
  switch (type) {
    case "image/jpeg":
      return jpegWithout(image);
    case "image/png":
      return pngWithout(image);
    case "image/webp":
      return webpWithout(image);
    default:
      return undefined;
  }
}

const COMMENT = 0xfe, FIRST_APP = 0xe0, LAST_APP = 0xef, JFIF = 0xe0, EXIF = 0xe1;
/** These change how the picture looks: density, colours, Adobe's transform. */
const KEPT_APPS: ReadonlyMap<number, string> = new Map([
  [JFIF, "JFIF\0"],
  [0xe2, "ICC_PROFILE\0"],
  [0xee, "Adobe"],
]);
const EXIF_START = "Exif\0\0";

/** JPEG (ITU-T T.81, annex B): every segment but the application's and comments; nothing behind its end. */
function jpegWithout(image: Uint8Array): Uint8Array | undefined {
  const parts = [image.subarray(0, 2)];
  const whole = walkJpeg(image, ({ marker, start, end }) => {
    const segment = image.subarray(start, end);
    if (marker === EXIF) parts.push(...turnedBy(segment));
    else if (marker === COMMENT) return;
    else if (marker < FIRST_APP || marker > LAST_APP) parts.push(segment);
    else if (startsWith(segment, 4, KEPT_APPS.get(marker))) {
      parts.push(marker === JFIF ? withoutThumbnail(segment) : segment);
    }
  });
  if (whole === undefined) return undefined;
  parts.push(image.subarray(whole.end, whole.end + 2));
  return joinedUp(parts);
}

/** JFIF's own small picture, which may show what was cut away since (JFIF 1.02: its sides come last). */
function withoutThumbnail(segment: Uint8Array): Uint8Array {
  if (segment.length <= JFIF_BYTES) return segment;
  const bare = segment.slice(0, JFIF_BYTES);
  bare.set([0, JFIF_BYTES - 2], 2);
  bare.set([0, 0], JFIF_BYTES - 2);
  return bare;
}

const JFIF_BYTES = 18;

/** A segment of Exif that says only which way up the picture is, if that needs saying. */
function turnedBy(segment: Uint8Array): Uint8Array[] {
  if (!startsWith(segment, 4, EXIF_START)) return [];
  const tiff = onlyOrientation(segment.subarray(4 + EXIF_START.length));
  if (tiff === undefined) return [];
  const length = 2 + EXIF_START.length + tiff.length;
  return [Uint8Array.of(0xff, EXIF, 0, length), bytesOf(EXIF_START), tiff];
}

const PNG_START = 8;
/** Chunks that change how the picture looks, or moves, beside the critical ones (PNG, third edition, 11.3). */
const LOOKS = new Set(
  "tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT".split(" "),
);
/** Bit 5 of a chunk's first byte: whoever does not know it can do without (section 5.4). */
const ANCILLARY = 0x20;

/** PNG: the chunks that make the picture; words, times, camera data and what is not known here tell something. */
function pngWithout(image: Uint8Array): Uint8Array | undefined {
  const parts = [image.subarray(0, PNG_START)];
  const view = viewOf(image);
  for (let at = PNG_START; at + 12 <= image.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > image.length) return undefined;
    const kind = textAt(image, at + 4, 4);
    const isNeeded = (image[at + 4]! & ANCILLARY) === 0 || LOOKS.has(kind);
    if (isNeeded) parts.push(image.subarray(at, end));
    if (kind === "IEND") return joinedUp(parts); // what follows it is no picture
    at = end;
  }
  return undefined;
}

/** Chunks that make the picture (RFC 9649, section 2.7); whatever else there is tells something. */
const PICTURE = new Set(["VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]);
const WEBP_START = 12, CHUNK_START = 8;
/** Flags of the first chunk of an extended file: an Exif chunk follows, and one of XMP. */
const HAS_EXIF = 0x08, HAS_XMP = 0x04;

function webpWithout(image: Uint8Array): Uint8Array | undefined {
  const view = viewOf(image), parts: Uint8Array[] = [];
  if (image.length < WEBP_START) return undefined;
  const end = CHUNK_START + view.getUint32(4, true);
  if (end > image.length || end < WEBP_START) return undefined;
  let extended: Uint8Array | undefined;
  for (let at = WEBP_START; at < end;) {
    if (at + CHUNK_START > end) return undefined;
    const length = view.getUint32(at + 4, true), next = at + CHUNK_START + length + length % 2;
    if (next > end) return undefined;
    const kind = textAt(image, at, 4), bytes = image.subarray(at + CHUNK_START, next);
    if (kind === "EXIF") parts.push(...turnedInWebp(bytes));
    else if (kind === "VP8X") parts.push(extended = image.slice(at, next));
    else if (PICTURE.has(kind)) parts.push(image.subarray(at, next));
    at = next;
  }
  const isTurned = parts.some((part) => startsWith(part, 0, "EXIF"));
  if (extended !== undefined && extended.length > CHUNK_START) {
    extended[CHUNK_START]! &= ~(HAS_XMP | (isTurned ? 0 : HAS_EXIF));
  }
  const body = joinedUp([bytesOf("WEBP"), ...parts]);
  return joinedUp([bytesOf("RIFF"), u32(body.length), body]);
}

/** The same for WebP: its chunk holds the TIFF, some writers put JPEG's start before it. */
function turnedInWebp(exif: Uint8Array): Uint8Array[] {
  const hasStart = startsWith(exif, 0, EXIF_START);
  const tiff = onlyOrientation(hasStart ? exif.subarray(EXIF_START.length) : exif);
  return tiff === undefined ? [] : [joinedUp([bytesOf("EXIF"), u32(tiff.length), tiff])];
}

function joinedUp(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Little endian. */
function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value, true);
  return bytes;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function startsWith(bytes: Uint8Array, at: number, text: string | undefined): boolean {
  return text !== undefined && textAt(bytes, at, text.length) === text;
}
