/** A baseline: which runs to repeat, and what they gave when somebody last agreed to it. */

import type { RunResult } from "../sim/record.ts";
import type { Tolerances } from "./compare.ts";
import { isKind, KINDS, type Tolerance } from "./metrics.ts";
import { nearest } from "../runtime/core/nearest.ts";

/** What one baseline file holds. */
export interface Baseline {
  /** Its file's name without `.json`. */
  readonly name: string;
  readonly scenario: string;
  /** What follows the scenario on the command line of each run, but for the seed. */
  readonly args: readonly string[];
  readonly seeds: readonly number[];
  /** By seed; empty until `--update` has run for the first time. */
  readonly results: readonly RunResult[];
  /** By kind of metric, only those that differ from what metrics.ts says. */
  readonly tolerance: Tolerances;
}

/** A baseline from its file's text, or what is wrong with the text, in one sentence. */
export function readBaseline(name: string, text: string): Baseline | string {
  const cannot = (why: string) => `Cannot read baseline "${name}": ${why}`;
  const value = parsed(text);
  if (!isObject(value)) return cannot("it is not a JSON object");
  const { scenario, args = [], seeds, results = [], tolerance = {} } = value;
  if (typeof scenario !== "string" || !/^scenarios\/[\w./-]+\.ts$/.test(scenario)) {
    return cannot(`"scenario" is not the path of a scenario`);
  }
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) {
    return cannot(`"args" is not a list of texts`);
  }
  if (!Array.isArray(seeds) || seeds.length === 0 || !seeds.every(Number.isSafeInteger)) {
    return cannot(`"seeds" is not a list of whole numbers`);
  }
  if (new Set(seeds).size !== seeds.length) return cannot("a seed is there twice");
  if (!Array.isArray(results)) return cannot(`"results" is not a list`);
  const runs = results.map(readResult);
  const spoilt = runs.find((run) => typeof run === "string");
  if (spoilt !== undefined) return cannot(`a result ${spoilt}`);
  const tolerances = readTolerances(tolerance);
  if (typeof tolerances === "string") return cannot(tolerances);
  return { name, scenario, args, seeds, results: runs as RunResult[], tolerance: tolerances };
}

/** The text of a baseline's file, one result to a line, so that a change is a short diff. */
export function writeBaseline(baseline: Baseline): string {
  const { scenario, args, seeds, results, tolerance } = baseline;
  const lines = [
    `"scenario": ${JSON.stringify(scenario)}`,
    `"args": ${JSON.stringify(args)}`,
    `"seeds": ${JSON.stringify(seeds)}`,
    ...Object.keys(tolerance).length === 0 ? [] : [`"tolerance": ${JSON.stringify(tolerance)}`],
    `"results": [\n    ${results.map((result) => JSON.stringify(result)).join(",\n    ")}\n  ]`,
  ];
  return `{\n  ${lines.join(",\n  ")}\n}\n`;
}

/** What `deno task sim --json` printed, or why it cannot be that, as the end of a sentence. */
export function readResult(value: unknown): RunResult | string {
  if (!isObject(value)) return "is not a JSON object";
  if (value.v !== 1) return `has version ${JSON.stringify(value.v)}, this is version 1`;
  const texts = ["scenario", "digest", "mode", "replay"];
  const numbers = ["seed", "nodes", "events", "virtualSeconds", "wallSeconds"];
  const lacking = texts.find((key) => typeof value[key] !== "string") ??
    numbers.find((key) => typeof value[key] !== "number") ??
    (typeof value.ok === "boolean" ? undefined : "ok");
  if (lacking !== undefined) return `has no usable "${lacking}"`;
  if (!isListOf(value.claims, claimKeys)) return `has no usable "claims"`;
  if (value.contents !== undefined && !isListOf(value.contents, contentKeys)) {
    return `has no usable "contents"`;
  }
  const spoilt = (["messages", "requests"] as const).find((key) =>
    value[key] !== undefined && !hasKeys(value[key], countKeys[key])
  );
  return spoilt === undefined ? value as unknown as RunResult : `has no usable "${spoilt}"`;
}

/** By key: the types a value may have. A time that never came is null. */
type Keys = Readonly<Record<string, readonly string[]>>;

const text = ["string"], number = ["number"], time = ["number", "null"];
const claimKeys: Keys = { name: text, ok: ["boolean"], target: text, actual: text };
const contentKeys: Keys = {
  name: text,
  bytes: number,
  wanted: number,
  completed: number,
  p50Seconds: time,
  p95Seconds: time,
  lastSeconds: time,
  floorRatio: time,
  sourceCopies: number,
  wastedBytes: number,
};
const countKeys: Readonly<Record<"messages" | "requests", Keys>> = {
  messages: { lost: number, duplicated: number, p50Seconds: time, p99Seconds: time },
  requests: {
    issued: number,
    served: number,
    duplicated: number,
    p50Seconds: time,
    p99Seconds: time,
  },
};

function isListOf(value: unknown, keys: Keys): boolean {
  return Array.isArray(value) && value.every((item) => hasKeys(item, keys));
}

function hasKeys(value: unknown, keys: Keys): boolean {
  return isObject(value) &&
    Object.entries(keys).every(([key, types]) =>
      types.includes(value[key] === null ? "null" : typeof value[key])
    );
}

function readTolerances(value: unknown): Tolerances | string {
  if (!isObject(value)) return `"tolerance" is not an object`;
  const tolerances: Record<string, Tolerance> = {};
  for (const [name, limits] of Object.entries(value)) {
    if (!isKind(name)) {
      const near = nearest(name, Object.keys(KINDS));
      return `there is no metric "${name}"${near === undefined ? "" : `, did you mean "${near}"?`}`;
    }
    const { relative = 0, absolute = 0 } = isObject(limits) ? limits : { relative: -1 };
    const good = [relative, absolute].every((limit) => typeof limit === "number" && limit >= 0);
    if (!good) return `"tolerance" of "${name}" is not {"relative": part, "absolute": amount}`;
    tolerances[name] = { relative: relative as number, absolute: absolute as number };
  }
  return tolerances;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
