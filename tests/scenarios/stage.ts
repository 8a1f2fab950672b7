/** A small session on simulated machines, and what came of it: for stories that a seed has found. */
import type { AppEvent } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { memoised } from "../../runtime/core/memoised.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { all, lab } from "../../runtime/protocols/mod.ts";
import {
  type Actor,
  type FileHandle,
  lan,
  type Scenario,
  scenario,
  type Stage,
} from "../../sim/mod.ts";
import { recordOf } from "../../sim/results.ts";
import { World } from "../../sim/world.ts";

export interface Told {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: AppEvent;
}

export interface Played {
  readonly world: World;
  readonly told: readonly Told[];
  /** Names of the claims that fail, each with what was found instead. */
  readonly broken: readonly string[];
  /** True if all of every content that was shared is on this machine's disk. */
  holdsAll(name: string): boolean;
}

/** Runs a scenario to its end, with cryptography that is accounted for. */
export function played(
  scenario: Scenario,
  options: { readonly seed?: number; readonly set?: readonly string[] } = {},
): Played {
  const told: Told[] = [];
  const world = new World({
    scenario,
    crypto: memoised(accounted(nodeCrypto)),
    watch: { told: (now, { name }, event) => void told.push({ at: now / 1e9, who: name, event }) },
    ...options,
  });
  world.run();
  const { result } = recordOf(world, { name: "played", wallSeconds: 0, replay: "" });
  const contents = new Set(
    told.filter(({ event }) => event.protocol === "swarm" && event.name === "shared")
      .map(({ event }) => (event as AppEvent & { readonly content: string }).content),
  );
  return {
    world,
    told,
    broken: result.claims.filter(({ ok }) => !ok).map(({ name, actual }) => `${name}: ${actual}`),
    holdsAll(name) {
      const { disk } = world.machines.find((machine) => machine.name === name)!;
      const { published } = world.checkers;
      return contents.size > 0 &&
        [...contents].every((content) => published.isWhole(content, disk.intact()));
    },
  };
}

/** A teacher who has opened a session at once, and others who join it by 100 ms. */
export function session(
  names: readonly string[],
  play: (stage: Stage<Record<never, never>>, cast: Readonly<Record<string, Actor>>) => void,
  lasts: `${number}s` = "60s",
): Scenario {
  return scenario({
    seed: 1,
    lasts,
    network: lan({ latency: "1ms" }),
    protocols: () => all(),
    play(stage) {
      const cast = stage.named("teacher", ...names);
      stage.at("0s", cast.teacher!, lab.open({ title: "Physics", who: "Ms Ada" }));
      for (const name of names) stage.at("40ms", cast[name]!, lab.join({ who: name }));
      play(stage, cast);
    },
  });
}

/** The command that gives a file to the whole session. */
export function shared({ name, handle, size }: FileHandle) {
  return lab.share({ title: name, handle, files: [{ path: name, bytes: size }] });
}
