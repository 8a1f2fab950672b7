/** The TCP sockets that take connections: one port on all the addresses that are used. */
import { type BindingFailure, bindingFailureOf } from "./binding.ts";
import type { Interface } from "./interfaces.ts";
import * as limits from "./limits.ts";

/** Takes what was accepted. */
export type Accepted = (conn: Deno.TcpConn) => void;

export class Listeners {
  readonly port: number;
  readonly #accepted: Accepted;
  readonly #byHost = new Map<string, Deno.TcpListener>();

  private constructor(port: number, accepted: Accepted) {
    this.port = port;
    this.#accepted = accepted;
  }

  /** Undefined where another program has this port at one of the hosts. 0 is any port. */
  static open(hosts: readonly string[], port: number, accepted: Accepted): Listeners | undefined {
    const first = firstOf(hosts, port);
    if (first === "in-use") return undefined;
    const listeners = new Listeners(first.listener.addr.port, accepted);
    listeners.#serve(first.host, first.listener);
    for (const host of hosts) {
      if (host === first.host || listeners.#open(host) !== "in-use") continue;
      listeners.close();
      return undefined;
    }
    return listeners;
  }

  /** Listens where the interfaces are now; where it cannot, it is tried again the next time. */
  follow(hosts: readonly string[]): void {
    for (const [host, listener] of this.#byHost) {
      if (hosts.includes(host)) continue;
      this.#byHost.delete(host);
      listener.close();
    }
    for (const host of hosts) if (!this.#byHost.has(host)) this.#open(host);
  }

  close(): void {
    const all = [...this.#byHost.values()];
    this.#byHost.clear();
    for (const listener of all) listener.close();
  }

  #open(host: string): BindingFailure | undefined {
    const listener = listenerAt(host, this.port);
    if (typeof listener === "string") return listener;
    this.#serve(host, listener);
    return undefined;
  }

  #serve(host: string, listener: Deno.TcpListener): void {
    this.#byHost.set(host, listener);
    void this.#accept(host, listener);
  }

  async #accept(host: string, listener: Deno.TcpListener): Promise<void> {
    let pause = limits.ACCEPT_PAUSE_MILLIS;
    while (this.#byHost.get(host) === listener) {
      const conn = await listener.accept().catch(() => undefined);
      if (conn !== undefined) {
        pause = limits.ACCEPT_PAUSE_MILLIS;
        this.#accepted(conn);
      } else if (this.#byHost.get(host) === listener) {
        // Out of file descriptors, or the connection was reset before it was taken.
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(2 * pause, limits.ACCEPT_PAUSE_MOST_MILLIS);
      }
    }
  }
}

/** What to listen on: everything, cables to come included, or only what this node is bound to. */
export function listenedHosts(
  interfaces: readonly Interface[],
  isBound: boolean,
): readonly string[] {
  if (isBound) return interfaces.map(({ host }) => host);
  // One socket takes both families, except where the system keeps them apart, or has only the old one.
  if (Deno.build.os === "windows") return ["0.0.0.0", "::"];
  return hasFamily6() ? ["::"] : ["0.0.0.0"];
}

function hasFamily6(): boolean {
  try {
    Deno.listen({ hostname: "::", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

/** The first of the hosts that there is. */
function firstOf(hosts: readonly string[], port: number) {
  for (const host of hosts) {
    const listener = listenerAt(host, port);
    if (listener === "in-use") return listener;
    if (listener !== "gone") return { host, listener };
  }
  throw new Error(`Cannot listen on ${hosts.join(", ")}: this machine has no such address now`);
}

function listenerAt(hostname: string, port: number): Deno.TcpListener | BindingFailure {
  try {
    return Deno.listen({ hostname, port });
  } catch (error) {
    return bindingFailureOf(error);
  }
}
