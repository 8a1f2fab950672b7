/**
 * Networks and machines that chance describes: swarm testing for what does not change while a run
 * lasts. Each run first decides which knobs are turned at all (storm.ts has the faults).
 */
import type { ActorOptions } from "./cast.ts";
import { type Lan, lan, type LanOptions } from "./lan.ts";
import type { Oracle } from "./oracle.ts";

/** A network of which every run draws its own. */
export interface DrawnLan {
  readonly kind: "drawn";
}

/** From a quiet switch to a bad radio link: for claims that must hold on any network. */
export function drawnLan(): DrawnLan {
  return { kind: "drawn" };
}

/** What a knob may be turned to, where it is. */
type Knobs<Options> = { readonly [Key in keyof Options]-?: readonly Options[Key][] };

const NETWORK: Knobs<Omit<LanOptions, "router">> = {
  latency: ["50us", "1ms..4ms", "5ms..50ms", "150ms"],
  jitter: ["1ms", "10ms", "100ms"],
  bandwidth: ["5Mbps", "20Mbps", "1Gbps"],
  loss: ["0.1%", "1%", "10%"],
  duplication: ["1%", "20%"],
  reordering: ["1%", "20%"],
  corruption: ["0.1%", "10%"],
  dialTimeout: ["1s", "20s"],
};

const MACHINE: Knobs<Omit<ActorOptions, "subnet" | "startsAt">> = {
  uplink: ["2Mbps", "10Mbps"],
  downlink: ["2Mbps", "10Mbps"],
  loss: ["0.5%", "5%"],
  cpu: [0.02, 0.2, 5],
  drift: ["-1000ppm", "-100ppm", "100ppm", "1000ppm"],
  // A hard disk, a memory card, and a system that hardly ever flushes.
  disk: [
    { latency: "8ms", sync: "16ms", bandwidth: "100MBps" },
    { latency: "1ms", sync: "100ms", bandwidth: "10MBps" },
    { flush: "60s" },
  ],
};

/** The network itself, drawn if it is to be. */
export function lanOf(network: Lan | DrawnLan, oracle: Oracle): Lan {
  return network.kind === "lan" ? network : lan(turned(NETWORK, oracle, "network"));
}

/** What one machine is like. Of the knobs that are turned in this run, it has every second. */
export function natureOf(oracle: Oracle, name: string): ActorOptions {
  const isTurned = new Set(Object.keys(turned(MACHINE, oracle, "machines")));
  const own = Object.entries(turned(MACHINE, oracle, `machine/${name}`));
  return Object.fromEntries(own.filter(([knob]) => isTurned.has(knob))) as ActorOptions;
}

/** Every second knob, turned to something. The same each time it is asked for. */
function turned<Options>(
  knobs: Knobs<Options>,
  oracle: Oracle,
  purpose: string,
): Partial<Options> {
  const label = `nature/${purpose}`, chance = oracle.stream(label);
  const options: Partial<Record<string, unknown>> = {};
  for (const [knob, choices] of Object.entries<readonly unknown[]>(knobs)) {
    const isTurned = oracle.decide(chance, label, 2) === 0;
    const choice = choices[oracle.decide(chance, label, choices.length)];
    if (isTurned) options[knob] = choice;
  }
  return options as Partial<Options>;
}
