/**
 * A local network as a person describes it: one switch, or several subnets behind a router.
 *
 * Links share bandwidth as a fluid (fluid.ts). What a link loses it sends again, so that loss shows
 * as delay and as capacity, never as a missing frame; datagrams are lost, doubled and overtaken.
 */
import {
  type Duration,
  type Nanos,
  nanos,
  type NanosRange,
  onlyKnown,
  partsOf,
  rangeOf,
  type Rate,
  rateOf,
  type Share,
  type Spread,
  UsageError,
} from "./units.ts";

/** Every knob of a local network. */
export interface LanOptions {
  /** One way, from host to host; each pair draws its own. Default "500us". */
  readonly latency?: Spread;
  /** Each frame and datagram takes up to so much longer. Frames keep their order. */
  readonly jitter?: Duration;
  /** Of each host, up and down, full duplex. Default "100Mbps". */
  readonly bandwidth?: Rate;
  /** Of packets. */
  readonly loss?: Share;
  /** Of datagrams: arrive twice. */
  readonly duplication?: Share;
  /** Of datagrams: arrive up to 10 ms late, behind later ones. */
  readonly reordering?: Share;
  /** Of datagrams: arrive with one byte changed. */
  readonly corruption?: Share;
  /** Between subnets; what crosses it shares its bandwidth, each way. */
  readonly router?: { readonly latency?: Duration; readonly bandwidth?: Rate };
  /** Until a dial that nobody answers is given up. Default "5s". */
  readonly dialTimeout?: Duration;
}

/** The same in numbers. Shares are parts per million, rates bytes per second. */
export interface Lan {
  readonly kind: "lan";
  readonly latency: NanosRange;
  readonly jitter: Nanos;
  readonly bandwidth: number;
  readonly loss: number;
  readonly duplication: number;
  readonly reordering: number;
  readonly corruption: number;
  readonly routerLatency: Nanos;
  readonly routerBandwidth: number | undefined;
  readonly dialTimeout: Nanos;
}

const KNOBS = [
  "latency",
  "jitter",
  "bandwidth",
  "loss",
  "duplication",
  "reordering",
  "corruption",
  "router",
  "dialTimeout",
];

/** A local network. What it cannot express it refuses. */
export function lan(options: LanOptions = {}): Lan {
  onlyKnown(options, KNOBS, "network option");
  const { router = {} } = options;
  onlyKnown(router, ["latency", "bandwidth"], "router option");
  return {
    kind: "lan",
    latency: rangeOf(options.latency ?? "500us"),
    jitter: nanos(options.jitter ?? "0ms"),
    bandwidth: rateOf(options.bandwidth ?? "100Mbps"),
    loss: lossOf(options.loss ?? "0%"),
    duplication: partsOf(options.duplication ?? "0%"),
    reordering: partsOf(options.reordering ?? "0%"),
    corruption: partsOf(options.corruption ?? "0%"),
    routerLatency: nanos(router.latency ?? "200us"),
    routerBandwidth: router.bandwidth === undefined ? undefined : rateOf(router.bandwidth),
    dialTimeout: nanos(options.dialTimeout ?? "5s"),
  };
}

/** Payload of a full TCP segment: 1500 of MTU, less IPv4 (20), TCP (20) and timestamps (12). */
export const SEGMENT_BYTES = 1448;
/** The Ethernet frame that carries it, as a shaper counts: measured 1.045 (reference/swarming.md). */
export const PACKET_BYTES = 1514;

/** What is left of a bandwidth for the bytes of links: less headers, less what is sent again. */
export function payloadRate(bandwidth: number, loss: number): number {
  return bandwidth * (SEGMENT_BYTES / PACKET_BYTES) * ((1_000_000 - loss) / 1_000_000);
}

/** Above this a TCP link hardly moves, and the model of `retransmission` is no longer true. */
const MOST_LOSS = 200_000;

/** Parts per million of lost packets. */
export function lossOf(text: Share): number {
  const parts = partsOf(text);
  if (parts > MOST_LOSS) {
    throw new UsageError(`Loss of ${text} is more than links are modelled for: 20% at most`);
  }
  return parts;
}
