/**
 * JPEG files as pixels and back, by mozjpeg (`@jsquash/jpeg`, WebAssembly). A gate stands before the
 * decoder: it would take a file that is cut short for a picture that is half grey.
 */
import fs from "node:fs";
import decode, { init as initDecoder } from "@jsquash/jpeg/decode.js";
import encode, { init as initEncoder } from "@jsquash/jpeg/encode.js";
import { isSize, type Raster } from "./raster.ts";

/** A file that is no JPEG, or none that is opened here; the message says why. */
export class NotJpeg extends Error {}

const DECODER = "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
const ENCODER = "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";
const START_OF_SCAN = 0xda, END = 0xd9;
/** Huffman's tables, arithmetic coding and a reserved one lie among the markers of frames. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);

/** How wide and high it is; throws NotJpeg where it has no frame, no scan or no end (ITU-T T.81, annex B). */
export function checkedJpeg(
  bytes: Uint8Array,
): { readonly width: number; readonly height: number } {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new NotJpeg("The JPEG is none");
  let size: { width: number; height: number } | undefined, at = 2;
  for (;;) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff || marker === undefined) throw new NotJpeg("The JPEG is cut off");
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (length < 2 || at + 2 + length > bytes.length) throw new NotJpeg("The JPEG is cut off");
    if (marker === START_OF_SCAN) break;
    if (marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker)) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at, length + 2);
      if (length < 8) throw new NotJpeg("The JPEG is cut off");
      if (size !== undefined) throw new NotJpeg("The JPEG has two frames");
      size = { width: view.getUint16(7), height: view.getUint16(5) };
    }
    at += 2 + length;
  }
  if (size === undefined || !isSize(size.width, size.height)) {
    throw new NotJpeg("The JPEG is empty, or too large");
  }
  if (!hasEnd(bytes, at)) throw new NotJpeg("The JPEG has no end");
  return size;
}

/** Cameras put more after the end; within a scan no such marker can stand. */
function hasEnd(bytes: Uint8Array, from: number): boolean {
  for (let at = bytes.length - 2; at > from; at--) {
    if (bytes[at] === 0xff && bytes[at + 1] === END) return true;
  }
  return false;
}

/** The picture the way up that its camera says. Throws NotJpeg where it cannot be decoded. */
export async function rasterOfJpeg(bytes: Uint8Array): Promise<Raster> {
  checkedJpeg(bytes);
  await initDecoder(compiled(DECODER)); // anew for each: a failed run leaves it unusable
  try {
    const file = bytes.slice().buffer;
    const { width, height, data } = await decode(file, { preserveOrientation: true });
    return { width, height, rgba: new Uint8Array(data.buffer) };
  } catch (error) {
    throw new NotJpeg("The JPEG cannot be decoded", { cause: error });
  }
}

/** Quality from 1 to 100. */
export async function jpegOf(
  { width, height, rgba }: Raster,
  quality: number,
): Promise<Uint8Array> {
  encoder ??= initEncoder(compiled(ENCODER));
  await encoder;
  const data = new Uint8ClampedArray(rgba);
  return new Uint8Array(await encode(new ImageData(data, width, height), { quality }));
}

let encoder: Promise<void> | undefined;

function compiled(name: string): WebAssembly.Module {
  return new WebAssembly.Module(fs.readFileSync(new URL(import.meta.resolve(name))));
}
