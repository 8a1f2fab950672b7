/** A backup: whole or not at all, nobody else's to read, and a node again in another folder. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { backUp, historySeal, openDisk, restore } from "../../../runtime/host/disk/mod.ts";
import { History } from "../../../runtime/host/disk/history.ts";
import { loadIdentity } from "../../../runtime/host/identity_file.ts";

async function inFolders(story: (at: (name: string) => string) => Promise<void>): Promise<void> {
  const top = await Deno.makeTempDir();
  try {
    await story((name) => `${top}/${name}`);
  } finally {
    await Deno.remove(top, { recursive: true });
  }
}

/** A node with one record and one line of history: its secret. */
async function node(folder: string): Promise<Uint8Array> {
  const disk = openDisk(folder);
  disk.records.commit([{ key: "chat/in/1", bytes: new Uint8Array([1, 2, 3]) }]);
  const secret = await loadIdentity(folder, undefined);
  const history = new History(folder, historySeal(secret));
  history.append({ line: { text: "hello" } });
  history.close();
  disk.close();
  return secret;
}

Deno.test("what was backed up is a node in another folder, with the same identity, records and history", async () => {
  await inFolders(async (at) => {
    const secret = await node(at("one"));
    const written = backUp(at("one"), at("copy.db"));
    assert.equal(written.length, 3);
    for (const path of written) assert.equal(fs.statSync(path).mode & 0o777, 0o600, path);
    restore(at("copy.db"), at("other"));
    assert.deepEqual(await loadIdentity(at("other"), undefined), secret);
    assert.deepEqual([...History.read(at("other"), historySeal(secret))], [
      { line: { text: "hello" } },
    ]);
    const again = openDisk(at("other"));
    assert.deepEqual(again.records.load().get("chat/in/1"), new Uint8Array([1, 2, 3]));
    assert.ok(again.boot > 60_000, "others have heard of no later start of it");
    again.close();
    assert.equal(fs.statSync(at("other/identity.key")).mode & 0o777, 0o600);
  });
});

Deno.test("nothing is written over, and what cannot be finished leaves nothing", async () => {
  await inFolders(async (at) => {
    await node(at("one"));
    await node(at("two"));
    backUp(at("one"), at("copy.db"));
    const files = () => [...Deno.readDirSync(at("."))].map(({ name }) => name).sort();
    const before = files();
    assert.throws(() => backUp(at("two"), at("copy.db")), /copy.db is there already/);
    fs.writeFileSync(at("late.db.history.jsonl"), "somebody's");
    assert.throws(() => backUp(at("two"), at("late.db")), /late.db.history.jsonl is there already/);
    fs.rmSync(at("late.db.history.jsonl"));
    assert.deepEqual(files(), before);
    assert.throws(() => restore(at("copy.db"), at("two")), /A node is in .*two already/);
    assert.throws(() => restore(at("none.db"), at("three")), /none.db is missing/);
    fs.rmSync(at("copy.db.identity.key"));
    assert.throws(() => restore(at("copy.db"), at("three")), /identity.key is missing/);
  });
});

Deno.test("a damaged backup is refused, and the folder is as empty as before", async () => {
  await inFolders(async (at) => {
    await node(at("one"));
    backUp(at("one"), at("copy.db"));
    fs.writeFileSync(at("copy.db"), "no database at all ".repeat(300));
    assert.throws(() => restore(at("copy.db"), at("three")), /copy.db|node.db/);
    assert.equal(fs.existsSync(at("three/identity.key")), false);
    assert.equal(fs.existsSync(at("three/node.db")), false);
  });
});

Deno.test("a node that runs is not backed up, nor is a folder without one", async () => {
  await inFolders(async (at) => {
    await node(at("one"));
    const disk = openDisk(at("one"));
    assert.throws(() => backUp(at("one"), at("copy.db")), /running/);
    disk.close();
    assert.throws(() => backUp(at("none"), at("copy.db")), /No node is in/);
  });
});
