/** Quantities read the same on every machine. */
import assert from "node:assert/strict";
import { count, duration, multiple, signedPercent, size, things } from "../../reports/units.ts";

Deno.test("a duration is told in the unit that a person would choose", () => {
  const told = [0, 0.00042, 0.42, 0.9996, 7, 9.996, 12.34, 59.94, 59.96, 125, 3599.6, 3720, -3];
  assert.deepEqual(told.map(duration), [
    ...["0s", "0.42ms", "420ms", "1.00s", "7.00s", "10.0s", "12.3s", "59.9s", "1m 00s"],
    ...["2m 05s", "1h 00m", "1h 02m", "-3.00s"],
  ]);
});

Deno.test("a size steps up to the next unit before it needs four digits", () => {
  const told = [0, 999, 1000, 6_000_000, 999_499, 999_500, 4_194_304, 2.5e12, 9e15];
  assert.deepEqual(told.map(size), [
    ...["0 B", "999 B", "1 kB", "6 MB", "999 kB", "1.00 MB", "4.19 MB", "2.50 TB", "9,000 TB"],
  ]);
});

Deno.test("what is not a number is a dash, never NaN or Infinity", () => {
  for (const written of [duration, size, multiple, signedPercent]) {
    assert.deepEqual([NaN, Infinity].map(written), ["-", "-"]);
  }
});

Deno.test("a change carries its sign unless it rounds to nothing", () => {
  const told = [0.125, -0.02, 0, -0.0001, 3.5].map(signedPercent);
  assert.deepEqual(told, ["+12.5 %", "-2.0 %", "0.0 %", "0.0 %", "+350 %"]);
});

Deno.test("counts have their thousands apart and nouns their number", () => {
  assert.deepEqual([0, 999, 1000, 1234567, -4321, 1234.5].map(count), [
    ...["0", "999", "1,000", "1,234,567", "-4,321", "1,234.5"],
  ]);
  assert.equal(things(1, "crash", "crashes"), "1 crash");
  assert.equal(things(2000, "crash", "crashes"), "2,000 crashes");
});
