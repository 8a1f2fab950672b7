/** Scenarios with real processes: on the loopback everywhere, in namespaces where there can be any. */
import assert from "node:assert/strict";
import type { RunRecord, RunResult } from "../../sim/record.ts";
import { canHaveNamespaces } from "../../sim/live/namespaces.ts";
import { testNeeding } from "../needs.ts";

const namespaces = {
  what: "network namespaces",
  missing: await canHaveNamespaces() ? undefined : "root on Linux with ip, tc and nft",
};

type Live = RunResult & { readonly code: number; readonly options: RunRecord["series"]["options"] };

async function live(...words: readonly string[]): Promise<Live> {
  const out = await Deno.makeTempDir();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "sim/main.ts", ...words, "--live", "--json", "--out", out],
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.notEqual(text, "", new TextDecoder().decode(stderr));
  const { series: { options } } = JSON.parse(
    await Deno.readTextFile(`${out}/run.json`),
  ) as RunRecord;
  await Deno.remove(out, { recursive: true });
  return { ...JSON.parse(text) as RunResult, code, options };
}

Deno.test("processes on the loopback play what the simulator plays: every claim is checked", async () => {
  const run = await live("scenarios/smoke.ts", "--stage", "loopback", "--set", "size=300KB");
  assert.deepEqual([run.mode, run.ok, run.code], ["live", true, 0]);
  assert.equal(run.contents![0]!.completed, 4);
  const [cpu, sharing] = [run.options.cpu, run.options.sharing].map((text) => parseFloat(text!));
  assert.ok(sharing! > 0 && sharing! < cpu!, `${sharing} s of ${cpu} s from the first file on`);
  assert.ok(run.claims.some(({ name, ok }) => ok && name === "every peer holds the same bytes"));
});

Deno.test("a process that is killed comes back, goes on, and ends with the same bytes", async () => {
  const run = await live(
    ...["scenarios/swarm.ts", "--stage", "loopback", "--set", "faults=kill"],
    ...["--set", "size=60MB", "--set", "peers=3"],
  );
  assert.equal(run.faults?.crashes, 1);
  assert.deepEqual([run.ok, run.contents!.at(-1)!.completed], [true, 3]);
});

Deno.test("fifty processes get the file, five of them killed and started again on the way", async () => {
  const run = await live(
    ...["scenarios/swarm.ts", "--stage", "loopback", "--set", "faults=kill"],
    ...["--set", "size=20MiB", "--set", "peers=50"],
  );
  assert.equal(run.faults?.crashes, 5);
  assert.deepEqual(
    [run.ok, run.contents!.at(-1)!.completed],
    [true, 50],
    JSON.stringify(run.claims),
  );
  assert.ok(run.claims.every(({ name }) => !name.includes("soon")), "there are no rates to hold");
});

Deno.test("what the loopback cannot do is refused in one sentence, with 3", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "sim/main.ts", "scenarios/lab50.ts", "--live", "--stage", "loopback"],
  }).output();
  const said = new TextDecoder().decode(stderr).trim().split("\n");
  assert.deepEqual([code, said], [3, ["Cannot play loss on a live stage (--stage loopback)"]]);
});

testNeeding(namespaces, "rates of namespaces hold: nobody is faster than his cable", async () => {
  const run = await live(
    ...["scenarios/swarm.ts", "--stage", "netns", "--set", "peers=3"],
    ...["--set", "size=5MB", "--set", "rate=20Mbps"],
  );
  const { completed, lastSeconds } = run.contents!.at(-1)!;
  assert.equal(completed, 3);
  assert.ok(lastSeconds > 2 && lastSeconds < 20, `${lastSeconds}`);
});

testNeeding(namespaces, "a cable that is pulled stops nobody else", async () => {
  const run = await live(
    ...["scenarios/swarm.ts", "--stage", "netns", "--set", "faults=unplug"],
    ...["--set", "peers=4", "--set", "size=15MB"],
  );
  assert.equal(run.faults?.crashes, 1);
  const got = run.claims.find(({ name }) => name === "every peer that is there gets the file")!;
  assert.equal(got.ok, true, got.actual);
});
