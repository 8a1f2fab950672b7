/** A picture on a terminal of 24-bit colours: two pixels in each character, one above the other. */
import { type Raster, shrunk } from "./raster.ts";

const UPPER_HALF = "\u2580", PLAIN = "\x1b[0m";

/** At most so many columns wide and lines high. */
export function blocksOf(raster: Raster, columns: number, lines: number): string[] {
  const side = Math.min(
    Math.max(raster.width, raster.height),
    Math.floor(columns * Math.max(1, raster.height / raster.width)),
    Math.floor(2 * lines * Math.max(1, raster.width / raster.height)),
  );
  const { width, height, rgba } = shrunk(raster, side);
  const colour = (x: number, y: number) => {
    const at = (Math.min(y, height - 1) * width + x) * 4;
    return rgba.subarray(at, at + 3).join(";");
  };
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) => {
    const cells = Array.from(
      { length: width },
      (_, x) => `\x1b[38;2;${colour(x, 2 * line)};48;2;${colour(x, 2 * line + 1)}m${UPPER_HALF}`,
    );
    return cells.join("") + PLAIN;
  });
}
