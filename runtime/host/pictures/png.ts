/**
 * PNG files as pixels. Whatever passes the gate is decoded by upng-js, but for interlaced pictures and those
 * of less than 8 bits a sample: it reads several kinds of them wrongly, so they are unpacked here.
 */
// @ts-types="@types/upng-js"
import UPNG from "upng-js";
import {
  type CheckedPng,
  checkedPng,
  GREY,
  GREY_ALPHA,
  INDEXED,
  type Pass,
  pixelBytes,
  RGB,
  rowBytes,
  SAMPLES,
} from "./png_gate.ts";
import type { Raster } from "./raster.ts";

/** Throws NotPng where it is none. Samples of 16 bits lose their lower 8. */
export function rasterOfPng(bytes: Uint8Array): Raster {
  const png = checkedPng(bytes), { width, height, depth, passes, minimal } = png;
  if (depth < 8 || passes.length > 1) return { width, height, rgba: unpacked(png) };
  const [rgba] = UPNG.toRGBA8(UPNG.decode(minimal.buffer as ArrayBuffer));
  return { width, height, rgba: new Uint8Array(rgba!) };
}

function unpacked(png: CheckedPng): Uint8Array {
  const rgba = new Uint8Array(png.width * png.height * 4);
  let at = 0;
  for (const pass of png.passes) {
    const length = rowBytes(pass.columns, png);
    let above = new Uint8Array(length);
    for (let row = 0; row < pass.rows; row++) {
      const filter = png.rows[at]!, line = png.rows.slice(at + 1, at + 1 + length);
      unfilter(line, above, filter, pixelBytes(png));
      place(line, row, pass, png, rgba);
      above = line;
      at += 1 + length;
    }
  }
  return rgba;
}

/** Section 9.2. */
function unfilter(line: Uint8Array, above: Uint8Array, filter: number, step: number): void {
  for (let nth = 0; nth < line.length; nth++) {
    const left = line[nth - step] ?? 0, up = above[nth]!, corner = above[nth - step] ?? 0;
    if (filter === 1) line[nth]! += left;
    else if (filter === 2) line[nth]! += up;
    else if (filter === 3) line[nth]! += (left + up) >> 1;
    else if (filter === 4) line[nth]! += paeth(left, up, corner);
  }
}

/** Section 9.4. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner), toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

function place(line: Uint8Array, row: number, pass: Pass, png: CheckedPng, rgba: Uint8Array): void {
  const { left, top, columnStep, rowStep, columns } = pass, count = SAMPLES.get(png.colour)!;
  const samples: number[] = new Array(count).fill(0);
  for (let column = 0; column < columns; column++) {
    for (let nth = 0; nth < count; nth++) {
      samples[nth] = sampleAt(line, column * count + nth, png.depth);
    }
    const to = ((top + row * rowStep) * png.width + left + column * columnStep) * 4;
    colour(samples, png, rgba, to);
  }
}

function sampleAt(line: Uint8Array, nth: number, depth: number): number {
  if (depth === 16) return line[2 * nth]! * 256 + line[2 * nth + 1]!;
  const bit = nth * depth;
  return line[bit >> 3]! >> (8 - depth - (bit & 7)) & ((1 << depth) - 1);
}

/** One pixel; a value beyond its palette is black. */
function colour(samples: readonly number[], png: CheckedPng, rgba: Uint8Array, to: number): void {
  const { depth, colour: type, palette, transparency } = png, [first, second] = samples;
  rgba[to + 3] = 255;
  if (type === INDEXED) {
    rgba.set(palette!.subarray(first! * 3, first! * 3 + 3), to);
    rgba[to + 3] = transparency?.[first!] ?? 255;
    return;
  }
  const isGrey = type === GREY || type === GREY_ALPHA;
  const eight = (sample: number) =>
    depth === 16 ? sample >> 8 : Math.round(sample * 255 / ((1 << depth) - 1));
  for (let nth = 0; nth < 3; nth++) rgba[to + nth] = eight(samples[isGrey ? 0 : nth]!);
  if (type === GREY_ALPHA) rgba[to + 3] = eight(second!);
  else if (samples.length === 4) rgba[to + 3] = eight(samples[3]!);
  else if (transparency !== undefined && (type === GREY || type === RGB)) {
    const isClear = samples.every((sample, nth) => sample === sampleAt(transparency, nth, 16));
    if (isClear) rgba[to + 3] = 0;
  }
}
