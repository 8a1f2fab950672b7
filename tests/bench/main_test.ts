/** The command that measures: what it prints, and with which code it ends. */
import assert from "node:assert/strict";
import { bench } from "./main.ts";
import type { Row } from "./row.ts";

const events: Row = {
  name: "events, 1e6 pending",
  value: 2_345_678,
  unit: "1/s",
  target: 1e6,
  ok: true,
};
const memory: Row = { name: "memory a node", value: 80, unit: "KB", target: 64, ok: false };

const BENCHES = {
  kernel: () => Promise.resolve({ rows: () => [events] }),
  memory: () => Promise.resolve({ rows: () => Promise.resolve([memory]) }),
};

async function run(...args: string[]): Promise<{ code: number; out: string[]; told: string[] }> {
  const out: string[] = [], told: string[] = [];
  const console = {
    log: (line: string) => out.push(line),
    error: (line: string) => told.push(line),
  };
  return { code: await bench(args, BENCHES, console), out, told };
}

Deno.test("bench prints a table, and ends with 99 if a target is missed", async () => {
  const { code, out } = await run();
  assert.equal(code, 99);
  assert.match(out[0]!, /^name +value +unit +target +ratio +ok$/);
  assert.match(out[1]!, /^events, 1e6 pending +2,346,000 +1\/s +1,000,000 +2\.35x +ok$/);
  assert.match(out[2]!, /^memory a node +80 +KB +64 +1\.25x +MISSED$/);
});

Deno.test("bench --json prints one object a row, and nothing else", async () => {
  const { code, out } = await run("--json");
  assert.equal(code, 99);
  assert.deepEqual(out.map((line) => JSON.parse(line)), [events, memory]);
});

Deno.test("bench --only measures one file of measurements", async () => {
  const { code, out, told } = await run("--only", "kernel", "--json");
  assert.deepEqual([code, out.length, told], [0, 1, ["measuring kernel"]]);
});

Deno.test("bench knows what was meant, and ends with 2", async () => {
  const measurement = await run("--only", "kernal");
  assert.deepEqual([measurement.code, measurement.out], [2, []]);
  assert.match(measurement.told[0]!, /No such measurement: kernal\. Did you mean kernel\?/);
  const option = await run("--jsno");
  assert.equal(option.code, 2);
  assert.match(option.told[0]!, /No such option: --jsno\. Did you mean --json\?/);
  assert.equal((await run("kernel")).code, 2);
});
