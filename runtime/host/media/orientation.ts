/**
 * Which way up a camera was held, of all that its Exif says: a TIFF file within the picture's (Exif 3.0,
 * section 4.6.5; TIFF 6.0, section 2).
 */
const UPRIGHT = 1, ORIENTATIONS = 8;
const TAG = 0x112;

/** From 1, upright, to 8; 1 as well where there is no telling. */
export function orientationOf(tiff: Uint8Array): number {
  if (tiff.length < 14) return UPRIGHT;
  const isLittle = tiff[0] === 0x49;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const start = view.getUint32(4, isLittle);
  if (start + 2 > tiff.length) return UPRIGHT;
  const count = view.getUint16(start, isLittle);
  for (let entry = start + 2; entry < start + 2 + count * 12; entry += 12) {
    if (entry + 12 > tiff.length) return UPRIGHT;
    if (view.getUint16(entry, isLittle) !== TAG) continue;
    const value = view.getUint16(entry + 8, isLittle);
    return value >= UPRIGHT && value <= ORIENTATIONS ? value : UPRIGHT;
  }
  return UPRIGHT;
}

/** A TIFF file that says only that; undefined where it need not be said. */
export function onlyOrientation(tiff: Uint8Array): Uint8Array | undefined {
  const turned = orientationOf(tiff);
  if (turned === UPRIGHT) return undefined;
  // A header, one entry (one short), and no further directory.
  const start = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1];
  return Uint8Array.of(...start, 0, turned, 0, 0, 0, 0, 0, 0);
}
