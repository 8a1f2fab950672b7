/** What a story is made of once it is written: deeds at times, deeds on cue, and what is counted. */
import type { AppEvent, Command } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { EventTest } from "./claims.ts";
import type { Fault } from "./faults.ts";
import type { Nanos } from "./units.ts";

/** What an actor is asked: the same of all, or of each its own; on cue, by what was told. */
export type Asking<Event extends AppEvent = AppEvent> =
  | Command
  | ((actor: Actor, event: Event) => Command);

/** What happens at a time. */
export type Deed =
  | { readonly kind: "ask"; readonly actors: readonly Actor[]; readonly asking: Asking }
  | { readonly kind: "begin" | "end"; readonly fault: Fault };

export interface Act {
  readonly at: Nanos;
  readonly deed: Deed;
}

/** A deed that waits for an event: for the first one, or for each. */
export interface Cue {
  readonly actors: ReadonlySet<Actor>;
  readonly test: EventTest;
  readonly after: Nanos;
  readonly deed: Deed;
  readonly each: boolean;
  done: boolean;
}

/** Counts events, for numeric claims. */
export interface Tally {
  readonly count: number;
  of(actor: Actor): number;
}

/** A tally while it counts. */
export class Counter implements Tally {
  count = 0;
  readonly #byActor = new Map<Actor, number>();

  constructor(readonly actors: ReadonlySet<Actor>, readonly test: EventTest) {}

  told(actor: Actor, event: AppEvent): void {
    if (!this.actors.has(actor) || !this.test(event, actor)) return;
    this.count++;
    this.#byActor.set(actor, this.of(actor) + 1);
  }

  of(actor: Actor): number {
    return this.#byActor.get(actor) ?? 0;
  }
}
