/** How often something may happen: a burst, then so many a second. */
import type { Micros } from "../../core/mod.ts";
import { HOSTS } from "./limits.ts";

const MILLION = 1_000_000;

/** A token bucket in whole numbers: a million parts make one permission. */
export class Allowance {
  #parts: number;
  #at: Micros = 0;
  readonly #most: number;

  constructor(burst: number, readonly perSecond: number) {
    this.#most = burst * MILLION;
    this.#parts = this.#most;
  }

  /** Uses one permission up, if there is one. */
  take(now: Micros): boolean {
    this.#parts = Math.min(this.#most, this.#parts + (now - this.#at) * this.perSecond);
    this.#at = now;
    if (this.#parts < MILLION) return false;
    this.#parts -= MILLION;
    return true;
  }
}

/** One allowance for each of a bounded number of names; the one made first is forgotten first. */
export class Allowances<Name> {
  readonly #of = new Map<Name, Allowance>();

  constructor(readonly names: number, readonly burst: number, readonly perSecond: number) {}

  take(name: Name, now: Micros): boolean {
    let allowance = this.#of.get(name);
    if (allowance === undefined) {
      if (this.#of.size >= this.names) {
        for (const first of this.#of.keys()) {
          this.#of.delete(first);
          break;
        }
      }
      this.#of.set(name, allowance = new Allowance(this.burst, this.perSecond));
    }
    return allowance.take(now);
  }

  delete(name: Name): void {
    this.#of.delete(name);
  }
}

/** What one host address may cause, and what all of them together may. */
export class HostAllowance {
  readonly #each: Allowances<string>;
  readonly #all: Allowance;

  constructor(
    each: { burst: number; perSecond: number },
    all: { burst: number; perSecond: number },
  ) {
    this.#each = new Allowances(HOSTS, each.burst, each.perSecond);
    this.#all = new Allowance(all.burst, all.perSecond);
  }

  take(host: string, now: Micros): boolean {
    return this.#each.take(host, now) && this.#all.take(now);
  }
}
