/**
 * The active view: the neighbours of a node, over links that both sides hold.
 *
 * 1. Symmetric: a peer is a neighbour once it was asked and said yes, here and there alike.
 * 2. A node keeps about `degree` neighbours, some of them chosen by itself (so that nobody can
 *    surround it), and a quarter of them in other networks where there are any.
 * 3. Whoever has hardly any neighbours is not refused: somebody with enough makes room.
 */
import {
  type Address,
  type Context,
  type Micros,
  millisecond,
  type PeerId,
  type Reason,
  second,
} from "../../core/mod.ts";
import { Allowance, Allowances } from "./allowance.ts";
import type { Contact, Contacts } from "./contacts.ts";
import { tell } from "./events.ts";
import * as limits from "./limits.ts";
import type { MembershipMessage } from "./wire.ts";

export type MembershipContext = Context<MembershipMessage>;

/** A peer to which this node keeps a link, and how it is doing. */
export interface Neighbour {
  readonly peer: PeerId;
  readonly address: Address;
  readonly near: boolean;
  /** This node asked for it; the others came by themselves. */
  readonly chosen: boolean;
  incarnation: number;
  /** How many neighbours it says it has. */
  degree: number;
  /** How soon it speaks again, as it says; and what it was told of this node. */
  pace: Micros;
  toldPace: Micros;
  /** The last sign of life of any kind, and the last one over the link. */
  heardAt: Micros;
  frameAt: Micros;
  /** When it last heard of this node how many neighbours that has. */
  toldAt: Micros;
  /** Nothing was heard on the link for a while. */
  wavering: boolean;
}

/** Neighbours for half of all to crash at once without cutting the others apart, at 50 nodes: 2d. */
const SMALL_DEGREE = 11, LARGE_DEGREE = 8;
/** Growth goes in small steps, so that two who could dial each other seldom do. */
const STEP: Micros = 100 * millisecond;
const DIALS_A_STEP = 1, URGENT_DIALS_A_STEP = 4;
/** A dial or question without answer for this long no longer counts as under way. */
const DIAL_PATIENCE: Micros = 400 * millisecond, ASK_PATIENCE: Micros = 2 * second;
/** A dial that ended otherwise (a duplicate was kept) is forgotten. */
const DIAL_FORGOTTEN: Micros = 10 * second;
/** At first a node keeps the places for other networks empty. */
const SETTLING: Micros = 3 * second;

export class View {
  readonly #neighbours = new Map<PeerId, Neighbour>();
  readonly #askedAt = new Map<PeerId, Micros>();
  readonly #dialledAt = new Map<Address, Micros>();
  readonly #asks = new Allowances<PeerId>(
    limits.HOSTS,
    limits.ASKS_BURST,
    limits.ASKS_PER_SECOND,
  );
  readonly #displacements = new Allowance(limits.ASKS_BURST, limits.ASKS_PER_SECOND);
  #startedAt: Micros = 0;
  #troubledAt: Micros = -1;
  #growing = false;

  constructor(
    readonly contacts: Contacts,
    readonly self: { readonly incarnation: number },
    readonly fixedDegree: number | undefined,
  ) {}

  start(ctx: MembershipContext): void {
    this.#startedAt = ctx.now;
  }

  get size(): number {
    return this.#neighbours.size;
  }

  get degree(): number {
    return this.fixedDegree ?? (this.contacts.crowded ? LARGE_DEGREE : SMALL_DEGREE);
  }

  /** There is no need for more. */
  get isFull(): boolean {
    return this.size >= this.degree;
  }

  /** So few neighbours can be heard that a crash of some more would cut this node off. */
  get isInTrouble(): boolean {
    return 2 * this.#steady() < this.degree;
  }

  /** Cut off, or nearly so, and not only because it has just started. */
  isInNeed(now: Micros): boolean {
    return this.isInTrouble && !this.#isSettling(now);
  }

  get(peer: PeerId): Neighbour | undefined {
    return this.#neighbours.get(peer);
  }

  values(): Iterable<Neighbour> {
    return this.#neighbours.values();
  }

  /** This node has dialled the address, and waits. */
  isDialling(address: Address): boolean {
    return this.#dialledAt.has(address);
  }

  /** A link is open: was it for a neighbour's sake? */
  joined(peer: PeerId, address: Address, ctx: MembershipContext): void {
    if (this.#dialledAt.delete(address) && this.hasRoom) this.#ask(peer, ctx);
  }

  left(peer: PeerId): void {
    this.#askedAt.delete(peer);
  }

  unreachable(address: Address, ctx: MembershipContext): void {
    if (this.#dialledAt.delete(address)) this.grow(ctx);
  }

  /** Somebody wants to be a neighbour. */
  asked(peer: PeerId, degree: number, urgent: boolean, ctx: MembershipContext): boolean {
    const known = this.#neighbours.get(peer);
    if (known !== undefined) {
      known.degree = degree;
      return true;
    }
    if (!this.#asks.take(peer, ctx.now)) return false;
    const address = ctx.addressOf(peer)!;
    if (!this.#makesRoom(this.contacts.isNear(address), urgent, ctx)) return false;
    this.#add(peer, address, false, degree, ctx);
    return true;
  }

  /** True if the answer was awaited. */
  accepted(peer: PeerId, degree: number, ctx: MembershipContext): boolean {
    const known = this.#neighbours.get(peer);
    if (known !== undefined) known.degree = degree;
    if (!this.#askedAt.delete(peer)) return known !== undefined;
    if (known === undefined) this.#add(peer, ctx.addressOf(peer)!, true, degree, ctx);
    return true;
  }

  refused(peer: PeerId, ctx: MembershipContext): void {
    if (this.#askedAt.delete(peer)) this.grow(ctx);
  }

  /** No longer a neighbour, for whatever reason. */
  remove(peer: PeerId, why: Reason, ctx: MembershipContext): void {
    if (!this.#neighbours.delete(peer)) return;
    ctx.release(peer);
    tell(ctx, { name: "down", peer, why });
    if (this.isInTrouble && this.#troubledAt < 0) this.#troubledAt = ctx.now;
    this.grow(ctx);
  }

  /** Seeks neighbours if there are too few, step by step. */
  grow(ctx: MembershipContext): void {
    if (this.#growing) return;
    this.#growing = true;
    ctx.wake("grow", ctx.random.below(STEP / 2));
  }

  /** One step of growth. True if others must be asked for contacts. */
  step(ctx: MembershipContext): boolean {
    this.#growing = false;
    const urgent = this.isInNeed(ctx.now);
    if (!urgent) this.#troubledAt = -1;
    const missing = this.#missing(urgent) - this.#underWay(ctx.now);
    const most = Math.min(missing, urgent ? URGENT_DIALS_A_STEP : DIALS_A_STEP);
    let sought = 0;
    while (sought < most) {
      const contact = this.#choose(urgent, ctx);
      if (contact === undefined) break;
      this.seek(contact, ctx);
      sought++;
    }
    if (this.#missing(urgent) > 0 && (sought > 0 || this.#underWay(ctx.now) > 0)) {
      this.#growing = true;
      ctx.wake("grow", STEP);
    }
    return sought < most && !this.#isSettling(ctx.now);
  }

  /** One more neighbour would be welcome. */
  get hasRoom(): boolean {
    return this.size < this.#ceiling;
  }

  /** Asks a contact to be a neighbour, over a new link if need be. */
  seek(contact: Contact, ctx: MembershipContext): void {
    this.contacts.fail(contact.peer, ctx.now); // not again soon, whatever comes of it
    if (ctx.isLinked(contact.peer)) return this.#ask(contact.peer, ctx);
    this.dial(contact.address, ctx);
  }

  /** Dials somebody who may become a neighbour. */
  dial(address: Address, ctx: MembershipContext): void {
    this.#dialledAt.set(address, ctx.now);
    ctx.dial(address);
  }

  /** Every now and then: a random contact in place of a random neighbour, so that islands merge. */
  rewire(ctx: MembershipContext): void {
    if (this.isInTrouble || !this.isFull) return;
    const contact = this.#choose(false, ctx);
    if (contact !== undefined) this.seek(contact, ctx);
  }

  /** True while known peers of other networks should take the places of near ones. */
  isLopsided(now: Micros): boolean {
    if (!this.#lacksFar()) return false;
    for (const contact of this.contacts.values()) {
      if (!contact.near && this.#isEligible(contact, now)) return true;
    }
    return false;
  }

  /** Parts with one neighbour if there are too many. */
  trim(ctx: MembershipContext): void {
    const slack = this.#lacksFar() && this.#near() < this.size ? 0 : 2;
    if (this.size <= this.degree + slack || this.isInTrouble) return;
    const spare = this.#spare(ctx, true);
    if (spare !== undefined) this.part(spare.peer, ctx);
  }

  /** Forgets questions and dials that nobody answered. */
  tidy(now: Micros): void {
    for (const [peer, at] of this.#askedAt) {
      if (now - at > ASK_PATIENCE) this.#askedAt.delete(peer);
    }
    for (const [address, at] of this.#dialledAt) {
      if (now - at > DIAL_FORGOTTEN) this.#dialledAt.delete(address);
    }
  }

  /** Ends a neighbourhood in good terms. */
  part(peer: PeerId, ctx: MembershipContext, why: Reason = "released"): void {
    ctx.send(peer, { kind: "leave" });
    this.contacts.fail(peer, ctx.now);
    this.remove(peer, why, ctx);
  }

  get #ceiling(): number {
    return this.degree + Math.ceil(this.degree / 3);
  }

  #ask(peer: PeerId, ctx: MembershipContext): void {
    if (this.#askedAt.has(peer) || this.#neighbours.has(peer)) return;
    this.#askedAt.set(peer, ctx.now);
    const urgent = 3 * this.#steady() < this.degree;
    ctx.send(peer, { kind: "ask", incarnation: this.self.incarnation, degree: this.size, urgent });
  }

  #add(
    peer: PeerId,
    address: Address,
    chosen: boolean,
    degree: number,
    ctx: MembershipContext,
  ): void {
    this.#neighbours.set(peer, {
      peer,
      address,
      near: this.contacts.isNear(address),
      chosen,
      incarnation: this.contacts.get(peer)?.incarnation ?? 0,
      degree,
      pace: limits.PULSE,
      toldPace: limits.PULSE,
      heardAt: ctx.now,
      frameAt: ctx.now,
      toldAt: ctx.now,
      wavering: false,
    });
    ctx.hold(peer);
    tell(ctx, { name: "up", peer, address });
  }

  #steady(): number {
    let count = 0;
    for (const neighbour of this.#neighbours.values()) if (!neighbour.wavering) count++;
    return count;
  }

  #near(): number {
    let count = 0;
    for (const neighbour of this.#neighbours.values()) if (neighbour.near) count++;
    return count;
  }

  #chosen(): number {
    let count = 0;
    for (const neighbour of this.#neighbours.values()) if (neighbour.chosen) count++;
    return count;
  }

  #missing(urgent: boolean): number {
    const present = urgent ? this.#steady() : this.size;
    return Math.max(this.degree - present, Math.floor(this.degree / 3) - this.#chosen());
  }

  #underWay(now: Micros): number {
    let count = this.#askedAt.size;
    for (const at of this.#dialledAt.values()) if (now - at < DIAL_PATIENCE) count++;
    return count;
  }

  #makesRoom(near: boolean, urgent: boolean, ctx: MembershipContext): boolean {
    const guests = this.size - this.#chosen();
    const reserved = Math.floor(this.degree / 3);
    if (this.size < this.#ceiling && guests < this.#ceiling - reserved) return true;
    const balances = !near && this.#lacksFar();
    if (!urgent && !balances) return false;
    if (!this.#displacements.take(ctx.now)) return false;
    const spare = this.#spare(ctx, false);
    if (spare === undefined) return false;
    this.part(spare.peer, ctx);
    return true;
  }

  /**
   * The neighbour that can best do without this node: a near one if far ones are too few, with most
   * neighbours of its own. For a stranger's sake no neighbour that was chosen is given up.
   */
  #spare(ctx: MembershipContext, ownWish: boolean): Neighbour | undefined {
    const lacksFar = this.#lacksFar();
    let spare: Neighbour | undefined;
    let best = -1, ties = 0;
    for (const neighbour of this.#neighbours.values()) {
      if (neighbour.chosen && !ownWish) continue;
      const score = (lacksFar && neighbour.near ? 256 : 0) + neighbour.degree;
      if (score < best) continue;
      if (score > best) ties = 0;
      best = score;
      if (ctx.random.below(++ties) === 0) spare = neighbour;
    }
    return spare;
  }

  #choose(urgent: boolean, ctx: MembershipContext): Contact | undefined {
    const enoughNear = this.#hasEnoughNear(ctx.now);
    const isPicky = enoughNear && this.#isSettling(ctx.now);
    if (isPicky && !this.#lacksFar()) return undefined;
    const far: Contact[] = [], near: Contact[] = [];
    for (const contact of this.contacts.values()) {
      if (isPicky && contact.near) continue;
      if (this.#isEligible(contact, ctx.now)) (contact.near ? near : far).push(contact);
    }
    let pool = enoughNear && far.length > 0 ? far : [...near, ...far];
    if (urgent) {
      const alive = pool.filter((contact) => contact.heardAt > this.#troubledAt);
      if (alive.length > 0) pool = alive;
    }
    // Strangers can sign any number of cards: whom neighbours vouch for has an even chance.
    const signed = pool.filter((contact) => contact.standing === "signed");
    if (
      signed.length < pool.length && 2 * signed.length > pool.length && ctx.random.below(2) === 0
    ) {
      pool = pool.filter((contact) => contact.standing !== "signed");
    }
    return pool.length === 0 ? undefined : ctx.random.pick(pool);
  }

  /** The places that are kept for other networks, if there are any, are still empty. */
  #lacksFar(): boolean {
    return 4 * (this.size - this.#near()) < this.degree;
  }

  /** While all start at once a third of all places is enough: as many others choose this node. */
  #hasEnoughNear(now: Micros): boolean {
    const places = this.#isSettling(now) ? this.degree / 3 : 3 * this.degree / 4;
    return this.#near() >= Math.ceil(places);
  }

  #isSettling(now: Micros): boolean {
    return now - this.#startedAt < SETTLING;
  }

  #isEligible(contact: Contact, now: Micros): boolean {
    const patience = limits.RETRY << Math.min(contact.misses, limits.RETRY_DOUBLINGS);
    if (contact.failedAt >= 0 && now - contact.failedAt < patience) return false;
    return !this.#neighbours.has(contact.peer) && !this.#askedAt.has(contact.peer) &&
      !this.#dialledAt.has(contact.address);
  }
}
