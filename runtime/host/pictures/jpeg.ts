/**
 * JPEG files as pixels and back, by mozjpeg (`@jsquash/jpeg`, WebAssembly). A gate stands before the
 * decoder: it would take a file that is cut short for a picture that is half grey.
 */
import fs from "node:fs";
import decode, { init as initDecoder } from "@jsquash/jpeg/decode.js";
import encode, { init as initEncoder } from "@jsquash/jpeg/encode.js";
import { START_OF_SCAN, walkJpeg } from "../media/jpeg_segments.ts";
import { isSize, type Raster } from "./raster.ts";

/** A file that is no JPEG, or none that is opened here; the message says why. */
export class NotJpeg extends Error {}

const DECODER = "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
const ENCODER = "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";
/** Huffman's tables, arithmetic coding and a reserved one lie among the markers of frames. */
const NO_FRAMES = new Set([0xc4, 0xc8, 0xcc]);

/** How wide and high it is; throws NotJpeg where it has no frame, no scan or no end (ITU-T T.81, annex B). */
export function checkedJpeg(
  bytes: Uint8Array,
): { readonly width: number; readonly height: number } {
  let size: { width: number; height: number } | undefined, frames = 0, scans = 0;
  const whole = walkJpeg(bytes, ({ marker, start, end }) => {
    if (marker === START_OF_SCAN) scans++;
    if (marker < 0xc0 || marker > 0xcf || NO_FRAMES.has(marker)) return;
    frames++;
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, end - start);
    if (view.byteLength >= 9) size = { width: view.getUint16(7), height: view.getUint16(5) };
  });
  if (whole === undefined || whole.isCut) throw new NotJpeg("The JPEG is cut off, or none");
  if (frames > 1) throw new NotJpeg("The JPEG has two frames");
  if (scans === 0 || size === undefined || !isSize(size.width, size.height)) {
    throw new NotJpeg("The JPEG is empty, or too large");
  }
  return size;
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
