/** `deno task report` itself, with the flags and permissions of deno.json, around a made-up simulator. */
import assert from "node:assert/strict";
import { writeBaseline } from "../../reports/baseline.ts";
import type { RunResult } from "../../sim/record.ts";
import { changed, exampleResults, failing } from "./example_results.ts";

const root = new URL("../../", import.meta.url);
const results = exampleResults([50, 51]);
const slow = changed(results, ({ p95Seconds }) => ({ p95Seconds: p95Seconds * 1.05 }));
const kept = {
  ...{ name: "lab50", scenario: "scenarios/lab50.ts", args: ["--set", "faults=none"] },
  ...{ seeds: [50, 51], results, tolerance: {} },
};

/** Answers each run from answers.json, and leaves what it was asked. */
const SIMULATOR = `
const answers = JSON.parse(await Deno.readTextFile("answers.json"));
const seed = Deno.args[Deno.args.indexOf("--seed") + 1];
await Deno.writeTextFile("asked.txt", Deno.args.join(" ") + "\\n", { append: true });
const { result, code } = answers[seed] ?? { code: 1 };
if (result === undefined) console.error("Cannot go on: \\x1b[2J the world broke");
else console.log("progress\\n" + JSON.stringify(result));
Deno.exit(code);
`;

/** A house with nothing in it but the report, and a simulator that knows its answers beforehand. */
async function house(answers: readonly RunResult[], baseline?: string): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const path of ["reports", "reports/page", "runtime/host/std_cli", "runtime/core"]) {
    await Deno.mkdir(`${folder}/${path}`, { recursive: true });
    for await (const { name, isFile } of Deno.readDir(new URL(path, root))) {
      const text = isFile ? await Deno.readTextFile(new URL(`${path}/${name}`, root)) : "";
      if (isFile) await Deno.writeTextFile(`${folder}/${path}/${name}`, text);
    }
  }
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
  config.tasks.sim = "deno run --no-prompt --allow-read=. --allow-write=. simulator.ts";
  const bySeed = answers.map((result) => [result.seed, { result, code: result.ok ? 0 : 99 }]);
  const files: Record<string, string> = {
    "deno.json": JSON.stringify(config),
    "deno.lock": await Deno.readTextFile(new URL("deno.lock", root)),
    "simulator.ts": SIMULATOR,
    "answers.json": JSON.stringify(Object.fromEntries(bySeed)),
  };
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
  }
  await Deno.mkdir(`${folder}/reports/baselines`);
  if (baseline !== undefined) {
    await Deno.writeTextFile(`${folder}/reports/baselines/lab50.json`, baseline);
  }
  return folder;
}

async function report(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "report", ...args],
    cwd: folder,
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array<ArrayBuffer>) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), told: text(stderr) };
}

function baselineOf(folder: string): Promise<string> {
  return Deno.readTextFile(`${folder}/reports/baselines/lab50.json`);
}

Deno.test("the task runs each seed of a baseline as deno task sim, and ends with 0", async () => {
  const folder = await house(results, writeBaseline(kept));
  const { code, out, told } = await report(folder);
  assert.equal(code, 0, told);
  assert.match(out, /^<!-- starling-report -->\n## ✅ No behavioural change in 1 baseline\n/);
  assert.equal(
    await Deno.readTextFile(`${folder}/asked.txt`),
    "scenarios/lab50.ts --seed 50 --set faults=none --json\n" +
      "scenarios/lab50.ts --seed 51 --set faults=none --json\n",
  );
});

Deno.test("the task ends with 99 on a regression, and writes what CI reads", async () => {
  const folder = await house(slow, writeBaseline(kept));
  const files = ["--markdown", "reports/report.md", "--junit", "reports/report.xml"];
  const { code, out, told } = await report(folder, ...files);
  assert.equal(code, 99, told);
  assert.equal(await Deno.readTextFile(`${folder}/reports/report.md`), out);
  assert.match(await Deno.readTextFile(`${folder}/reports/report.xml`), /failures="2"/);
  assert.equal(await baselineOf(folder), writeBaseline(kept), "a report changes no baseline");
});

Deno.test("the task ends with 99 on a claim that fails, which the simulator tells with 99", async () => {
  const folder = await house(
    failing(results, 51, "everyone gets the lecture"),
    writeBaseline(kept),
  );
  assert.equal((await report(folder)).code, 99);
});

Deno.test("the task ends with 97 without baselines, and with an unknown name", async () => {
  assert.equal((await report(await house(results))).code, 97);
  const folder = await house(results, writeBaseline(kept));
  const { code, told } = await report(folder, "--only", "lab5");
  assert.equal(code, 97);
  assert.match(told, /There is no baseline "lab5", did you mean "lab50"\?/);
});

Deno.test("the task ends with 2 on an unknown flag or word, and names the nearest", async () => {
  const folder = await house(results, writeBaseline(kept));
  const { code, told } = await report(folder, "--markdwon", "x.md");
  assert.equal(code, 2);
  assert.match(told, /Unknown flag --markdwon, did you mean --markdown\?\n$/);
  assert.equal((await report(folder, "lab50")).code, 2);
  assert.equal((await report(folder, "--junit")).code, 2);
  assert.equal((await report(folder, "--junit", "nowhere/x.xml")).code, 2);
});

Deno.test("the task ends with 1 when a run breaks, and no escape reaches the terminal", async () => {
  const folder = await house(results.slice(0, 1), writeBaseline(kept));
  const { code, out } = await report(folder);
  assert.equal(code, 1);
  assert.match(out, /Cannot run scenarios\/lab50.ts --seed 51: exit code 1, Cannot go on/);
  assert.equal(out.includes("\x1b"), false);
  assert.equal((await report(folder, "--update")).code, 1);
  assert.equal(await baselineOf(folder), writeBaseline(kept));
});

Deno.test("a damaged baseline ends the task with 3 before any run, and is left as it is", async () => {
  const damaged = writeBaseline(kept).slice(0, 400);
  const folder = await house(results, damaged);
  const { code, told } = await report(folder, "--update");
  assert.equal(code, 3);
  assert.match(told, /\nCannot read baseline "lab50": it is not a JSON object\n$/);
  assert.equal(await baselineOf(folder), damaged);
  await assert.rejects(Deno.stat(`${folder}/asked.txt`));
});

Deno.test("an update fills a new baseline, and the next report agrees with it", async () => {
  const { scenario, args, seeds } = kept;
  const folder = await house(slow, JSON.stringify({ scenario, args, seeds }));
  assert.equal((await report(folder)).code, 97);
  const { code, told } = await report(folder, "--update");
  assert.equal(code, 0);
  assert.match(told, /Updated reports\/baselines\/lab50.json: seed 50 digest /);
  assert.equal(await baselineOf(folder), writeBaseline({ ...kept, results: slow }));
  assert.equal((await report(folder)).code, 0);
});

Deno.test("an update never agrees to a claim that fails", async () => {
  const folder = await house(
    failing(results, 50, "everyone gets the lecture"),
    writeBaseline(kept),
  );
  const { code, told } = await report(folder, "--update");
  assert.equal(code, 99);
  assert.match(told, /Nothing is updated: claims of "lab50" fail/);
  assert.equal(await baselineOf(folder), writeBaseline(kept));
});

Deno.test("results at hand are compared without a run, and one that lacks is told", async () => {
  const folder = await house([], writeBaseline(kept));
  await Deno.mkdir(`${folder}/reports/out/lab50`, { recursive: true });
  const run = { result: slow[0], series: {} };
  await Deno.writeTextFile(`${folder}/reports/out/lab50/run.json`, JSON.stringify(run));
  const lacking = await report(folder, "--current", "reports/out");
  assert.equal(lacking.code, 3);
  assert.match(lacking.told, /--current holds no result of scenarios\/lab50.ts --seed 51/);
  await Deno.writeTextFile(`${folder}/second.json`, JSON.stringify(slow[1]));
  const { code, out } = await report(folder, "--json", "--current", "reports/out", "second.json");
  assert.equal(code, 99);
  assert.equal(JSON.parse(out).comparisons[0].verdict, "worse");
  await assert.rejects(Deno.stat(`${folder}/asked.txt`));
});
