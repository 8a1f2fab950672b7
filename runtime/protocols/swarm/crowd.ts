/** When members of a content come and go: those that come together are planned for at once. */
import type { Micros } from "../../core/mod.ts";

/** Members that come within this time of each other come together. */
export const GATHER: Micros = 5_000;
const GATHER_AT_MOST: Micros = 60_000;
/** More will come within twice the longest pause so far between two, if they come together. */
const COMING: Micros = 50_000, COMING_AT_MOST: Micros = 500_000;

export class Crowd {
  /** Since when somebody has waited for a plan. */
  #waitingSince: Micros | undefined;
  #changedAt: Micros = 0;
  #joinedAt: Micros = 0;
  /** For how long after one member the next one may be expected. */
  #coming = COMING;

  joined(now: Micros): void {
    const pause = now - this.#joinedAt;
    if (2 * pause <= COMING_AT_MOST) this.#coming = Math.max(this.#coming, 2 * pause);
    this.#joinedAt = now;
  }

  /** Somebody has come or gone. True for the first of those that wait. */
  changed(now: Micros): boolean {
    this.#changedAt = now;
    const isFirst = this.#waitingSince === undefined;
    this.#waitingSince ??= now;
    return isFirst;
  }

  /** Whether more members are expected. */
  isComing(now: Micros): boolean {
    return now - this.#joinedAt < this.#coming;
  }

  /** How much longer those who have come wait for others: 0 once they are together; undefined where nobody waits. */
  waits(now: Micros): Micros | undefined {
    const since = this.#waitingSince;
    if (since === undefined) return undefined;
    const still = now - this.#changedAt;
    if (still < GATHER && now - since < GATHER_AT_MOST) return GATHER - still;
    this.#waitingSince = undefined;
    return 0;
  }
}
