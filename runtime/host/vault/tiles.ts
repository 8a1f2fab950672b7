/**
 * A picture as tiles, each of which is locked by itself, with a placement of its own: where too few devices
 * are left for the picture, many of its tiles can still be seen. The tiles are a view of it, as JPEG and not
 * larger than VIEW_SIDE; the picture itself is locked byte for byte beside them.
 */
import { jpegOf, rasterOfJpeg } from "../pictures/jpeg.ts";
import { type Raster, shrunk } from "../pictures/raster.ts";

/** Longer side of the view, in pixels. */
export const VIEW_SIDE = 1_536;
export const COLUMNS = 6, ROWS = 6;
const QUALITY = 82;
const CHANNELS = 4;

/** One tile's place in the view, in pixels. */
interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A cut view: its size, and its tiles as JPEG files, row by row. */
export interface Tiles {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly files: readonly Uint8Array[];
}

/** Cuts a picture. One of few pixels has fewer tiles. */
export async function tilesOf(picture: Raster): Promise<Tiles> {
  const view = shrunk(picture, VIEW_SIDE), { width, height } = view;
  const columns = Math.min(COLUMNS, width), rows = Math.min(ROWS, height);
  const files: Uint8Array[] = [];
  for (let number = 0; number < columns * rows; number++) {
    files.push(await jpegOf(cut(view, placeOf(number, { width, height, columns, rows })), QUALITY));
  }
  return { width, height, columns, rows, files };
}

/** The view, from as many of its tiles as there are; where one is missing there are stripes. */
export async function joinedTiles(
  grid: Omit<Tiles, "files">,
  files: ReadonlyMap<number, Uint8Array>,
): Promise<Raster> {
  const { width, height, columns, rows } = grid;
  const rgba = new Uint8Array(width * height * CHANNELS);
  for (let number = 0; number < columns * rows; number++) {
    const place = placeOf(number, grid), file = files.get(number);
    const tile = file && await rasterOfJpeg(file);
    const isWhole = tile?.width === place.width && tile.height === place.height;
    paste({ width, height, rgba }, isWhole ? tile : striped(place), place);
  }
  return { width, height, rgba };
}

function placeOf(number: number, { width, height, columns, rows }: Omit<Tiles, "files">): Place {
  const column = number % columns, row = Math.floor(number / columns);
  const left = Math.floor(column * width / columns), top = Math.floor(row * height / rows);
  return {
    left,
    top,
    width: Math.floor((column + 1) * width / columns) - left,
    height: Math.floor((row + 1) * height / rows) - top,
  };
}

function cut({ width, rgba }: Raster, place: Place): Raster {
  const part = new Uint8Array(place.width * place.height * CHANNELS);
  for (let row = 0; row < place.height; row++) {
    const from = ((place.top + row) * width + place.left) * CHANNELS;
    part.set(rgba.subarray(from, from + place.width * CHANNELS), row * place.width * CHANNELS);
  }
  return { width: place.width, height: place.height, rgba: part };
}

function paste({ width, rgba }: Raster, tile: Raster, { left, top }: Place): void {
  for (let row = 0; row < tile.height; row++) {
    const from = row * tile.width * CHANNELS;
    rgba.set(
      tile.rgba.subarray(from, from + tile.width * CHANNELS),
      ((top + row) * width + left) * CHANNELS,
    );
  }
}

/** What stands for a tile that is missing: nobody takes it for a part of the picture. */
function striped({ width, height }: Place): Raster {
  const rgba = new Uint8Array(width * height * CHANNELS);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = (x + y) % 24 < 12 ? 90 : 150;
      rgba.set([grey, grey, grey, 255], (y * width + x) * CHANNELS);
    }
  }
  return { width, height, rgba };
}
