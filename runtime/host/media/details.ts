/**
 * What a file is, by its first bytes and not by its name; and images without what they tell besides the
 * picture: where and when it was taken, by which camera, with which words.
 */

const SIGNATURES: readonly (readonly [string, number, readonly number[]])[] = [
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["video/mp4", 4, [0x66, 0x74, 0x79, 0x70]],
  ["video/webm", 0, [0x1a, 0x45, 0xdf, 0xa3]],
  ["audio/ogg", 0, [0x4f, 0x67, 0x67, 0x53]],
  ["audio/mpeg", 0, [0x49, 0x44, 0x33]],
  ["application/pdf", 0, [0x25, 0x50, 0x44, 0x46]],
  ["application/zip", 0, [0x50, 0x4b, 0x03, 0x04]],
];

/** A media type; a text is one without zeros that is valid UTF-8. */
export function typeOf(start: Uint8Array): string {
  for (const [type, at, bytes] of SIGNATURES) {
    if (bytes.every((byte, nth) => start[at + nth] === byte)) return type;
  }
  return isText(start) ? "text/plain" : "application/octet-stream";
}

function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  // The last character may be cut in two.
  const text = new TextDecoder().decode(bytes).replace(/\uFFFD{1,3}$/, "");
  return !text.includes("\uFFFD");
}

/** The picture alone; undefined where it is no JPEG or PNG that can be followed to its end. */
export function withoutDetails(image: Uint8Array, type: string): Uint8Array | undefined {
  if (type === "image/jpeg") return jpegWithout(image);
  return type === "image/png" ? pngWithout(image) : undefined;
}

const START_OF_SCAN = 0xda, COMMENT = 0xfe, FIRST_APP = 0xe0, LAST_APP = 0xef, EXIF = 0xe1;
/** JFIF, ICC profiles and Adobe's transform change how the picture looks. */
const KEPT_APPS = new Set([0xe0, 0xe2, 0xee]);
const UPRIGHT = 1, ORIENTATIONS = 8;

/** JPEG (ITU-T T.81, annex B): every segment up to the scan but the application's and comments. */
function jpegWithout(image: Uint8Array): Uint8Array | undefined {
  const parts = [image.subarray(0, 2)];
  let at = 2;
  for (;;) {
    const marker = image[at + 1];
    if (image[at] !== 0xff || marker === undefined) return undefined;
    if (marker === START_OF_SCAN) return joinedUp([...parts, image.subarray(at)]);
    const end = at + 2 + (image[at + 2] ?? 0) * 256 + (image[at + 3] ?? 0);
    if (end <= at + 3 || end > image.length) return undefined;
    if (marker === EXIF) parts.push(onlyOrientation(image.subarray(at, end)));
    const isApp = marker >= FIRST_APP && marker <= LAST_APP;
    if (marker !== COMMENT && (!isApp || KEPT_APPS.has(marker))) {
      parts.push(image.subarray(at, end));
    }
    at = end;
  }
}

/**
 * Which way up the camera was held, of all that a segment of Exif says (Exif 3.0, section 4.6.5; TIFF 6.0,
 * section 2). Nothing where it was upright, or where there is no telling.
 */
function onlyOrientation(segment: Uint8Array): Uint8Array {
  const turned = orientationOf(segment);
  if (turned === UPRIGHT) return new Uint8Array(0);
  // A TIFF header, one entry (tag 0x112, one short), and no further directory.
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, turned, 0, 0];
  return Uint8Array.of(0xff, EXIF, 0, 2 + 6 + 26, ...EXIF_START, ...tiff, 0, 0, 0, 0);
}

const EXIF_START = [0x45, 0x78, 0x69, 0x66, 0, 0]; // "Exif" and two zeros

function orientationOf(segment: Uint8Array): number {
  const at = 4 + EXIF_START.length;
  if (segment.length < at + 14 || !EXIF_START.every((byte, nth) => segment[4 + nth] === byte)) {
    return UPRIGHT;
  }
  const tiff = segment.subarray(at), isLittle = tiff[0] === 0x49;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const start = view.getUint32(4, isLittle);
  if (start + 2 > tiff.length) return UPRIGHT;
  const count = view.getUint16(start, isLittle);
  for (let entry = start + 2; entry < start + 2 + count * 12; entry += 12) {
    if (entry + 12 > tiff.length) return UPRIGHT;
    if (view.getUint16(entry, isLittle) !== 0x112) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= UPRIGHT && value <= ORIENTATIONS ? value : UPRIGHT;
  }
  return UPRIGHT;
}

const PNG_START = 8, TELLING = new Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"]);

/** PNG (RFC 2083, section 3): every chunk but those with words, times and camera data. */
function pngWithout(image: Uint8Array): Uint8Array | undefined {
  const parts = [image.subarray(0, PNG_START)];
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  for (let at = PNG_START; at + 12 <= image.length;) {
    const end = at + 12 + view.getUint32(at);
    if (end > image.length) return undefined;
    const kind = String.fromCharCode(...image.subarray(at + 4, at + 8));
    if (!TELLING.has(kind)) parts.push(image.subarray(at, end));
    if (kind === "IEND") return joinedUp(parts); // what follows it is no picture
    at = end;
  }
  return undefined;
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
