/**
 * Records that the disk has refused: saved again until it takes them, since somebody may have made
 * room. What was refused counts as saved once a whole pause has passed without another refusal.
 */
import type { Context, Micros } from "../../core/mod.ts";
import { REPAIR_EVERY } from "./limits.ts";

export const REPAIR = "repair";

export class Repair {
  /** Refused, and when; in the order of refusal. */
  readonly #refusedAt = new Map<string, Micros>();

  /** Records that may not be on the disk. */
  get keys(): readonly string[] {
    return [...this.#refusedAt.keys()];
  }

  /** True while this record may not be on the disk. */
  has(key: string): boolean {
    return this.#refusedAt.has(key);
  }

  /** The disk has refused a record; true if that is news. */
  refused(key: string, ctx: Context): boolean {
    const isNews = !this.#refusedAt.has(key);
    if (this.#refusedAt.size === 0) ctx.wake(REPAIR, REPAIR_EVERY);
    this.#refusedAt.set(key, ctx.now);
    return isNews;
  }

  /** Gives out what is to be saved again, and forgets what was not refused again since. */
  woke(ctx: Context): string[] {
    const again: string[] = [];
    for (const [key, at] of this.#refusedAt) {
      if (ctx.now - at < 2 * REPAIR_EVERY) again.push(key);
      else this.#refusedAt.delete(key);
    }
    if (again.length > 0) ctx.wake(REPAIR, REPAIR_EVERY);
    return again;
  }
}
