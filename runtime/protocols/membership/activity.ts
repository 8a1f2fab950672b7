/** Whose person has been still for too long: off unless asked for, as it is a choice of people. */
import { type Micros, type PeerId, second } from "../../core/mod.ts";
import type { Contacts } from "./contacts.ts";
import * as limits from "./limits.ts";

const EVERY: Micros = second;

export class Activity {
  readonly #activeAt = new Map<PeerId, Micros>();
  readonly #inactive = new Set<PeerId>();
  #lookedAt: Micros = 0;

  constructor(readonly contacts: Contacts, readonly inactiveAfter: Micros | undefined) {}

  /** The peer was evicted, and has not been seen active since. */
  isEvicted(peer: PeerId): boolean {
    return this.#inactive.has(peer);
  }

  /** A sibling has told of something that this peer did. */
  seen(peer: PeerId, now: Micros): void {
    if (this.inactiveAfter === undefined) return;
    this.#inactive.delete(peer);
    if (this.contacts.get(peer) !== undefined) this.#activeAt.set(peer, now);
  }

  /** Those who have been still for too long; each is told once. */
  lookAfter(now: Micros): readonly PeerId[] {
    if (this.inactiveAfter === undefined || now - this.#lookedAt < EVERY) return [];
    this.#lookedAt = now;
    const still: PeerId[] = [];
    for (const peer of this.#activeAt.keys()) {
      if (this.contacts.get(peer) === undefined) this.#activeAt.delete(peer);
    }
    for (const { peer, standing } of this.contacts.values()) {
      if (standing === "hearsay") continue;
      const activeAt = this.#activeAt.get(peer);
      if (activeAt === undefined) this.#activeAt.set(peer, now); // since it was found
      else if (now - activeAt >= this.inactiveAfter) still.push(peer);
    }
    for (const peer of still) this.#evict(peer);
    return still;
  }

  #evict(peer: PeerId): void {
    this.#activeAt.delete(peer);
    this.#inactive.add(peer);
    if (this.#inactive.size <= limits.INACTIVE) return;
    for (const oldest of this.#inactive) {
      this.#inactive.delete(oldest);
      break;
    }
  }
}
