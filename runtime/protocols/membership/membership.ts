/**
 * Who is there: discovery, a bounded view of neighbours, and the detection of failures.
 *
 * Any number of nodes form one connected network in which each keeps links to a few: HyParView's two
 * views (Leitao 2007), SWIM's suspicion and rumours (Das 2002), Lifeguard's doubt of oneself (2017).
 */
import type {
  Address,
  AppEvent,
  Command,
  Micros,
  PeerId,
  Protocol,
  Reason,
  Saved,
} from "../../core/mod.ts";
import { Activity } from "./activity.ts";
import { HostAllowance } from "./allowance.ts";
import { Anchors } from "./anchors.ts";
import { Answers } from "./answers.ts";
import { Beacon, isGenuine, subjectOf } from "./beacon.ts";
import { Contacts } from "./contacts.ts";
import { type MembershipCommand, tell } from "./events.ts";
import { Exchange } from "./exchange.ts";
import * as limits from "./limits.ts";
import { Obituaries } from "./obituaries.ts";
import { hostOf } from "./places.ts";
import { SubnetSweep } from "./sweep.ts";
import { type MembershipContext, View } from "./view.ts";
import { type Verdict, Vigil } from "./vigil.ts";
import {
  type Card,
  datagramWire,
  isBeacon,
  type MembershipMessage,
  membershipWire,
  type Obituary,
} from "./wire.ts";

export interface MembershipOptions {
  /** Neighbours that a node wants; by default 11, in a network of more than about a hundred 8. */
  readonly degree?: number;
  /** Contacts that are remembered, of each kind. */
  readonly contacts?: number;
  /** Whether to say and heed beacons on the local network. */
  readonly beacons?: boolean;
  /** A peer of whom no sibling protocol has told anything for so long is evicted. Off by default. */
  readonly inactiveAfter?: Micros;
}

/**
 * Every so many pulses a settled node trades a neighbour for a contact, so that islands merge: seldom,
 * as trees have to heal; soon after somebody new was found; at once while too many are near.
 */
const REWIRE_PULSES = 120, REWIRE_SOON = 8;
/** One of so many who find a peer trades: a newcomer moves few, another island nearly all. */
const NEWS_SHARE = 8;

/** A node that knows enough others looks at one beacon of so many. */
const CURIOSITY = 16;

/** A neighbour says goodbye before it hangs up: if its link ends like this, its process may be gone. */
const SUSPICIOUS: ReadonlySet<Reason> = new Set<Reason>(["crashed", "closed"]);

export class Membership {
  readonly #options: MembershipOptions;
  readonly #contacts: Contacts;
  readonly #view: View;
  readonly #vigil: Vigil;
  readonly #exchange: Exchange;
  readonly #activity: Activity;
  readonly #beacon = new Beacon();
  readonly #anchors = new Anchors();
  readonly #obituaries = new Obituaries();
  readonly #sweep = new SubnetSweep();
  readonly #checks = new HostAllowance(limits.HOST_CHECKS, limits.CHECKS);
  readonly #answers: Answers;
  /** Peers believed dead that beacon all the same: a link will show. */
  readonly #returning = new Map<PeerId, Address>();
  #rewireIn = REWIRE_PULSES;
  #hasDeparted = false;

  constructor(options: MembershipOptions) {
    this.#options = options;
    this.#contacts = new Contacts(
      options.contacts ?? limits.CONTACTS,
      (peer) => this.#view.get(peer) !== undefined,
    );
    this.#view = new View(this.#contacts, this.#beacon, options.degree);
    this.#vigil = new Vigil(this.#view);
    this.#answers = new Answers(this.#contacts);
    this.#exchange = new Exchange(this.#contacts, this.#view);
    this.#activity = new Activity(this.#contacts, options.inactiveAfter);
  }

  started(saved: Saved, ctx: MembershipContext): void {
    this.#contacts.settle(ctx.address);
    this.#view.start(ctx);
    this.#exchange.start(ctx);
    this.#anchors.start(saved, this.#view, ctx);
    this.#rewireIn = 1 + ctx.random.below(REWIRE_PULSES);
    if (this.#options.beacons !== false) this.#beacon.start(ctx);
    ctx.wake("pulse", ctx.random.below(limits.PULSE));
  }

  joined(peer: PeerId, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    const address = ctx.addressOf(peer)!;
    this.#vigil.trust(peer);
    if (this.#view.isDialling(address)) this.#anchors.joined(peer, address);
    if (this.#contacts.prove(peer, address, ctx.now)) this.#tellFound(peer, address, ctx);
    this.#greetBack(peer, ctx);
    this.#view.joined(peer, address, ctx);
  }

  left(peer: PeerId, why: Reason, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    const wasNeighbour = this.#view.get(peer) !== undefined;
    this.#view.left(peer);
    this.#view.remove(peer, why, ctx);
    const contact = this.#contacts.get(peer);
    if (contact === undefined || !wasNeighbour || !SUSPICIOUS.has(why)) return;
    this.#vigil.suspect(peer, contact.address, contact.incarnation, ctx);
  }

  unreachable(address: Address, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    const missed = this.#contacts.miss(address, ctx.now);
    if (missed !== undefined) tell(ctx, { name: "gone", peer: missed.peer, why: "unreachable" });
    this.#view.unreachable(address, ctx);
  }

  received(message: MembershipMessage, from: PeerId, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    const neighbour = this.#view.get(from);
    if (neighbour !== undefined) this.#vigil.heard(neighbour, ctx);
    switch (message.kind) {
      case "ask":
        return this.#asked(message, from, ctx);
      case "yes":
        this.#learnLife(from, message.incarnation, ctx);
        if (!this.#view.accepted(from, message.degree, ctx)) ctx.send(from, { kind: "leave" });
        return;
      case "no":
        this.#exchange.learn(message.contacts, ctx);
        return this.#view.refused(from, ctx);
      case "leave":
        return this.#view.remove(from, "released", ctx);
      case "farewell":
        this.#bury(from, neighbour?.incarnation ?? 0, "left", ctx);
        return ctx.hangUp(from, "left");
      case "beat":
        if (neighbour !== undefined) this.#vigil.beat(neighbour, message.degree, message.pace);
        return;
      case "exchange":
        return this.#exchange.traded(from, message.contacts, ctx);
      case "exchanged":
        return this.#exchange.learn(message.contacts, ctx);
      case "walk":
        return this.#exchange.walked(message.contact, message.hops, from, ctx);
      case "look":
        return this.#vigil.look(message.contact.peer, message.contact.address, from, ctx);
      case "vouch":
        return this.#vigil.vouched(message.peer);
      case "rumours":
        for (const obituary of message.obituaries) this.#hearDeath(obituary, ctx);
        for (const card of message.cards) this.#hearCard(card, from, ctx);
        return;
    }
  }

  overheard(bytes: Uint8Array, from: Address, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    if (this.#isSated(bytes, ctx)) return this.#beacon.heard();
    const datagram = datagramWire.decode(bytes);
    switch (datagram?.kind) {
      case "beacon":
        if (this.#options.beacons !== false) this.#hearCard(datagram, hostOf(from), ctx);
        return;
      case "call":
        this.#hearCard(datagram.card, hostOf(from), ctx);
        if (this.#answers.mayBeacon(hostOf(from), ctx.now)) this.#beacon.answer(from, ctx);
        return;
      case "probe":
        if (!this.#answers.mayAnswer(hostOf(from), ctx.now)) return;
        return ctx.cast(from, datagramWire.encode({ kind: "answer", nonce: datagram.nonce }));
      case "answer":
        return this.#vigil.answered(datagram.nonce, ctx);
    }
  }

  woke(timer: string, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    switch (timer) {
      case "pulse":
        return this.#pulse(ctx);
      case "grow":
        if (this.#view.step(ctx)) this.#exchange.roam(ctx);
        return;
      case "beacon":
        return this.#beacon.woke(this.#view.isFull, this.#contacts, ctx);
      case "doubt":
        for (const verdict of this.#vigil.judge(ctx)) this.#settle(verdict, ctx);
        return;
      case "spread":
        return this.#obituaries.spread(this.#view, ctx);
      case "sweep": {
        const subnet = this.#sweep.woke(this.#beacon, ctx);
        if (subnet !== undefined) tell(ctx, { name: "swept", subnet });
        return;
      }
    }
  }

  asked(command: Command, ctx: MembershipContext): void {
    if (!this.#isHere(ctx)) return;
    const asked = command as MembershipCommand;
    switch (asked.name) {
      case "meet":
        if (!this.#anchors.meet(asked.addresses, ctx)) this.#refuse("meet", "too-many", ctx);
        else this.#anchors.pulse(this.#view, ctx);
        return;
      case "sweep":
        if (!this.#sweep.start(asked.subnet, ctx)) this.#refuse("sweep", "unreachable", ctx);
        return;
      case "depart":
        return this.#depart(ctx);
    }
  }

  heard(event: AppEvent, ctx: MembershipContext): void {
    if (event.peer !== undefined) this.#activity.seen(event.peer, ctx.now);
  }

  /** Called first in every step. A node that has said goodbye takes part in nothing any more. */
  #isHere(ctx: MembershipContext): boolean {
    this.#vigil.attend(ctx.now);
    return !this.#hasDeparted;
  }

  #depart(ctx: MembershipContext): void {
    this.#hasDeparted = true;
    for (const { peer } of [...this.#view.values()]) {
      ctx.send(peer, { kind: "farewell" });
      this.#view.remove(peer, "left", ctx);
    }
  }

  #pulse(ctx: MembershipContext): void {
    ctx.wake("pulse", limits.PULSE);
    this.#vigil.pulse(ctx);
    this.#view.tidy(ctx.now);
    if (this.#view.isInNeed(ctx.now) && this.#options.beacons !== false) this.#beacon.quicken(ctx);
    if (!this.#view.isFull || this.#view.isInTrouble) this.#view.grow(ctx);
    this.#view.trim(ctx);
    this.#exchange.pulse(ctx);
    this.#anchors.pulse(this.#view, ctx);
    if (--this.#rewireIn <= 0 || this.#view.isLopsided(ctx.now)) {
      this.#rewireIn = REWIRE_PULSES;
      this.#view.rewire(ctx);
    }
    for (const [peer, address] of this.#returning) {
      this.#returning.delete(peer);
      this.#view.dial(address, ctx);
      break; // one a pulse
    }
    for (const peer of this.#activity.lookAfter(ctx.now)) this.#evict(peer, ctx);
  }

  #asked(message: MembershipMessage & { kind: "ask" }, from: PeerId, ctx: MembershipContext): void {
    this.#learnLife(from, message.incarnation, ctx);
    const isWelcome = !this.#activity.isEvicted(from);
    if (isWelcome && this.#view.asked(from, message.degree, message.urgent, ctx)) {
      const { incarnation } = this.#beacon;
      ctx.send(from, { kind: "yes", incarnation, degree: this.#view.size });
    } else ctx.send(from, { kind: "no", contacts: this.#exchange.sample(from, ctx) });
  }

  /** A linked peer says in which life it is. */
  #learnLife(peer: PeerId, incarnation: number, ctx: MembershipContext): void {
    this.#contacts.hear(peer, ctx.now, incarnation);
    const neighbour = this.#view.get(peer);
    if (neighbour !== undefined) neighbour.incarnation = incarnation;
  }

  /** A card, by beacon or rumour. `source` pays for what it costs to check. */
  #hearCard(card: Card, source: string, ctx: MembershipContext): void {
    const { incarnation, address } = card.statement;
    const peer = subjectOf(card, ctx);
    if (peer === ctx.self || this.#activity.isEvicted(peer)) return;
    this.#beacon.heard();
    const known = this.#contacts.get(peer);
    const isOld = known !== undefined && known.standing !== "hearsay" &&
      incarnation <= known.incarnation;
    if (isOld) {
      if (address === known.address) this.#contacts.hear(peer, ctx.now);
      return;
    }
    if (!this.#checks.take(source, ctx.now)) return;
    if (!isGenuine(card, ctx)) return;
    const lastLife = this.#obituaries.lastLife(peer);
    if (lastLife !== undefined && incarnation <= lastLife) {
      if (this.#returning.size < limits.RETURNING) this.#returning.set(peer, address);
      return;
    }
    this.#obituaries.revive(peer);
    const isNews = this.#contacts.sign(peer, address, incarnation, ctx.now);
    if (lastLife !== undefined) this.#obituaries.tellLife(card, ctx);
    if (!isNews) return;
    this.#tellFound(peer, address, ctx);
    if (!this.#contacts.crowded) this.#beacon.quicken(ctx);
    if (!this.#view.isFull) this.#view.grow(ctx);
    const isForUs = ctx.random.below(NEWS_SHARE) === 0;
    if (isForUs) this.#rewireIn = Math.min(this.#rewireIn, 1 + ctx.random.below(REWIRE_SOON));
  }

  /** In a crowd a node listens to one beacon of many: there are more peers than places for them here. */
  #isSated(bytes: Uint8Array, ctx: MembershipContext): boolean {
    return isBeacon(bytes) && this.#contacts.crowded && !this.#view.isInNeed(ctx.now) &&
      ctx.random.below(CURIOSITY) > 0;
  }

  #hearDeath({ peer, incarnation }: Obituary, ctx: MembershipContext): void {
    if (peer === ctx.self) {
      if (this.#beacon.refute(incarnation, ctx)) {
        this.#obituaries.tellLife(this.#beacon.card(ctx), ctx);
      }
      return;
    }
    const contact = this.#contacts.get(peer);
    if (contact === undefined || incarnation < contact.incarnation) return; // nobody known, or news of old
    if (!ctx.isLinked(peer)) return this.#bury(peer, incarnation, "silent", ctx);
    const neighbour = this.#view.get(peer);
    const heardAt = Math.max(neighbour?.heardAt ?? 0, ctx.heardAt(peer));
    if (ctx.now - heardAt < limits.BELIEVED) this.#obituaries.warn(peer, incarnation, ctx);
    if (neighbour === undefined) this.#vigil.rumouredFar(contact, heardAt, ctx);
    else if (ctx.now - heardAt >= limits.BELIEVED) this.#vigil.rumoured(neighbour, ctx);
  }

  /** What the vigil is certain of. */
  #settle(verdict: Verdict, ctx: MembershipContext): void {
    const { peer, incarnation, why, isDead } = verdict;
    if (isDead) this.#bury(peer, incarnation, why, ctx);
    this.#view.remove(peer, why, ctx);
    ctx.hangUp(peer, why);
  }

  /** Believes that a peer is dead, and says so. A link to it is left to those who use it. */
  #bury(peer: PeerId, incarnation: number, why: Reason, ctx: MembershipContext): void {
    const contact = this.#contacts.get(peer);
    this.#vigil.trust(peer);
    this.#contacts.forget(peer);
    this.#obituaries.bury(peer, incarnation);
    this.#view.remove(peer, why, ctx);
    if (contact === undefined) return;
    this.#obituaries.tellDeath(peer, incarnation, ctx);
    if (contact.standing !== "hearsay") tell(ctx, { name: "gone", peer, why });
  }

  /** A link proves that a peer lives; if others were told otherwise it must hear of that. */
  #greetBack(peer: PeerId, ctx: MembershipContext): void {
    const lastLife = this.#obituaries.lastLife(peer);
    if (lastLife === undefined) return;
    this.#obituaries.revive(peer);
    this.#obituaries.warn(peer, lastLife, ctx);
  }

  #evict(peer: PeerId, ctx: MembershipContext): void {
    if (this.#view.get(peer) !== undefined) this.#view.part(peer, ctx, "inactive");
    this.#contacts.forget(peer);
    tell(ctx, { name: "gone", peer, why: "inactive" });
  }

  #tellFound(peer: PeerId, address: Address, ctx: MembershipContext): void {
    tell(ctx, { name: "found", peer, address });
  }

  #refuse(what: string, why: Reason, ctx: MembershipContext): void {
    tell(ctx, { name: "refused", what, why });
  }
}

/** Finds peers, keeps some of them as neighbours, and says who has gone. */
export function membership(options: MembershipOptions = {}): Protocol<MembershipMessage> {
  const members = new Membership(options);
  return {
    name: "membership",
    code: 1,
    wire: membershipWire,
    started: (saved, ctx) => members.started(saved, ctx),
    joined: (peer, ctx) => members.joined(peer, ctx),
    left: (peer, why, ctx) => members.left(peer, why, ctx),
    unreachable: (address, _why, ctx) => members.unreachable(address, ctx),
    received: (message, from, _body, ctx) => members.received(message, from, ctx),
    overheard: (bytes, from, ctx) => members.overheard(bytes, from, ctx),
    woke: (timer, ctx) => members.woke(timer, ctx),
    asked: (command, ctx) => members.asked(command, ctx),
    heard: (event, ctx) => members.heard(event, ctx),
  };
}
