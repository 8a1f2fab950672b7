/** Files that go with letters: sealed and opened, refused, and without what an image tells besides. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { joined, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { historySeal } from "../../../runtime/host/disk/mod.ts";
import { Attachments, sealed } from "../../../runtime/host/media/attachments.ts";
import { typeOf, withoutDetails } from "../../../runtime/host/media/details.ts";
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

/** A JPEG as far as its segments go. */
function jpeg(...segments: readonly [number, string][]): Uint8Array {
  const parts = segments.map(([marker, text]) => {
    const bytes = utf8(text);
    return Uint8Array.of(0xff, marker, 0, bytes.length + 2, ...bytes);
  });
  return joined(Uint8Array.of(0xff, 0xd8), ...parts, Uint8Array.of(0xff, 0xda, 1, 2, 0xff, 0xd9));
}

function png(...chunks: readonly [string, string][]): Uint8Array {
  const parts = chunks.map(([kind, text]) => {
    const bytes = utf8(text);
    return joined(Uint8Array.of(0, 0, 0, bytes.length), utf8(kind), bytes, new Uint8Array(4));
  });
  return joined(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a), ...parts);
}

Deno.test("an image loses where and when it was taken, and keeps how it looks", () => {
  const photo = jpeg([0xe0, "JFIF"], [0xe1, "Exif GPS"], [0xe2, "ICC"], [0xfe, "comment"], [
    0xdb,
    "table",
  ]);
  assert.deepEqual(
    withoutDetails(photo, "image/jpeg"),
    jpeg([0xe0, "JFIF"], [0xe2, "ICC"], [0xdb, "table"]),
  );
  const chunks: [string, string][] = [["IHDR", "head"], ["tEXt", "author"], ["eXIf", "GPS"], [
    "IDAT",
    "data",
  ]];
  const drawn = joined(png(...chunks, ["IEND", ""]), utf8("a secret behind it"));
  assert.deepEqual(
    withoutDetails(drawn, "image/png"),
    png(["IHDR", "head"], ["IDAT", "data"], ["IEND", ""]),
  );
});

Deno.test("of a photo's details only which way up it is stays, in either order of bytes", () => {
  const entries = (isLittle: boolean, turned: number) => {
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
    return "Exif\0\0" + String.fromCharCode(...new Uint8Array(tiff.buffer));
  };
  const orientation = (photo: Uint8Array) => {
    const at = photo.findIndex((byte, nth) => byte === 0xff && photo[nth + 1] === 0xe1);
    return at < 0 ? undefined : photo[at + 4 + 6 + 8 + 2 + 9];
  };
  for (const isLittle of [false, true]) {
    for (const turned of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      const photo = jpeg([0xe1, entries(isLittle, turned)], [0xdb, "table"]);
      const bare = withoutDetails(photo, "image/jpeg")!;
      assert.equal(orientation(bare), turned === 1 || turned === 9 ? undefined : turned);
      assert.deepEqual(withoutDetails(bare, "image/jpeg"), bare, "nothing more can go");
    }
  }
});

Deno.test("what is no whole image is left as it is, whatever its lengths say", () => {
  const photo = jpeg([0xe1, "Exif"], [0xdb, "table"]), drawn = png(["IHDR", "head"], ["IEND", ""]);
  for (let end = 0; end < photo.length - 6; end++) {
    assert.equal(withoutDetails(photo.subarray(0, end), "image/jpeg"), undefined);
  }
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
  });
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
