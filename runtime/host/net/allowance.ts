/** How often something may happen: a burst, then so many a second. */

/** A bucket of permissions. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

const MICROS_PER_SECOND = 1_000_000;

export class Allowance {
  #left: number;
  #at = 0;
  readonly #rate: Rate;

  constructor(rate: Rate) {
    this.#rate = rate;
    this.#left = rate.burst;
  }

  /** Uses one permission up, if there is one. */
  take(now: number): boolean {
    const { burst, perSecond } = this.#rate;
    const since = Math.max(0, now - this.#at) / MICROS_PER_SECOND;
    this.#left = Math.min(burst, this.#left + since * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}

/** One allowance for each of a bounded number of names; the one made first is forgotten first. */
export class Allowances {
  readonly #of = new Map<string, Allowance>();

  constructor(readonly names: number, readonly rate: Rate) {}

  take(name: string, now: number): boolean {
    let allowance = this.#of.get(name);
    if (allowance === undefined) {
      if (this.#of.size >= this.names) this.#of.delete(this.#of.keys().next().value!);
      this.#of.set(name, allowance = new Allowance(this.rate));
    }
    return allowance.take(now);
  }
}
