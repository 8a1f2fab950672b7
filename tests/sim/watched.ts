/** A run of a small scenario, and everything its nodes were told and told: what tests claim things of. */
import type { AppEvent, Crypto, Input, Step } from "../../runtime/core/mod.ts";
import { withAccountedBodies } from "../../runtime/core/accounted.ts";
import { memoised } from "../../runtime/core/memoised.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import type { Actor } from "../../sim/cast.ts";
import {
  lan,
  scenario,
  type ScenarioDefinition,
  type Settings,
  type Stage,
} from "../../sim/mod.ts";
import { World, type WorldOptions } from "../../sim/world.ts";
import { echo, type EchoEvent } from "./echo.ts";

export interface Told {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: EchoEvent;
}

export interface Taken {
  readonly at: number;
  readonly who: string;
  readonly input: Input;
  readonly step: Step;
}

export interface Watched {
  readonly world: World;
  readonly told: readonly Told[];
  readonly taken: readonly Taken[];
  /** The events of one kind of one machine. */
  of(who: string, name: string): Told[];
  inputs<Kind extends Input["kind"]>(
    who: string,
    kind: Kind,
  ): (Taken & { readonly input: Input & { readonly kind: Kind } })[];
}

export type Play = (stage: Stage<never>) => void;

/** Bodies are accounted for, the rest is real. */
export function light(): Crypto {
  return memoised(withAccountedBodies(nodeCrypto));
}

/** Two machines or more on a quiet network, one millisecond apart, running `echo`. */
export function small(
  play: Play,
  changes: Partial<ScenarioDefinition<Settings>> = {},
): ScenarioDefinition<Settings> {
  return {
    seed: 1,
    lasts: "30s",
    network: lan({ latency: "1ms" }),
    protocols: () => [echo()],
    play,
    ...changes,
  } as ScenarioDefinition<Settings>;
}

/** Runs it to its end, at once or in slices of so many nanoseconds. */
export function watched(
  definition: ScenarioDefinition<Settings>,
  options: Partial<WorldOptions> = {},
  slice = Infinity,
): Watched {
  const told: Told[] = [], taken: Taken[] = [];
  const world = new World({
    scenario: scenario(definition),
    crypto: light(),
    watch: {
      told: (now, { name }: Actor, event: AppEvent) =>
        told.push({ at: now / 1e9, who: name, event: event as EchoEvent }),
      stepped: (now, { name }, input, step) => {
        taken.push({ at: now / 1e9, who: name, input, step });
      },
    },
    ...options,
  });
  while (!world.isOver) world.run(world.now + slice);
  return {
    world,
    told,
    taken,
    of: (who, name) => told.filter((each) => each.who === who && each.event.name === name),
    inputs: (who, kind) =>
      taken.filter((each) => each.who === who && each.input.kind === kind) as never,
  };
}
