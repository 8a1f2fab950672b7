/**
 * What a PNG must be before a decoder sees it (PNG, third edition, W3C 2025; sections 5, 10 and 11). A
 * decoder that trusts the lengths of a stranger's file can be made to hang or to take all memory; this one
 * reads every length against what is left, and inflates no more than the picture has.
 */
import { crc32, inflateSync } from "node:zlib";
import { isSize } from "./raster.ts";

export const GREY = 0, RGB = 2, INDEXED = 3, GREY_ALPHA = 4, RGBA = 6;
/** Samples of a pixel, by colour type. */
export const SAMPLES: ReadonlyMap<number, number> = new Map([
  [GREY, 1],
  [RGB, 3],
  [INDEXED, 1],
  [GREY_ALPHA, 2],
  [RGBA, 4],
]);
const DEPTHS: ReadonlyMap<number, readonly number[]> = new Map([
  [GREY, [1, 2, 4, 8, 16]],
  [RGB, [8, 16]],
  [INDEXED, [1, 2, 4, 8]],
  [GREY_ALPHA, [8, 16]],
  [RGBA, [8, 16]],
]);
const FILTERS = 5;
const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Length, kind and check sum around what a chunk holds. */
const AROUND = 12;
const HEADER_BYTES = 13;

/** The seven passes of an interlaced picture (section 8.2), or the one pass of another. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const WHOLE = [[0, 0, 1, 1]] as const;

/** Every so many columns and rows, from one on, and how many there are of them. */
export interface Pass {
  readonly left: number;
  readonly top: number;
  readonly columnStep: number;
  readonly rowStep: number;
  readonly columns: number;
  readonly rows: number;
}

/** A PNG that is what it says. */
export interface CheckedPng {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly passes: readonly Pass[];
  readonly palette: Uint8Array | undefined;
  readonly transparency: Uint8Array | undefined;
  /** Rows of all passes, each after its filter's number. */
  readonly rows: Uint8Array;
  /** The same picture, and nothing else. */
  readonly minimal: Uint8Array;
}

/** A file that is no PNG, or none that is opened here; the message says why. */
export class NotPng extends Error {}

interface Chunk {
  readonly kind: string;
  readonly data: Uint8Array;
  readonly whole: Uint8Array;
}

/** Throws NotPng where a single byte is not as it must be. */
export function checkedPng(bytes: Uint8Array): CheckedPng {
  const chunks = chunksOf(bytes), [first] = chunks;
  demand(first?.kind === "IHDR" && first.data.length === HEADER_BYTES, "begins without a header");
  const header = headerOf(first!.data);
  const palette = only("PLTE", chunks)?.data, transparency = only("tRNS", chunks)?.data;
  checkColours(header, palette, transparency);
  const passes = passesOf(header);
  const data = chunks.filter(({ kind }) => kind === "IDAT");
  const start = chunks.indexOf(data[0]!);
  demand(data.length > 0 && chunks[start + data.length - 1] === data.at(-1), "has no picture");
  const rows = inflated(data.map((chunk) => chunk.data), passes, header);
  const kept = chunks.filter(({ kind }) => KEPT.has(kind));
  const minimal = Buffer.concat([Uint8Array.from(SIGNATURE), ...kept.map(({ whole }) => whole)]);
  return { ...header, passes, palette, transparency, rows, minimal: new Uint8Array(minimal) };
}

/** Those without which there is no picture. */
const KEPT = new Set(["IHDR", "PLTE", "tRNS", "IDAT", "IEND"]);

/** Bytes of one row of a pass, without its filter's number. */
export function rowBytes(columns: number, { depth, colour }: Header): number {
  return Math.ceil(columns * depth * SAMPLES.get(colour)! / 8);
}

/** Bytes from a pixel to the next; one, where several share a byte. */
export function pixelBytes({ depth, colour }: Header): number {
  return Math.max(1, depth * SAMPLES.get(colour)! / 8);
}

type Header = Pick<CheckedPng, "width" | "height" | "depth" | "colour">;

function demand(isSo: boolean, words: string): asserts isSo {
  if (!isSo) throw new NotPng(`The PNG ${words}`);
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  demand(SIGNATURE.every((byte, nth) => bytes[nth] === byte), "is none");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE.length; at + AROUND <= bytes.length;) {
    const length = view.getUint32(at), end = at + AROUND + length;
    demand(end <= bytes.length, "is cut off");
    const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    demand(/^[A-Za-z]{4}$/.test(kind), "has a chunk without a name");
    const sum = crc32(bytes.subarray(at + 4, end - 4));
    demand(sum === view.getUint32(end - 4), "was changed: a check sum is wrong");
    const isNeeded = kind.charCodeAt(0) < 0x61; // a capital first letter: section 5.4
    demand(!isNeeded || KEPT.has(kind), "needs what is not known here");
    chunks.push({ kind, data: bytes.subarray(at + 8, end - 4), whole: bytes.subarray(at, end) });
    at = end;
    if (kind !== "IEND") continue;
    demand(length === 0 && at === bytes.length, "goes on after its end");
    return chunks;
  }
  throw new NotPng("The PNG has no end");
}

function headerOf(data: Uint8Array): Header & { readonly isInterlaced: boolean } {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(0), height = view.getUint32(4);
  const depth = data[8]!, colour = data[9]!, interlace = data[12]!;
  demand(isSize(width, height), "is empty, or too large");
  demand(DEPTHS.get(colour)?.includes(depth) === true, "has colours that there are not");
  demand(data[10] === 0 && data[11] === 0 && interlace <= 1, "is packed in an unknown way");
  return { width, height, depth, colour, isInterlaced: interlace === 1 };
}

function only(wanted: string, chunks: readonly Chunk[]): Chunk | undefined {
  const found = chunks.filter(({ kind }) => kind === wanted);
  demand(found.length <= 1, `has more than one ${wanted}`);
  const at = chunks.indexOf(found[0]!), data = chunks.findIndex(({ kind }) => kind === "IDAT");
  demand(at < data || found.length === 0, `has its ${wanted} too late`);
  return found[0];
}

function checkColours(
  { depth, colour }: Header,
  palette: Uint8Array | undefined,
  transparency: Uint8Array | undefined,
): void {
  const entries = (palette?.length ?? 0) / 3, most = Math.min(256, 1 << depth);
  if (colour === INDEXED) {
    demand(Number.isInteger(entries) && entries >= 1 && entries <= most, "has no good palette");
  } else {
    const mayHave = colour === RGB || colour === RGBA;
    demand(palette === undefined || mayHave && palette.length <= 768, "has no good palette");
  }
  if (transparency === undefined) return;
  const { length } = transparency;
  const isGood = colour === INDEXED
    ? length <= entries
    : colour === GREY
    ? length === 2
    : colour === RGB && length === 6;
  demand(isGood, "has transparency that fits no colour");
}

function passesOf({ width, height, isInterlaced }: ReturnType<typeof headerOf>): Pass[] {
  return (isInterlaced ? ADAM7 : WHOLE).map(([left, top, columnStep, rowStep]) => ({
    left,
    top,
    columnStep,
    rowStep,
    columns: Math.max(0, Math.ceil((width - left) / columnStep)),
    rows: Math.max(0, Math.ceil((height - top) / rowStep)),
  })).filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** Exactly the rows that the picture has; one byte more, or after them, and it is none. */
function inflated(
  data: readonly Uint8Array[],
  passes: readonly Pass[],
  header: Header,
): Uint8Array {
  const packed = Buffer.concat(data);
  const expected = passes.reduce(
    (sum, { columns, rows }) => sum + rows * (1 + rowBytes(columns, header)),
    0,
  );
  const { buffer, engine } = unpacked(packed, expected);
  demand(buffer.length === expected, "has less picture than it says");
  demand(engine.bytesWritten === packed.length, "has something after its picture");
  let at = 0;
  for (const { columns, rows } of passes) {
    for (let row = 0; row < rows; row++, at += 1 + rowBytes(columns, header)) {
      demand(buffer[at]! < FILTERS, "has a filter that there is not");
    }
  }
  return buffer;
}

interface Unpacked {
  readonly buffer: Uint8Array;
  readonly engine: { readonly bytesWritten: number };
}

function unpacked(packed: Uint8Array, expected: number): Unpacked {
  const bounded = { maxOutputLength: expected, info: true };
  try {
    return inflateSync(packed, bounded) as unknown as Unpacked; // what it is with `info`
  } catch {
    throw new NotPng("The PNG does not unpack to its picture");
  }
}
