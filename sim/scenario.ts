/** A scenario: a network, a cast, acts and claims. What a scenario's file exports by default. */
import type { AnyProtocol } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { Lan } from "./lan.ts";
import type { DrawnLan } from "./nature.ts";
import type { Settings, ValuesOf } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { type Duration, onlyKnown, UsageError } from "./units.ts";

/** How the cryptography of a run is done; `light` computes all of it but that of bodies. */
export type CryptoName = "light" | "node" | "noble" | "accounted";

export const cryptoNames: readonly CryptoName[] = ["light", "node", "noble", "accounted"];

/** What a person writes. Whatever depends on the settings may be a function of them. */
export interface ScenarioDefinition<S extends Settings> {
  readonly seed: number;
  readonly lasts: Duration | ((settings: ValuesOf<S>) => Duration);
  readonly network: Lan | DrawnLan | ((settings: ValuesOf<S>) => Lan | DrawnLan);
  /** What `--set key=value` may change. */
  readonly settings?: S;
  /** A fresh list for each start of each machine: protocols remember. */
  readonly protocols: (settings: ValuesOf<S>, actor: Actor) => readonly AnyProtocol[];
  /** `claims` stops as soon as every claim is decided. Default `end`: the whole time. */
  readonly until?: "end" | "claims";
  /** Default `light`. The command line may say otherwise. */
  readonly crypto?: CryptoName;
  /** Events called `error` that are part of the story: `chat.error`. */
  readonly errors?: readonly string[];
  readonly play: (stage: Stage<ValuesOf<S>>) => void;
}

/** A definition whose settings' types no longer matter. */
export interface Scenario {
  readonly kind: "scenario";
  readonly definition: ScenarioDefinition<Settings>;
}

const KEYS = [
  "seed",
  "lasts",
  "network",
  "settings",
  "protocols",
  "until",
  "crypto",
  "errors",
  "play",
];

/** Checks what the compiler cannot. */
export function scenario<const S extends Settings = Record<never, never>>(
  definition: ScenarioDefinition<S>,
): Scenario {
  onlyKnown(definition, KEYS, "scenario key");
  const { seed, until = "end", crypto = "light" } = definition;
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(`Cannot use seed ${seed}: a whole number from 0`);
  }
  onlyKnown({ [until]: 0 }, ["end", "claims"], "end of a scenario");
  onlyKnown({ [crypto]: 0 }, cryptoNames, "cryptography");
  return { kind: "scenario", definition: definition as unknown as ScenarioDefinition<Settings> };
}

/** True of what `scenario()` made, also by another copy of this module. */
export function isScenario(value: unknown): value is Scenario {
  return typeof value === "object" && value !== null && (value as Scenario).kind === "scenario" &&
    typeof (value as Scenario).definition?.play === "function";
}
