/**
 * Datagrams: to one address, and to everyone on the same cables.
 *
 * 1. Each interface has a socket of its own, bound to its address and the node's port. What is sent leaves
 *    by that interface even without a route, and comes from where the node can be dialled.
 * 2. Everyone listens at one shared port. Broadcast and multicast are both used, since switches and
 *    access points drop the one or the other; what comes twice is heard once. Only a node's first words
 *    take all ways at once: each costs the air, and all who hear it, as much as the others.
 * 3. Only neighbours and private networks are heard. Nothing here ever answers.
 */
import type { Address } from "../../core/mod.ts";
import type { Post } from "../ports.ts";
import { Allowances } from "./allowance.ts";
import type { BindingFailure } from "./binding.ts";
import { type Interface, isOnLink, outwardOf } from "./interfaces.ts";
import {
  addressOf,
  bytesOf,
  isLinkLocal,
  isPrivate,
  type Place,
  placeOf,
  plainHost,
} from "./ip.ts";
import * as limits from "./limits.ts";
import { RecentDatagrams } from "./recent_datagrams.ts";
import { UdpSocket } from "./udp_socket.ts";

/** Groups that routers keep within a site (RFC 2365, RFC 4291); the numbers are ours. */
const GROUP_4 = "239.255.77.77";
const GROUP_6 = "ff05::5374:6172";
const LIMITED_BROADCAST = "255.255.255.255";
const CASTS_BY_ALL_WAYS = 4;

interface DatagramsOptions {
  readonly post: Post;
  readonly micros: () => number;
  /** Where everyone listens. */
  readonly discoveryPort: number;
}

/** The socket of one interface. */
interface Outlet {
  readonly at: Interface;
  readonly socket: UdpSocket;
}

export class Datagrams {
  sent = 0;
  heard = 0;
  /** Too many, too far away, or unasked for. */
  ignored = 0;
  readonly #options: DatagramsOptions;
  readonly #port: number;
  #interfaces: readonly Interface[] = [];
  readonly #outlets = new Map<string, Outlet>();
  /** By the host they are bound to. */
  readonly #shared = new Map<string, UdpSocket>();
  readonly #ofSource = new Allowances(limits.SOURCES, limits.SOURCE_DATAGRAMS);
  readonly #ofHost = new Allowances(limits.SOURCES, limits.HOST_DATAGRAMS);
  readonly #recent = new RecentDatagrams();
  /** So many were for everyone. */
  #casts = 0;
  /** True where another program has the port of one of the interfaces. */
  #isInUse = false;

  private constructor(port: number, options: DatagramsOptions) {
    this.#port = port;
    this.#options = options;
  }

  /** Undefined where another program has this port on one of the interfaces. */
  static open(
    interfaces: readonly Interface[],
    port: number,
    options: DatagramsOptions,
  ): Datagrams | undefined {
    const datagrams = new Datagrams(port, options);
    datagrams.follow(interfaces);
    // An address that cannot be used yet, as IPv6 addresses at first, is tried again later.
    if (!datagrams.#isInUse) return datagrams;
    datagrams.close();
    return undefined;
  }

  /** True where others' beacons can be heard. */
  get hearsEveryone(): boolean {
    return this.#shared.size > 0;
  }

  /** Uses the interfaces that there are now; asked again, it also tries again what could not be had. */
  follow(interfaces: readonly Interface[]): void {
    this.#interfaces = interfaces;
    for (const [host, { socket }] of this.#outlets) {
      if (interfaces.some((at) => at.host === host)) continue;
      this.#outlets.delete(host);
      socket.close();
    }
    const news = interfaces.filter(({ host }) => !this.#outlets.has(host));
    for (const at of news) {
      const socket = this.#open({ host: at.host, port: this.#port }, at);
      if (socket instanceof UdpSocket) this.#outlets.set(at.host, { at, socket });
      else if (socket === "in-use") this.#isInUse = true;
    }
    for (const host of sharedHosts(interfaces)) this.#share(host);
    for (const at of news) this.#join(at);
  }

  cast(to: Address | "everyone", bytes: Uint8Array): void {
    if (to === "everyone") return this.#castAll(bytes);
    const place = placeOf(to);
    if (place === undefined) return;
    for (const [{ socket }, target] of this.#ways(place)) {
      this.sent++;
      socket.send(bytes, target);
    }
  }

  close(): void {
    for (const { socket } of this.#outlets.values()) socket.close();
    for (const socket of this.#shared.values()) socket.close();
    this.#outlets.clear();
    this.#shared.clear();
  }

  /** The first by every way; later ones take turns, since each is heard by everybody on the cable. */
  #castAll(bytes: Uint8Array): void {
    const nth = this.#casts++;
    for (const { at, socket } of this.#everyonesOutlets()) {
      for (const host of waysOf(at, nth)) {
        this.sent++;
        socket.send(bytes, { host, port: this.#options.discoveryPort });
      }
    }
  }

  /** Those that lead to others; loopback only where there is nothing else. */
  #everyonesOutlets(): Outlet[] {
    const all = [...this.#outlets.values()];
    const outward = outwardOf(this.#interfaces);
    return outward.length === 0 ? all : all.filter(({ at }) => at.kind !== "loopback");
  }

  /** By which sockets to send to one place. An address of one cable may be on any, if it does not say on which. */
  #ways(place: Place): readonly (readonly [Outlet, Place])[] {
    const outlets = [...this.#outlets.values()];
    const bytes = bytesOf(place.host);
    if (bytes?.length === 16 && isLinkLocal(place.host)) {
      const zone = place.host.split("%")[1];
      const plain = plainHost(place.host);
      return outlets
        .filter(({ at }) => at.host !== at.address && (zone === undefined || zone === at.zone))
        .map((
          outlet,
        ) => [outlet, {
          host: outlet.at.host.replace(outlet.at.address, plain),
          port: place.port,
        }]);
    }
    const family = bytes?.length === 16 ? 6 : 4;
    const fitting = outlets.filter(({ at }) => at.family === family && at.host === at.address);
    const outlet = fitting.find(({ at }) => isOnLink(place.host, [at])) ?? fitting[0];
    return outlet === undefined ? [] : [[outlet, place]];
  }

  #share(host: string): void {
    if (this.#shared.has(host)) return;
    const socket = this.#open({ host, port: this.#options.discoveryPort }, undefined);
    if (!(socket instanceof UdpSocket)) return;
    this.#shared.set(host, socket);
    for (const at of this.#interfaces) this.#join(at); // those that were there before the socket
  }

  #join({ kind, family, address, scope }: Interface): void {
    if (kind === "loopback") return;
    if (family === 4) this.#shared.get("0.0.0.0")?.join(GROUP_4, address);
    else this.#shared.get("::")?.joinScope(GROUP_6, scope);
  }

  #open({ host, port }: Place, at: Interface | undefined): UdpSocket | BindingFailure {
    return UdpSocket.open({
      host,
      port,
      // A node may have the port of everyone as its own.
      isShared: port === this.#options.discoveryPort,
      micros: this.#options.micros,
      heard: (bytes, from) => this.#hear(bytes, from, at),
    });
  }

  #hear(bytes: Uint8Array, { host: heard, port }: Place, at: Interface | undefined): void {
    const host = plainHost(heard);
    if (port === this.#port && this.#interfaces.some(({ address }) => address === host)) return;
    const from = addressOf({ host: this.#zoned(host, at), port });
    const now = this.#options.micros();
    if (this.#recent.isTwice(from, bytes, now)) return;
    const isNear = isOnLink(host, this.#interfaces) || isPrivate(host);
    if (!isNear || !this.#ofSource.take(from, now) || !this.#ofHost.take(host, now)) {
      this.ignored++;
      return;
    }
    this.heard++;
    this.#options.post({ kind: "overheard", from, bytes });
  }

  /** An address of one cable, and on which cable that is, as far as this can be told. */
  #zoned(host: string, at: Interface | undefined): string {
    if (!host.includes(":") || !isLinkLocal(host)) return host;
    const zones = new Set(
      this.#interfaces.filter((each) => each.host !== each.address).map((each) => each.zone),
    );
    const [only] = zones;
    const zone = at?.zone ?? (zones.size === 1 ? only : undefined);
    return zone === undefined ? host : `${host}%${zone}`;
  }
}

/** Where the shared sockets are bound. A broadcast is only heard by a socket that is open to everything. */
function sharedHosts(interfaces: readonly Interface[]): readonly string[] {
  if (outwardOf(interfaces).length > 0) return ["0.0.0.0", "::"];
  // Except that on Linux a socket may be bound to the broadcast address itself.
  if (Deno.build.os !== "linux") return ["0.0.0.0"];
  return interfaces.flatMap(({ broadcast }) => broadcast ?? []);
}

/** Where the nth word for everyone goes on one interface. */
export function waysOf(at: Interface, nth: number): readonly string[] {
  const groups = groupsOf(at);
  return nth < CASTS_BY_ALL_WAYS ? groups : groups.filter((_, way) => way === nth % groups.length);
}

/** Where those on the same cable listen. */
function groupsOf({ kind, family, broadcast, address, host }: Interface): readonly string[] {
  if (kind === "loopback") return broadcast === undefined ? [] : [broadcast];
  if (family === 4) {
    return broadcast === undefined ? [GROUP_4] : [broadcast, LIMITED_BROADCAST, GROUP_4];
  }
  return host === address ? [] : [GROUP_6]; // only a zone says by which cable a group is reached
}
