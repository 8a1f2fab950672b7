/** `deno task report`: repeats the runs of every baseline and says what has become of them. */

import { parseArgs } from "@std/cli/parse-args";
import type { RunResult } from "../sim/record.ts";
import { type Baseline, readBaseline, readResult, writeBaseline } from "./baseline.ts";
import { resultOf, resultsIn } from "./current.ts";
import { visible } from "./escape.ts";
import { type Broken, gate, type GateReport, type Runner, type RunRequest } from "./gate.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { nearest } from "../runtime/core/nearest.ts";

const HELP = `deno task report                            every baseline, compared with runs of now
deno task report --only lab50               one baseline (may be given more than once)
deno task report --update --only lab50      agree to what the runs give now
deno task report --current reports/out      compare results that are there already

  --baseline DIR     where the baselines are (reports/baselines)
  --current PATH...  results of runs: files, or folders of .json files; nothing is run
  --markdown FILE    the report for a pull request, which stdout shows as well (under reports/)
  --junit FILE       a test case for each claim and each metric (under reports/)
  --json             the report as one JSON object on stdout
  --update           write the results of now into the baselines

A new baseline is a file that says what to run, and an update:
  echo '{"scenario": "scenarios/lab50.ts", "seeds": [50]}' > reports/baselines/lab50.json

Exit codes: 0 no regression, 1 a run broke, 2 usage, 3 incompatible or unreadable input,
97 a baseline is missing, 99 a regression or a claim that fails`;

const FLAGS = ["baseline", "current", "json", "junit", "markdown", "only", "update", "help"];

/** A person's mistake, or input that cannot be used: one sentence, and no stack. */
class Refusal extends Error {
  constructor(message: string, readonly exitCode: 2 | 3 | 97) {
    super(message);
  }
}

type Options = ReturnType<typeof optionsOf>;

function optionsOf(words: string[]) {
  const flags = parseArgs(words, {
    boolean: ["json", "update", "help"],
    string: ["baseline", "markdown", "junit", "current", "only"],
    collect: ["current", "only"],
    alias: { help: "h" },
    default: { baseline: "reports/baselines" },
    unknown: (word, flag) => {
      if (flag === undefined) return true;
      const near = nearest(flag, FLAGS);
      const hint = near === undefined ? "" : `, did you mean --${near}?`;
      throw new Refusal(`Unknown flag ${visible(word)}${hint}`, 2);
    },
  });
  const { baseline, markdown, junit, only, json, update, help } = flags;
  const more = flags._.map(String);
  if (more.length > 0 && flags.current.length === 0) {
    throw new Refusal(`Unknown word ${visible(more[0] as string)}: see --help`, 2);
  }
  const empty = Object.entries({ baseline, markdown, junit }).find(([, path]) => path === "") ??
    Object.entries({ current: flags.current, only }).find(([, values]) => values.includes(""));
  if (empty !== undefined) throw new Refusal(`--${empty[0]} needs a value`, 2);
  return {
    baseline,
    markdown,
    junit,
    only,
    json,
    update,
    help,
    current: [...flags.current, ...more],
  };
}

/** Everything the task does; gives the exit code. */
async function report(options: Options): Promise<number> {
  const baselines = chosen(await readBaselines(options.baseline), options.only);
  const run = options.current.length > 0
    ? fromFiles(baselines, await readCurrent(options.current))
    : runInChild;
  const result = await gate(baselines, run);
  console.log(options.json ? JSON.stringify(jsonOf(result)) : markdown(result).trimEnd());
  if (options.markdown !== undefined) await write(options.markdown, markdown(result));
  if (options.junit !== undefined) await write(options.junit, junit(result));
  return options.update ? await update(options.baseline, result) : result.exitCode;
}

/** The report without the results, which are what `--update` keeps. */
function jsonOf({ exitCode, comparisons }: GateReport) {
  return { v: 1, exitCode, comparisons };
}

async function readBaselines(folder: string): Promise<Baseline[]> {
  const names = (await filesIn(folder) ?? []).filter((name) => name.endsWith(".json"));
  const baselines: Baseline[] = [];
  for (const name of names) {
    const text = await Deno.readTextFile(`${folder}/${name}`);
    const baseline = readBaseline(name.replace(/\.json$/, ""), text);
    // All of them before any run: what is found after an hour could have been told at once.
    if (typeof baseline === "string") throw new Refusal(baseline, 3);
    baselines.push(baseline);
  }
  return baselines;
}

function chosen(baselines: readonly Baseline[], only: readonly string[]): readonly Baseline[] {
  const names = baselines.map(({ name }) => name);
  const missing = only.find((name) => !names.includes(name));
  if (missing !== undefined) {
    const near = nearest(missing, names);
    const hint = near === undefined ? "" : `, did you mean "${near}"?`;
    throw new Refusal(`There is no baseline "${visible(missing)}"${hint}`, 97);
  }
  return only.length === 0 ? baselines : baselines.filter(({ name }) => only.includes(name));
}

/** One run as `deno task sim` performs it: what is gated is the task itself, not a part of it. */
async function runInChild({ scenario, args, seed }: RunRequest): Promise<RunResult | Broken> {
  const words = ["task", "sim", scenario, "--seed", String(seed), ...args, "--json"];
  console.error(`deno ${words.join(" ")}`);
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: words,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const command = `${scenario} --seed ${seed}`;
  // 99 says that a claim failed: that is a result, and the comparison will tell.
  if (code !== 0 && code !== 99) {
    const last = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
    return { broken: `Cannot run ${command}: exit code ${code}, ${visible(last)}` };
  }
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
  try {
    const result = readResult(JSON.parse(line));
    if (typeof result !== "string") return result;
    return { broken: `Cannot use ${command}: the result ${result}` };
  } catch {
    return { broken: `Cannot use ${command}: its last line is no JSON` };
  }
}

/** A runner that runs nothing; every run that a baseline names must be at hand. */
function fromFiles(baselines: readonly Baseline[], results: readonly RunResult[]): Runner {
  const wanted = baselines.flatMap(({ scenario, args, seeds }) =>
    seeds.map((seed) => ({ scenario, args, seed }))
  );
  const missing = wanted.find((request) => resultOf(request, results) === undefined);
  if (missing !== undefined) {
    const { scenario, args, seed } = missing;
    const command = [scenario, "--seed", seed, ...args].join(" ");
    throw new Refusal(`Cannot compare: --current holds no result of ${visible(command)}`, 3);
  }
  return (request) => Promise.resolve(resultOf(request, results) as RunResult);
}

async function readCurrent(paths: readonly string[]): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (const path of paths) {
    for (const file of await filesUnder(path)) {
      const text = await Deno.readTextFile(file).catch(() => {
        throw new Refusal(`Cannot read ${visible(file)}: no such file, or not allowed`, 3);
      });
      const found = resultsIn(file, text);
      if (typeof found === "string") throw new Refusal(found, 3);
      results.push(...found);
    }
  }
  return results;
}

/** The file itself, or the .json files of a folder and of the folders in it. */
async function filesUnder(path: string): Promise<string[]> {
  const names = await filesIn(path);
  if (names === undefined) return [path];
  const within = await Promise.all(names.map((name) => filesUnder(`${path}/${name}`)));
  return within.flat().filter((file) => file.endsWith(".json"));
}

/** Names in a folder, in order; undefined where there is no such folder. */
async function filesIn(path: string): Promise<string[] | undefined> {
  const info = await Deno.stat(path).catch(() => undefined);
  if (info?.isDirectory !== true) return undefined;
  return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).sort();
}

/** Keeps the results of now, all or none: half of an update is a baseline nobody agreed to. */
async function update(folder: string, { comparisons, renewed }: GateReport): Promise<number> {
  const broken = comparisons.find(({ verdict }) => verdict === "broken");
  if (broken !== undefined) {
    console.error(`Nothing is updated: ${broken.why}`);
    return 1;
  }
  const failing = renewed.find(({ results }) => results.some(({ ok }) => !ok));
  if (failing !== undefined) {
    console.error(`Nothing is updated: claims of "${failing.name}" fail`);
    return 99;
  }
  for (const baseline of renewed) {
    const path = `${folder}/${baseline.name}.json`;
    await write(path, writeBaseline(baseline));
    console.error(`Updated ${path}: ${digestsOf(baseline)}`);
  }
  return renewed.length === 0 ? 97 : 0;
}

function digestsOf({ results }: Baseline): string {
  return results.map(({ seed, digest }) => `seed ${seed} digest ${visible(digest)}`).join(", ");
}

/** A file whole or not at all, whatever happens meanwhile. */
async function write(path: string, text: string): Promise<void> {
  try {
    await Deno.writeTextFile(`${path}.new`, text);
    await Deno.rename(`${path}.new`, path);
  } catch (error) {
    throw new Refusal(`Cannot write ${visible(path)}: ${(error as Error).message}`, 2);
  }
}

/** The task: reads the command line, does it, gives the exit code. */
export async function main(words: string[]): Promise<number> {
  try {
    const options = optionsOf(words);
    if (!options.help) return await report(options);
    console.log(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(error.message);
    return error.exitCode;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
