/**
 * Runs one job: loads a scenario, builds its world, and lets it run to its end.
 *
 * In a thread of its own it answers messages with outcomes; `main.ts` also calls it directly. Either
 * way the job says all there is to say, so that the outcome is the same.
 */
import type { Crypto } from "../runtime/core/mod.ts";
import { accounted, withAccountedBodies } from "../runtime/core/accounted.ts";
import { brief } from "../runtime/core/brief.ts";
import { memoised, memoisedKeys } from "../runtime/core/memoised.ts";
import { noble } from "../runtime/core/noble.ts";
import { nodeCrypto } from "../runtime/host/crypto.ts";
import { isUsage, load, messageOf, nameOf } from "./loading.ts";
import type { RunRecord } from "./record.ts";
import { recordOf } from "./results.ts";
import type { CryptoName, Scenario } from "./scenario.ts";
import { nanos } from "./units.ts";
import { type Watcher, World } from "./world.ts";

/** All that a run depends on. */
export interface Job {
  /** The scenario's file, as a URL. */
  readonly url: string;
  /** The same as the person wrote it. */
  readonly path: string;
  /** Undefined: the scenario's own. */
  readonly seed: number | undefined;
  readonly set: readonly string[];
  readonly userFile: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  readonly crypto: CryptoName | undefined;
  /** Remember every step, to find where two runs part. */
  readonly marks: boolean;
  /** What else the command line that repeats the run has to say. */
  readonly flags: string;
}

/** What came of a job. */
export type Outcome =
  | { readonly kind: "done"; readonly record: RunRecord; readonly marks: Float64Array }
  | {
    readonly kind: "failed";
    /** `usage`: the person's mistake. `input`: a file that is no scenario. `bug`: ours. */
    readonly fault: "usage" | "input" | "bug";
    readonly message: string;
    readonly replay: string;
  };

/** Looks on while a world runs; `progress` is told a few times a second. */
export interface Onlooker {
  readonly progress?: (world: World) => void;
  readonly watch?: Watcher;
}

const SLICE = nanos("100ms");
/** Between these, signals are heard. */
const PAUSE_MILLISECONDS = 250;

/** Does a job. Never throws: what went wrong is an outcome too. */
export async function perform(job: Job, onlooker: Onlooker = {}): Promise<Outcome> {
  const failed = (error: unknown, otherwise: "input" | "bug", seed = job.seed): Outcome => ({
    kind: "failed",
    fault: isUsage(error) ? "usage" : otherwise,
    message: messageOf(error, otherwise, job.path),
    replay: replayOf(job, seed),
  });
  let scenario: Scenario;
  try {
    scenario = await load(job.url);
  } catch (error) {
    return failed(error, "input");
  }
  const seed = job.seed ?? scenario.definition.seed;
  try {
    return await run(job, scenario, seed, onlooker);
  } catch (error) {
    return failed(error, "bug", seed);
  }
}

async function run(
  job: Job,
  scenario: Scenario,
  seed: number,
  { progress, watch }: Onlooker,
): Promise<Outcome> {
  const started = performance.now();
  const { crypto = scenario.definition.crypto ?? "light", set, marks, userFile } = job;
  const world = new World({
    scenario,
    crypto: providerOf(crypto),
    seed,
    set,
    marks,
    ...(userFile === undefined ? {} : { userFile }),
    ...(watch === undefined ? {} : { watch }),
  });
  let paused = started;
  while (!world.isOver) {
    world.run(world.now + SLICE);
    if (performance.now() - paused < PAUSE_MILLISECONDS) continue;
    progress?.(world);
    await new Promise((resolve) => setTimeout(resolve));
    paused = performance.now();
  }
  const wallSeconds = (performance.now() - started) / 1000;
  const record = recordOf(world, {
    name: nameOf(job.path),
    wallSeconds,
    replay: replayOf(job, seed),
  });
  return { kind: "done", record, marks: world.marks };
}

/** A provider for one world: some number what passes through them. */
function providerOf(name: CryptoName): Crypto {
  switch (name) {
    case "light":
      return memoisedKeys(memoised(withAccountedBodies(brief(nodeCrypto))));
    case "node":
      return memoised(nodeCrypto);
    case "noble":
      return memoised(noble);
    case "accounted":
      return memoised(accounted(nodeCrypto));
  }
}

function replayOf({ path, flags }: Job, seed: number | undefined): string {
  return `deno task sim ${path}${seed === undefined ? "" : ` --seed ${seed}`}${flags}`;
}

/** What a thread's global object is; the compiler only knows that of a page. */
interface Thread {
  onmessage: (message: MessageEvent<Job>) => void;
  postMessage(outcome: Outcome): void;
}

if (import.meta.main) {
  const thread = globalThis as unknown as Thread;
  thread.onmessage = async ({ data }) => thread.postMessage(await perform(data));
}
