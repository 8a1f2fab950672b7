/**
 * How late this node's own pulses are: Lifeguard's local health (Dadgar, Phillips and Currey 2017), in time.
 *
 * Whoever wakes up late again and again runs on a busy machine, and must fear that all the room does.
 */
import type { Micros } from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** Pulses whose lateness counts: those of four seconds. */
const REMEMBERED = 8;

export class Lag {
  #next: Micros = 0;
  #past: readonly Micros[] = [];
  #micros: Micros = 0;

  /** The second latest of the last pulses: one stall, however long, is no sign of a busy machine. */
  get micros(): Micros {
    return this.#micros;
  }

  /** The next pulse is late by so much, more than it was already. */
  late(micros: Micros): void {
    this.#next = Math.min(this.#next + micros, limits.LAG);
  }

  /** It came. */
  pulsed(): void {
    this.#past = [this.#next, ...this.#past.slice(0, REMEMBERED - 1)];
    this.#next = 0;
    this.#micros = this.#past.toSorted((one, other) => other - one)[1] ?? 0;
  }
}
