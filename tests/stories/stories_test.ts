/**
 * Short stories, told step by step in the files beside this one: a change of a protocol shows as a
 * change of what happens. `deno task stories` writes them anew.
 */
import assert from "node:assert/strict";
import { tales } from "./tales.ts";
import { transcriptOf } from "./transcript.ts";

const isUpdate = Deno.args.includes("--update");

for (const [name, tale] of Object.entries(tales)) {
  Deno.test(`${name} goes as it is told`, async () => {
    const file = new URL(`${name}.txt`, import.meta.url);
    const transcript = transcriptOf(tale);
    if (isUpdate) await Deno.writeTextFile(file, transcript);
    assert.equal(transcript, await Deno.readTextFile(file));
  });
}
