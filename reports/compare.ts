/** Runs against the runs of a baseline, seed by seed: what changed, and whether that is a regression. */

import type { RunResult } from "../sim/record.ts";
import { type Draw, type Interval, meanInterval } from "./bootstrap.ts";
import { type KindName, KINDS, type Metric, metricsOf, type Tolerance } from "./metrics.ts";

/**
 * identical: the digests say that every step is the same. within: something differs, nothing by more
 * than its tolerance. broken: a run gave no result at all.
 */
export type Verdict =
  | "identical"
  | "within"
  | "better"
  | "worse"
  | "missing"
  | "incompatible"
  | "broken";

/** One metric on both sides. */
export interface MetricChange {
  readonly of: string;
  readonly kind: KindName;
  /** Means over the seeds. */
  readonly before: number;
  readonly now: number;
  /** The mean of the paired differences may rise to this. */
  readonly allowed: number;
  /** 95 % confidence of that mean; left out where there are too few seeds to resample. */
  readonly interval?: Interval;
  readonly verdict: "same" | "within" | "better" | "worse";
}

/** One claim on both sides. */
export interface ClaimChange {
  readonly name: string;
  readonly verdict: "same" | "new" | "better" | "worse";
  /** What is the matter, in words; empty where it held and holds. */
  readonly why: string;
}

/** What became of one baseline. */
export interface Comparison {
  /** The baseline's name. */
  readonly name: string;
  /** The scenario's file. */
  readonly scenario: string;
  readonly seeds: readonly number[];
  readonly verdict: Verdict;
  /** One sentence. */
  readonly why: string;
  readonly metrics: readonly MetricChange[];
  readonly claims: readonly ClaimChange[];
  /** Advisory: seconds of this machine against seconds of the one that made the baseline. */
  readonly wallSeconds: { readonly before: number; readonly now: number };
  readonly virtualSeconds: number;
  /** How to see the run that the verdict is about again: the first, where no seed is to blame. */
  readonly replay: string;
}

/** Tolerances that differ from those of the kinds. */
export type Tolerances = Readonly<Partial<Record<KindName, Tolerance>>>;

/** Fewer pairs than these cannot be resampled: their mean difference is taken as it is. */
const FEWEST_TO_RESAMPLE = 5;

/** Compares runs of one scenario with its baseline on the same seeds. */
export function compare(
  current: readonly RunResult[],
  baseline: readonly RunResult[],
  tolerances: Tolerances,
  draw: Draw,
): Comparison {
  const first = current[0] ?? baseline[0];
  const about = {
    name: first?.scenario ?? "",
    scenario: first?.scenario ?? "",
    seeds: sorted(current.length > 0 ? current : baseline).map(({ seed }) => seed),
    metrics: [],
    claims: [],
    wallSeconds: { before: total(baseline, "wallSeconds"), now: total(current, "wallSeconds") },
    virtualSeconds: total(current, "virtualSeconds"),
    replay: current[0]?.replay ?? "",
  };
  if (baseline.length === 0) {
    return { ...about, verdict: "missing", why: "There is no baseline to hold these runs against" };
  }
  const obstacle = obstacleTo(current, baseline);
  if (obstacle !== undefined) return { ...about, verdict: "incompatible", why: obstacle };
  const pairs = paired(current, baseline);
  const claims = claimChanges(pairs);
  const identical = pairs.every(({ now, before }) => now.digest === before.digest);
  const metrics = identical ? [] : metricChanges(pairs, tolerances, draw);
  const replay = blamed(pairs, metrics)?.now.replay ?? about.replay;
  return { ...about, claims, metrics, replay, ...verdictOf(identical, metrics, claims) };
}

interface Pair {
  readonly now: RunResult;
  readonly before: RunResult;
}

function verdictOf(
  identical: boolean,
  metrics: readonly MetricChange[],
  claims: readonly ClaimChange[],
): { verdict: Verdict; why: string } {
  // Claims first, and even where the steps are the same: a check that fails never passes unseen.
  const failed = claims.filter(({ verdict }) => verdict === "worse").length;
  const worse = metrics.filter(({ verdict }) => verdict === "worse").length;
  const better = metrics.filter(({ verdict }) => verdict === "better").length;
  if (failed + worse > 0) {
    const parts = [
      ...failed > 0 ? [`${failed} claim${failed === 1 ? "" : "s"} no longer held`] : [],
      ...worse > 0 ? [`${worse} metric${worse === 1 ? "" : "s"} beyond tolerance`] : [],
    ];
    return { verdict: "worse", why: parts.join(", ") };
  }
  if (identical) {
    return { verdict: "identical", why: "No behavioural change: the digests are equal" };
  }
  if (better > 0) {
    return { verdict: "better", why: `${better} metric${better === 1 ? "" : "s"} better` };
  }
  return { verdict: "within", why: "Behaviour changed, every metric within its tolerance" };
}

/** The pair to look at first: where a claim fell, or else where the first bad metric rose the most. */
function blamed(pairs: readonly Pair[], metrics: readonly MetricChange[]): Pair | undefined {
  const fallen = pairs.find((pair) =>
    claimChanges([pair]).some(({ verdict }) => verdict === "worse")
  );
  const bad = metrics.find(({ verdict }) => verdict === "worse");
  if (fallen !== undefined || bad === undefined) return fallen;
  const value = (run: RunResult) =>
    metricsOf(run).find(({ of, kind }) => of === bad.of && kind === bad.kind)?.value ?? 0;
  const risen = (pair: Pair) => value(pair.now) - value(pair.before);
  return pairs.reduce((worst, pair) => risen(pair) > risen(worst) ? pair : worst);
}

/** Why the two sides cannot be compared, in one sentence; undefined where they can. */
function obstacleTo(
  current: readonly RunResult[],
  baseline: readonly RunResult[],
): string | undefined {
  const odd = [...current, ...baseline].find(({ v }) => v !== 1);
  if (odd !== undefined) return `Cannot compare: a result has version ${odd.v}, this is version 1`;
  const seeds = (runs: readonly RunResult[]) => sorted(runs).map(({ seed }) => seed).join(", ");
  if (seeds(current) !== seeds(baseline)) {
    return `Cannot compare: the baseline has seeds ${seeds(baseline)}, the runs ${
      seeds(current) || "none"
    }`;
  }
  for (const { now, before } of paired(current, baseline)) {
    const differing = (["scenario", "mode", "nodes"] as const).find((key) =>
      now[key] !== before[key]
    );
    if (differing !== undefined) {
      return `Cannot compare: ${differing} was ${before[differing]}, is ${now[differing]}`;
    }
    const [was, is] = [shape(before), shape(now)];
    const gone = was.find((thing) => !is.includes(thing));
    if (gone !== undefined) return `Cannot compare: the runs have no ${gone}`;
    const added = is.find((thing) => !was.includes(thing));
    if (added !== undefined) return `Cannot compare: the baseline has no ${added}`;
  }
  return undefined;
}

/** What a run measured, apart from how much of it. */
function shape(result: RunResult): string[] {
  const contents = (result.contents ?? []).map(({ name, bytes, wanted }) =>
    `content "${name}" of ${bytes} bytes for ${wanted} peers`
  );
  return [
    ...contents,
    ...result.messages === undefined ? [] : ["messages"],
    ...result.requests === undefined ? [] : ["requests"],
  ];
}

function metricChanges(
  pairs: readonly Pair[],
  tolerances: Tolerances,
  draw: Draw,
): MetricChange[] {
  const before = pairs.map((pair) => metricsOf(pair.before));
  const now = pairs.map((pair) => metricsOf(pair.now));
  // Every pair has the same shape, so a metric stands at the same place in each.
  return (before[0] ?? []).flatMap((metric, at) => {
    const values = pairs.map((_, pair) => ({
      before: (before[pair]?.[at] as Metric).value,
      now: (now[pair]?.[at] as Metric).value,
    }));
    const change = metricChange(metric, values, tolerances[metric.kind], draw);
    return change === undefined ? [] : [change];
  });
}

function metricChange(
  { of, kind }: Metric,
  all: readonly { before: number; now: number }[],
  own: Tolerance | undefined,
  draw: Draw,
): MetricChange | undefined {
  // What never ended has no time; that it did not is judged by the count of the unfinished.
  const values = all.filter(({ before, now }) => Number.isFinite(before) && Number.isFinite(now));
  if (values.length === 0) return undefined;
  const before = mean(values.map((value) => value.before));
  const now = mean(values.map((value) => value.now));
  const { relative, absolute } = own ?? KINDS[kind].tolerance;
  const allowed = relative * Math.abs(before) + absolute;
  const effects = values.map((value) => value.now - value.before);
  const change = { of, kind, before, now, allowed };
  if (effects.every((effect) => effect === 0)) return { ...change, verdict: "same" };
  const effect = mean(effects);
  const resampled = values.length >= FEWEST_TO_RESAMPLE;
  const { low, high } = resampled ? meanInterval(effects, draw) : { low: effect, high: effect };
  // A rounding error of the mean must not carry a value across its limit.
  const slack = 1e-9 * Math.max(1, Math.abs(before));
  const verdict = low > allowed + slack ? "worse" : high < -allowed - slack ? "better" : "within";
  return { ...change, verdict, ...(resampled ? { interval: { low, high } } : {}) };
}

/** Each claim once, over all seeds: the worst that happened to it. */
function claimChanges(pairs: readonly Pair[]): ClaimChange[] {
  const names = new Set(
    pairs.flatMap(({ before, now }) => [...before.claims, ...now.claims].map(({ name }) => name)),
  );
  return [...names].map((name) => {
    const told = pairs.map(({ before, now }) => claimChange(name, before, now));
    return told.find(({ verdict }) => verdict === "worse") ??
      told.find(({ verdict }) => verdict !== "same") ?? told[0] as ClaimChange;
  });
}

function claimChange(name: string, before: RunResult, now: RunResult): ClaimChange {
  const was = before.claims.find((claim) => claim.name === name);
  const is = now.claims.find((claim) => claim.name === name);
  if (is === undefined) return { name, verdict: "worse", why: "is no longer claimed" };
  const told = `seed ${now.seed}: target ${is.target}, actual ${is.actual}`;
  if (is.ok) {
    if (was === undefined) return { name, verdict: "new", why: "is new, and holds" };
    return was.ok
      ? { name, verdict: "same", why: "" }
      : { name, verdict: "better", why: `holds now, ${told}` };
  }
  return was !== undefined && !was.ok
    ? { name, verdict: "same", why: `still fails, ${told}` }
    : { name, verdict: "worse", why: `fails, ${told}` };
}

function paired(current: readonly RunResult[], baseline: readonly RunResult[]): Pair[] {
  const before = sorted(baseline);
  return sorted(current).map((now, at) => ({ now, before: before[at] as RunResult }));
}

function sorted(runs: readonly RunResult[]): RunResult[] {
  return [...runs].sort((one, other) => one.seed - other.seed);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function total(runs: readonly RunResult[], key: "wallSeconds" | "virtualSeconds"): number {
  return runs.reduce((sum, run) => sum + run[key], 0);
}
