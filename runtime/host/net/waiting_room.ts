/**
 * Inbound connections that have not delivered a complete first frame: a small pool of their own.
 *
 * The node knows nothing of them. Where the pool is full, the oldest goes: an honest peer says its first
 * words at once, so among many that keep silent it is never the oldest.
 */
import type { Reason } from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** What can wait. */
export interface Guest {
  readonly host: string;
  cut(why: Reason): void;
}

export class WaitingRoom {
  /** Since when, the oldest first. */
  readonly #since = new Map<Guest, number>();
  readonly #ofHost = new Map<string, number>();

  get size(): number {
    return this.#since.size;
  }

  add(guest: Guest, now: number): void {
    const { host } = guest;
    if ((this.#ofHost.get(host) ?? 0) >= limits.WAITING_PER_HOST) this.#cutOldest(host);
    else if (this.#since.size >= limits.WAITING) this.#cutOldest();
    this.#since.set(guest, now);
    this.#ofHost.set(host, (this.#ofHost.get(host) ?? 0) + 1);
  }

  /** It has said something, or is gone. */
  delete(guest: Guest): void {
    if (!this.#since.delete(guest)) return;
    const left = this.#ofHost.get(guest.host)! - 1;
    if (left === 0) this.#ofHost.delete(guest.host);
    else this.#ofHost.set(guest.host, left);
  }

  /** Cuts those that have waited too long. */
  look(now: number): void {
    for (const [guest, since] of this.#since) {
      if (now - since < limits.FIRST_FRAME_MILLIS) return;
      this.#cut(guest, "timed-out");
    }
  }

  #cutOldest(host?: string): void {
    for (const guest of this.#since.keys()) {
      if (host === undefined || guest.host === host) return this.#cut(guest, "too-many");
    }
  }

  #cut(guest: Guest, why: Reason): void {
    this.delete(guest);
    guest.cut(why);
  }
}
