/** What the command line of `deno task sim` may say, checked. */
import { type CryptoName, cryptoNames } from "./scenario.ts";
import { onlyKnown, unknown, UsageError } from "./units.ts";

export const usage = `deno task sim scenarios/lab50.ts [options]

Runs a scenario in the simulated world. Results on stdout, progress on stderr.

  --seed N          another seed than the scenario's own
  --seeds A..B      every seed from A to B
  --set key=value   changes a setting of the scenario; may come more than once
  --file path       your own file in the place of the scenario's first one
  --twice           runs in two separate worlds and compares every step
  --out dir         where the report goes (reports/out/SCENARIO)
  --trace           writes trace.json too, for ui.perfetto.dev
  --crypto name     light, node, noble or accounted
  --workers N       threads for --seeds
  --shard i/n       the i-th of n parts of --seeds
  --json            prints one JSON object
  --live            real processes on real sockets: in network namespaces where that can be done,
                    else on the loopback; the same report, in reports/out/SCENARIO-live
  --stage name      netns or loopback, for --live
  --profile name    writes a processor profile of one machine, for --live

  deno task sim compare A B           two runs side by side: folders of reports, or their run.json
  deno task sim compare SCENARIO.ts   ten small settings, each simulated and live: how far apart

Exit codes: 0 all claims hold, 1 our bug, 2 usage, 3 incompatible input, 98 digest mismatch,
99 a claim failed, 130 interrupted.`;

export const flagNames = {
  string: ["seed", "seeds", "set", "file", "out", "crypto", "workers", "shard", "stage", "profile"],
  boolean: ["twice", "trace", "live", "json", "help"],
} as const;

/** The flags as the parser leaves them. */
export interface RawFlags {
  readonly words: readonly (string | number)[];
  readonly strings: Readonly<Record<(typeof flagNames.string)[number], readonly string[]>>;
  readonly booleans: Readonly<Record<(typeof flagNames.boolean)[number], boolean>>;
  readonly unknown: readonly string[];
}

export interface Arguments {
  readonly scenario: string;
  readonly seed: number | undefined;
  /** First and last of a sweep. */
  readonly seeds: readonly [number, number] | undefined;
  readonly set: readonly string[];
  readonly file: string | undefined;
  readonly out: string | undefined;
  readonly crypto: CryptoName | undefined;
  readonly workers: number | undefined;
  readonly shard: readonly [number, number] | undefined;
  readonly twice: boolean;
  readonly trace: boolean;
  readonly json: boolean;
  readonly live: boolean;
  readonly stage: StageName | undefined;
  /** A machine by its name. */
  readonly profile: string | undefined;
}

/** Where a live run is played. */
export type StageName = (typeof stageNames)[number];
const stageNames = ["netns", "loopback"] as const;

/** Throws a UsageError in plain words. */
export function argumentsOf({ words, strings, booleans, unknown: others }: RawFlags): Arguments {
  const known = [...flagNames.string, ...flagNames.boolean].map((name) => `--${name}`);
  for (const flag of others) throw unknown("option", flag, known);
  const single = (name: keyof RawFlags["strings"]): string | undefined => {
    const values = strings[name];
    if (values.length > 1) throw new UsageError(`Cannot take --${name} more than once`);
    if (values[0] === "") throw new UsageError(`Cannot read --${name}: it needs a value`);
    return values[0];
  };
  const [scenario, more] = words;
  if (scenario === undefined) throw new UsageError(`Name a scenario\n\n${usage}`);
  if (more !== undefined) throw new UsageError(`Cannot run two scenarios: ${scenario} and ${more}`);
  const crypto = single("crypto");
  if (crypto !== undefined) onlyKnown({ [crypto]: 0 }, cryptoNames, "cryptography");
  const stage = single("stage");
  if (stage !== undefined) onlyKnown({ [stage]: 0 }, stageNames, "stage");
  const args: Arguments = {
    scenario: String(scenario),
    seed: whole("--seed", single("seed"), 0),
    seeds: pair("--seeds", single("seeds"), ".."),
    set: strings.set,
    file: single("file"),
    out: single("out"),
    crypto: crypto as CryptoName | undefined,
    workers: whole("--workers", single("workers"), 1),
    shard: pair("--shard", single("shard"), "/"),
    twice: booleans.twice,
    trace: booleans.trace,
    json: booleans.json,
    live: booleans.live,
    stage: stage as StageName | undefined,
    profile: single("profile"),
  };
  checkTogether(args);
  return args;
}

/** What makes no sense together, or alone, is refused rather than ignored. */
function checkTogether(args: Arguments): void {
  checkLive(args);
  const { seed, seeds, workers, shard, twice, trace } = args;
  if (seeds === undefined) {
    if (workers !== undefined) throw new UsageError("Cannot use --workers without --seeds");
    if (shard !== undefined) throw new UsageError("Cannot use --shard without --seeds");
    return;
  }
  if (seed !== undefined) throw new UsageError("Cannot use --seed and --seeds together");
  if (twice) throw new UsageError("Cannot use --twice with --seeds: name one --seed");
  if (trace) throw new UsageError("Cannot use --trace with --seeds: name one --seed");
  if (seeds[1] < seeds[0]) {
    throw new UsageError(`Cannot read --seeds ${seeds.join("..")}: none in it`);
  }
  if (shard !== undefined && !(shard[0] >= 1 && shard[0] <= shard[1])) {
    throw new UsageError(`Cannot read --shard ${shard.join("/")}: from 1/n to n/n`);
  }
}

function checkLive({ live, stage, profile, seeds, twice, trace, crypto }: Arguments): void {
  if (!live) {
    if (stage !== undefined) throw new UsageError("Cannot use --stage without --live");
    if (profile !== undefined) throw new UsageError("Cannot use --profile without --live");
    return;
  }
  const none = { "--seeds": seeds !== undefined, "--twice": twice, "--trace": trace };
  for (const [flag, isGiven] of Object.entries(none)) {
    if (isGiven) throw new UsageError(`Cannot use ${flag} with --live: no two real runs are alike`);
  }
  if (crypto !== undefined) throw new UsageError("Cannot use --crypto with --live: it is real");
}

function whole(flag: string, text: string | undefined, least: number): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(Number.isSafeInteger(value) && value >= least)) {
    throw new UsageError(`Cannot read ${flag} ${text}: a whole number from ${least}`);
  }
  return value;
}

function pair(flag: string, text: string | undefined, between: string) {
  if (text === undefined) return undefined;
  const parts = text.split(between);
  if (parts.length !== 2) {
    throw new UsageError(`Cannot read ${flag} ${text}: two whole numbers with ${between} between`);
  }
  return [whole(flag, parts[0], 0)!, whole(flag, parts[1], 0)!] as const;
}
