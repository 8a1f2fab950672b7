/** The segments of a JPEG file, one after another (ITU-T T.81, annex B.1). */

/** From its marker to where the next one begins; a scan's coded data belong to it. */
export interface Segment {
  readonly marker: number;
  readonly start: number;
  readonly end: number;
}

export const START_OF_SCAN = 0xda;
const PREFIX = 0xff, END = 0xd9;
/** Within coded data: a byte of 255 that is no marker, and restarts, which have no length. */
const STUFFED = 0, FIRST_RESTART = 0xd0, LAST_RESTART = 0xd7;

/**
 * Visits every segment up to the end of the picture: where that is, without the two bytes that say so.
 * `cut`: coded data that nothing ends. Undefined where there is no following it.
 */
export function walkJpeg(
  file: Uint8Array,
  visit: (segment: Segment) => void,
): { readonly end: number; readonly isCut: boolean } | undefined {
  if (file[0] !== PREFIX || file[1] !== 0xd8) return undefined;
  for (let start = 2;;) {
    if (file[start] !== PREFIX) return undefined;
    while (file[start + 1] === PREFIX) start++; // fill bytes
    const marker = file[start + 1];
    if (marker === undefined) return undefined;
    if (marker === END) return { end: start, isCut: false };
    const length = (file[start + 2] ?? 0) * 256 + (file[start + 3] ?? 0);
    let end = start + 2 + length;
    if (length < 2 || end > file.length) return undefined;
    if (marker === START_OF_SCAN) end = endOfCoded(file, end);
    visit({ marker, start, end });
    if (end === file.length) return marker === START_OF_SCAN ? { end, isCut: true } : undefined;
    start = end;
  }
}

/** Where the marker is that ends coded data, or the file. */
function endOfCoded(file: Uint8Array, from: number): number {
  for (let at = from;;) {
    at = file.indexOf(PREFIX, at);
    const next = file[at + 1];
    if (at < 0 || next === undefined) return file.length;
    if (next !== STUFFED && (next < FIRST_RESTART || next > LAST_RESTART)) return at;
    at += 2;
  }
}
