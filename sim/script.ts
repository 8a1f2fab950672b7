/** A scenario written out for one seed and its settings: its network, its cast and its story. */
import type { Address, AnyProtocol, Crypto } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { Lan } from "./lan.ts";
import { lanOf } from "./nature.ts";
import { type Decision, Oracle } from "./oracle.ts";
import type { Scenario, ScenarioDefinition } from "./scenario.ts";
import { type Settings, valuesOf } from "./settings.ts";
import { Stage } from "./stage.ts";
import { type Nanos, nanos, UsageError } from "./units.ts";

/** What a script is made of. The same options give the same script. */
export interface ScriptOptions {
  readonly scenario: Scenario;
  readonly crypto: Crypto;
  /** Default: the scenario's own. */
  readonly seed?: number;
  /** `key=value` for the scenario's settings. */
  readonly set?: readonly string[];
  /** Bytes that take the place of the scenario's first file. */
  readonly userFile?: { readonly name: string; readonly bytes: Uint8Array };
  /** Remembers every decision, or gives these instead. */
  readonly tape?: "record" | readonly Decision[];
  /** Where each machine can be dialled, by its number. Default: an address of the simulated network. */
  readonly addressAt?: (index: number) => Address;
}

export interface Script {
  readonly seed: number;
  readonly definition: ScenarioDefinition<Settings>;
  readonly settings: Record<string, string | number | boolean>;
  readonly oracle: Oracle;
  readonly lasts: Nanos;
  readonly lan: Lan;
  /** Closed: nothing is written any more. */
  readonly stage: Stage<unknown>;
}

/** Lets the scenario write its story. Throws a UsageError for what cannot be played anywhere. */
export function scriptOf(options: ScriptOptions): Script {
  const { definition } = options.scenario, { tape } = options;
  const seed = options.seed ?? definition.seed;
  const oracle = new Oracle({
    seed,
    ...(tape === undefined ? {} : tape === "record" ? { keep: "all" } : { replay: tape }),
  });
  const settings = valuesOf(definition.settings ?? {}, options.set ?? []);
  const ofSettings = <T>(value: T | ((settings: never) => T)): T =>
    typeof value === "function" ? (value as (settings: unknown) => T)(settings) : value;
  const lasts = nanos(ofSettings(definition.lasts));
  const lan = lanOf(ofSettings(definition.network), oracle);
  const stage = new Stage<unknown>({
    settings,
    lasts,
    crypto: options.crypto,
    oracle,
    userFile: options.userFile,
    addressAt: options.addressAt,
  });
  definition.play(stage as Stage<never>);
  stage.close();
  return { seed, definition, settings, oracle, lasts, lan, stage };
}

/** What a machine runs, fresh for each of its starts. */
export function protocolsOf(
  { definition, settings }: Pick<Script, "definition" | "settings">,
  actor: Actor,
): readonly AnyProtocol[] {
  return definition.protocols(settings as never, actor);
}

/** Refuses commands for protocols that nobody runs. */
export function checkAsked(script: Script): void {
  const names = new Set(protocolsOf(script, script.stage.actors[0]!).map(({ name }) => name));
  for (const { deed } of script.stage.acts) {
    if (deed.kind !== "ask" || typeof deed.asking === "function") continue;
    const { protocol } = deed.asking;
    if (!names.has(protocol)) {
      throw new UsageError(`Cannot ask ${protocol}: the scenario runs ${[...names].join(", ")}`);
    }
  }
}
