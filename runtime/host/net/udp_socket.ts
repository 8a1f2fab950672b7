/**
 * One UDP socket.
 *
 * It is asked for each datagram (`Deno.listenDatagram`), and not called for each (node:dgram): so it can
 * let the system drop what is too much. Measured with 70,000 datagrams a second thrown at a node that also
 * echoes over TCP: 90 % of the echoes are left, against 44 %. Its price is `"unstable": ["net"]`.
 */
import { limits as core } from "../../core/mod.ts";
import { Allowance } from "./allowance.ts";
import { type BindingFailure, bindingFailureOf } from "./binding.ts";
import type { Place } from "./ip.ts";
import * as limits from "./limits.ts";

/** How a socket is opened. */
export interface UdpOptions {
  readonly host: string;
  readonly port: number;
  /** Others of this machine hear the same broadcasts. */
  readonly isShared?: boolean;
  readonly micros: () => number;
  /** The bytes are the receiver's own. */
  readonly heard: (bytes: Uint8Array, from: Place) => void;
}

export class UdpSocket {
  readonly port: number;
  readonly #socket: Deno.DatagramConn;
  readonly #options: UdpOptions;
  readonly #allowance = new Allowance(limits.SOCKET_DATAGRAMS);
  #leaving = 0;
  #isClosed = false;

  private constructor(socket: Deno.DatagramConn, options: UdpOptions) {
    this.#socket = socket;
    this.#options = options;
    this.port = (socket.addr as Deno.NetAddr).port;
    void this.#listen();
  }

  static open(options: UdpOptions): UdpSocket | BindingFailure {
    const { host: hostname, port, isShared: reuseAddress = false } = options;
    try {
      const socket = Deno.listenDatagram({
        transport: "udp",
        hostname,
        port,
        reuseAddress,
        loopback: true,
      });
      return new UdpSocket(socket, options);
    } catch (error) {
      return bindingFailureOf(error);
    }
  }

  /** Sends, or loses, as datagrams are. */
  send(bytes: Uint8Array, { host: hostname, port }: Place): void {
    if (this.#isClosed || this.#leaving >= limits.DATAGRAMS_LEAVING) return;
    this.#leaving++;
    this.#socket.send(bytes, { transport: "udp", hostname, port })
      .catch(() => {}) // no route, or none any more
      .finally(() => this.#leaving--);
  }

  /** Hears an IPv4 group on the interface with this address. */
  join(group: string, address: string): void {
    this.#socket.joinMulticastV4(group, address).catch(() => {}); // joined before, or no multicast there
  }

  /** Hears an IPv6 group on the interface with this number. */
  joinScope(group: string, scope: number): void {
    this.#socket.joinMulticastV6(group, scope).catch(() => {});
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  async #listen(): Promise<void> {
    // One byte more than is allowed: what fills it was too long.
    const buffer = new Uint8Array(core.DATAGRAM_BYTES + 1);
    while (!this.#isClosed) {
      // It fails where it is closed; or, on some systems, where an earlier datagram has reached nobody.
      const came = await this.#socket.receive(buffer).catch(() => undefined);
      if (this.#isClosed) return;
      if (came !== undefined) this.#hear(...came);
      const isEnough = !this.#allowance.take(this.#options.micros());
      if (came === undefined || isEnough) await this.#pause();
    }
  }

  #hear(bytes: Uint8Array, from: Deno.Addr): void {
    if (bytes.length > core.DATAGRAM_BYTES) return;
    const { hostname: host, port } = from as Deno.NetAddr;
    this.#options.heard(bytes.slice(), { host, port });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, limits.DATAGRAM_PAUSE_MILLIS));
  }
}
