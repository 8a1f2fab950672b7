/** What a node keeps on a real disk: durable records, pieces side by side, files that become the person's own. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fs from "node:fs";
import { type LiveDisk, openDisk, StorageError } from "../../../runtime/host/disk/mod.ts";

const CONTENT = `swarm/${"ab".repeat(32)}`;
const bytes = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + seed * 7 + (at >> 8)) & 0xff);

/** A folder of its own, gone afterwards; `restart` opens the same one again. */
async function withDisk(
  work: (disk: LiveDisk, folder: string, restart: () => LiveDisk) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  let disk = openDisk(`${folder}/node`);
  try {
    await work(disk, folder, () => {
      disk.close();
      disk = openDisk(`${folder}/node`);
      return disk;
    });
  } finally {
    disk.close();
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("records are there after a restart, as they were committed last", async () => {
  await withDisk((disk, _folder, restart) => {
    assert.equal(disk.boot, 0);
    const value = bytes(300, 1);
    assert.equal(
      disk.records.commit([{ key: "a/1", bytes: value }, { key: "b", bytes: value }]),
      undefined,
    );
    disk.records.commit([{ key: "b", bytes: undefined }, { key: "c", bytes: new Uint8Array(0) }]);
    const again = restart();
    assert.deepEqual([...again.records.load()], [["a/1", value], ["c", new Uint8Array(0)]]);
    assert.equal(again.boot, 1);
  });
});

Deno.test("a folder is one node's at a time, and only its owner's", async () => {
  await withDisk((_disk, folder) => {
    assert.throws(() => openDisk(`${folder}/node`), /Another node is running in .*\(process \d+\)/);
    assert.equal(fs.statSync(`${folder}/node`).mode & 0o077, 0);
    assert.equal(fs.statSync(`${folder}/node/node.db`).mode & 0o077, 0);
  });
});

Deno.test("a damaged database, and one of a later version, are refused in words and left alone", async () => {
  const folder = await Deno.makeTempDir();
  openDisk(folder).close();
  const path = `${folder}/node.db`;
  const whole = fs.readFileSync(path);
  const { DatabaseSync } = await import("node:sqlite");
  const later = new DatabaseSync(path);
  later.exec("pragma user_version = 99");
  later.close();
  assert.throws(() => openDisk(folder), /later version of Starling/);
  for (let at = 0; at < whole.length; at += 97) {
    const damaged = Buffer.from(whole);
    damaged[at] = damaged[at]! ^ 0x55;
    fs.writeFileSync(path, damaged);
    fs.rmSync(`${path}-wal`, { force: true });
    fs.rmSync(`${path}-shm`, { force: true });
    try {
      openDisk(folder).close(); // what the byte meant may not matter
    } catch (error) {
      assert.ok(error instanceof StorageError, `${at}: ${error}`);
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("pieces are there after a restart once they were synced, each at its place in one file", async () => {
  await withDisk(async (disk, _folder, restart) => {
    const pieces = [0, 1, 2, 3].map((seed) => bytes(1000, seed));
    for (const at of [3, 1, 0]) disk.pieces.keep(`${CONTENT}/${at * 1000}`, pieces[at]!);
    assert.equal(await disk.pieces.sync(), undefined);
    disk.pieces.keep(`${CONTENT}/2000`, pieces[2]!);
    assert.deepEqual(disk.pieces.read(`${CONTENT}/2000`), pieces[2]);
    const again = restart();
    const kept = [...again.pieces.kept()].sort();
    assert.deepEqual(kept, [`${CONTENT}/0`, `${CONTENT}/1000`, `${CONTENT}/3000`]);
    for (const at of [0, 1, 3]) {
      assert.deepEqual(again.pieces.read(`${CONTENT}/${at * 1000}`), pieces[at]);
    }
    again.pieces.drop(`${CONTENT}/1000`);
    assert.equal(again.pieces.read(`${CONTENT}/1000`), undefined);
    assert.equal(restart().pieces.kept().length, 2);
  });
});

Deno.test("a piece that somebody changed is not given out, and can be kept again", async () => {
  await withDisk(async (disk, folder) => {
    const piece = bytes(1000, 1);
    disk.pieces.keep(`${CONTENT}/0`, piece);
    await disk.pieces.sync();
    const [file] = fs.readdirSync(`${folder}/node/pieces`);
    const open = fs.openSync(`${folder}/node/pieces/${file}`, "r+");
    fs.writeSync(open, Uint8Array.of(1, 2, 3), 0, 3, 500);
    fs.closeSync(open);
    assert.equal(disk.pieces.read(`${CONTENT}/0`), undefined);
    disk.pieces.keep(`${CONTENT}/0`, piece);
    assert.deepEqual(disk.pieces.read(`${CONTENT}/0`), piece);
  });
});

Deno.test("a key that is no piece's is our own mistake", async () => {
  await withDisk((disk) => {
    for (const key of ["swarm/../x/0", "swarm/ab/0", `${CONTENT}/-1`, `${CONTENT}/0/0`, "x"]) {
      assert.throws(() => disk.pieces.keep(key, bytes(1, 1)), /cannot be called/);
    }
  });
});

Deno.test("a complete file becomes the person's own without a copy, is read from there, and comes once", async () => {
  await withDisk(async (disk, folder, restart) => {
    const inbox = `${folder}/inbox`;
    fs.mkdirSync(inbox);
    fs.writeFileSync(`${inbox}/notes.txt`, "mine");
    const whole = bytes(2500, 3);
    for (const at of [0, 1000, 2000]) {
      disk.pieces.keep(`${CONTENT}/${at}`, whole.slice(at, at + 1000));
    }
    const files = [{ path: "notes.txt", bytes: 2500 }];
    const paths = disk.pieces.publish(CONTENT, "notes", files, inbox);
    assert.deepEqual(paths, [`${inbox}/notes (2).txt`]);
    assert.deepEqual(new Uint8Array(fs.readFileSync(paths[0]!)), whole);
    assert.equal(fs.readFileSync(`${inbox}/notes.txt`, "utf8"), "mine");
    assert.equal(fs.statSync(paths[0]!).mode & 0o111, 0);
    assert.deepEqual(fs.readdirSync(`${folder}/node/pieces`), []);
    assert.deepEqual(disk.pieces.publish(CONTENT, "notes", files, inbox), paths);
    assert.deepEqual(disk.pieces.read(`${CONTENT}/1000`), whole.slice(1000, 2000));
    const again = restart();
    assert.equal(again.pieces.kept().length, 3);
    assert.deepEqual(again.pieces.read(`${CONTENT}/2000`), whole.slice(2000));
    // The person edits the file: what no longer is what was kept is not given out.
    fs.writeFileSync(paths[0]!, "all new");
    assert.equal(again.pieces.read(`${CONTENT}/0`), undefined);
    again.pieces.keep(`${CONTENT}/0`, whole.slice(0, 1000));
    assert.deepEqual(again.pieces.read(`${CONTENT}/0`), whole.slice(0, 1000));
    assert.equal(fs.readFileSync(paths[0]!, "utf8"), "all new");
    await again.pieces.sync();
    assert.deepEqual(restart().pieces.kept(), [`${CONTENT}/0`]);
  });
});

Deno.test("a folder is put into the inbox whole, empty files too, and pieces may span its files", async () => {
  await withDisk((disk, folder, restart) => {
    const inbox = `${folder}/inbox`, whole = bytes(300, 5);
    const files = [
      { path: "a.txt", bytes: 100 },
      { path: "sub/empty", bytes: 0 },
      { path: "sub/b.txt", bytes: 200 },
    ];
    disk.pieces.keep(`${CONTENT}/0`, whole.slice(0, 160));
    disk.pieces.keep(`${CONTENT}/160`, whole.slice(160));
    const paths = disk.pieces.publish(CONTENT, "week 1/2", files, inbox);
    assert.deepEqual(paths.map((path) => path.slice(inbox.length)), [
      "/week 1_2/a.txt",
      "/week 1_2/sub/empty",
      "/week 1_2/sub/b.txt",
    ]);
    assert.deepEqual(new Uint8Array(fs.readFileSync(paths[2]!)), whole.slice(100));
    const { pieces } = restart();
    assert.deepEqual(pieces.read(`${CONTENT}/0`), whole.slice(0, 160));
    assert.deepEqual(fs.readdirSync(inbox), ["week 1_2"]);
  });
});

Deno.test("a crash between naming the place and letting go of our own file leaves one copy", async () => {
  await withDisk(async (disk, folder, restart) => {
    const inbox = `${folder}/inbox`, whole = bytes(100, 2);
    disk.pieces.keep(`${CONTENT}/0`, whole);
    await disk.pieces.sync();
    const [part] = fs.readdirSync(`${folder}/node/pieces`);
    const note = "insert into place values (?, 0, ?, 100)";
    // It had named the place only.
    disk.records.prepare(note).run(CONTENT, `${inbox}/notes.txt`);
    let again = restart();
    assert.deepEqual(again.pieces.read(`${CONTENT}/0`), whole);
    // It had linked the file as well.
    fs.mkdirSync(inbox);
    fs.linkSync(`${folder}/node/pieces/${part}`, `${inbox}/notes.txt`);
    again.records.prepare(note).run(CONTENT, `${inbox}/notes.txt`);
    again = restart();
    assert.deepEqual(fs.readdirSync(`${folder}/node/pieces`), []);
    const paths = again.pieces.publish(
      CONTENT,
      "notes",
      [{ path: "notes.txt", bytes: 100 }],
      inbox,
    );
    assert.deepEqual(paths, [`${inbox}/notes.txt`]);
    assert.deepEqual(fs.readdirSync(inbox), ["notes.txt"]);
  });
});

Deno.test("names that are not safe never reach the inbox", async () => {
  await withDisk((disk, folder) => {
    disk.pieces.keep(`${CONTENT}/0`, bytes(10, 1));
    for (
      const path of ["../evil", "/etc/passwd", "a/../../b", "con.txt", ".bashrc", "a\u202eexe"]
    ) {
      assert.throws(
        () => disk.pieces.publish(CONTENT, "x", [{ path, bytes: 10 }], `${folder}/inbox`),
        /not safe/,
      );
    }
  });
});

Deno.test("files of a folder are shared in one order, links in it are not followed, and handles last", async () => {
  await withDisk((disk, folder, restart) => {
    fs.mkdirSync(`${folder}/week/sub`, { recursive: true });
    fs.writeFileSync(`${folder}/week/b.txt`, "bbb");
    fs.writeFileSync(`${folder}/week/a.txt`, "aa");
    fs.writeFileSync(`${folder}/week/sub/c.txt`, "");
    fs.symlinkSync("/etc/passwd", `${folder}/week/link`);
    const opened = disk.files.open([`${folder}/week`]);
    assert.equal(opened.title, "week");
    assert.deepEqual(opened.files, [
      { path: "week/a.txt", bytes: 2 },
      { path: "week/b.txt", bytes: 3 },
      { path: "week/sub/c.txt", bytes: 0 },
    ]);
    const { files } = restart();
    assert.deepEqual(files.read(opened.handle, 1, 3), new TextEncoder().encode("abb"));
    assert.equal(files.read(opened.handle, 3, 3), undefined);
    assert.equal(files.read("no such", 0, 1), undefined);
    fs.rmSync(`${folder}/week/a.txt`);
    assert.throws(() => files.open([`${folder}/week/a.txt`]), StorageError);
    assert.throws(() => files.open([`${folder}/nowhere`]), /Cannot share/);
    assert.throws(() => files.open([]), /nothing/);
  });
});
