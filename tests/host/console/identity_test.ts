/** `id`, as a person types it: the same digits every time, and digits that belong to the keys. */
import assert from "node:assert/strict";
import { isIdOf, REAL } from "../../../runtime/protocols/directory/mod.ts";
import type { Id } from "../../../runtime/protocols/directory/mod.ts";

const MAIN = new URL("../../../runtime/main.ts", import.meta.url).pathname;

async function said(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", MAIN, ...words],
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("an ID is made once, kept, and belongs to the keys it is shown with; damaged, it is made again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const first = JSON.parse((await said("id", "--folder", folder, "--json")).out);
    const keys = { sign: Uint8Array.fromHex(first.sign), agree: Uint8Array.fromHex(first.agree) };
    assert.ok(isIdOf(first.id as Id, first.modifier, keys, REAL));
    await Deno.writeTextFile(`${folder}/id.json`, `{"id":"123456789012345","modifier":0}`);
    const again = JSON.parse((await said("id", "--folder", folder, "--json")).out);
    assert.deepEqual(again, first);
    const { out, err } = await said("id", "--folder", folder);
    assert.equal(out.replace(/\D/g, "").slice(0, 15), first.id);
    assert.doesNotMatch(err, /Making/, "it is there already");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("with nobody running there is nobody to compare with", async () => {
  const folder = await Deno.makeTempDir();
  const { code, err } = await said("id", "--folder", folder, "--with", "Ben");
  assert.deepEqual([code, /No node is running/.test(err)], [4, true]);
  await Deno.remove(folder, { recursive: true });
});
