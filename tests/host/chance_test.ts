/** A generator that repeats itself is found before anything is made of what it gives. */
import assert from "node:assert/strict";
import { SystemRandom } from "../../runtime/host/chance.ts";

const REPEATS = /repeats itself/;

Deno.test("constants, a short cycle of pages, and a run of equal words raise the alarm", () => {
  const constant = new SystemRandom((words) => void words.fill(7));
  assert.throws(() => constant.bytes(32), REPEATS);

  const page = crypto.getRandomValues(new Uint32Array(1024));
  const same = new SystemRandom((words) => words.set(page));
  same.bytes(4 * 1024);
  assert.throws(() => same.bytes(1), REPEATS);

  const stuck = new SystemRandom((words) => {
    crypto.getRandomValues(words);
    words.fill(words[500]!, 500, 504);
  });
  assert.throws(() => stuck.bytes(1), REPEATS);
});

Deno.test("the system's own generator raises none, and gives nothing twice", () => {
  const random = new SystemRandom(), seen = new Set<string>();
  for (let times = 0; times < 20_000; times++) seen.add(random.bytes(16).toHex());
  assert.equal(seen.size, 20_000);
});
