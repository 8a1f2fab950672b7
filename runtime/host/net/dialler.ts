/** Dials: one TCP connection each, for frames or for a WebSocket, in time, or a reason why not. */
import type { Address, Reason } from "../../core/mod.ts";
import type { Interface } from "./interfaces.ts";
import { addressOf, isLinkLocal, type Place, placeOf, plainHost } from "./ip.ts";
import * as limits from "./limits.ts";
import { type Stream, TcpStream } from "./stream.ts";
import { requestWebSocket } from "./websocket.ts";

/** What an address begins with where a WebSocket is wanted. */
const WEBSOCKET = "ws://";

/** What comes of a dial. */
export interface DiallerOwner {
  dialled(address: Address, stream: Stream, host: string): void;
  refused(address: Address, why: Reason): void;
  interfaces(): readonly Interface[];
  /** True for this node's own address. */
  isSelf(place: Place): boolean;
}

export class Dialler {
  readonly #owner: DiallerOwner;
  readonly #dials = new Set<AbortController>();

  constructor(owner: DiallerOwner) {
    this.#owner = owner;
  }

  dial(address: Address): void {
    const isWebSocket = address.startsWith(WEBSOCKET);
    const place = placeOf(isWebSocket ? address.slice(WEBSOCKET.length) : address);
    if (place === undefined) return this.#refuse(address, "unreachable");
    if (this.#owner.isSelf(place)) return this.#refuse(address, "self");
    if (this.#dials.size >= limits.DIALS) return this.#refuse(address, "too-many");
    void this.#connect(address, place, isWebSocket);
  }

  /** Nothing comes of what is under way. */
  close(): void {
    for (const dial of this.#dials) dial.abort();
    this.#dials.clear();
  }

  async #connect(address: Address, place: Place, isWebSocket: boolean): Promise<void> {
    const dial = new AbortController();
    this.#dials.add(dial);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      dial.abort();
    }, limits.DIAL_MILLIS);
    const stream = await this.#open(place, isWebSocket, dial.signal).catch(() => undefined);
    clearTimeout(timer);
    if (!this.#dials.delete(dial)) stream?.close();
    else if (stream !== undefined) this.#owner.dialled(address, stream, plainHost(place.host));
    else this.#owner.refused(address, isLate ? "timed-out" : "unreachable");
  }

  async #open(place: Place, isWebSocket: boolean, signal: AbortSignal): Promise<Stream> {
    const stream = new TcpStream(await this.#connectAny(place, signal));
    if (!isWebSocket) return stream;
    const close = () => stream.close();
    signal.addEventListener("abort", close);
    try {
      return await requestWebSocket(stream, addressOf(place));
    } catch (error) {
      stream.close();
      throw error;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  /** An address of one cable is tried on each that there is, if it names none of ours. */
  #connectAny(place: Place, signal: AbortSignal): Promise<Deno.TcpConn> {
    const { port } = place;
    const connect = (hostname: string) => Deno.connect({ hostname, port, signal });
    if (!place.host.includes(":") || !isLinkLocal(place.host)) return connect(place.host);
    const zone = place.host.split("%")[1];
    const zoned = this.#owner.interfaces().filter(({ host, address }) => host !== address);
    const named = zoned.filter((each) => each.zone === zone);
    const [first, ...others] = (named.length > 0 ? named : zoned)
      .map((each) => `${plainHost(place.host)}%${each.zone}`);
    return others.reduce(
      (tried, host) => tried.catch(() => connect(host)),
      connect(first ?? place.host),
    );
  }

  /** Later: an order is not answered while it is given. */
  #refuse(address: Address, why: Reason): void {
    queueMicrotask(() => this.#owner.refused(address, why));
  }
}

/** Where a connection comes from. */
export function originOf(conn: Deno.TcpConn): { readonly from: Address; readonly host: string } {
  const { hostname, port } = conn.remoteAddr;
  const host = plainHost(hostname);
  return { from: addressOf({ host, port }), host };
}
