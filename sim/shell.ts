/** What the commands that play scenarios have in common: flags, files, what is said, how they end. */
import { parseArgs } from "@std/cli/parse-args";
import { html } from "../reports/html.ts";
import { summary } from "../reports/summary.ts";
import { type Arguments, flagNames, type RawFlags } from "./arguments.ts";
import { nameOf } from "./loading.ts";
import type { RunRecord } from "./record.ts";
import { UsageError } from "./units.ts";
import type { Job, Outcome } from "./worker.ts";

export const OK = 0, BUG = 1, USAGE = 2, INPUT = 3, DIGEST = 98, CLAIM = 99, INTERRUPTED = 130;

/** The command line, as far as a parser can tell. */
export function flags(): RawFlags {
  const unknown: string[] = [];
  const found = parseArgs(Deno.args, {
    string: flagNames.string,
    collect: flagNames.string,
    boolean: flagNames.boolean,
    unknown: (flag, key) => {
      if (key !== undefined) unknown.push(flag.replace(/=.*$/, ""));
      return key === undefined;
    },
  });
  return { words: found._, strings: found, booleans: found, unknown };
}

/** What the command line asks to be played. */
export async function jobOf(args: Arguments): Promise<Job> {
  const path = await Deno.realPath(args.scenario).catch(() => {
    throw new UsageError(`Cannot open scenario ${args.scenario}: no such file`);
  });
  return {
    url: fileUrl(path),
    path: args.scenario,
    seed: args.seed,
    set: args.set,
    userFile: args.file === undefined ? undefined : await fileOf(args.file),
    crypto: args.crypto,
    marks: args.twice,
    flags: [
      ...args.set.map((change) => ` --set ${quoted(change)}`),
      args.file === undefined ? "" : ` --file ${quoted(args.file)}`,
      args.crypto === undefined ? "" : ` --crypto ${args.crypto}`,
    ].join(""),
  };
}

/** A path may hold what means something else in a URL. */
function fileUrl(path: string): string {
  const parts = path.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return new URL(`file://${parts.startsWith("/") ? "" : "/"}${parts.replace("%3A", ":")}`).href;
}

/** As a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w./=:,%+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

async function fileOf(path: string): Promise<{ name: string; bytes: Uint8Array }> {
  try {
    return { name: path.replace(/^.*[/\\]/, ""), bytes: await Deno.readFile(path) };
  } catch (error) {
    const why = (error as Error).message.replace(/ \(os error.*$/, "");
    throw new UsageError(`Cannot read --file ${path}: ${why}`);
  }
}

/** Writes the report, prints what there is to say, and gives the exit code. */
export async function present(record: RunRecord, job: Job, args: Arguments): Promise<number> {
  const { result } = record;
  await write(args, job, "run.json", JSON.stringify(record));
  const picture = await write(args, job, "index.html", html(record));
  if (args.json) console.log(JSON.stringify(result));
  else console.log(summary(record, { colour: Deno.stdout.isTerminal() && !Deno.noColor, picture }));
  if (result.ok) return OK;
  if (args.json) console.error(`again:   ${result.replay}`);
  return result.claims.some(({ ok, name }) => !ok && name.startsWith("always: ")) ? BUG : CLAIM;
}

/** Where it is now. */
export async function write(
  args: Arguments,
  job: Job,
  file: string,
  text: string,
): Promise<string> {
  const folder = args.out ?? `reports/out/${nameOf(job.path)}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${file}`, text);
  return `${folder}/${file}`;
}

/** Says why there is no report, and gives the exit code. */
export function complain(outcome: Outcome & { kind: "failed" }): number {
  console.error(outcome.message);
  if (outcome.fault === "usage") return USAGE;
  if (outcome.fault === "input") return INPUT;
  console.log(`again:   ${outcome.replay}`);
  return BUG;
}

/** Says something at Ctrl-C, and ends. */
export function onInterrupt(say: () => void): void {
  Deno.addSignalListener("SIGINT", () => {
    say();
    Deno.exit(INTERRUPTED);
  });
}

/** The record of an earlier run, or the one in its folder. */
export async function recordIn(path: string): Promise<RunRecord> {
  const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  const file = isFolder ? `${path.replace(/[/\\]$/, "")}/run.json` : path;
  const text = await Deno.readTextFile(file).catch((error: Error) => {
    throw new UsageError(`Cannot read ${file}: ${error.message.replace(/ \(os error.*$/, "")}`);
  });
  try {
    const record = JSON.parse(text) as RunRecord;
    if (record.result.v === 1 && Array.isArray(record.result.claims)) return record;
  } catch {
    // said below
  }
  throw new UsageError(`Cannot use ${file}: it is not the run.json of a run`);
}

/** Runs a command to its exit code. */
export async function shell(main: () => Promise<number>): Promise<never> {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(USAGE);
  }
}
