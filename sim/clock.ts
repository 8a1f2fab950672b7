/**
 * Simulated time: events in the total order (time, turn), where the turn is the order of `at` calls.
 *
 *     const clock = new Clock();
 *     const timeout = clock.at(clock.now + 5_000_000, TIMEOUT, node, attempt); // whole nanoseconds
 *     clock.at(clock.now + 1_000, ARRIVED, node, link, frame);                 // with an object
 *     clock.cancel(timeout);                                                   // a stale handle: no-op
 *     while (clock.next()) {
 *       switch (clock.kind) { // clock.now, clock.a, clock.b, clock.payload say the rest
 *         case ARRIVED: ...
 *       }
 *     }
 *
 * An event is four small integers in a typed array, not an object and a closure: those cost 17 times
 * as much at a million pending (reference/simulation.md, 1.1).
 */
import { assert } from "../runtime/core/assert.ts";
import { A, B, type Handle, ID, idOf, LABEL, Wheel } from "./wheel.ts";

export type { Handle };

/** Whole nanoseconds since the run began, up to 2^53 (104 days). */
export type Nanos = number;

/** A handle that is always stale. */
export const NO_EVENT: Handle = -1;

/** A label is the kind, and whether there is a payload. */
const HAS_PAYLOAD = 1;
/** One unit of the high half of a time. A power of two: the division below is exact. */
const HIGH_UNIT = 0x1_0000_0000;

/** The queue of what happens next. The fields describe the event that `next` has moved to. */
export class Clock {
  now: Nanos = 0;
  kind = 0;
  a = 0;
  b = 0;
  payload: unknown = undefined;
  readonly #wheel: Wheel;
  /** By id, for events that have one. */
  readonly #payloads: unknown[] = [];

  constructor(capacity = 1024) {
    this.#wheel = new Wheel(capacity);
  }

  /** How many events are still to come. */
  get pending(): number {
    return this.#wheel.size;
  }

  /** Adds an event. `kind` is 0 to 127, `a` and `b` are 32-bit integers. */
  at(time: Nanos, kind: number, a: number, b: number, payload?: unknown): Handle {
    assert(
      time >= this.now && Number.isSafeInteger(time),
      "an event is due at a whole time to come",
    );
    const low = time | 0, high = (time - (low >>> 0)) / HIGH_UNIT;
    if (payload === undefined) return this.#wheel.add(low, high, kind << 1, a, b);
    const handle = this.#wheel.add(low, high, kind << 1 | HAS_PAYLOAD, a, b), id = idOf(handle);
    while (this.#payloads.length <= id) this.#payloads.push(undefined); // with gaps it would be a map
    this.#payloads[id] = payload;
    return handle;
  }

  /** Takes an event back. Says whether it was still to come. */
  cancel(handle: Handle): boolean {
    const id = this.#wheel.cancel(handle);
    if (id < 0) return false;
    if (this.#payloads[id] !== undefined) this.#payloads[id] = undefined;
    return true;
  }

  /** Moves to the next event; false where there is none, and then nothing changes. */
  next(): boolean {
    const at = this.#wheel.pop(), pool = this.#wheel.pool;
    if (at < 0) return false;
    const idAndLabel = pool[at + ID] as number, label = idAndLabel >>> LABEL;
    this.now = this.#wheel.time;
    this.kind = label >>> 1;
    this.a = pool[at + A] as number;
    this.b = pool[at + B] as number;
    if ((label & HAS_PAYLOAD) === 0) {
      this.payload = undefined;
    } else {
      const id = idOf(idAndLabel);
      this.payload = this.#payloads[id];
      this.#payloads[id] = undefined; // or the world would keep every frame alive
    }
    return true;
  }

  /** When the next event happens; Infinity where there is none. */
  peekTime(): Nanos {
    return this.#wheel.peek();
  }
}
