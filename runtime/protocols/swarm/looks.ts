/** When a node looks after what it shares and fetches: soon after anything has happened, else now and then. */
import { type Micros, second } from "../../core/mod.ts";
import type { SwarmContext } from "./content.ts";

const TICK = "tick";
/** While nothing is missing: each look wakes the processor of a machine that may run on its battery. */
const QUIET: Micros = second;
/**
 * On a busy machine a look at what has not come may come late, and before what has come is read: it waits
 * once until that is done, else blocks are asked for that lie in this node's own inbox.
 */
const LATE: Micros = 50_000, READING: Micros = 10_000;

export class Looks {
  /** When the next one is due; undefined where there is none. */
  #dueAt: Micros | undefined;
  #hasWaited = false;

  constructor(readonly ctx: SwarmContext, readonly every: Micros) {}

  /** Something has happened, or is missing. */
  soon(): void {
    if (this.#dueAt === undefined || this.#dueAt > this.ctx.now + this.every) this.#in(this.every);
  }

  /** Nothing is missing. */
  later(): void {
    this.#in(QUIET);
  }

  /** The timer has come. False where it is so late that it comes once more. */
  isTime(): boolean {
    const isLate = this.ctx.now > this.#dueAt! + LATE && !this.#hasWaited;
    this.#hasWaited = isLate;
    if (isLate) this.#in(READING);
    else this.#dueAt = undefined;
    return !isLate;
  }

  #in(micros: Micros): void {
    this.#dueAt = this.ctx.now + micros;
    this.ctx.wake(TICK, micros);
  }
}
