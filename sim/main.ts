/** `deno task sim`: runs a scenario in the simulated world, and says what came of it. */
import process from "node:process";
import { type Arguments, argumentsOf, usage } from "./arguments.ts";
import { compared } from "./compare.ts";
import { firstDifference, type StepMark } from "./fingerprint.ts";
import { nameOf } from "./loading.ts";
import {
  BUG,
  CLAIM,
  complain,
  DIGEST,
  flags,
  INPUT,
  jobOf,
  OK,
  onInterrupt,
  present,
  recordIn,
  shell,
  USAGE,
  write,
} from "./shell.ts";
import { Sweep } from "./sweep.ts";
import { Tracer } from "./trace.ts";
import { spoken, UsageError } from "./units.ts";
import { type Job, type Outcome, perform } from "./worker.ts";
import type { World } from "./world.ts";

async function main(): Promise<number> {
  const raw = flags();
  if (raw.booleans.help) {
    console.log(usage);
    return OK;
  }
  if (raw.words[0] === "compare") return await compare(raw.words.slice(1).map(String));
  const args = argumentsOf(raw);
  if (args.live) return await asProcess("./live/main.ts");
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

/** Two records side by side: of one scenario in two worlds, of two settings, of two versions. */
async function compare(paths: readonly string[]): Promise<number> {
  const [one, other, more] = paths;
  if (one?.endsWith(".ts") && other === undefined) return await asProcess("./live/distance.ts");
  if (one === undefined || other === undefined || more !== undefined) {
    throw new UsageError("Name two records: deno task sim compare ONE/run.json OTHER/run.json");
  }
  console.log(compared(await recordIn(one), await recordIn(other)));
  return OK;
}

/** Processes, sockets and namespaces are for another process: this one may touch none of them. */
async function asProcess(path: string): Promise<number> {
  const script = new URL(path, import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--allow-all", script, ...Deno.args],
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  Deno.addSignalListener("SIGINT", () => {}); // it hears the same, and ends
  return (await child.status).code;
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

if (import.meta.main) await shell(main);
