/** All nodes on this machine's loopback, each at a port of its own: as fast as the machine is. */
import type { Address } from "../../runtime/core/mod.ts";
import type { Place, Socket } from "./place.ts";

const HOST = "127.0.0.1";

export class Loopback implements Place {
  readonly name = "loopback";
  readonly ways = undefined;
  /** Ports that are ours until their nodes take them. */
  readonly #held: Deno.Listener[] = [];
  readonly #ports: number[] = [];
  readonly #discoveryPort: number;

  constructor() {
    this.#discoveryPort = this.#reserve();
  }

  addressAt(index: number): Address {
    return `${HOST}:${this.#portAt(index)}`;
  }

  socketAt(index: number): Socket {
    return { bind: [HOST], port: this.#portAt(index), discoveryPort: this.#discoveryPort };
  }

  open(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  inside(_index: number, line: readonly string[]): readonly string[] {
    return line;
  }

  close(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  #portAt(index: number): number {
    while (this.#ports.length <= index) this.#ports.push(this.#reserve());
    return this.#ports[index]!;
  }

  #reserve(): number {
    const listener = Deno.listen({ hostname: HOST, port: 0 });
    this.#held.push(listener);
    return (listener.addr as Deno.NetAddr).port;
  }

  #release(): void {
    for (const listener of this.#held.splice(0)) listener.close();
  }
}
