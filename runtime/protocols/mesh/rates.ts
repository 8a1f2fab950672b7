/** How much is said and heard: enough for any class, and bounded for whoever would shout it down. */
import type { Micros, PeerId } from "../../core/mod.ts";
import { Allowance, Allowances } from "../membership/mod.ts";
import * as limits from "./limits.ts";

export class Rates {
  readonly #said = new Allowance(limits.SAID_BURST, limits.SAID_PER_SECOND);
  readonly #strangers = new Allowance(limits.STRANGERS_BURST, limits.STRANGERS_PER_SECOND);
  readonly #heard = new Allowances<PeerId>(
    limits.MEMBERS,
    limits.HEARD_BURST,
    limits.HEARD_PER_SECOND,
  );
  readonly #members = new Set<PeerId>();

  found(peer: PeerId): void {
    this.#members.delete(peer);
    this.#members.add(peer);
    if (this.#members.size <= limits.MEMBERS) return;
    for (const first of this.#members) {
      this.#members.delete(first);
      return;
    }
  }

  gone(peer: PeerId): void {
    this.#members.delete(peer);
  }

  maySay(now: Micros): boolean {
    return this.#said.take(now);
  }

  /** Asked before a signature is checked: strangers share what they may cost. */
  mayBeChecked(origin: PeerId, now: Micros): boolean {
    return this.#members.has(origin) || this.#strangers.take(now);
  }

  /** Asked once it is certain who said it. */
  mayBeHeard(origin: PeerId, now: Micros): boolean {
    return this.#heard.take(origin, now);
  }
}
