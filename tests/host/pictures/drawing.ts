/** PNG files made from samples, of every kind that there is: what a decoder must give back is known. */
import { crc32, deflateSync } from "node:zlib";
import { joined, type Stream, utf8 } from "../../../runtime/core/mod.ts";

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const SAMPLES = new Map([[0, 1], [2, 3], [3, 1], [4, 2], [6, 4]]);
const ADAM7 = [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [
  0,
  1,
  1,
  2,
]];

export interface Kind {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly isInterlaced: boolean;
}

/** One chunk with its length and its check sum. */
export function chunk(kind: string, data: Uint8Array): Uint8Array {
  const named = joined(utf8(kind), data), around = new DataView(new ArrayBuffer(8));
  around.setUint32(0, data.length);
  around.setUint32(4, crc32(named));
  const bytes = new Uint8Array(around.buffer);
  return joined(bytes.subarray(0, 4), named, bytes.subarray(4));
}

export function header({ width, height, depth, colour, isInterlaced }: Kind): Uint8Array {
  const data = new DataView(new ArrayBuffer(13));
  data.setUint32(0, width);
  data.setUint32(4, height);
  data.setUint8(8, depth);
  data.setUint8(9, colour);
  data.setUint8(12, isInterlaced ? 1 : 0);
  return chunk("IHDR", new Uint8Array(data.buffer));
}

/** A file of drawn samples, and its pixels as a decoder must give them (8 bits each, RGBA). */
export function drawn(kind: Kind, random: Stream): { file: Uint8Array; rgba: Uint8Array } {
  const { width, height, depth, colour, isInterlaced } = kind, count = SAMPLES.get(colour)!;
  const palette = random.bytes(3 * Math.min(256, 1 << depth));
  const samples = Array.from({ length: width * height * count }, () => random.below(1 << depth));
  const passes = isInterlaced ? ADAM7 : [[0, 0, 1, 1]];
  const rows: Uint8Array[] = [];
  for (const [left, top, columnStep, rowStep] of passes as [number, number, number, number][]) {
    if (left >= width) continue;
    let above: Uint8Array | undefined;
    for (let y = top; y < height; y += rowStep) {
      const line: number[] = [];
      for (let x = left; x < width; x += columnStep) {
        line.push(...samples.slice((y * width + x) * count, (y * width + x + 1) * count));
      }
      const bytes = packed(line, depth), step = Math.max(1, count * depth / 8);
      const filter = random.below(5);
      rows.push(filtered(bytes, above ?? new Uint8Array(bytes.length), step, filter));
      above = bytes;
    }
  }
  const file = joined(
    SIGNATURE,
    header(kind),
    ...(colour === 3 ? [chunk("PLTE", palette)] : []),
    chunk("IDAT", new Uint8Array(deflateSync(joined(...rows)))),
    chunk("IEND", new Uint8Array(0)),
  );
  return { file, rgba: pixels(samples, kind, palette) };
}

function packed(line: readonly number[], depth: number): Uint8Array {
  const bits = line.map((sample) => sample.toString(2).padStart(depth, "0")).join("");
  const bytes = bits.padEnd(Math.ceil(bits.length / 8) * 8, "0").match(/.{8}/g)!;
  return Uint8Array.from(bytes, (byte) => parseInt(byte, 2));
}

function filtered(line: Uint8Array, above: Uint8Array, step: number, filter: number): Uint8Array {
  const row = new Uint8Array(1 + line.length);
  row[0] = filter;
  line.forEach((byte, nth) => {
    const left = line[nth - step] ?? 0, up = above[nth]!, corner = above[nth - step] ?? 0;
    const near = [left, up, corner].map((each) => Math.abs(left + up - corner - each));
    const nearest = [left, up, corner][near.indexOf(Math.min(...near))]!;
    row[nth + 1] = byte - [0, left, up, (left + up) >> 1, nearest][filter]!;
  });
  return row;
}

function pixels(samples: readonly number[], { depth, colour }: Kind, palette: Uint8Array) {
  const count = SAMPLES.get(colour)!, rgba: number[] = [];
  const eight = (sample: number) =>
    depth === 16 ? sample >> 8 : Math.round(sample * 255 / ((1 << depth) - 1));
  for (let at = 0; at < samples.length; at += count) {
    const [first, second, third, fourth] = samples.slice(at, at + count).map(eight);
    const index = samples[at]!;
    if (colour === 3) rgba.push(...palette.subarray(index * 3, index * 3 + 3), 255);
    else if (colour === 0) rgba.push(first!, first!, first!, 255);
    else if (colour === 4) rgba.push(first!, first!, first!, second!);
    else rgba.push(first!, second!, third!, fourth ?? 255);
  }
  return Uint8Array.from(rgba);
}
