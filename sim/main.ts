/** `deno task sim`: runs a scenario in the simulated world, and says what came of it. */
import process from "node:process";
import { parseArgs } from "@std/cli/parse-args";
import { html } from "../reports/html.ts";
import { summary } from "../reports/summary.ts";
import { type Arguments, argumentsOf, flagNames, type RawFlags, usage } from "./arguments.ts";
import { firstDifference, type StepMark } from "./fingerprint.ts";
import { nameOf } from "./loading.ts";
import type { RunRecord } from "./record.ts";
import { Sweep } from "./sweep.ts";
import { Tracer } from "./trace.ts";
import { spoken, UsageError } from "./units.ts";
import { type Job, type Outcome, perform } from "./worker.ts";
import type { World } from "./world.ts";

const OK = 0, BUG = 1, USAGE = 2, INPUT = 3, DIGEST = 98, CLAIM = 99, INTERRUPTED = 130;

async function main(): Promise<number> {
  const raw = flags();
  if (raw.booleans.help) {
    console.log(usage);
    return OK;
  }
  const args = argumentsOf(raw);
  const job = await jobOf(args);
  if (args.seeds !== undefined) return await sweep(job, args);
  onInterrupt(() => console.log(`interrupted`));
  const tracer = args.trace ? new Tracer() : undefined;
  const outcome = await perform(job, {
    progress: progress(),
    ...(tracer === undefined ? {} : { watch: tracer }),
  });
  if (outcome.kind === "failed") return complain(outcome);
  if (tracer !== undefined) await write(args, job, "trace.json", tracer.text());
  // The most that the system has ever given to this process; a bench holds it against a target.
  console.error(`memory:  ${Math.round(process.resourceUsage().maxRSS / 1000)} MB at most`);
  const code = await present(outcome.record, job, args);
  return args.twice ? await again(job, outcome, code) : code;
}

/** The command line, as far as a parser can tell. */
function flags(): RawFlags {
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

async function jobOf(args: Arguments): Promise<Job> {
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

/** A line on stderr now and then, for who waits. */
function progress(): (world: World) => void {
  let said = performance.now();
  return (world) => {
    if (performance.now() - said < 1000) return;
    said = performance.now();
    console.error(`at ${spoken(world.now)} of ${spoken(world.lasts)}, ${world.steps} steps`);
  };
}

async function present(record: RunRecord, job: Job, args: Arguments): Promise<number> {
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
async function write(args: Arguments, job: Job, file: string, text: string): Promise<string> {
  const folder = args.out ?? `reports/out/${nameOf(job.path)}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${file}`, text);
  return `${folder}/${file}`;
}

function complain(outcome: Outcome & { kind: "failed" }): number {
  console.error(outcome.message);
  if (outcome.fault === "usage") return USAGE;
  if (outcome.fault === "input") return INPUT;
  console.log(`again:   ${outcome.replay}`);
  return BUG;
}

/** The same job in a thread that shares nothing with this one: every step must be the same. */
async function again(job: Job, first: Outcome & { kind: "done" }, code: number): Promise<number> {
  const { result, series } = first.record;
  const second = await inThread({ ...job, seed: result.seed });
  if (second.kind === "failed") return complain(second);
  const { digest } = second.record.result;
  if (digest === result.digest) {
    console.error(`twice:   the same ${result.events} steps, digest ${digest}`);
    return code;
  }
  const difference = firstDifference(first.marks, second.marks);
  console.error(`Digests differ: ${result.digest} and ${digest}`);
  if (difference !== undefined) {
    const { step, one, other } = difference;
    console.error(`The runs part at event ${step}:`);
    console.error(`  first run:  ${described(one, series.peers)}`);
    console.error(`  second run: ${described(other, series.peers)}`);
  }
  console.log(`again:   ${result.replay} --twice`);
  return DIGEST;
}

function described(mark: StepMark | undefined, peers: readonly string[]): string {
  if (mark === undefined) return "is over by then";
  const { at, machine, kind, orders, digest } = mark;
  return `${at} ns, ${peers[machine]}, ${kind}, ${orders} orders, digest ${digest.toString(16)}`;
}

function inThread(job: Job): Promise<Outcome> {
  const thread = threadOf();
  return thread.perform(job).finally(() => thread.end());
}

interface Thread {
  perform(job: Job): Promise<Outcome>;
  end(): void;
}

function threadOf(): Thread {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return {
    perform: (job) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Outcome>) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.postMessage(job);
      }),
    end: () => worker.terminate(),
  };
}

/** Every seed of a range, in as many threads as there are; what is said does not depend on them. */
async function sweep(job: Job, args: Arguments): Promise<number> {
  const plan = new Sweep(args.seeds!, args.shard ?? [1, 1]);
  onInterrupt(() => console.log(plan.summary(nameOf(job.path))));
  const threads = Math.min(args.workers ?? navigator.hardwareConcurrency, plan.seeds.length);
  const work = async (): Promise<void> => {
    const thread = threadOf();
    for (let seed = plan.next(); seed !== undefined; seed = plan.next()) {
      for (const line of plan.done(seed, await thread.perform({ ...job, seed }), args.json)) {
        console.log(line);
      }
    }
    thread.end();
  };
  await Promise.all(Array.from({ length: threads }, work));
  const said = plan.summary(nameOf(job.path));
  if (args.json) console.error(said);
  else console.log(said);
  await write(
    args,
    job,
    "sweep.jsonl",
    plan.results.map((each) => JSON.stringify(each) + "\n").join(""),
  );
  const { usage: misused, input, bug, claim } = plan.failures;
  return misused > 0 ? USAGE : input > 0 ? INPUT : bug > 0 ? BUG : claim > 0 ? CLAIM : OK;
}

function onInterrupt(say: () => void): void {
  Deno.addSignalListener("SIGINT", () => {
    say();
    Deno.exit(INTERRUPTED);
  });
}

if (import.meta.main) {
  try {
    Deno.exit(await main());
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    Deno.exit(USAGE);
  }
}
