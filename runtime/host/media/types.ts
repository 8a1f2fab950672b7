/** What a file is, by its first bytes and not by its name. */

type Signature = readonly [type: string, at: number, bytes: readonly number[]];

/** The first that fits counts. What phones write lies in the box that MP4 has as well (ISO 14496-12, 4.3). */
const SIGNATURES: readonly Signature[] = [
  ["image/jpeg", 0, [0xff, 0xd8, 0xff]],
  ["image/png", 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  ["image/gif", 0, [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", 8, [0x57, 0x45, 0x42, 0x50]],
  ["image/heic", 4, [0x66, 0x74, 0x79, 0x70, 0x68, 0x65, 0x69]], // ftyphei: heic, heix, heim, heis
  ["image/heic", 4, [0x66, 0x74, 0x79, 0x70, 0x6d, 0x69, 0x66, 0x31]], // ftypmif1
  ["image/avif", 4, [0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69]], // ftypavi: avif, avis
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
