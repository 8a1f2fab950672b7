/**
 * Datagrams: sent to one address or to everyone in the subnet, and then lost, doubled, late,
 * overtaken or changed, as the network was told to. They are too small and too rare to take part
 * in the sharing of bandwidth.
 */
import { assert, limits, type Stream } from "../runtime/core/mod.ts";
import type { Clock } from "./clock.ts";
import type { Delays } from "./delays.ts";
import { OVERHEARD } from "./kinds.ts";
import type { Lan } from "./lan.ts";
import type { Machine } from "./machine.ts";
import type { Oracle } from "./oracle.ts";
import type { Host, Paths } from "./paths.ts";
import type { Nanos } from "./units.ts";

/** An overtaken datagram arrives up to so much later. */
const LATE_NANOS: Nanos = 10_000_000;

/** So much waits for a process that does not read (Linux, rmem_default: 208 KiB); the rest is lost. */
const SOCKET_DATAGRAMS = 256;

interface Datagram {
  readonly from: Host;
  readonly to: Host;
  readonly bytes: Uint8Array;
}

interface DatagramsOptions {
  readonly clock: Clock;
  readonly lan: Lan;
  readonly paths: Paths;
  readonly oracle: Oracle;
  readonly delays: Delays;
  readonly machines: readonly Machine[];
}

export class Datagrams {
  corruptions = 0;
  readonly #options: DatagramsOptions;
  readonly #chances: Stream[] = [];
  readonly #held: Datagram[] = [];

  constructor(options: DatagramsOptions) {
    this.#options = options;
  }

  cast(machine: Machine, to: string, bytes: Uint8Array): void {
    assert(bytes.length <= limits.DATAGRAM_BYTES, "a datagram keeps to its limit");
    const { paths } = this.#options;
    const from = paths.hosts[machine.index]!;
    if (to !== "everyone") {
      const host = paths.at(to);
      if (host !== undefined) this.#send({ from, to: host, bytes });
      return;
    }
    for (const host of paths.hosts) {
      if (host !== from && host.subnet === from.subnet) this.#send({ from, to: host, bytes });
    }
  }

  /** The way between two hosts is open again: what was held goes on. */
  release(): void {
    for (const datagram of this.#held.splice(0)) this.#send(datagram);
  }

  arrived(payload: unknown): void {
    const { from, to, bytes } = payload as Datagram;
    const machine = this.#options.machines[to.index]!;
    if (machine.backlog >= SOCKET_DATAGRAMS) this.#options.delays.losses++;
    else machine.post({ kind: "overheard", from: from.address, bytes });
  }

  #send(datagram: Datagram): void {
    const { lan, paths, oracle, delays } = this.#options;
    const { from, to } = datagram;
    if (paths.isCut(from, to)) return;
    if (paths.isHeld(from, to)) {
      this.#held.push(datagram);
      return;
    }
    const chance = this.#chances[from.index] ??= oracle.stream(`datagrams/${from.name}`);
    if (oracle.happens(chance, "datagram lost", paths.loss(from, to))) {
      delays.losses++;
      return;
    }
    this.#deliver(chance, this.#corrupted(chance, datagram));
    if (oracle.happens(chance, "datagram doubled", lan.duplication)) {
      this.#deliver(chance, datagram);
    }
  }

  #deliver(chance: Stream, datagram: Datagram): void {
    const { clock, lan, paths, oracle } = this.#options;
    let arrival = clock.now + paths.latency(datagram.from, datagram.to);
    arrival += oracle.between(chance, "datagram jitter", 0, lan.jitter);
    if (oracle.happens(chance, "datagram late", lan.reordering)) {
      arrival += oracle.between(chance, "datagram late by", 0, LATE_NANOS);
    }
    clock.at(arrival, OVERHEARD, 0, 0, datagram);
  }

  #corrupted(chance: Stream, datagram: Datagram): Datagram {
    const { lan, oracle } = this.#options;
    if (!oracle.happens(chance, "datagram changed", lan.corruption)) return datagram;
    this.corruptions++;
    const bytes = datagram.bytes.slice();
    const at = oracle.decide(chance, "changed byte", bytes.length);
    bytes[at] = bytes[at]! ^ (1 + oracle.decide(chance, "changed by", 255));
    return { ...datagram, bytes };
  }
}
