/** Small worlds in which only the swarm runs: who shares what, who fetches it, and what came of it. */
import assert from "node:assert/strict";
import type { AnyProtocol, AppEvent, Input, Step } from "../../../runtime/core/mod.ts";
import { accounted } from "../../../runtime/core/accounted.ts";
import { memoised } from "../../../runtime/core/memoised.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import {
  cancel,
  fetch,
  isSwarmEvent,
  share,
  swarm,
  type SwarmEvent,
} from "../../../runtime/protocols/swarm/mod.ts";
import type { Machine } from "../../../sim/machine.ts";
import {
  type Actor,
  type Actors,
  type Duration,
  type FileHandle,
  lan,
  scenario,
  type ScenarioDefinition,
  type Settings,
  type Size,
  type Stage,
} from "../../../sim/mod.ts";
import { World, type WorldOptions } from "../../../sim/world.ts";

export const BLOCK = 16 * 1024;

/** Every story once more with other chances: `deno test tests/protocols/swarm -- --seed=7`. */
const SEED = Number(Deno.args.find((each) => each.startsWith("--seed="))?.slice(7) ?? 1);

export interface Told {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: SwarmEvent;
}

/** A body that reached a machine, or another fact that counts. */
interface Arrival {
  readonly at: number;
  readonly who: string;
  readonly bytes: number;
}

type Play = (stage: Stage<never>, desk: Desk) => void;

export interface Options {
  readonly seed?: number;
  readonly lasts?: Duration;
  readonly network?: ScenarioDefinition<Settings>["network"];
  /** What runs on machines of these names instead of an honest swarm alone. */
  readonly instead?: Readonly<Record<string, (actor: Actor) => AnyProtocol>>;
  /** Contents known beforehand, by the name of their file. */
  readonly keys?: ReadonlyMap<string, string>;
  /** Looks on. */
  readonly stepped?: (seconds: number, machine: Machine, input: Input, step: Step) => void;
  /** A world of another kind. */
  readonly world?: (options: WorldOptions) => World;
}

/** Where contents are handed in and asked for, by the file that they are made of. */
export class Desk {
  readonly #stage: Stage<never>;
  readonly #keys: Map<string, string>;

  constructor(stage: Stage<never>, keys: Map<string, string>) {
    this.#stage = stage;
    this.#keys = keys;
  }

  /** The content's key, once it has been shared. */
  keyOf(file: FileHandle): string {
    const key = this.#keys.get(file.name);
    assert.ok(key !== undefined, `${file.name} has been shared`);
    return key;
  }

  share(
    at: Duration,
    source: Actors,
    file: FileHandle,
    options: { files?: readonly { path: string; bytes: number }[]; priority?: number } = {},
  ): void {
    const files = options.files ?? [{ path: file.name, bytes: file.size }];
    const what = { title: file.name, handle: file.handle, ...options, files };
    this.#stage.at(at, source, share(what));
  }

  fetch(
    at: Duration,
    who: Actors,
    file: FileHandle,
    from: Actors,
    options: { priority?: number } = {},
  ): void {
    const sources = [from].flat().map((source) => source as Actor);
    this.#stage.at(at, who, () =>
      fetch({
        content: this.keyOf(file),
        sources: sources.map(({ keys, address }) => ({ keys, address })),
        ...options,
      }));
  }

  cancel(at: Duration, who: Actors, file: FileHandle): void {
    this.#stage.at(at, who, () => cancel(this.keyOf(file)));
  }
}

/** A story that has been played to its end. */
export class Played {
  constructor(
    readonly world: World,
    readonly keys: ReadonlyMap<string, string>,
    readonly told: readonly Told[],
    readonly arrivals: readonly Arrival[],
  ) {}

  of(who: string, name: SwarmEvent["name"]): Told[] {
    return this.told.filter((each) => each.who === who && each.event.name === name);
  }

  /** Who has told such an event, by name, in the order of the cast. */
  who(name: SwarmEvent["name"], file?: string): string[] {
    const key = file === undefined ? undefined : this.keys.get(file);
    const names = this.told
      .filter(({ event }) => event.name === name && (key === undefined || event.content === key))
      .map(({ who }) => who);
    return this.world.stage.actors.map((actor) => actor.name).filter((who) => names.includes(who));
  }

  machine(name: string): Machine {
    return this.world.machines.find((machine) => machine.name === name)!;
  }

  /** How many pieces of a file lie intact on a machine's disk. */
  pieces(who: string, file: string): number {
    const prefix = `swarm/${this.keys.get(file)}/`;
    const { disk } = this.machine(who);
    return disk.pieces().filter((key) => key.startsWith(prefix) && disk.kept(key)).length;
  }

  /** Bytes of bodies that reached a machine between two times, in seconds. */
  received(who: string, from = 0, to = Infinity): number {
    return this.arrivals
      .filter((each) => each.who === who && each.at >= from && each.at <= to)
      .reduce((sum, { bytes }) => sum + bytes, 0);
  }

  links(who: string): number {
    return this.world.network.linksOf(this.machine(who));
  }

  peerOf(who: string): string {
    return this.world.stage.actors.find(({ name }) => name === who)!.peer;
  }

  /** Whoever says that all is here has all of it. */
  assertTruthful(): void {
    for (const { who, event } of this.told) {
      if (event.name !== "completed") continue;
      const [file] = [...this.keys].find(([, key]) => key === event.content)!;
      const wanted = Math.ceil(event.bytes / BLOCK); // of contents below 16 MiB
      assert.equal(this.pieces(who, file), wanted, `${who} has all that it said it has`);
    }
  }
}

/** Plays a small story on a quiet network, and checks what always has to hold. */
export function played(play: Play, options: Options = {}): Played {
  const keys = new Map(options.keys);
  const told: Told[] = [], arrivals: Arrival[] = [];
  const { instead = {}, lasts = "30s", network = lan({ latency: "1ms" }) } = options;
  const definition = {
    seed: options.seed ?? SEED,
    lasts,
    network,
    protocols: (_: unknown, actor: Actor) => [instead[actor.name]?.(actor) ?? swarm()],
    play: (stage: Stage<never>) => play(stage, new Desk(stage, keys)),
  } as unknown as ScenarioDefinition<Settings>;
  const made = options.world ?? ((each: WorldOptions) => new World(each));
  const world = made({
    scenario: scenario(definition),
    crypto: memoised(accounted(nodeCrypto)),
    watch: {
      told(now, { name }, event: AppEvent) {
        if (!isSwarmEvent(event)) return;
        if (event.name === "shared") keys.set(event.title, event.content);
        told.push({ at: now / 1e9, who: name, event });
      },
      stepped(now, machine, input, step) {
        options.stepped?.(now / 1e9, machine, input, step);
        if (input.kind !== "received" || input.frame.body === undefined) return;
        const bytes = input.frame.body.length;
        arrivals.push({ at: now / 1e9, who: machine.name, bytes });
      },
    },
  });
  world.run();
  assert.deepEqual(world.checkers.violations, []);
  return new Played(world, keys, told, arrivals);
}

/** One source and so many that fetch from it at once. */
export function lesson(students: number, size: Size, options: Options = {}): Played {
  return played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const class_ = many("pc", students);
    const lecture = file("lecture", size);
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", class_, lecture, teacher);
  }, options);
}
