/**
 * How fast the event kernel is: the hold model, through the public API, with the digest on.
 *
 * The earliest event leaves and comes back after an exponential delay of 1 ms, so that the number of
 * pending events stays (Jones 1986). Its delay is drawn within the measured loop.
 */
import { Clock } from "../../sim/clock.ts";
import { Digest } from "../../sim/digest.ts";
import { atLeast, type Bench } from "./row.ts";

const RUNS = 8;
const EVENTS = 2_000_000;
const MEAN_DELAY = 1_000_000;
const DELAYS = 0x1_0000;

/** The figures of the kernel: of several runs the best, for others use the machine too. */
export const benches: readonly Bench[] = [
  atLeast("kernel-1e3", 8e6, "events/s", () => kernel(1e3).eventsPerSecond),
  atLeast("kernel-1e6", 5e6, "events/s", () => kernel(1e6).eventsPerSecond),
];

/** Events per second, with so many pending. */
export function kernel(pending: number): { eventsPerSecond: number } {
  const hold = new Hold(pending);
  let best = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    hold.run(EVENTS);
    best = Math.min(best, performance.now() - start);
  }
  return { eventsPerSecond: EVENTS / best * 1000 };
}

class Hold {
  readonly #clock = new Clock();
  readonly #digest = new Digest();
  readonly #delays = exponentialDelays();
  #random = 1;

  constructor(pending: number) {
    for (let id = 0; id < pending; id++) this.#clock.at(this.#delay(), id & 15, id, 0);
    this.run(pending); // until the delays left over are as in the long run
  }

  run(events: number): void {
    const clock = this.#clock, digest = this.#digest;
    for (let event = 0; event < events; event++) {
      clock.next();
      digest.number(clock.now);
      digest.word(clock.kind);
      digest.word(clock.a);
      clock.at(clock.now + this.#delay(), clock.kind, clock.a, 0);
    }
  }

  #delay(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return this.#delays[this.#random >>> 16] as number;
  }
}

/** The delays at evenly spaced quantiles. */
function exponentialDelays(): Int32Array {
  return Int32Array.from(
    { length: DELAYS },
    (_, at) => Math.ceil(-MEAN_DELAY * Math.log((at + 0.5) / DELAYS)),
  );
}
