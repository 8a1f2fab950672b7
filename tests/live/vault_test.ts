/** A vault over real processes: files of every size come back, in a bounded memory, without two of six devices. */
import assert from "node:assert/strict";
import { createHash, randomFillSync } from "node:crypto";
import fs from "node:fs";
import { vault } from "../../runtime/protocols/mod.ts";
import { VaultRoom } from "./vault_room.ts";

const MEBIBYTE = 1024 * 1024;

function written(path: string, bytes: number): string {
  const file = fs.openSync(path, "w"), chunk = new Uint8Array(Math.min(bytes, MEBIBYTE));
  for (let at = 0; at < bytes; at += chunk.length) {
    fs.writeSync(file, randomFillSync(chunk), 0, Math.min(chunk.length, bytes - at));
  }
  fs.closeSync(file);
  return path;
}

function hashOf(path: string): string {
  return createHash("sha256").update(fs.readFileSync(path)).digest("hex");
}

Deno.test("six devices hold 25 and 100 MiB, no one of them has it, and four give it back", async () => {
  const room = await VaultRoom.open(6);
  try {
    const small = written(`${room.folder}/film.bin`, 25 * MEBIBYTE);
    const large = written(`${room.folder}/archive.bin`, 100 * MEBIBYTE);
    const first = await room.roundTrip(small), second = await room.roundTrip(large);
    assert.equal(hashOf(first.place), hashOf(small));
    assert.equal(hashOf(second.place), hashOf(large));
    const peak = room.peakOf(room.owner);
    assert.ok(peak === undefined || peak <= 150, `the owner took ${peak} MB`);
    for (const device of room.devices) {
      const most = room.peakOf(device);
      assert.ok(most === undefined || most <= 150, `a device took ${most} MB`);
    }

    for (const { kill } of room.devices.slice(0, 2)) await kill();
    fs.rmSync(first.place);
    const again = await room.ask(vault.open(first.content), vault.isOpened);
    assert.equal(again.bytes, 25 * MEBIBYTE);
    for (const { kill } of room.devices.slice(2, 3)) await kill();
    await assert.rejects(
      () => room.ask(vault.open(first.content), vault.isOpened),
      { message: /^Cannot open "film.bin": 4 shares are needed, and 3 can be had/ },
    );
    const folder = `${room.folder}/owner`;
    const parts = fs.readdirSync(folder, { recursive: true }).filter((name) =>
      `${name}`.endsWith(".part")
    );
    assert.deepEqual(parts, [], "no part of it is left at its owner");
  } finally {
    await room.close();
  }
});
