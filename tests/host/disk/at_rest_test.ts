/** What a thief of the disk reads, and what its owner does. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { utf8 } from "../../../runtime/core/mod.ts";
import { historySeal, SealedRecords } from "../../../runtime/host/disk/at_rest.ts";
import { Database } from "../../../runtime/host/disk/database.ts";
import { History } from "../../../runtime/host/disk/history.ts";
import { StorageError } from "../../../runtime/host/disk/mod.ts";

const secret = new Uint8Array(32).fill(1), other = new Uint8Array(32).fill(2);

function withFolder(work: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Every byte of every file, as text. */
function everything(folder: string): string {
  return fs.readdirSync(folder).map((name) => fs.readFileSync(`${folder}/${name}`, "latin1"))
    .join();
}

Deno.test("neither names nor contents of records are on the disk, and both are there after a restart", () => {
  withFolder((folder) => {
    const database = new Database(folder);
    const records = new SealedRecords(database, secret);
    records.load();
    const saves = [
      { key: "chat/in/parrot", bytes: utf8("it is resting") },
      { key: "chat/in/gone", bytes: utf8("fjords") },
    ];
    assert.equal(records.commit(saves), undefined);
    assert.equal(records.commit([{ key: "chat/in/gone", bytes: undefined }]), undefined);
    database.close();
    for (const word of ["parrot", "resting", "fjords"]) {
      assert.equal(everything(folder).includes(word), false, word);
    }
    const again = new Database(folder);
    const loaded = new SealedRecords(again, secret).load();
    assert.deepEqual([...loaded.keys()], ["chat/in/parrot"]);
    assert.deepEqual([...loaded.get("chat/in/parrot")!], [...utf8("it is resting")]);
    again.close();
  });
});

Deno.test("records of another identity, swapped or changed ones are refused", () => {
  withFolder((folder) => {
    const database = new Database(folder);
    const records = new SealedRecords(database, secret);
    records.commit([{ key: "a", bytes: utf8("one") }, { key: "b", bytes: utf8("two") }]);
    assert.throws(() => new SealedRecords(database, other).load(), StorageError);
    const [[one, first], [two, second]] = [...database.load()] as [
      [string, Uint8Array],
      [string, Uint8Array],
    ];
    database.commit([{ key: one, bytes: second }, { key: two, bytes: first }]);
    assert.throws(() => records.load(), StorageError, "swapped");
    database.commit([{ key: one, bytes: first.with(20, first[20]! ^ 1) }, {
      key: two,
      bytes: second,
    }]);
    assert.throws(() => records.load(), StorageError, "changed");
    database.commit([{ key: one, bytes: first }]);
    assert.equal(records.load().size, 2);
    database.close();
  });
});

Deno.test("records that were never sealed are taken over, and sealed", () => {
  withFolder((folder) => {
    const old = new Database(folder);
    old.commit([{ key: "chat/in/parrot", bytes: utf8("bereft of life") }]);
    const records = new SealedRecords(old, secret);
    assert.deepEqual([...records.load().keys()], ["chat/in/parrot"]);
    assert.ok([...old.load().keys()].every((row) => row.startsWith("~")));
    old.close();
    assert.equal(everything(folder).includes("bereft"), false);
  });
});

Deno.test("a history is read with its owner's secret alone", () => {
  withFolder((folder) => {
    fs.writeFileSync(`${folder}/history.jsonl`, '{"n":0}\n');
    const history = new History(folder, historySeal(secret));
    history.append({ text: "an ex-parrot" });
    history.close();
    assert.equal(everything(folder).includes("parrot"), false);
    const lines = (by: Uint8Array) => [...History.read(folder, historySeal(by))];
    assert.deepEqual(lines(secret), [{ n: 0 }, { text: "an ex-parrot" }]);
    assert.deepEqual(lines(other), [{ n: 0 }]);
  });
});
