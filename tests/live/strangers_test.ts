/** Clients that mean no good in a lesson of real processes. */
import assert from "node:assert/strict";
import { lesson } from "./lesson.ts";

Deno.test("a silent, a half-framed and a deaf client keep nobody from the file", async () => {
  const { done } = await lesson({ students: 6, bytes: 10_000_000, strangers: true });
  assert.equal(done, 6);
});
