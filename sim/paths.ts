/**
 * From host to host: where each one is, how long the way takes, and whether it is open.
 *
 * Cuts and holds are counted, one way at a time, so that overlapping ones end in any order.
 */
import { assert } from "../runtime/core/mod.ts";
import type { Fluid, Pipe } from "./fluid.ts";
import { type Lan, payloadRate } from "./lan.ts";
import type { Oracle } from "./oracle.ts";
import type { Port } from "./shares.ts";
import type { Nanos } from "./units.ts";

/** One host's place and access link. Rates are bytes per second on the wire. */
export interface Host {
  readonly index: number;
  readonly name: string;
  readonly subnet: number;
  readonly address: string;
  uplink: number;
  downlink: number;
  /** Of its own access link, in parts per million. */
  loss: number;
  readonly upward: Access;
  readonly downward: Access;
}

/** One way of a host's access link, as the bytes of links see it. */
export interface Access {
  readonly port: Port;
  /** The time that a byte takes when it is alone. */
  nanosPerByte: number;
  /** Directions of links that have something to carry on it. */
  flowing: number;
  /** Bytes of small frames that took no share yet (links.ts, rule 3), and the pipe for them. */
  owed: number;
  bundles: Pipe | undefined;
}

/** What a host is like, in numbers. */
export interface HostLike {
  readonly subnet: number;
  readonly uplink: number;
  readonly downlink: number;
  readonly loss: number;
}

/** The port on which every node listens. */
const LISTEN_PORT = 45454;

/** `10.SUBNET.x.y:port`: the `place`-th host of a subnet, from 0. */
export function addressOf(subnet: number, place: number): string {
  assert(subnet < 256 && place < 65_000, "a subnet holds 65,000 hosts, a network 256 subnets");
  return `10.${subnet}.${(place + 1) >> 8}.${(place + 1) & 255}:${LISTEN_PORT}`;
}

/** How a way is closed: a cut loses what is sent, a hold keeps it for later. */
export type Barrier = "cut" | "hold";

const PAIRS = 65_536;

export class Paths {
  readonly hosts: Host[] = [];
  readonly #lan: Lan;
  readonly #fluid: Fluid;
  readonly #oracle: Oracle;
  readonly #byAddress = new Map<string, Host>();
  readonly #latencies = new Map<number, Nanos>();
  readonly #closed = { cut: new Map<number, number>(), hold: new Map<number, number>() };
  readonly #routers = new Map<number, Port>();
  readonly #places = new Map<number, number>();

  constructor(lan: Lan, fluid: Fluid, oracle: Oracle) {
    this.#lan = lan;
    this.#fluid = fluid;
    this.#oracle = oracle;
  }

  add(name: string, { subnet, uplink, downlink, loss }: HostLike): Host {
    const place = this.#places.get(subnet) ?? 0;
    this.#places.set(subnet, place + 1);
    const host: Host = {
      index: this.hosts.length,
      name,
      subnet,
      address: addressOf(subnet, place),
      uplink,
      downlink,
      loss,
      upward: this.#access(this.payload(uplink, loss)),
      downward: this.#access(this.payload(downlink, loss)),
    };
    this.hosts.push(host);
    this.#byAddress.set(host.address, host);
    return host;
  }

  at(address: string): Host | undefined {
    return this.#byAddress.get(address);
  }

  /** What a host's access link carries of links' bytes. */
  payload(bandwidth: number, loss: number): number {
    return payloadRate(bandwidth, this.#together(this.#lan.loss, loss));
  }

  /** The same both ways, as they are now. */
  rates({ uplink, downlink, loss }: Host): { readonly up: number; readonly down: number } {
    return { up: this.payload(uplink, loss), down: this.payload(downlink, loss) };
  }

  /** Changes a host's access link from now on. */
  change(host: Host, { uplink, downlink, loss }: Partial<HostLike>): void {
    host.uplink = uplink ?? host.uplink;
    host.downlink = downlink ?? host.downlink;
    host.loss = loss ?? host.loss;
    this.#setRate(host.upward, this.payload(host.uplink, host.loss));
    this.#setRate(host.downward, this.payload(host.downlink, host.loss));
  }

  /** A pipe from one host to another, through the router where they are in different subnets. */
  open(from: Host, to: Host): number {
    const { routerBandwidth } = this.#lan;
    if (from.subnet === to.subnet || routerBandwidth === undefined) {
      return this.#fluid.open(from.upward.port, to.downward.port);
    }
    let router = this.#routers.get(from.subnet * 256 + to.subnet);
    if (router === undefined) {
      router = this.#fluid.addPort(payloadRate(routerBandwidth, this.#lan.loss));
      this.#routers.set(from.subnet * 256 + to.subnet, router);
    }
    return this.#fluid.open(from.upward.port, router, to.downward.port);
  }

  /** One way, without jitter; the same both ways. */
  latency(from: Host, to: Host): Nanos {
    const low = Math.min(from.index, to.index), high = Math.max(from.index, to.index);
    const pair = low * PAIRS + high;
    let latency = this.#latencies.get(pair);
    if (latency === undefined) {
      const { least, most } = this.#lan.latency;
      const names = `${this.hosts[low]!.name}>${this.hosts[high]!.name}`;
      latency = least === most ? least : this.#oracle.between(
        this.#oracle.stream(`latency/${names}`),
        `latency/${names}`,
        least,
        most,
      );
      if (from.subnet !== to.subnet) latency += this.#lan.routerLatency;
      this.#latencies.set(pair, latency);
    }
    return latency;
  }

  /** Parts per million of packets lost on the way. */
  loss(from: Host, to: Host): number {
    return this.#together(this.#together(this.#lan.loss, from.loss), to.loss);
  }

  close(barrier: Barrier, from: Host, to: Host): void {
    const closed = this.#closed[barrier], pair = from.index * PAIRS + to.index;
    closed.set(pair, (closed.get(pair) ?? 0) + 1);
  }

  reopen(barrier: Barrier, from: Host, to: Host): void {
    const closed = this.#closed[barrier], pair = from.index * PAIRS + to.index;
    const count = closed.get(pair);
    assert(count !== undefined, "a way is closed before it is reopened");
    if (count === 1) closed.delete(pair);
    else closed.set(pair, count - 1);
  }

  isCut(from: Host, to: Host): boolean {
    const { cut } = this.#closed;
    return cut.size > 0 && cut.has(from.index * PAIRS + to.index);
  }

  isHeld(from: Host, to: Host): boolean {
    const { hold } = this.#closed;
    return hold.size > 0 && hold.has(from.index * PAIRS + to.index);
  }

  /** Acknowledgements go the other way: a link moves only where both ways are open. */
  carriesLinks(from: Host, to: Host): boolean {
    return !this.isCut(from, to) && !this.isCut(to, from) && !this.isHeld(from, to) &&
      !this.isHeld(to, from);
  }

  #access(rate: number): Access {
    const port = this.#fluid.addPort(rate);
    return { port, nanosPerByte: 1e9 / rate, flowing: 0, owed: 0, bundles: undefined };
  }

  #setRate(access: Access, rate: number): void {
    this.#fluid.setCapacity(access.port, rate);
    access.nanosPerByte = 1e9 / rate;
  }

  /** Two chances of a loss, one after the other. */
  #together(one: number, other: number): number {
    return one + other - Math.floor(one * other / 1_000_000);
  }
}
