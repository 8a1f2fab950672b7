/** Results of made-up runs, one to a seed, and ways to change them. */

import { Stream } from "../../runtime/core/random.ts";
import type { ContentResult, RunResult } from "../../sim/record.ts";
import { exampleRun } from "./example_run.ts";

/** A good result for each seed, none like another. */
export function exampleResults(seeds: readonly number[]): RunResult[] {
  return seeds.map((seed) => {
    const { result } = exampleRun({ seed, peers: 12, stuck: 0, faults: [] });
    return { ...result, digest: `digest of ${seed}` };
  });
}

/** The same runs after a change of behaviour: another digest, and contents that differ as told. */
export function changed(
  results: readonly RunResult[],
  change: (content: ContentResult, random: Stream) => Partial<ContentResult>,
): RunResult[] {
  return results.map((result) => {
    const random = new Stream(`change/${result.seed}`);
    return {
      ...result,
      digest: `${result.digest}, changed`,
      contents: result.contents!.map((content) => ({ ...content, ...change(content, random) })),
    };
  });
}

/** The same runs with one claim failing in one of them. */
export function failing(results: readonly RunResult[], seed: number, name: string): RunResult[] {
  return results.map((result) =>
    result.seed !== seed ? result : {
      ...result,
      ok: false,
      claims: result.claims.map((claim) => claim.name === name ? { ...claim, ok: false } : claim),
    }
  );
}
