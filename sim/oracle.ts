/**
 * The one source of chance of a run.
 *
 * 1. Every stream is named: (seed, purpose, machine, boot). A draw added in one place shifts
 *    nothing elsewhere.
 * 2. What the world decides (losses, delays, faults) goes through `decide` and onto the tape; what
 *    nodes draw for themselves does not, since it follows from the same names.
 * 3. A tape that is played back gives the same decisions, whatever the streams say. It refuses to
 *    answer a question that is not the one it was asked when it was recorded.
 */
import { assert, Stream } from "../runtime/core/mod.ts";
import { rootOf } from "./root.ts";

/** One decision of the world: what was asked, among how many answers, and the answer. */
export interface Decision {
  readonly label: string;
  readonly bound: number;
  readonly value: number;
}

export interface OracleOptions {
  readonly seed: number;
  /** Decisions kept for a report; all of them where a tape is wanted for replay or shrinking. */
  readonly keep?: number | "all";
  /** Decisions to give instead of drawing. */
  readonly replay?: readonly Decision[];
}

/** Enough to show what happened shortly before a failure. */
const RECENT = 4096;

export class Oracle {
  readonly #root: string;
  readonly #labels: string[] = [];
  readonly #bounds: number[] = [];
  readonly #values: number[] = [];
  readonly #kept: number;
  readonly #replay: readonly Decision[] | undefined;
  #count = 0;

  constructor({ seed, keep = RECENT, replay }: OracleOptions) {
    this.#root = rootOf(seed);
    this.#kept = keep === "all" ? Infinity : keep;
    this.#replay = replay;
  }

  /** Decisions so far. */
  get count(): number {
    return this.#count;
  }

  /** The stream of a purpose: `node/ana/boot 0`, `loss/3>7`. */
  stream(purpose: string): Stream {
    return new Stream(`${this.#root}/${purpose}`);
  }

  /** A whole number in [0, bound), written on the tape. */
  decide(stream: Stream, label: string, bound: number): number {
    const value = this.#replay === undefined ? stream.below(bound) : this.#replayed(label, bound);
    const at = this.#kept === Infinity ? this.#count : this.#count % this.#kept;
    this.#labels[at] = label;
    this.#bounds[at] = bound;
    this.#values[at] = value;
    this.#count++;
    return value;
  }

  /** True in `parts` of a million cases; certainties are not drawn. */
  happens(stream: Stream, label: string, parts: number): boolean {
    if (parts <= 0) return false;
    if (parts >= 1_000_000) return true;
    return this.decide(stream, label, 1_000_000) < parts;
  }

  /** A whole number in [least, most]. */
  between(stream: Stream, label: string, least: number, most: number): number {
    if (most <= least) return least;
    // Wider than 32 bits (4.3 s in nanoseconds): microseconds are fine enough there.
    const span = most - least + 1;
    if (span <= 0x1_0000_0000) return least + this.decide(stream, label, span);
    const step = Math.ceil(span / 0x1_0000_0000);
    return Math.min(most, least + step * this.decide(stream, label, Math.ceil(span / step)));
  }

  /** The decisions kept, oldest first. */
  tape(): Decision[] {
    const kept = Math.min(this.#count, this.#kept);
    const tape: Decision[] = [];
    for (let turn = this.#count - kept; turn < this.#count; turn++) {
      const at = this.#kept === Infinity ? turn : turn % this.#kept;
      tape.push({ label: this.#labels[at]!, bound: this.#bounds[at]!, value: this.#values[at]! });
    }
    return tape;
  }

  #replayed(label: string, bound: number): number {
    const next = this.#replay![this.#count];
    assert(next !== undefined, `the tape ends before decision ${this.#count} (${label})`);
    assert(
      next.label === label && next.bound === bound && next.value < bound,
      `decision ${this.#count} is ${label} of ${bound}, but the tape says ${next.label} of ${next.bound}`,
    );
    return next.value;
  }
}
