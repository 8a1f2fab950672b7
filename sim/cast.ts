/** Who plays in a scenario: machines by name, and what each of them is like. */
import type { Address, PeerId, PeerKeys } from "../runtime/core/mod.ts";
import { type DiskOptions, diskOptions } from "./disk.ts";
import { type Lan, lossOf } from "./lan.ts";
import type { HostLike } from "./paths.ts";
import {
  type Drift,
  driftOf,
  type Duration,
  type Nanos,
  nanos,
  onlyKnown,
  type Rate,
  rateOf,
  type Share,
  UsageError,
} from "./units.ts";

/** What a machine is like, where it differs from the others of its network. */
export interface ActorOptions {
  readonly uplink?: Rate;
  readonly downlink?: Rate;
  /** Of packets, on its own access link, beside what the network loses. */
  readonly loss?: Share;
  /** Broadcasts stay within a subnet. 0 to 255. */
  readonly subnet?: number;
  /** Speed of the processor: 0.5 is half as fast as the machine of calibration.ts. */
  readonly cpu?: number;
  /** How much faster its clock runs than the world's; a bad crystal is off by 100 ppm. */
  readonly drift?: Drift;
  readonly disk?: DiskOptions;
  /** When it is first switched on. Default: at the start. */
  readonly startsAt?: Duration;
}

const KNOBS = ["uplink", "downlink", "loss", "subnet", "cpu", "drift", "disk", "startsAt"];

/** A machine, as a scenario names it. */
export interface Actor {
  readonly name: string;
  /** Its place among the machines, from 0. */
  readonly index: number;
  /** Who it is: known before it starts, since its identity derives from the seed and its name. */
  readonly peer: PeerId;
  /** Its public keys, known as early. */
  readonly keys: PeerKeys;
  /** Where it can be dialled. Settled when the cast is complete: set the subnet before. */
  readonly address: Address;
  /** Says what it is like. Before the run; `change` is for later. */
  set(options: ActorOptions): Actor;
}

/** One machine or several. */
export type Actors = Actor | readonly Actor[];

/** One machine is a list of one. */
export function listOf(actors: Actors): readonly Actor[] {
  return Array.isArray(actors) ? actors : [actors as Actor];
}

/** "ana", "ana and ben", "ana and 4 others". */
export function named(actors: readonly Actor[]): string {
  const [first, second] = actors;
  if (first === undefined) return "nobody";
  if (second === undefined) return first.name;
  return actors.length === 2
    ? `${first.name} and ${second.name}`
    : `${first.name} and ${actors.length - 1} others`;
}

/** Refuses what no machine can be. */
export function checked(options: ActorOptions): ActorOptions {
  onlyKnown(options, KNOBS, "machine option");
  if (options.disk !== undefined) onlyKnown(options.disk, diskOptions, "disk option");
  const { subnet = 0, cpu = 1 } = options;
  if (!(Number.isInteger(subnet) && subnet >= 0 && subnet < 256)) {
    throw new UsageError(`Cannot use subnet ${subnet}: a whole number, 0 to 255`);
  }
  if (!(cpu > 0 && cpu <= 1000)) {
    throw new UsageError(`Cannot use cpu ${cpu}: above 0, 1000 at most`);
  }
  if (options.drift !== undefined) driftOf(options.drift);
  return options;
}

/** The same in the network's numbers. */
export function hostOf(options: ActorOptions, lan: Lan): HostLike {
  return {
    subnet: options.subnet ?? 0,
    uplink: options.uplink === undefined ? lan.bandwidth : rateOf(options.uplink),
    downlink: options.downlink === undefined ? lan.bandwidth : rateOf(options.downlink),
    loss: options.loss === undefined ? 0 : lossOf(options.loss),
  };
}

/** When it is first switched on. */
export function startOf(options: ActorOptions): Nanos {
  return options.startsAt === undefined ? 0 : nanos(options.startsAt);
}
