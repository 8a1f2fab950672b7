/**
 * Many seeds of one scenario. Whoever runs them, and in whatever order they are done: what is said is
 * said in the order of the seeds, and one digest stands for all.
 */
import { Digest } from "./digest.ts";
import type { RunRecord, RunResult } from "./record.ts";

/** What a sweep needs to know of one run. */
type Finished =
  | { readonly kind: "done"; readonly record: RunRecord }
  | {
    readonly kind: "failed";
    readonly fault: "usage" | "input" | "bug";
    readonly message: string;
    readonly replay: string;
  };

export class Sweep {
  /** The seeds of this part of the sweep. */
  readonly seeds: readonly number[];
  /** In the order of the seeds, up to the first one that is not done. */
  readonly results: RunResult[] = [];
  readonly failures = { usage: 0, input: 0, bug: 0, claim: 0 };
  #given = 0;
  #said = 0;
  readonly #waiting = new Map<number, Finished>();
  readonly #digest = new Digest();

  /** Of `parts` parts, the `part`-th, from 1: every parts-th seed. */
  constructor([first, last]: readonly [number, number], [part, parts]: readonly [number, number]) {
    const seeds: number[] = [];
    for (let seed = first + part - 1; seed <= last; seed += parts) seeds.push(seed);
    this.seeds = seeds;
  }

  /** The next seed to run. */
  next(): number | undefined {
    return this.seeds[this.#given++];
  }

  /** A seed is done: the lines that can now be said. */
  done(seed: number, outcome: Finished, json: boolean): string[] {
    this.#waiting.set(seed, outcome);
    const lines: string[] = [];
    for (; this.#said < this.seeds.length; this.#said++) {
      const seed = this.seeds[this.#said]!;
      const outcome = this.#waiting.get(seed);
      if (outcome === undefined) break;
      this.#waiting.delete(seed);
      lines.push(...this.#tell(seed, outcome, json));
    }
    return lines;
  }

  /** How many did well, and what tells this sweep from another. */
  summary(scenario: string): string {
    const { usage, input, bug, claim } = this.failures;
    const failed = usage + input + bug + claim;
    const range = `seeds ${this.seeds[0]}..${this.seeds.at(-1)}`;
    const done = this.#said === this.seeds.length ? "" : ` of ${this.seeds.length}`;
    const verdict = failed === 0 ? "all hold" : `${failed} failed`;
    return `${scenario}  ${range}  ${this.#said}${done} runs, ${verdict}  digest ${this.#digest.hex()}`;
  }

  #tell(seed: number, outcome: Finished, json: boolean): string[] {
    this.#digest.number(seed);
    if (outcome.kind === "failed") {
      this.failures[outcome.fault]++;
      this.#digest.text(outcome.fault);
      if (json) return [];
      return [
        `FAIL  seed ${seed}  ${outcome.message.split("\n")[0]}`,
        `again:   ${outcome.replay}`,
      ];
    }
    const { result } = outcome.record;
    this.results.push(result);
    this.#digest.text(result.digest);
    if (!result.ok) this.failures.claim++;
    if (json) return [JSON.stringify(result)];
    if (result.ok) return [];
    const broken = result.claims.filter(({ ok }) => !ok);
    const what = broken.map(({ name, target, actual }) => `${name} (${target}: ${actual})`);
    return [`FAIL  seed ${seed}  ${what.join("; ")}`, `again:   ${result.replay}`];
  }
}
