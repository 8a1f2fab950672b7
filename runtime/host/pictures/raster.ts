/** A picture as pixels, and what is done to pixels. */

/** Red, green, blue and opacity of each pixel, 8 bits each, row by row from the top; opacity apart from colour. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Pixels of a picture that is opened; more are refused before anything is allocated for them. */
export const MOST_PIXELS = 50_000_000;

const CHANNELS = 4;

/** True where a picture of such a size is opened. */
export function isSize(width: number, height: number): boolean {
  return width >= 1 && height >= 1 && width * height <= MOST_PIXELS;
}

/**
 * As it looks on white, and no side longer than `side`: each pixel is the mean of those that it covers. A
 * smaller picture keeps its size.
 */
export function shrunk({ width, height, rgba }: Raster, side: number): Raster {
  const scale = Math.min(1, side / Math.max(width, height));
  const columns = Math.max(1, Math.round(width * scale));
  const rows = Math.max(1, Math.round(height * scale));
  const small = new Uint8Array(columns * rows * CHANNELS);
  for (let y = 0; y < rows; y++) {
    const top = Math.floor(y * height / rows), bottom = Math.floor((y + 1) * height / rows);
    for (let x = 0; x < columns; x++) {
      const left = Math.floor(x * width / columns), right = Math.floor((x + 1) * width / columns);
      let red = 0, green = 0, blue = 0;
      for (let row = top; row < bottom; row++) {
        for (let at = (row * width + left) * CHANNELS; at < (row * width + right) * CHANNELS;) {
          const opacity = rgba[at + 3]! / 255, white = 255 - rgba[at + 3]!;
          red += rgba[at]! * opacity + white;
          green += rgba[at + 1]! * opacity + white;
          blue += rgba[at + 2]! * opacity + white;
          at += CHANNELS;
        }
      }
      const count = (bottom - top) * (right - left), to = (y * columns + x) * CHANNELS;
      small[to] = Math.round(red / count);
      small[to + 1] = Math.round(green / count);
      small[to + 2] = Math.round(blue / count);
      small[to + 3] = 255;
    }
  }
  return { width: columns, height: rows, rgba: small };
}
