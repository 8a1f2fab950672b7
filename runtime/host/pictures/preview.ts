/** Small pictures of pictures, which fit into a letter and are seen before the file has come. */
import { chat } from "../../protocols/mod.ts";
import { checkedJpeg, jpegOf, NotJpeg, rasterOfJpeg } from "./jpeg.ts";
import { rasterOfPng } from "./png.ts";
import { type Raster, shrunk } from "./raster.ts";

/** A JPEG of at most `chat.PREVIEW_BYTES`, and the size of the picture itself. */
export interface Preview {
  readonly jpeg: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Longer sides and better pictures first; most pictures fit at the first of them. */
const MOST_SIDE = 160;
const ATTEMPTS = [[MOST_SIDE, 45], [128, 40], [96, 35], [64, 30], [48, 20]] as const;
/** What a picture may take of a processor before it goes without a preview. */
const MOST_MILLISECONDS = 5_000;

/** Somebody's preview as pixels, which may be anything: throws NotJpeg where it is no small picture. */
export async function rasterOfPreview(jpeg: Uint8Array): Promise<Raster> {
  const { width, height } = checkedJpeg(jpeg);
  if (Math.max(width, height) > MOST_SIDE) throw new NotJpeg("The preview is too large for one");
  return await rasterOfJpeg(jpeg);
}

type Reads = (bytes: Uint8Array) => Raster | Promise<Raster>;
const READERS: ReadonlyMap<string, Reads> = new Map<string, Reads>([
  ["image/jpeg", rasterOfJpeg],
  ["image/png", rasterOfPng],
]);

/** True of media types of which there are previews. */
export function isPreviewable(type: string): boolean {
  return READERS.has(type);
}

/** A whole picture; throws a sentence where the bytes are not what their type says. */
export async function rasterOf(bytes: Uint8Array, type: string): Promise<Raster> {
  return await READERS.get(type)!(bytes);
}

/** Of the bytes of a file; throws a sentence where they are not the picture that their type says. */
export async function previewOf(bytes: Uint8Array, type: string): Promise<Preview> {
  const raster = await rasterOf(bytes, type), { width, height } = raster;
  for (const [side, quality] of ATTEMPTS) {
    const jpeg = await jpegOf(shrunk(raster, side), quality);
    if (jpeg.length <= chat.PREVIEW_BYTES) return { jpeg, width, height };
  }
  throw new Error("The picture does not become small enough");
}

/**
 * The same in a worker, ended when it takes too long. A sentence where there is no preview: a file goes
 * without one then.
 */
export async function previewApart(bytes: Uint8Array, type: string): Promise<Preview | string> {
  const worker = new Worker(new URL("./preview_worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve } = Promise.withResolvers<Preview | string>();
  worker.onmessage = ({ data }: MessageEvent<Preview | string>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    resolve(event.message);
  };
  const giveUp = setTimeout(() => resolve("The picture takes too long"), MOST_MILLISECONDS);
  worker.postMessage({ bytes, type });
  try {
    return await promise;
  } finally {
    clearTimeout(giveUp);
    worker.terminate();
  }
}
