/** Follows a run against what the scenario says of it: claims, cues and tallies, by machine. */
import type { AppEvent } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { EventClaim, IsDown } from "./claims.ts";
import type { Cue } from "./deeds.ts";
import type { ClaimResult } from "./record.ts";
import type { Stage } from "./stage.ts";
import type { Nanos } from "./units.ts";

const NO_CUES: readonly Cue[] = [];

export class Story {
  readonly #stage: Stage<unknown>;
  /** By machine: the claims that are about it. */
  readonly #claims: EventClaim[][] = [];
  /** Who was down when a claim fell due. */
  readonly #down = new Map<EventClaim, ReadonlySet<Actor>>();
  #undecided: EventClaim[];

  constructor(stage: Stage<unknown>) {
    this.#stage = stage;
    for (const claim of stage.claims) {
      for (const { index } of claim.actors) (this.#claims[index] ??= []).push(claim);
    }
    this.#undecided = [...stage.claims];
  }

  /** When claims fall due, each time once. */
  get deadlines(): readonly Nanos[] {
    return [...new Set(this.#stage.claims.map((claim) => claim.options.by))];
  }

  /** A node has told something: the cues that this is. */
  told(now: Nanos, actor: Actor, event: AppEvent): readonly Cue[] {
    for (const claim of this.#claims[actor.index] ?? []) claim.told(now, actor, event);
    for (const tally of this.#stage.tallies) tally.told(actor, event);
    if (this.#stage.cues.length === 0) return NO_CUES;
    const cues = this.#stage.cues.filter((cue) =>
      !cue.done && cue.actors.has(actor) && cue.test(event, actor)
    );
    for (const cue of cues) cue.done = !cue.each;
    return cues;
  }

  /** No event can change the result any more. A story without claims is never decided. */
  isDecided(now: Nanos): boolean {
    if (this.#stage.claims.length === 0) return false;
    this.#undecided = this.#undecided.filter((claim) => !claim.isDecided(now));
    return this.#undecided.length === 0;
  }

  /** The claims that are due by now excuse who is down now. */
  close(by: Nanos, isDown: IsDown): void {
    for (const claim of this.#stage.claims) {
      if (claim.options.by > by || this.#down.has(claim)) continue;
      this.#down.set(claim, new Set(claim.actors.filter(isDown)));
    }
  }

  /** In the order in which the scenario claims. */
  results(): ClaimResult[] {
    return this.#stage.claims.map((claim) =>
      claim.result((actor) => this.#down.get(claim)?.has(actor) ?? false)
    );
  }
}
