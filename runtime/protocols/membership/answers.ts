/** How often a node answers datagrams: anybody can send them, in anybody's name. */
import type { Micros } from "../../core/mod.ts";
import { HostAllowance } from "./allowance.ts";
import type { Contacts } from "./contacts.ts";
import * as limits from "./limits.ts";

export class Answers {
  readonly #toAnybody = new HostAllowance(limits.HOST_ANSWERS, limits.ANSWERS);
  readonly #toProved = new HostAllowance(limits.HOST_PROVED_ANSWERS, limits.PROVED_ANSWERS);

  constructor(readonly contacts: Contacts) {}

  /** A call from this host is to be answered, by a beacon. */
  mayBeacon(host: string, now: Micros): boolean {
    return this.#toAnybody.take(host, now);
  }

  /** A probe from this host is to be answered: more often where a peer is known to be. */
  mayAnswer(host: string, now: Micros): boolean {
    return (this.contacts.isProvedAt(host) && this.#toProved.take(host, now)) ||
      this.#toAnybody.take(host, now);
  }
}
