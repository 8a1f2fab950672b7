/**
 * The network of a real machine: TCP and WebSocket links at one port, datagrams, and serial lines.
 *
 * 1. Orders never fail at once; what comes of them is posted as a fact, in a later turn.
 * 2. A stranger costs nothing but a place in a small pool until its first frame is complete.
 * 3. What it is not asked for, it does not say: nothing here ever answers by itself.
 */
import type { Address, Frame, LinkId, Micros, Reason } from "../../core/mod.ts";
import type { Network, Post } from "../ports.ts";
import { Datagrams } from "./datagrams.ts";
import { Dialler, originOf } from "./dialler.ts";
import { InboundStream } from "./inbound.ts";
import { type Interface, usedInterfaces } from "./interfaces.ts";
import { addressOf, type Place, plainHost } from "./ip.ts";
import * as limits from "./limits.ts";
import { Links } from "./links.ts";
import { listenedHosts, Listeners } from "./listeners.ts";
import { SerialLine } from "./serial.ts";
import { type Stream, TcpStream } from "./stream.ts";

const DISCOVERY_PORT = 45_454;

/** How a machine's network is used. */
export interface NetworkOptions {
  readonly post: Post;
  /** Of TCP and UDP; where it is in use, the next free one is taken. 0 is any. */
  readonly port: number;
  /** Where everyone in a room listens for beacons; the same for all. */
  readonly discoveryPort?: number;
  /** Addresses of the interfaces to use; `127.0.0.1` is this machine only. Default: all. */
  readonly bind?: readonly string[];
  /** Device files: a bound Bluetooth channel, a serial line. */
  readonly serial?: readonly string[];
  /** Web pages that may open a WebSocket link, as browsers name them: `http://localhost:8080`. */
  readonly origins?: readonly string[];
  /** Monotonic time. */
  readonly micros: () => Micros;
  /** True while the node has facts that wait for their turn: links are not read meanwhile. */
  readonly isBehind?: () => boolean;
}

/** What goes on, for people. */
export interface NetworkStats {
  readonly links: number;
  /** Inbound connections without a first frame. */
  readonly waiting: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly queuedBytes: number;
  readonly datagramsSent: number;
  readonly datagramsHeard: number;
  readonly datagramsIgnored: number;
  /** False where another program holds the port of beacons. */
  readonly hearsEveryone: boolean;
}

export class LiveNetwork implements Network {
  /** Of TCP and UDP. */
  readonly port: number;
  readonly #options: NetworkOptions;
  readonly #links: Links;
  readonly #listeners: Listeners;
  readonly #datagrams: Datagrams;
  readonly #dialler: Dialler;
  readonly #lines: readonly SerialLine[];
  readonly #timers: readonly ReturnType<typeof setInterval>[];
  #interfaces: readonly Interface[];
  #isClosed = false;

  /** Use `openNetwork`. */
  constructor(options: NetworkOptions) {
    this.#options = options;
    const post: Post = (input) => void (this.#isClosed || options.post(input));
    this.#interfaces = usedInterfaces(options.bind);
    if (this.#interfaces.length === 0) {
      throw new Error(`Cannot use ${options.bind?.join(", ")}: this machine has no such address`);
    }
    this.#links = new Links({ post, isBehind: options.isBehind ?? (() => false) });
    const { listeners, datagrams } = this.#openPort(post);
    this.#listeners = listeners;
    this.#datagrams = datagrams;
    this.port = listeners.port;
    const refused = (key: Address, why: Reason): void =>
      post({ kind: "refused", order: "dial", key, why });
    this.#dialler = new Dialler({
      dialled: (address, stream, host) => this.#links.dialled(address, stream, host),
      refused,
      interfaces: () => this.#interfaces,
      isSelf: (place) => this.#isSelf(place),
    });
    this.#lines = this.#openLines(refused);
    this.#timers = [
      setInterval(() => this.#links.look(this.#millis()), limits.LOOK_MILLIS),
      setInterval(() => this.#follow(), limits.INTERFACES_MILLIS),
    ];
  }

  /** Where others can dial this node best. */
  get address(): Address {
    return this.addresses[0]!;
  }

  /** All of them, the best first. */
  get addresses(): readonly Address[] {
    const all = this.#interfaces;
    const outward = all.filter(({ kind }) => kind !== "loopback");
    return (outward.length > 0 ? outward : all)
      .map(({ host }) => addressOf({ host, port: this.port }));
  }

  get stats(): NetworkStats {
    const { sent, heard, ignored, hearsEveryone } = this.#datagrams;
    return {
      ...this.#links.stats,
      datagramsSent: sent,
      datagramsHeard: heard,
      datagramsIgnored: ignored,
      hearsEveryone,
    };
  }

  interfaces(): readonly Interface[] {
    return this.#interfaces;
  }

  send(link: LinkId, frame: Frame): void {
    this.#links.send(link, frame);
  }

  dial(address: Address): void {
    const line = this.#lines.find((each) => each.address === address);
    if (line !== undefined) line.dial();
    else this.#dialler.dial(address);
  }

  hangUp(link: LinkId, _why: Reason): void {
    this.#links.hangUp(link);
  }

  cast(to: Address | "everyone", bytes: Uint8Array): void {
    this.#datagrams.cast(to, bytes);
  }

  /** Tells nothing any more. What was sent still leaves, if it does so soon; hard: it does not. */
  async close(isHard = false): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#listeners.close();
    this.#dialler.close();
    this.#datagrams.close();
    await this.#links.close(isHard);
    await Promise.all(this.#lines.map((line) => line.close()));
  }

  /** The wanted port, or the next that is free for both TCP and UDP. */
  #openPort(post: Post): { readonly listeners: Listeners; readonly datagrams: Datagrams } {
    const { port: wanted, bind, micros, discoveryPort = DISCOVERY_PORT } = this.#options;
    const hosts = listenedHosts(this.#interfaces, bind !== undefined);
    for (let count = 0; count < limits.PORTS; count++) {
      const port = wanted === 0 ? 0 : wanted + count;
      if (port > LAST_PORT) break;
      const listeners = Listeners.open(hosts, port, (conn) => this.#accept(conn));
      if (listeners === undefined) continue;
      const options = { post, micros, discoveryPort };
      const datagrams = Datagrams.open(this.#interfaces, listeners.port, options);
      if (datagrams !== undefined) return { listeners, datagrams };
      listeners.close();
    }
    throw new Error(
      `Cannot listen at port ${wanted}: it and the ${limits.PORTS - 1} after it are in use`,
    );
  }

  #openLines(refused: (address: Address, why: Reason) => void): readonly SerialLine[] {
    const opened = (address: Address, stream: Stream, isDialled: boolean): void => {
      if (this.#isClosed) stream.close();
      else if (isDialled) this.#links.dialled(address, stream, address);
      else this.#links.accepted(stream, { from: address, host: address }, this.#millis());
    };
    const paths = new Set(this.#options.serial ?? []);
    return [...paths].map((path) =>
      new SerialLine(path, { opened, refused }, () => this.#millis())
    );
  }

  #accept(conn: Deno.TcpConn): void {
    const stream = new InboundStream(new TcpStream(conn), this.#options.origins ?? []);
    this.#links.accepted(stream, originOf(conn), this.#millis());
  }

  #millis(): number {
    return this.#options.micros() / MICROS_PER_MILLI;
  }

  #isSelf({ host, port }: Place): boolean {
    if (port !== this.port) return false;
    const plain = plainHost(host);
    return plain === "localhost" || this.#interfaces.some(({ address }) => address === plain);
  }

  /** Cables are plugged in and out, and VPNs go up and down. */
  #follow(): void {
    const interfaces = usedInterfaces(this.#options.bind);
    if (interfaces.length === 0) return; // all gone: what there was may come back
    this.#interfaces = interfaces;
    this.#datagrams.follow(interfaces);
    this.#listeners.follow(listenedHosts(interfaces, this.#options.bind !== undefined));
  }
}

/** Opens the network of this machine. Throws where no port can be had, or no such address is here. */
export function openNetwork(options: NetworkOptions): Promise<LiveNetwork> {
  return new Promise((resolve) => resolve(new LiveNetwork(options)));
}

const LAST_PORT = 65_535;
const MICROS_PER_MILLI = 1_000;
