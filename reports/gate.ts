/** The gate: every baseline's runs again, each against what it was, and one exit code for all. */

import type { RunResult } from "../sim/record.ts";
import type { Baseline } from "./baseline.ts";
import { repeatableDraws } from "./bootstrap.ts";
import { compare, type Comparison } from "./compare.ts";

/** One run that is wanted. */
export interface RunRequest {
  readonly scenario: string;
  readonly args: readonly string[];
  readonly seed: number;
}

/** A run that gave no result, and why, in one sentence. */
export interface Broken {
  readonly broken: string;
}

/** Whatever performs runs: child processes, files of earlier runs, a test. */
export type Runner = (request: RunRequest) => Promise<RunResult | Broken>;

/** 0 no regression, 1 a run broke, 3 incompatible, 97 a baseline is missing, 99 a regression. */
export type ExitCode = 0 | 1 | 3 | 97 | 99;

/** What became of all baselines. */
export interface GateReport {
  readonly comparisons: readonly Comparison[];
  readonly exitCode: ExitCode;
  /** The baselines with the results of now, to be kept where somebody agrees to them. */
  readonly renewed: readonly Baseline[];
}

/** Repeats the runs of all baselines, one after another: side by side they would spoil wall time. */
export async function gate(baselines: readonly Baseline[], run: Runner): Promise<GateReport> {
  const comparisons: Comparison[] = [];
  const renewed: Baseline[] = [];
  for (const baseline of baselines) {
    const results: RunResult[] = [];
    let broken: string | undefined;
    for (const seed of baseline.seeds) {
      const { scenario, args } = baseline;
      const result = await run({ scenario, args, seed });
      if ("broken" in result) {
        broken = result.broken;
        break;
      }
      results.push(result);
    }
    comparisons.push(judged(baseline, results, broken));
    if (broken === undefined) renewed.push({ ...baseline, results });
  }
  return { comparisons, renewed, exitCode: exitCodeOf(comparisons) };
}

function judged(
  baseline: Baseline,
  results: readonly RunResult[],
  broken: string | undefined,
): Comparison {
  const { name, scenario, seeds, tolerance } = baseline;
  // Draws begin anew for each baseline: one more baseline changes no other's interval.
  const comparison = {
    ...compare(results, baseline.results, tolerance, repeatableDraws()),
    name,
    scenario,
    seeds,
  };
  if (broken !== undefined) {
    return { ...comparison, verdict: "broken", why: broken, metrics: [], claims: [] };
  }
  return comparison;
}

/** The gravest of all verdicts decides; no baseline at all is a missing one. */
function exitCodeOf(comparisons: readonly Comparison[]): ExitCode {
  const is = (verdict: Comparison["verdict"]) =>
    comparisons.some((comparison) => comparison.verdict === verdict);
  if (is("broken")) return 1;
  if (is("worse")) return 99;
  if (is("incompatible")) return 3;
  return is("missing") || comparisons.length === 0 ? 97 : 0;
}
