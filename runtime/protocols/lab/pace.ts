/** How often something may happen: so many at once, then one at a time. */
import type { Micros } from "../../core/mod.ts";

/** One rate. Holds a single number: when the allowance would be whole again. */
export class Pace {
  #wholeAt: Micros = 0;

  constructor(readonly every: Micros, readonly burst: number) {}

  /** True, and counted, if it may happen now. */
  allows(now: Micros): boolean {
    const wholeAt = Math.max(this.#wholeAt, now);
    if (wholeAt - now > (this.burst - 1) * this.every) return false;
    this.#wholeAt = wholeAt + this.every;
    return true;
  }
}

/** The same rate for each of many names. A forgotten name starts with a whole allowance. */
export class Paces<Name> {
  readonly #paceOf = new Map<Name, Pace>();

  constructor(readonly every: Micros, readonly burst: number, readonly names: number) {}

  allows(name: Name, now: Micros): boolean {
    let pace = this.#paceOf.get(name);
    if (pace === undefined) {
      if (this.#paceOf.size >= this.names) this.#forgetFirst();
      pace = new Pace(this.every, this.burst);
      this.#paceOf.set(name, pace);
    }
    return pace.allows(now);
  }

  #forgetFirst(): void {
    for (const name of this.#paceOf.keys()) {
      this.#paceOf.delete(name);
      return;
    }
  }
}
