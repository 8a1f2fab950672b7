/**
 * Whole scenarios, run by the task that a person runs: how long they take here, and how near they
 * come to what no network can beat. The latter are the same on every machine.
 */
import type { RunResult } from "../../sim/record.ts";
import type { Bench, Row, Skipped } from "./row.ts";

/** Of several runs the fastest, for others use the machine too. */
const RUNS = 3;

const GIGABYTE = 1e9;

const CLEAN = ["scenarios/lab50.ts", "--set", "faults=none"];
const MIXED = [...CLEAN, "--set", "uplinks=mixed"];

/** A run, and the most memory that it ever had, in bytes. */
interface Run {
  readonly result: RunResult;
  readonly memory: number;
}

export const benches: readonly Bench[] = [
  atMost("lab50-wall", 3, "s", () => fastest(CLEAN)),
  atMost("lab50-ratio", 1.05, "x floor", () => ofLecture(CLEAN, ({ floorRatio }) => floorRatio)),
  atMost("lab50-copies", 1.1, "copies", () => ofLecture(CLEAN, (each) => each.sourceCopies)),
  atMost("lab50-wasted", 0.005, "of all", () => ofLecture(CLEAN, wastedPart)),
  atMost("lab50-faults", 1.15, "x floor", () => claimed(["scenarios/lab50.ts"], "who never crash")),
  atMost("lab50-mixed", 1.1, "x floor", () => ofLecture(MIXED, ({ floorRatio }) => floorRatio)),
  atMost("lab500-wall", 20, "s", () => fastest(["scenarios/lab500.ts"], 2)),
  atMost("lab500-memory", 2, "GB", async () => {
    return (await once(["scenarios/lab500.ts"])).memory / GIGABYTE;
  }),
  atMost("mesh10k-wall", 60, "s", () => fastest(["scenarios/mesh10k.ts"], 1)),
  { name: "simgrid-pair", measure: pair },
];

function atMost(name: string, target: number, unit: string, value: () => Promise<number>): Bench {
  return {
    name,
    async measure() {
      const measured = await value();
      return { name, value: measured, unit, target, ok: measured <= target };
    },
  };
}

type Lecture = NonNullable<RunResult["contents"]>[number];

async function ofLecture(words: readonly string[], value: (lecture: Lecture) => number) {
  const lecture = (await once(words)).result.contents?.[0];
  if (lecture === undefined) throw new Error(`No lecture in ${words.join(" ")}`);
  return lecture.completed < lecture.wanted ? Infinity : value(lecture);
}

function wastedPart({ wastedBytes, bytes, wanted }: Lecture): number {
  return wastedBytes / (bytes * wanted);
}

/** The number that a claim is about, by the beginning of the claim's name. */
async function claimed(words: readonly string[], name: string): Promise<number> {
  const { claims } = (await once(words)).result;
  const claim = claims.find((each) => each.name.startsWith(name));
  return claim === undefined ? NaN : parseFloat(claim.actual);
}

async function fastest(words: readonly string[], runs = RUNS): Promise<number> {
  let { wallSeconds } = (await once(words)).result;
  for (let more = 1; more < runs; more++) {
    wallSeconds = Math.min(wallSeconds, (await run(words)).result.wallSeconds);
  }
  return wallSeconds;
}

const known = new Map<string, Promise<Run>>();

/** The same run does for several figures. */
function once(words: readonly string[]): Promise<Run> {
  const key = words.join(" ");
  const found = known.get(key) ?? run(words);
  known.set(key, found);
  return found;
}

async function run(words: readonly string[]): Promise<Run> {
  const { code, out, error } = await deno(["task", "sim", ...words, "--json"]);
  // 99 says that a claim has failed: the figures are there all the same.
  if (code !== 0 && code !== 99) throw new Error(`Cannot run ${words.join(" ")}: ${lastOf(error)}`);
  const memory = Number(/^memory: +(\d+) MB/m.exec(error)?.[1] ?? NaN) * 1e6;
  return { result: JSON.parse(lastOf(out)), memory };
}

/** Our transfers per second over those of SimGrid at its fastest, on the same load. */
async function pair(): Promise<Row | Skipped> {
  const name = "simgrid-pair", program = "tests/bench/simgrid/paired.ts";
  const { code, out, error } = await deno(["run", "--no-prompt", "--allow-all", program, "--json"]);
  if (code !== 0) throw new Error(`Cannot run ${program}: ${lastOf(error)}`);
  const { skipped, ratio } = JSON.parse(lastOf(out)) as { skipped?: string; ratio: number };
  if (skipped !== undefined) return { name, skipped };
  return { name, value: ratio, unit: "x SimGrid", target: 1, ok: ratio > 1 };
}

async function deno(args: readonly string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

function lastOf(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
