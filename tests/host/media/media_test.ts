/** Files that go with letters: sealed and opened, refused, and without what an image tells besides. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { joined, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { historySeal } from "../../../runtime/host/disk/mod.ts";
import { Attachments, sealed } from "../../../runtime/host/media/attachments.ts";
import { withoutDetails } from "../../../runtime/host/media/details.ts";
import { typeOf } from "../../../runtime/host/media/types.ts";
import {
  BLOCK_BYTES,
  openFile,
  sealedLength,
  sealFile,
} from "../../../runtime/host/media/sealed_file.ts";
import { chat } from "../../../runtime/protocols/mod.ts";

const key = new Uint8Array(32).fill(3);

function withFolder(work: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function written(path: string, bytes: Uint8Array): string {
  fs.writeFileSync(path, bytes);
  return path;
}

Deno.test("a file of any length is sealed and opened, and nothing of it shows", () => {
  withFolder((folder) => {
    for (const length of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES]) {
      const bytes = new Stream(`file ${length}`).bytes(length);
      const [clear, hidden, back] = ["clear", "sealed", "back"].map((name) =>
        `${folder}/${name}${length}`
      ) as [string, string, string];
      sealFile(written(clear, bytes), hidden, key, length);
      assert.equal(fs.statSync(hidden).size, sealedLength(length));
      if (length > 16) {
        const start = fs.readFileSync(hidden).subarray(0, 16);
        assert.notDeepEqual([...start], [...bytes.subarray(0, 16)]);
      }
      openFile(hidden, back, key, length);
      assert.deepEqual(new Uint8Array(fs.readFileSync(back)), bytes);
    }
  });
});

Deno.test("a changed, swapped, missing or foreign block opens nothing, and leaves no file", () => {
  withFolder((folder) => {
    const length = 3 * BLOCK_BYTES, step = BLOCK_BYTES + 16;
    const source = written(`${folder}/clear`, new Stream("file").bytes(length));
    sealFile(source, `${folder}/sealed`, key, length);
    const good = new Uint8Array(fs.readFileSync(`${folder}/sealed`));
    const block = (nth: number) => good.subarray(nth * step, (nth + 1) * step);
    const wrong: Record<string, [Uint8Array, Uint8Array, number]> = {
      changed: [good.with(70_000, good[70_000]! ^ 1), key, length],
      swapped: [joined(block(1), block(0), block(2)), key, length],
      doubled: [joined(block(0), block(0), block(2)), key, length],
      cut: [good.subarray(0, 2 * step), key, length],
      "cut, and said to be short": [good.subarray(0, 2 * step), key, 2 * BLOCK_BYTES],
      longer: [joined(good, block(0)), key, length],
      "another key": [good, key.with(0, 0), length],
    };
    for (const [name, [bytes, by, said]] of Object.entries(wrong)) {
      const path = written(`${folder}/wrong`, bytes);
      assert.throws(() => openFile(path, `${folder}/back`, by, said), Error, name);
      assert.equal(fs.existsSync(`${folder}/back`), false, name);
    }
  });
});

Deno.test("25 MiB go with a message; one byte more is refused before anything is written", () => {
  withFolder((folder) => {
    const path = `${folder}/film`;
    fs.writeFileSync(path, "");
    fs.truncateSync(path, chat.ATTACHED_BYTES + 1);
    assert.throws(() => sealed(folder, path, false), /26214401 bytes: at most 26214400/);
    assert.deepEqual(fs.readdirSync(folder), ["film"]);
    fs.truncateSync(path, chat.ATTACHED_BYTES);
    assert.equal(sealed(folder, path, false).bytes, chat.ATTACHED_BYTES);
  });
});

const SCAN = Uint8Array.of(0xff, 0xda, 0, 3, 1, 7, 0xff, 0, 0xff, 0xd0, 9), END = [0xff, 0xd9];

/** A JPEG as far as its segments go, with one scan behind them. */
function jpeg(...segments: readonly [number, string][]): Uint8Array {
  return joined(Uint8Array.of(0xff, 0xd8), segmentsOf(segments), SCAN, Uint8Array.from(END));
}

function segmentsOf(segments: readonly [number, string][]): Uint8Array {
  return joined(...segments.map(([marker, text]) => {
    const bytes = utf8(text);
    return Uint8Array.of(0xff, marker, 0, bytes.length + 2, ...bytes);
  }));
}

/** A WebP of such chunks. */
function webp(...chunks: readonly [string, Uint8Array][]): Uint8Array {
  const parts = chunks.map(([kind, bytes]) => {
    const length = Uint8Array.of(bytes.length, 0, 0, 0);
    return joined(utf8(kind), length, bytes, new Uint8Array(bytes.length % 2));
  });
  const body = joined(utf8("WEBP"), ...parts);
  return joined(utf8("RIFF"), Uint8Array.of(body.length, 0, 0, 0), body);
}

/** An Exif that tells a camera, and which way up it was held. */
function exif(isLittle: boolean, turned: number): Uint8Array {
  const tiff = new DataView(new ArrayBuffer(8 + 2 + 2 * 12 + 4));
  tiff.setUint16(0, isLittle ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, isLittle);
  tiff.setUint32(4, 8, isLittle);
  tiff.setUint16(8, 2, isLittle);
  tiff.setUint16(10, 0x10f, isLittle); // the camera's maker
  tiff.setUint16(22, 0x112, isLittle);
  tiff.setUint16(24, 3, isLittle);
  tiff.setUint32(26, 1, isLittle);
  tiff.setUint16(30, turned, isLittle);
  return new Uint8Array(tiff.buffer);
}

function png(...chunks: readonly [string, string][]): Uint8Array {
  const parts = chunks.map(([kind, text]) => {
    const bytes = utf8(text);
    return joined(Uint8Array.of(0, 0, 0, bytes.length), utf8(kind), bytes, new Uint8Array(4));
  });
  return joined(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...parts);
}

Deno.test("an image loses where and when it was taken, and keeps how it looks", () => {
  const jfif: [number, string] = [0xe0, "JFIF\0\x01\x02\0\0\x01\0\x01\0\0"];
  const icc: [number, string] = [0xe2, "ICC_PROFILE\0"], table: [number, string] = [0xdb, "table"];
  const telling: [number, string][] = [
    [0xe1, "Exif\0\0GPS"],
    [0xe1, "http://ns.adobe.com/xap/1.0/\0GPS"],
    [0xe2, "MPF\0where the second picture is"],
    [0xe0, "JFXX\0a thumbnail"],
    [0xfe, "comment"],
  ];
  const photo = joined(jpeg(jfif, ...telling, icc, table), utf8("a secret behind it"));
  assert.deepEqual(withoutDetails(photo, "image/jpeg"), jpeg(jfif, icc, table));
  const drawn = joined(
    png(
      ["IHDR", "head"],
      ["tEXt", "author"],
      ["eXIf", "GPS"],
      ["caBX", "provenance"],
      [
        "gAMA",
        "1234",
      ],
      ["IDAT", "data"],
      ["IEND", ""],
    ),
    utf8("a secret behind it"),
  );
  assert.deepEqual(
    withoutDetails(drawn, "image/png"),
    png(["IHDR", "head"], ["gAMA", "1234"], ["IDAT", "data"], ["IEND", ""]),
  );
  const flags = (bits: number) => Uint8Array.of(bits, 0, 0, 0, 9, 0, 0, 9, 0, 0);
  const picture = joined(
    webp(
      ["VP8X", flags(0x3c)],
      ["ICCP", utf8("icc")],
      ["VP8L", utf8("data")],
      [
        "EXIF",
        exif(true, 1),
      ],
      ["XMP ", utf8("where")],
      ["XYZW", utf8("unknown")],
    ),
    utf8("a secret behind it"),
  );
  assert.deepEqual(
    withoutDetails(picture, "image/webp"),
    webp(["VP8X", flags(0x30)], ["ICCP", utf8("icc")], ["VP8L", utf8("data")]),
  );
});

Deno.test("a JPEG's details go between its scans as well, and its thumbnail of what it was before", () => {
  const start = Uint8Array.of(0xff, 0xd8), filled = Uint8Array.of(0xff, 0xff);
  const told = segmentsOf([[0xfe, "comment"], [0xed, "Photoshop"]]);
  const photo = joined(start, filled.subarray(1), SCAN, told, filled, SCAN, Uint8Array.from(END));
  const bare = joined(start, SCAN, SCAN, Uint8Array.from(END));
  assert.deepEqual(withoutDetails(photo, "image/jpeg"), bare);
  const jfif = "JFIF\0\x01\x02\0\0\x01\0\x01";
  assert.deepEqual(
    withoutDetails(jpeg([0xe0, `${jfif}\x01\x01rgb`]), "image/jpeg"),
    jpeg([0xe0, `${jfif}\0\0`]),
  );
});

Deno.test("of a photo's details only which way up it is stays, in either order of bytes", () => {
  const orientation = (photo: Uint8Array) => {
    const at = photo.findIndex((byte, nth) => byte === 0xff && photo[nth + 1] === 0xe1);
    return at < 0 ? undefined : photo[at + 4 + 6 + 8 + 2 + 9];
  };
  for (const isLittle of [false, true]) {
    for (const turned of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const tiff = exif(isLittle, turned);
      const text = "Exif\0\0" + String.fromCharCode(...tiff);
      const photo = jpeg([0xe1, text], [0xdb, "table"]);
      const bare = withoutDetails(photo, "image/jpeg")!;
      assert.equal(orientation(bare), turned === 1 || turned === 9 ? undefined : turned);
      assert.deepEqual(withoutDetails(bare, "image/jpeg"), bare, "nothing more can go");
      for (const before of ["", "Exif\0\0"]) {
        const flags = Uint8Array.of(0x08, 0, 0, 0, 9, 0, 0, 9, 0, 0);
        const told = joined(utf8(before), tiff);
        const picture = webp(["VP8X", flags], ["VP8 ", utf8("data")], ["EXIF", told]);
        const stripped = withoutDetails(picture, "image/webp")!;
        const isTold = turned !== 1 && turned !== 9;
        assert.equal(stripped[20], isTold ? 0x08 : 0);
        assert.equal(stripped.length, 12 + 18 + 12 + (isTold ? 8 + 26 : 0));
        assert.deepEqual(withoutDetails(stripped, "image/webp"), stripped);
      }
    }
  }
});

Deno.test("what is no whole image is left as it is, whatever its lengths say", () => {
  const photo = jpeg([0xe1, "Exif"], [0xdb, "table"]), drawn = png(["IHDR", "head"], ["IEND", ""]);
  const coded = photo.length - END.length - SCAN.length + 5;
  for (let end = 0; end < coded; end++) {
    assert.equal(withoutDetails(photo.subarray(0, end), "image/jpeg"), undefined);
  }
  for (let end = coded; end < photo.length; end++) {
    const cut = withoutDetails(photo.subarray(0, end), "image/jpeg")!;
    assert.deepEqual(
      cut,
      jpeg([0xdb, "table"]).subarray(0, cut.length),
      "no end is no reason to tell",
    );
  }
  const picture = webp(["VP8 ", utf8("data")], ["EXIF", utf8("where it was taken")]);
  for (let end = 0; end < picture.length; end++) {
    assert.equal(withoutDetails(picture.subarray(0, end), "image/webp"), undefined);
  }
  assert.equal(
    withoutDetails(picture.with(16, 0xff), "image/webp"),
    undefined,
    "a length that lies",
  );
  for (let end = 0; end < drawn.length; end++) {
    assert.equal(withoutDetails(drawn.subarray(0, end), "image/png"), undefined);
  }
  assert.equal(withoutDetails(drawn.with(8, 0xff), "image/png"), undefined, "a length that lies");
  assert.equal(withoutDetails(utf8("GIF89a"), "image/gif"), undefined);
});

Deno.test("what a file is follows from its bytes, not from its name", () => {
  const of = (...bytes: number[]) => typeOf(Uint8Array.from(bytes));
  assert.equal(of(0xff, 0xd8, 0xff, 0xe0), "image/jpeg");
  assert.equal(typeOf(png()), "image/png");
  assert.equal(typeOf(utf8("%PDF-1.7")), "application/pdf");
  const boxed: [string, string][] = [
    ["heic", "image/heic"],
    ["heix", "image/heic"],
    ["mif1", "image/heic"],
    ["avif", "image/avif"],
    ["isom", "video/mp4"],
  ];
  for (const [brand, type] of boxed) assert.equal(typeOf(utf8(`\0\0\0\x18ftyp${brand}`)), type);
  assert.equal(typeOf(utf8("<script>alert(1)</script>")), "text/plain");
  assert.equal(of(0, 1, 2, 3), "application/octet-stream");
  assert.equal(of(0xc3, 0x28, 0x41), "application/octet-stream");
});

Deno.test("an image goes without its name; with its details, where that is asked for", () => {
  withFolder((folder) => {
    const photo = jpeg([0xe1, "Exif"], [0xdb, "table"]);
    const path = written(`${folder}/me at home.jpg`, photo);
    const bare = sealed(folder, path, false), whole = sealed(folder, path, true);
    assert.deepEqual([bare.name, whole.name], ["image.jpeg", "me at home.jpg"]);
    assert.equal(whole.bytes, photo.length);
    assert.ok(bare.bytes < photo.length);
    assert.equal(fs.readdirSync(`${folder}/sealed`).some((name) => name.endsWith(".clear")), false);
    assert.deepEqual([bare.tells, whole.tells], [false, false]);
  });
});

Deno.test("of an image or film that keeps its details against the sender's will it is said", () => {
  withFolder((folder) => {
    const brands = ["heic", "isom"].map((brand) => utf8(`\0\0\0\x18ftyp${brand}`));
    for (const bytes of [...brands, jpeg([0xdb, "table"]).subarray(0, 9)]) {
      const path = written(`${folder}/me at home`, bytes);
      assert.equal(sealed(folder, path, false).tells, true);
      assert.equal(sealed(folder, path, true).tells, false);
    }
    assert.equal(sealed(folder, written(`${folder}/notes`, utf8("words")), false).tells, false);
  });
});

Deno.test("of thousands of damaged images none stops it, and what it leaves tells no more the next time", () => {
  const random = new Stream("damaged images");
  const images: [string, Uint8Array][] = [
    ["image/jpeg", jpeg([0xe0, "JFIF\0"], [0xe1, "Exif\0\0"], [0xfe, "words"], [0xdb, "table"])],
    ["image/png", png(["IHDR", "head"], ["tEXt", "words"], ["IDAT", "data"], ["IEND", ""])],
    [
      "image/webp",
      webp(["VP8X", new Uint8Array(10)], ["EXIF", exif(true, 3)], ["VP8 ", utf8("d")]),
    ],
  ];
  let left = 0;
  for (let round = 0; round < 6_000; round++) {
    const [type, image] = images[round % images.length]!, damaged = image.slice();
    for (let times = 1 + random.below(4); times > 0; times--) {
      damaged[random.below(damaged.length)] = random.below(256);
    }
    const bare = withoutDetails(damaged, type);
    if (bare === undefined) continue;
    left++;
    assert.deepEqual(withoutDetails(bare, type), bare);
  }
  assert.ok(left > 500 && left < 6_000, `${left} could be followed`);
});

Deno.test("what is awaited is remembered over a restart, and lands in the inbox under a safe name", () => {
  withFolder((folder) => {
    const path = written(`${folder}/notes.txt`, utf8("the words"));
    const { path: hidden, ...made } = sealed(folder, path, false);
    const content = new Uint8Array(32).fill(9);
    const attachment: chat.Attachment = {
      content,
      ...made,
      preview: new Uint8Array(0),
      name: "../../\u202Eetc/passwd",
      sign: key,
      agree: key,
      address: "10.0.0.1:1",
    };
    const seal = historySeal(key);
    const first = new Attachments(folder, seal);
    assert.equal(first.expect(attachment), true);
    assert.equal(first.expect(attachment), false);
    const again = new Attachments(folder, seal);
    assert.equal(again.of(content.toHex())?.bytes, 9);
    const place = again.open(content.toHex(), hidden, `${folder}/inbox`);
    assert.equal(place.startsWith(`${folder}/inbox/`), true);
    assert.equal(place.slice(`${folder}/inbox/`.length).includes("/"), false);
    assert.equal(fs.readFileSync(place, "utf8"), "the words");
    const last = new Attachments(folder, seal);
    assert.equal(again.isOpened(content.toHex()), true);
    assert.equal(last.isOpened(content.toHex()), true, "a restart does not put it there again");
    assert.equal(last.of(content.toHex())?.bytes, 9);
    assert.equal(fs.readFileSync(`${folder}/attachments.jsonl`, "utf8").includes("passwd"), false);
  });
});
