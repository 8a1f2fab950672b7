/** A history over restarts and crashes: nothing is there twice, and half a line spoils no other. */
import assert from "node:assert/strict";
import fs from "node:fs";
import type { PeerId } from "../../../runtime/core/mod.ts";
import { Talk } from "../../../runtime/host/console/talk.ts";
import { historySeal } from "../../../runtime/host/disk/at_rest.ts";
import { History } from "../../../runtime/host/disk/history.ts";

const seal = historySeal(new Uint8Array(32).fill(7));
const PEER = "a".repeat(64) as PeerId;

function line(text: string) {
  return {
    wall: 0,
    kind: "letter",
    peer: PEER,
    who: "Ana",
    text,
    id: text,
    to: { [PEER]: "waiting" },
  } as const;
}

Deno.test("what is appended is there after a restart, also after half a line", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const first = new History(folder, seal);
    first.append({ n: 1 });
    first.close();
    const file = fs.openSync(`${folder}/history.jsonl`, "a");
    fs.writeSync(file, new TextEncoder().encode('{"n":2'));
    fs.closeSync(file);
    const second = new History(folder, seal);
    second.append({ n: 3 });
    second.close();
    assert.deepEqual([...History.read(folder, seal)], [{ n: 1 }, { n: 3 }]);
    assert.equal(fs.statSync(`${folder}/history.jsonl`).mode & 0o077, 0, "only its owner reads it");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("a talk goes on from its history: lines once, and what became of them", () => {
  const kept: unknown[] = [];
  const before = new Talk();
  before.onNews = (entry) => kept.push(structuredClone(entry));
  before.add(line("one"));
  assert.equal(before.add(line("one")), false);
  before.mark("one", PEER, "read");
  before.mark("one", PEER, "delivered"); // late: it was read already
  const after = new Talk();
  for (const entry of [...kept, { odd: true }, 7, null]) after.restore(entry);
  assert.deepEqual(after.lines, [{ ...line("one"), to: { [PEER]: "read" } }]);
  assert.equal(after.add(line("one")), false);
});

Deno.test("of more lines than are remembered the oldest go", () => {
  const talk = new Talk(3);
  for (const text of ["a", "b", "c", "d"]) talk.add(line(text));
  assert.deepEqual(talk.lines.map(({ text }) => text), ["b", "c", "d"]);
  assert.equal(talk.at("a"), undefined);
});
