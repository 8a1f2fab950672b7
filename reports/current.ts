/** Results of earlier runs, read from text, for who has run them already. */

import type { RunResult } from "../sim/record.ts";
import { readResult } from "./baseline.ts";
import type { RunRequest } from "./gate.ts";

/**
 * All results in a file's text: one object, a list, or one object to a line, as `--json` prints. What
 * is no result of a run is left out; what claims to be one and is not, is told as a sentence.
 */
export function resultsIn(path: string, text: string): RunResult[] | string {
  const results: RunResult[] = [];
  for (const value of valuesIn(text)) {
    const found = isRecord(value) ? value.result : value;
    if (!looksLikeResult(found)) continue;
    const result = readResult(found);
    if (typeof result === "string") return `Cannot use ${path}: a result ${result}`;
    results.push(result);
  }
  return results;
}

/** The result of the run that is wanted, among those at hand. */
export function resultOf(
  request: RunRequest,
  results: readonly RunResult[],
): RunResult | undefined {
  const { scenario, args, seed } = request;
  const name = scenario.replace(/^.*\//, "").replace(/\.ts$/, "");
  const candidates = results.filter((result) => result.scenario === name && result.seed === seed);
  if (candidates.length < 2) return candidates[0];
  // The same scenario and seed with other settings: only the replay command tells them apart. It may
  // name more than was asked for (where a default was written out), but never less.
  const wanted = wordsOf([scenario, "--seed", seed, ...args].join(" "));
  const spare = (result: RunResult) => {
    const words = wordsOf(result.replay);
    return wanted.every((word) => words.includes(word)) ? words.length - wanted.length : Infinity;
  };
  const best = candidates.reduce((one, other) => spare(other) < spare(one) ? other : one);
  return spare(best) < Infinity ? best : undefined;
}

function valuesIn(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return text.split("\n").flatMap((line) => {
      try {
        return [JSON.parse(line) as unknown];
      } catch {
        return [];
      }
    });
  }
}

function isRecord(value: unknown): value is { result: unknown } {
  return typeof value === "object" && value !== null && "result" in value && "series" in value;
}

function looksLikeResult(value: unknown): boolean {
  return typeof value === "object" && value !== null && "digest" in value && "claims" in value;
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}
