/**
 * Whom a node knows, beyond its neighbours: the passive view.
 *
 * 1. A contact is `proved` once a link has shown that this peer is at this address, `signed` where its
 *    own card says so, and else `hearsay`.
 * 2. What is proved or signed is never overwritten by less, and no stranger evicts what is proved.
 */
import type { Address, Micros, PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { hostOf, networkOf } from "./places.ts";

export type Standing = "hearsay" | "signed" | "proved";

export interface Contact {
  readonly peer: PeerId;
  readonly address: Address;
  readonly standing: Standing;
  /** The latest life of the peer that is known; 0 where none is. */
  readonly incarnation: number;
  /** When the peer itself was last heard, by beacon or link; -1 for never. */
  readonly heardAt: Micros;
  /** When it was last tried as a neighbour without success; -1 for never. */
  readonly failedAt: Micros;
  /** How often nobody answered at its address since a link was last open. */
  readonly misses: number;
  /** The part of its address that a room shares; near: this node's as well. */
  readonly network: string;
  readonly near: boolean;
}

type Mutable = { -readonly [Key in keyof Contact]: Contact[Key] };

export class Contacts {
  readonly #byPeer = new Map<PeerId, Mutable>();
  readonly #unprovedOf = new Map<string, number>();
  #proved = 0;
  #nearUnproved = 0;
  #here = "";
  #crowded = false;

  constructor(readonly capacity: number, readonly isKept: (peer: PeerId) => boolean) {}

  /** Where this node is: decides who is near. */
  settle(address: Address): void {
    this.#here = networkOf(address);
  }

  /** A link has shown that some peer is there. */
  isProvedAt(host: string): boolean {
    for (const { standing, address } of this.#byPeer.values()) {
      if (standing === "proved" && hostOf(address) === host) return true;
    }
    return false;
  }

  get size(): number {
    return this.#byPeer.size;
  }

  /** The network is large: fewer neighbours each are enough. Slow to change its mind. */
  get crowded(): boolean {
    const large = Math.min(limits.LARGE_NETWORK, this.capacity);
    if (this.size >= large) this.#crowded = true;
    else if (3 * this.size < 2 * large) this.#crowded = false;
    return this.#crowded;
  }

  get(peer: PeerId): Contact | undefined {
    return this.#byPeer.get(peer);
  }

  values(): Iterable<Contact> {
    return this.#byPeer.values();
  }

  isNear(address: Address): boolean {
    return networkOf(address) === this.#here;
  }

  /** Somebody says that the peer is there. True if that is news. */
  mention(peer: PeerId, address: Address): boolean {
    if (this.#byPeer.has(peer)) return false;
    return this.#add(peer, address, "hearsay");
  }

  /** The peer's own card says so. True if the peer was not known by its own word before. */
  sign(peer: PeerId, address: Address, incarnation: number, now: Micros): boolean {
    const known = this.#byPeer.get(peer);
    if (known === undefined) {
      if (!this.#add(peer, address, "signed")) return false;
      this.#note(peer, incarnation, now);
      return true;
    }
    const isNews = known.standing === "hearsay";
    if (isNews) known.standing = "signed";
    if (isNews || incarnation > known.incarnation) this.#move(known, address);
    this.#note(peer, incarnation, now);
    return isNews;
  }

  /** A link proves that the peer is there. True if the peer was not known by its own word before. */
  prove(peer: PeerId, address: Address, now: Micros): boolean {
    const known = this.#byPeer.get(peer);
    const isNews = known === undefined || known.standing === "hearsay";
    if (known !== undefined && known.standing !== "proved") this.forget(peer);
    if (known?.standing === "proved") this.#move(known, address);
    else {
      if (this.#proved >= this.capacity) this.#evictProved();
      this.#put(peer, address, "proved");
    }
    this.#note(peer, known?.incarnation ?? 0, now);
    this.#byPeer.get(peer)!.misses = 0;
    return isNews;
  }

  /** The peer gave a sign of life, of this incarnation if it said so. */
  hear(peer: PeerId, now: Micros, incarnation = 0): void {
    if (this.#byPeer.has(peer)) this.#note(peer, incarnation, now);
  }

  /** The peer was asked to be a neighbour, and is not to be asked again soon. */
  fail(peer: PeerId, now: Micros): void {
    const contact = this.#byPeer.get(peer);
    if (contact !== undefined) contact.failedAt = now;
  }

  /**
   * Nobody answers there. Hearsay is forgotten at once, others when they have not been heard for long:
   * they may be restarting, or behind something that lets them call but not be called. The contact, if
   * it is forgotten and was known by its own word.
   */
  miss(address: Address, now: Micros): Contact | undefined {
    for (const contact of this.#byPeer.values()) {
      if (contact.address !== address) continue;
      contact.misses++;
      contact.failedAt = now;
      if (contact.standing === "hearsay") this.forget(contact.peer);
      else if (contact.misses > 1 && now - contact.heardAt > limits.UNHEARD) {
        this.forget(contact.peer);
        return contact;
      }
      return undefined;
    }
    return undefined;
  }

  forget(peer: PeerId): void {
    const contact = this.#byPeer.get(peer);
    if (contact === undefined) return;
    this.#byPeer.delete(peer);
    if (contact.standing === "proved") this.#proved--;
    else this.#countUnproved(contact, -1);
  }

  #note(peer: PeerId, incarnation: number, now: Micros): void {
    const contact = this.#byPeer.get(peer)!;
    contact.heardAt = now;
    if (incarnation > contact.incarnation) contact.incarnation = incarnation;
  }

  #move(contact: Mutable, address: Address): void {
    if (contact.address === address) return;
    if (contact.standing !== "proved") this.#countUnproved(contact, -1);
    contact.address = address;
    contact.network = networkOf(address);
    contact.near = contact.network === this.#here;
    if (contact.standing !== "proved") this.#countUnproved(contact, 1);
  }

  #add(peer: PeerId, address: Address, standing: Standing): boolean {
    const host = hostOf(address);
    if ((this.#unprovedOf.get(host) ?? 0) >= limits.CONTACTS_PER_HOST) return false;
    if (this.size - this.#proved >= this.capacity) this.#evictUnproved();
    this.#put(peer, address, standing);
    return true;
  }

  #put(peer: PeerId, address: Address, standing: Standing): void {
    const network = networkOf(address);
    const contact: Contact = {
      peer,
      address,
      standing,
      incarnation: 0,
      heardAt: -1,
      failedAt: -1,
      misses: 0,
      network,
      near: network === this.#here,
    };
    this.#byPeer.set(peer, contact);
    if (standing === "proved") this.#proved++;
    else this.#countUnproved(contact, 1);
  }

  /** The oldest of the larger group, near or far: a crowd in one room leaves the others their places. */
  #evictUnproved(): void {
    const fromNear = 2 * this.#nearUnproved >= this.size - this.#proved;
    for (const contact of this.#byPeer.values()) {
      if (contact.standing !== "proved" && contact.near === fromNear) {
        return this.forget(contact.peer);
      }
    }
  }

  #evictProved(): void {
    for (const contact of this.#byPeer.values()) {
      if (contact.standing === "proved" && !this.isKept(contact.peer)) {
        return this.forget(contact.peer);
      }
    }
  }

  #countUnproved({ address, near }: Contact, by: number): void {
    if (near) this.#nearUnproved += by;
    const host = hostOf(address);
    const count = (this.#unprovedOf.get(host) ?? 0) + by;
    if (count > 0) this.#unprovedOf.set(host, count);
    else this.#unprovedOf.delete(host);
  }
}
