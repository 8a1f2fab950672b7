/** A slip of the finger is answered with the word that was meant. */
import assert from "node:assert/strict";
import { nearest } from "../../runtime/core/nearest.ts";

const flags = ["baseline", "current", "json", "junit", "markdown", "only", "update"];

Deno.test("a slip finds its word, a beginning its end, and nonsense nothing", () => {
  assert.equal(nearest("jsn", flags), "json");
  assert.equal(nearest("junti", flags), "junit");
  assert.equal(nearest("base-line", flags), "baseline");
  assert.equal(nearest("mark", flags), "markdown");
  assert.equal(nearest("updtae", flags), "update");
  assert.equal(nearest("frobnicate", flags), undefined);
  assert.equal(nearest("", flags), undefined);
  assert.equal(nearest("x", []), undefined);
});
