/** The command that measures: what it prints, and with which code it ends. */
import assert from "node:assert/strict";
import { bench } from "./main.ts";
import type { Bench, Row } from "./row.ts";

const events: Row = { name: "events", value: 2_345_678, unit: "1/s", target: 1e6, ok: true };
const memory: Row = { name: "memory", value: 0.0801, unit: "GB", target: 0.064, ok: false };

const BENCHES: readonly Bench[] = [
  { name: "events", measure: () => events },
  { name: "memory", measure: () => Promise.resolve(memory) },
  { name: "pair", measure: () => ({ name: "pair", skipped: "SimGrid: it is not installed" }) },
];
const broken: Bench = { name: "worst", measure: () => Promise.reject(new Error("no such file")) };

async function run(...args: string[]): Promise<{ code: number; out: string[]; told: string[] }> {
  return await runOf(BENCHES, ...args);
}

async function runOf(benches: readonly Bench[], ...args: string[]) {
  const out: string[] = [], told: string[] = [];
  const console = {
    log: (line: string) => out.push(line),
    error: (line: string) => told.push(line),
  };
  return { code: await bench(args, benches, console), out, told };
}

Deno.test("bench prints a table, and ends with 99 if a target is missed", async () => {
  const { code, out } = await run();
  assert.equal(code, 99);
  assert.match(out[0]!, /^name +value +unit +target +ratio +ok$/);
  assert.match(out[1]!, /^events +2,346,000 +1\/s +1,000,000 +2\.35x +ok$/);
  assert.match(out[2]!, /^memory +0.0801 +GB +0.064 +1\.25x +MISSED$/);
  assert.equal(out.length, 3);
});

Deno.test("bench --json prints one object a row, and nothing else", async () => {
  const { code, out } = await run("--json");
  assert.equal(code, 99);
  assert.deepEqual(out.map((line) => JSON.parse(line)), [events, memory]);
});

Deno.test("bench --only measures what is named", async () => {
  const { code, out, told } = await run("--only", "events", "--json");
  assert.deepEqual([code, out.length, told], [0, 1, ["measuring events"]]);
  assert.equal((await run("--only", "memory", "--only", "events", "--json")).out.length, 2);
});

Deno.test("bench names what it cannot measure here, with the reason, and does not fail for it", async () => {
  const { code, out, told } = await run("--only", "pair", "--json");
  assert.deepEqual([code, out], [0, []]);
  assert.equal(told.at(-1), "skipped: pair [needs SimGrid: it is not installed]");
});

Deno.test("a measurement that breaks ends it with 1, and does not keep others from being made", async () => {
  const { code, out, told } = await runOf([broken, ...BENCHES], "--json");
  assert.deepEqual([code, out.length], [1, 2]);
  assert.ok(told.includes("Cannot measure worst: no such file"));
});

Deno.test("bench knows what was meant, and ends with 2", async () => {
  const measurement = await run("--only", "event");
  assert.deepEqual([measurement.code, measurement.out], [2, []]);
  assert.match(measurement.told[0]!, /No such measurement: event\. Did you mean events\?/);
  const option = await run("--jsno");
  assert.equal(option.code, 2);
  assert.match(option.told[0]!, /No such option: --jsno\. Did you mean --json\?/);
  assert.equal((await run("events")).code, 2);
});
