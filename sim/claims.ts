/** What a scenario says will be true, and how far it was. */
import type { AppEvent } from "../runtime/core/mod.ts";
import { type Actor, named } from "./cast.ts";
import type { ClaimResult } from "./record.ts";
import { type Nanos, spoken } from "./units.ts";

/** A fact about an event that a node told. */
export type EventTest = (event: AppEvent, actor: Actor) => boolean;

/** The same, where the compiler learns from it which event it is. */
export type EventGuard<Event extends AppEvent> = (
  event: AppEvent,
  actor: Actor,
) => event is Event;

/** Says of each machine whether it is down, and so excused. */
export type IsDown = (actor: Actor) => boolean;

/** "Each of these tells such an event": at once, so often, in time. */
export class EventClaim {
  readonly actors: readonly Actor[];
  readonly #counts = new Map<Actor, number>();
  /** When each machine's count was reached. */
  readonly #reachedAt = new Map<Actor, Nanos>();
  /** Those that the claim is about, where it is not about all. */
  readonly #meant = new Set<Actor>();
  #late = 0;

  constructor(
    readonly name: string,
    actors: readonly Actor[],
    readonly test: EventTest,
    readonly options: {
      readonly from: Nanos;
      readonly by: Nanos;
      /** Exactly so often until `by`; undefined: at least once. */
      readonly times: number | undefined;
      /** So many machines at least; undefined: all that are not down. */
      readonly enough: number | undefined;
      /** A machine that is down at the deadline counts as one that failed. */
      readonly evenIfDown: boolean;
      /** Only machines that have told such an event are meant. */
      readonly given: EventTest | undefined;
    },
  ) {
    this.actors = actors;
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    const { from, by, times = 1, given } = this.options;
    if (given?.(event, actor)) this.#meant.add(actor);
    if (now < from || !this.test(event, actor)) return;
    if (now > by) {
      this.#late = Math.max(this.#late, now);
      return;
    }
    const count = (this.#counts.get(actor) ?? 0) + 1;
    this.#counts.set(actor, count);
    if (count === times) this.#reachedAt.set(actor, now);
  }

  /** True when nothing that happens from now on can change the result. */
  isDecided(now: Nanos): boolean {
    const { by, times, given } = this.options;
    if (now > by) return true;
    return times === undefined && given === undefined && this.#reachedAt.size >= this.#wanted(0);
  }

  result(isDown: IsDown): ClaimResult {
    const { by, times, evenIfDown, given } = this.options;
    let excused = 0, unmeant = 0, good = 0, last = 0;
    let lastActor: Actor | undefined;
    const bad: Actor[] = [];
    for (const actor of this.actors) {
      const count = this.#counts.get(actor) ?? 0;
      const holds = times === undefined ? count > 0 : count === times;
      if (holds) {
        good++;
        const at = this.#reachedAt.get(actor) ?? 0;
        if (lastActor === undefined || at > last) [last, lastActor] = [at, actor];
      } else if (given !== undefined && !this.#meant.has(actor)) unmeant++;
      else if (!evenIfDown && isDown(actor)) excused++;
      else bad.push(actor);
    }
    const wanted = this.#wanted(excused + unmeant);
    const ok = this.options.enough === undefined ? bad.length === 0 : good >= wanted;
    const timed = times !== 0 && lastActor !== undefined;
    const parts = [this.actors.length === 1 ? "" : `${good} of ${this.actors.length}`];
    if (timed) {
      parts.push(
        `${this.actors.length === 1 ? "" : `last: ${lastActor!.name} `}at ${spoken(last)}`,
      );
    }
    if (excused > 0) parts.push(`${excused} down`);
    if (unmeant > 0) parts.push(`${unmeant} not concerned`);
    if (!ok) parts.push(this.#complaint(bad));
    return {
      name: this.name,
      ok,
      target: this.#target(),
      actual: parts.filter((part) => part !== "").join(", ") || "holds",
      margin: ok ? (timed ? (by - last) / Math.max(by, 1) : 0) : Math.min(-1e-9, good / wanted - 1),
    };
  }

  #wanted(excused: number): number {
    return Math.max(1, this.options.enough ?? this.actors.length - excused);
  }

  #target(): string {
    const { by, times, enough } = this.options;
    const many = this.actors.length > 1
      ? `${enough ?? this.actors.length} of ${this.actors.length} `
      : "";
    const often = times === undefined ? "" : times === 0 ? "never " : `exactly ${times}x `;
    return `${many}${often}by ${spoken(by)}`;
  }

  #complaint(bad: readonly Actor[]): string {
    const { times } = this.options;
    const first = bad[0];
    if (first === undefined) return "too few";
    if (times !== undefined) return `${first.name} ${this.#counts.get(first) ?? 0}x`;
    return `missing: ${named(bad)}${this.#late > 0 ? `, late at ${spoken(this.#late)}` : ""}`;
  }
}

/** "This number of the run is at most so much." */
export interface ValueClaim<Run> {
  readonly name: string;
  readonly value: (run: Run) => number;
  readonly atMost?: number | undefined;
  readonly atLeast?: number | undefined;
  readonly unit: string;
  /** Means nothing where machines are as near as they are, and not at the rates of the scenario. */
  readonly needsRates: boolean;
}

/** The result of a numeric claim; no number at all fails it. */
export function valueResult<Run>(claim: ValueClaim<Run>, run: Run): ClaimResult {
  const { name, atMost, atLeast, unit } = claim;
  const value = claim.value(run);
  const margins: number[] = [];
  if (atMost !== undefined) margins.push((atMost - value) / (Math.abs(atMost) || 1));
  if (atLeast !== undefined) margins.push((value - atLeast) / (Math.abs(atLeast) || 1));
  const margin = Math.min(...margins);
  const ok = margin >= 0;
  const limits = [
    atLeast === undefined ? "" : `at least ${written(atLeast, unit)}`,
    atMost === undefined ? "" : `at most ${written(atMost, unit)}`,
  ];
  return {
    name,
    ok,
    target: limits.filter((limit) => limit !== "").join(", "),
    actual: Number.isNaN(value) ? "nothing measured" : written(value, unit),
    margin: Number.isFinite(margin) ? margin : ok ? 1 : -1,
  };
}

function written(value: number, unit: string): string {
  const digits = Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  return unit === ""
    ? digits
    : unit === "%" || unit === "x"
    ? `${digits}${unit}`
    : `${digits} ${unit}`;
}
