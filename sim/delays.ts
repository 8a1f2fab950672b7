/**
 * What loss and jitter do to a frame: it arrives later, never not at all.
 *
 * A frame of several packets, or one with others behind it, that loses a packet waits one round trip
 * (fast retransmit, RFC 5681). A lone packet waits for the tail loss probe: two round trips, and
 * 200 ms for the delayed acknowledgement (Linux, tcp_schedule_loss_probe, RTO_MIN).
 */
import type { Stream } from "../runtime/core/mod.ts";
import { SEGMENT_BYTES } from "./lan.ts";
import type { Oracle } from "./oracle.ts";
import type { Nanos } from "./units.ts";

/** Linux's smallest retransmission timeout. */
export const RETRANSMISSION_NANOS: Nanos = 200_000_000;

export class Delays {
  /** Frames and datagrams that were lost once; links sent theirs again. */
  losses = 0;
  readonly #oracle: Oracle;
  readonly #anyLost = new Map<number, number>();

  constructor(oracle: Oracle) {
    this.#oracle = oracle;
  }

  /** How much longer than the path's latency a frame takes. */
  ofFrame(
    chance: Stream,
    label: string,
    bytes: number,
    { loss, jitter, latency, followed }: {
      readonly loss: number;
      readonly jitter: Nanos;
      readonly latency: Nanos;
      readonly followed: boolean;
    },
  ): Nanos {
    let delay = 0;
    if (jitter > 0) delay += this.#oracle.between(chance, label, 0, jitter);
    if (loss === 0) return delay;
    const packets = Math.ceil(bytes / SEGMENT_BYTES);
    if (!this.#oracle.happens(chance, label, this.#lossOfAny(packets, loss))) return delay;
    this.losses++;
    const fast = packets > 1 || followed;
    return delay + (fast ? 2 * latency : 4 * latency + RETRANSMISSION_NANOS);
  }

  /** Parts per million: at least one of so many packets is lost. */
  #lossOfAny(packets: number, loss: number): number {
    if (packets === 1) return loss;
    const key = packets * 1_000_000 + loss;
    let parts = this.#anyLost.get(key);
    if (parts === undefined) {
      let none = 1;
      for (let packet = 0; packet < packets; packet++) none *= 1 - loss / 1_000_000;
      parts = Math.round((1 - none) * 1_000_000);
      this.#anyLost.set(key, parts);
    }
    return parts;
  }
}
