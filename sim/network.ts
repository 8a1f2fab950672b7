/** The network of a world: hosts, links, dials and datagrams, and what goes wrong between them. */
import type { Frame } from "../runtime/core/mod.ts";
import type { Clock } from "./clock.ts";
import { Datagrams } from "./datagrams.ts";
import { Delays } from "./delays.ts";
import { Dials } from "./dials.ts";
import { Fluid } from "./fluid.ts";
import { ACCEPTED, ARRIVED, ENDED, FLOWED, OVERHEARD } from "./kinds.ts";
import type { Lan } from "./lan.ts";
import { Links, type LinkWatcher } from "./links.ts";
import type { Machine } from "./machine.ts";
import type { Oracle } from "./oracle.ts";
import { type Barrier, type Host, type HostLike, Paths } from "./paths.ts";

export class Network {
  readonly paths: Paths;
  readonly #links: Links;
  readonly #dials: Dials;
  readonly #datagrams: Datagrams;
  readonly #delays: Delays;

  constructor(
    clock: Clock,
    lan: Lan,
    oracle: Oracle,
    machines: readonly Machine[],
    watcher: LinkWatcher,
  ) {
    const fluid = new Fluid(clock, FLOWED);
    const paths = this.paths = new Paths(lan, fluid, oracle);
    const delays = this.#delays = new Delays(oracle);
    this.#links = new Links({ clock, fluid, lan, paths, oracle, delays, watcher, machines });
    const connect = (from: Host, to: Host) => this.#links.connect(from, to);
    this.#dials = new Dials({ clock, lan, paths, oracle, machines, connect });
    this.#datagrams = new Datagrams({ clock, lan, paths, oracle, delays, machines });
  }

  /** Frames and datagrams that were lost on the way, and datagrams that were changed. */
  get losses(): number {
    return this.#delays.losses;
  }

  get corruptions(): number {
    return this.#datagrams.corruptions;
  }

  /** Bytes of frames that were sent, have not arrived, and still may. */
  get underway(): number {
    return this.#links.underway;
  }

  add(name: string, options: HostLike): Host {
    return this.paths.add(name, options);
  }

  dial(machine: Machine, address: string): void {
    this.#dials.dial(machine, address);
  }

  send(machine: Machine, link: number, frame: Frame): void {
    this.#links.send(machine, link, frame);
  }

  hangUp(machine: Machine, link: number): void {
    this.#links.hangUp(machine, link);
  }

  read(machine: Machine, link: number, frame: Frame): void {
    this.#links.read(machine, link, frame);
  }

  cast(machine: Machine, to: string, bytes: Uint8Array): void {
    this.#datagrams.cast(machine, to, bytes);
  }

  linksOf(machine: Machine): number {
    return this.#links.countOf(machine);
  }

  /** The machine has stopped, or started: its links end, or are forgotten. */
  stopped(machine: Machine): void {
    this.#links.stopped(machine);
  }

  left(machine: Machine): void {
    this.#links.left(machine);
  }

  restarted(machine: Machine): void {
    this.#links.restarted(machine);
  }

  /** Closes the ways from each of these hosts to each of those. */
  close(barrier: Barrier, from: readonly Host[], to: readonly Host[]): void {
    for (const [one, other] of pairs(from, to)) {
      this.paths.close(barrier, one, other);
      this.#links.regulate(one, other);
    }
  }

  reopen(barrier: Barrier, from: readonly Host[], to: readonly Host[]): void {
    for (const [one, other] of pairs(from, to)) {
      this.paths.reopen(barrier, one, other);
      this.#links.regulate(one, other);
    }
    if (barrier === "hold") this.#datagrams.release();
  }

  /** An event of the network is due. */
  happened(kind: number, payload: unknown): void {
    if (kind === FLOWED) this.#links.flowed();
    else if (kind === ARRIVED || kind === ENDED || kind === ACCEPTED) {
      this.#links.happened(kind, payload);
    } else if (kind === OVERHEARD) this.#datagrams.arrived(payload);
    else this.#dials.happened(kind, payload);
  }
}

/** Each of these with each of those, but no host with itself. */
function* pairs(from: readonly Host[], to: readonly Host[]): Iterable<readonly [Host, Host]> {
  for (const one of from) for (const other of to) if (one !== other) yield [one, other];
}
