/** Pictures of strangers: read to the pixel, or refused before they cost anything; and their previews. */
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { joined, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { blocksOf } from "../../../runtime/host/pictures/blocks.ts";
import { checkedJpeg, jpegOf, rasterOfJpeg } from "../../../runtime/host/pictures/jpeg.ts";
import { rasterOfPng } from "../../../runtime/host/pictures/png.ts";
import { NotPng } from "../../../runtime/host/pictures/png_gate.ts";
import { previewApart, rasterOfPreview } from "../../../runtime/host/pictures/preview.ts";
import { shrunk } from "../../../runtime/host/pictures/raster.ts";
import { chat } from "../../../runtime/protocols/mod.ts";
import { chunk, drawn, header, type Kind, SIGNATURE } from "./drawing.ts";

const random = new Stream("pictures");
const NOTHING = new Uint8Array(0);
const plain: Kind = { width: 16, height: 16, depth: 8, colour: 6, isInterlaced: false };
const good = drawn(plain, random).file;
const rows = new Uint8Array(16 * 65);
const data = chunk("IDAT", new Uint8Array(deflateSync(rows))), end = chunk("IEND", NOTHING);

Deno.test("a PNG of every depth, colour and order of rows gives its pixels", () => {
  const kinds: [number, number[]][] = [[0, [1, 2, 4, 8, 16]], [2, [8, 16]], [3, [1, 2, 4, 8]], [
    4,
    [8, 16],
  ], [6, [8, 16]]];
  for (const [colour, depths] of kinds) {
    for (const depth of depths) {
      for (const isInterlaced of [false, true]) {
        for (const [width, height] of [[13, 11], [1, 1], [8, 8], [3, 20]] as const) {
          const kind = { width, height, depth, colour, isInterlaced };
          const { file, rgba } = drawn(kind, random);
          const raster = rasterOfPng(file);
          assert.deepEqual([raster.width, raster.height], [width, height]);
          assert.deepEqual(raster.rgba, rgba, JSON.stringify(kind));
        }
      }
    }
  }
});

/** A length that lies, in the header of a chunk that is otherwise as it should be. */
function lying(kind: string, length: number, bytes: Uint8Array): Uint8Array {
  const made = chunk(kind, bytes);
  new DataView(made.buffer).setUint32(0, length);
  return made;
}

function file(...parts: readonly Uint8Array[]): Uint8Array {
  return joined(SIGNATURE, ...parts);
}

function sized(width: number, height: number, fields: Partial<Kind> = {}): Uint8Array {
  return file(header({ ...plain, width, height, ...fields }), data, end);
}

const frame = new DataView(new ArrayBuffer(26));
frame.setUint32(4, 30_000);
frame.setUint32(8, 30_000);

/** As in the reference, but for those that are good: animations show their first picture. */
const MALFORMED: Readonly<Record<string, () => Uint8Array>> = {
  "empty": () => NOTHING,
  "the signature only": () => SIGNATURE,
  "0 x 0": () => sized(0, 0),
  "no end": () => good.subarray(0, good.length - 12),
  "no picture": () => file(header(plain), end),
  "no header": () => file(data, end),
  "a bad check sum": () => good.with(29, good[29]! ^ 1),
  "a changed byte in the picture": () => good.with(60, good[60]! ^ 1),
  "cut after 80 bytes": () => good.subarray(0, 80),
  "too little picture": () => sized(64, 64),
  "too much picture": () => sized(16, 15),
  "2^31 - 1 square": () => sized(0x7fff_ffff, 0x7fff_ffff),
  "25,000 square": () => sized(25_000, 25_000),
  "a picture of 2^32 - 1 bytes": () =>
    file(header(plain), lying("IDAT", 0xffff_ffff, new Uint8Array(9)), end),
  "a palette of 2^31 - 1 bytes": () =>
    file(header(plain), lying("PLTE", 0x7fff_ffff, new Uint8Array(9)), data, end),
  "colour type 5": () => sized(16, 16, { colour: 5 }),
  "depth 7": () => sized(16, 16, { depth: 7 }),
  "a filter 9": () =>
    file(header(plain), chunk("IDAT", new Uint8Array(deflateSync(rows.with(65, 9)))), end),
  "interlacing 7": () => {
    const fields = header(plain).slice(8, 21).with(12, 7);
    return file(chunk("IHDR", fields), data, end);
  },
  "two palettes": () =>
    file(
      header(plain),
      chunk("PLTE", rows.slice(0, 3)),
      chunk("PLTE", rows.slice(0, 3)),
      data,
      end,
    ),
  "a needed chunk that nobody knows": () => file(header(plain), chunk("NEED", NOTHING), data, end),
  "more after the picture's stream": () =>
    file(header(plain), chunk("IDAT", joined(new Uint8Array(deflateSync(rows)), rows)), end),
  "more after the end": () => joined(good, utf8("PK")),
  "a picture in two places": () => file(header(plain), data, chunk("tEXt", NOTHING), data, end),
};

Deno.test("a PNG that is not what it says is refused", () => {
  assert.equal(rasterOfPng(good).width, 16);
  for (const [name, make] of Object.entries(MALFORMED)) {
    assert.throws(() => rasterOfPng(make()), NotPng, name);
  }
});

Deno.test("what is beside the picture of a PNG never reaches the decoder", () => {
  const control = chunk("acTL", new Uint8Array(8)), words = chunk("tEXt", utf8("without an end"));
  const moving = chunk("fdAT", new Uint8Array(deflateSync(new Uint8Array(1_000))));
  const many = chunk("tEXt", new Uint8Array(10_000_000));
  const first = chunk("fcTL", new Uint8Array(frame.buffer));
  for (const extra of [[control], [words], [many], [control, first], [first, moving, control]]) {
    const raster = rasterOfPng(file(header(plain), ...extra, data, ...extra, end));
    assert.deepEqual([raster.width, raster.height], [16, 16]);
  }
});

Deno.test("a bomb that unpacks to a thousand times its size is refused without unpacking it", () => {
  const bomb = new Uint8Array(deflateSync(new Uint8Array(64 * 1024 * 1024), { level: 9 }));
  const before = Deno.memoryUsage().external; // of this isolate alone, whatever runs beside it
  assert.throws(() => rasterOfPng(file(header(plain), chunk("IDAT", bomb), end)), NotPng);
  assert.ok(Deno.memoryUsage().external - before < 32 * 1024 * 1024);
});

Deno.test("of thousands of damaged PNGs none hangs or gives pixels that are not there", () => {
  const packed = new Uint8Array(deflateSync(random.bytes(16 * 65)));
  let read = 0;
  for (let round = 0; round < 3_000; round++) {
    // The check sums are right: what is damaged reaches everything behind them.
    const fields = header(plain).slice(8, 21), stream = packed.slice();
    if (random.below(2) === 0) fields[random.below(13)] = random.below(20);
    for (let times = random.below(3); times > 0; times--) {
      stream[random.below(stream.length)] = random.below(256);
    }
    const palette = random.below(3) === 0 ? [chunk("PLTE", random.bytes(random.below(800)))] : [];
    const parts = [chunk("IHDR", fields), ...palette, chunk("IDAT", stream), end];
    try {
      const { width, height, rgba } = rasterOfPng(file(...parts));
      assert.equal(rgba.length, width * height * 4);
      read++;
    } catch (error) {
      assert.ok(error instanceof NotPng, String(error));
    }
  }
  assert.ok(read < 3_000);
});

function photo(width: number, height: number) {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4, noise = random.below(24);
      rgba.set([x * 255 / width, y * 200 / height + noise, 60 + noise, 255], at);
    }
  }
  return { width, height, rgba };
}

Deno.test("a JPEG gives its pixels; one that is cut off, empty or lies is refused", async () => {
  const whole = await jpegOf(photo(120, 90), 90);
  const { width, height, rgba } = await rasterOfJpeg(whole);
  assert.deepEqual([width, height, rgba.length], [120, 90, 120 * 90 * 4]);
  const isFrame = (marker: number) => marker === 0xc0 || marker === 0xc2;
  const frameAt = whole.findIndex((byte, nth) => byte === 0xff && isFrame(whole[nth + 1]!));
  const frame = whole.subarray(frameAt, frameAt + 2 + whole[frameAt + 3]!);
  const scanAt = whole.findIndex((byte, nth) => byte === 0xff && whole[nth + 1] === 0xda);
  const withSize = (rows: number, columns: number) => {
    const changed = whole.slice(), view = new DataView(changed.buffer);
    view.setUint16(frameAt + 5, rows);
    view.setUint16(frameAt + 7, columns);
    return changed;
  };
  const malformed: Record<string, Uint8Array> = {
    "empty": NOTHING,
    "its start only": whole.subarray(0, 2),
    "the first half": whole.subarray(0, whole.length / 2),
    "the first 300 bytes": whole.subarray(0, 300),
    "noise": joined(whole.subarray(0, 2), random.bytes(4_000)),
    "65,535 square": withSize(65_535, 65_535),
    "without rows": withSize(0, 120),
    "a PNG": good,
    "two frames": joined(whole.subarray(0, frameAt), frame, whole.subarray(frameAt)),
    "no scan": joined(whole.subarray(0, scanAt), Uint8Array.of(0xff, 0xd9)),
    "a short frame": joined(
      whole.subarray(0, frameAt),
      Uint8Array.of(0xff, 0xc0, 0, 4, 8, 0),
      whole.subarray(frameAt + frame.length),
    ),
  };
  for (const [name, bytes] of Object.entries(malformed)) {
    await assert.rejects(() => rasterOfJpeg(bytes), { message: /^The JPEG / }, name);
    assert.throws(() => checkedJpeg(bytes), { message: /^The JPEG / }, name);
  }
  const after = await rasterOfJpeg(joined(whole, utf8("what some cameras append")));
  assert.deepEqual(after.rgba, rgba);
});

Deno.test("a photo's preview fits a letter and looks like it; a bad one has none, and a reason", async () => {
  for (const [width, height] of [[1600, 1200], [30, 2000], [5, 5]] as const) {
    const picture = photo(width, height);
    const preview = await previewApart(await jpegOf(picture, 90), "image/jpeg");
    assert.ok(typeof preview !== "string", String(preview));
    assert.deepEqual([preview.width, preview.height], [width, height]);
    assert.ok(preview.jpeg.length <= chat.PREVIEW_BYTES);
    const small = await rasterOfJpeg(preview.jpeg);
    const wanted = shrunk(picture, Math.max(small.width, small.height));
    assert.deepEqual([small.width, small.height], [wanted.width, wanted.height]);
    const away = small.rgba.reduce((sum, value, at) => sum + Math.abs(value - wanted.rgba[at]!), 0);
    const most = small.width < 8 ? 24 : 12; // a grey one is about 30 away
    assert.ok(away / small.rgba.length < most, `${away / small.rgba.length} from what it shows`);
  }
  assert.equal(
    await previewApart(good.with(29, 0), "image/png"),
    "The PNG was changed: a check sum is wrong",
  );
  assert.equal(
    await previewApart(utf8("GIF89a"), "image/gif"),
    "There are no previews of image/gif",
  );
});

Deno.test("what is clear in a picture looks white in its preview", () => {
  const rgba = Uint8Array.of(0, 0, 0, 0, 10, 20, 30, 255, 0, 0, 0, 128, 255, 255, 255, 255);
  const { rgba: small } = shrunk({ width: 4, height: 1, rgba }, 4);
  assert.deepEqual([...small.subarray(0, 4)], [255, 255, 255, 255]);
  assert.deepEqual([...small.subarray(4, 8)], [10, 20, 30, 255]);
  assert.ok(Math.abs(small[8]! - 127) <= 1);
});

Deno.test("a preview that claims to be large is not opened; a small one fits its terminal", async () => {
  const whole = await jpegOf(photo(160, 120), 40);
  const lying = whole.slice(), view = new DataView(lying.buffer);
  const frameAt = whole.findIndex((byte, nth) => byte === 0xff && whole[nth + 1] === 0xc2);
  view.setUint16(frameAt + 5, 6_000);
  await assert.rejects(() => rasterOfPreview(lying), {
    message: "The preview is too large for one",
  });
  for (const [columns, lines] of [[80, 24], [20, 24], [200, 5]] as const) {
    const drawn = blocksOf(await rasterOfPreview(whole), columns, lines);
    assert.ok(drawn.length <= lines && drawn.length >= 1);
    for (const line of drawn) assert.ok(line.split("\u2580").length - 1 <= columns);
  }
});
