/** Rooms of nodes that run membership and mesh, in the simulated world: what tests claim things of. */
import type { AnyProtocol, AppEvent, PeerId } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { memoised } from "../../runtime/core/memoised.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { membership, type MembershipOptions } from "../../runtime/protocols/membership/mod.ts";
import { mesh, type MeshOptions } from "../../runtime/protocols/mesh/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import { type Duration, lan, type LanOptions, scenario, type Stage } from "../../sim/mod.ts";
import { World } from "../../sim/world.ts";

/** An event that some node told. Fields of any event may be asked for. */
export interface Told {
  /** Seconds. */
  readonly at: number;
  readonly who: string;
  readonly event: AppEvent & {
    readonly id?: string;
    readonly why?: string;
    readonly topic?: string;
    readonly payload?: Uint8Array;
    readonly hops?: number;
    readonly address?: string;
  };
}

export interface RoomOptions {
  readonly seed?: number;
  readonly lasts: Duration;
  readonly network?: LanOptions;
  readonly membership?: MembershipOptions;
  readonly mesh?: MeshOptions;
  /** More protocols, or others in the place of those with the same name. */
  readonly protocols?: (actor: Actor) => readonly AnyProtocol[];
  readonly play: (stage: Stage<unknown>) => void;
}

export class Room {
  readonly world: World;
  readonly told: Told[] = [];
  /** Datagrams cast, by machine: when, where to, and how long. */
  readonly casts: {
    readonly at: number;
    readonly who: string;
    readonly to: string;
    readonly bytes: Uint8Array;
  }[] = [];
  /** Datagrams that have arrived, in bytes, by machine. */
  readonly overheard = new Map<string, number>();
  /** When frames were sent, in seconds. */
  readonly sends: number[] = [];
  /** Who dialled which addresses, in order. */
  readonly dials: { readonly who: string; readonly address: string }[] = [];
  readonly #nameOf = new Map<PeerId, string>();

  constructor(options: RoomOptions) {
    const { seed = 1, lasts, network = { latency: "1ms..4ms" }, play } = options;
    this.world = new World({
      scenario: scenario({
        seed,
        lasts,
        network: lan(network),
        protocols: (_settings, actor) => protocolsOf(options, actor),
        play: play as never,
      }),
      crypto: memoised(accounted(nodeCrypto)),
      watch: {
        told: (now, { name }, event) => this.told.push({ at: now / 1e9, who: name, event }),
        stepped: (now, { name }, input, { effects }) => {
          if (input.kind === "overheard") this.#count(this.overheard, name, input.bytes.length);
          for (const effect of effects) {
            if (effect.kind === "send") this.sends.push(now / 1e9);
            if (effect.kind === "dial") this.dials.push({ who: name, address: effect.address });
            if (effect.kind !== "cast") continue;
            this.casts.push({ at: now / 1e9, who: name, to: effect.to, bytes: effect.bytes });
          }
        },
      },
    });
    for (const actor of this.world.stage.actors) this.#nameOf.set(actor.peer, actor.name);
  }

  /** Runs to its end, or for so many seconds from the start. */
  run(until = Infinity): this {
    this.world.run(until * 1e9);
    return this;
  }

  get actors(): readonly Actor[] {
    return this.world.stage.actors;
  }

  nameOf(peer: PeerId | undefined): string {
    return this.#nameOf.get(peer!) ?? "a stranger";
  }

  /** Events by the name `protocol.name`, of one node or of all. */
  events(name: string, who?: string): Told[] {
    const [protocol, kind] = name.split(".");
    return this.told.filter(({ event, who: teller }) =>
      event.protocol === protocol && event.name === kind && (who === undefined || teller === who)
    );
  }

  /** How often a node has dialled. */
  dialsOf(who: string): number {
    return this.dials.filter((dial) => dial.who === who).length;
  }

  /** The neighbours of each node, as they were told until now. */
  neighbours(): Map<string, Set<string>> {
    const neighbours = new Map<string, Set<string>>(
      this.actors.map(({ name }) => [name, new Set()]),
    );
    for (const { who, event } of this.told) {
      if (event.protocol !== "membership") continue;
      if (event.name === "up") neighbours.get(who)!.add(this.nameOf(event.peer));
      if (event.name === "down") neighbours.get(who)!.delete(this.nameOf(event.peer));
    }
    return neighbours;
  }

  /** Who heard a message, and how often. */
  hearersOf(id: string): Map<string, number> {
    const hearers = new Map<string, number>();
    for (const { who, event } of this.events("mesh.heard")) {
      if (event.id === id) hearers.set(who, (hearers.get(who) ?? 0) + 1);
    }
    return hearers;
  }

  #count(counts: Map<string, number>, name: string, by: number): void {
    counts.set(name, (counts.get(name) ?? 0) + by);
  }
}

function protocolsOf(options: RoomOptions, actor: Actor): readonly AnyProtocol[] {
  const others = options.protocols?.(actor) ?? [];
  const names = new Set(others.map(({ name }) => name));
  const own = [membership(options.membership), mesh(options.mesh)];
  return [...own.filter(({ name }) => !names.has(name)), ...others];
}

/** A room in which everybody starts within the first second, and what happens then. */
export function room(count: number, options: Omit<RoomOptions, "play">, play?: Play): Room {
  return new Room({
    ...options,
    play(stage) {
      const pcs = stage.many("pc", count);
      for (const pc of pcs) pc.set({ startsAt: `${stage.random.below(1000)}ms` });
      play?.(pcs, stage);
    },
  });
}

export type Play = (pcs: readonly Actor[], stage: Stage<unknown>) => void;

/** The groups of nodes that can reach each other over neighbours. */
export function islands(neighbours: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const start of neighbours.keys()) {
    if (seen.has(start)) continue;
    const island = [start];
    seen.add(start);
    for (const name of island) {
      for (const next of neighbours.get(name) ?? []) {
        if (!seen.has(next)) {
          seen.add(next);
          island.push(next);
        }
      }
    }
    found.push(island);
  }
  return found;
}
