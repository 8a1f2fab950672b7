/**
 * How many transfers a second the fluid network completes when each one begins and ends a flow: the
 * worst case, for every arrival and departure changes the rates of others.
 */
import { Stream } from "../../runtime/core/random.ts";
import { Clock } from "../../sim/clock.ts";
import { Fluid } from "../../sim/fluid.ts";
import { atLeast, type Bench } from "./row.ts";

/** Transfers that a host sends at a time, and that it takes at a time. */
const SLOTS = 4, PLACES = 8;
/** 100 Mbit/s. */
const BYTES_PER_SECOND = 12_500_000;
const FLOWED = 0, ARRIVED = 1;
const RUNS = 5;

/** A network of equal hosts around one switch, which do nothing but send to each other. */
export interface Load {
  readonly hosts: number;
  readonly transfers: number;
  readonly bytes: number;
  /** From the last byte's leaving to its arrival; the slot and the place stay taken. */
  readonly latencyNanos: number;
}

/** The figures of the fluid network: of several runs the best, for others use the machine too. */
export const benches: readonly Bench[] = [50, 500].map((hosts) =>
  atLeast(`fluid-${hosts}`, 100_000, "completions/s", () => fluid(hosts).completionsPerSecond)
);

/** Completions per second of 256 KiB each among so many hosts. */
export function fluid(hosts: number): { completionsPerSecond: number } {
  const load = { hosts, transfers: 100_000, bytes: 262_144, latencyNanos: 0 };
  let best = 0;
  for (let run = 0; run < RUNS; run++) best = Math.max(best, carry(load).completionsPerSecond);
  return { completionsPerSecond: best };
}

/** Carries a load: how fast that went, and how long it took in the network's own time. */
export function carry(load: Load): { completionsPerSecond: number; simulatedSeconds: number } {
  const start = performance.now(), swarm = new Swarm(load);
  swarm.run();
  return {
    completionsPerSecond: load.transfers / (performance.now() - start) * 1000,
    simulatedSeconds: swarm.clock.now / 1e9,
  };
}

class Swarm {
  readonly clock = new Clock();
  readonly #fluid = new Fluid(this.clock, FLOWED);
  readonly #random = new Stream("swarm");
  readonly #load: Load;
  readonly #up: number[] = [];
  readonly #down: number[] = [];
  readonly #taken: Int32Array;
  #begun = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#taken = new Int32Array(load.hosts);
    for (let host = 0; host < load.hosts; host++) {
      this.#up.push(this.#fluid.addPort(BYTES_PER_SECOND));
      this.#down.push(this.#fluid.addPort(BYTES_PER_SECOND));
    }
  }

  run(): void {
    const { clock } = this, { hosts, latencyNanos } = this.#load, fluid = this.#fluid;
    for (let slot = 0; slot < SLOTS; slot++) {
      for (let host = 0; host < hosts; host++) this.#begin(host);
    }
    while (clock.next()) {
      if (clock.kind === ARRIVED) {
        this.#end(clock.a, clock.b);
        continue;
      }
      while (fluid.next()) {
        fluid.close(fluid.pipe);
        const from = Math.floor(fluid.tag / hosts), to = fluid.tag % hosts;
        if (latencyNanos === 0) this.#end(from, to);
        else clock.at(clock.now + latencyNanos, ARRIVED, from, to);
      }
    }
  }

  #end(from: number, to: number): void {
    this.#taken[to] = (this.#taken[to] as number) - 1;
    this.#begin(from);
  }

  /** Sends to a random host, or to the first one after it that has a place. */
  #begin(from: number): void {
    const { hosts, transfers, bytes } = this.#load;
    if (this.#begun === transfers) return;
    this.#begun++;
    let to = this.#random.below(hosts);
    while (to === from || this.#taken[to] === PLACES) to = (to + 1) % hosts;
    this.#taken[to] = (this.#taken[to] as number) + 1;
    const pipe = this.#fluid.open(this.#up[from] as number, this.#down[to] as number);
    this.#fluid.push(pipe, bytes, from * hosts + to);
  }
}
