/**
 * How a node makes itself known on its network: a signed card, said often at first and then seldom.
 *
 * The pace is Trickle's (RFC 6206): intervals double, begin anew when somebody new is heard, and in a
 * crowd a node keeps quiet while it hears enough others. An allowance keeps the promise of one packet a
 * second, whatever is heard.
 */
import {
  type Address,
  joined,
  type Micros,
  millisecond,
  minute,
  type PeerId,
  peerOf,
  second,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { Allowance } from "./allowance.ts";
import type { Contacts } from "./contacts.ts";
import * as limits from "./limits.ts";
import type { MembershipContext } from "./view.ts";
import { type Card, datagramWire, PADDING, type Statement, statement } from "./wire.ts";

const LABEL = utf8("starling card 1");

const FIRST: Micros = 100 * millisecond;
const FAST: Micros = 250 * millisecond;
const STEADY: Micros = second;
/** Once there are neighbours enough, all together beacon about twice a second. */
const SLOW_PER_CONTACT: Micros = 500 * millisecond;
const SLOW_LEAST: Micros = 4 * second, SLOW_MOST: Micros = minute;
/** So many beacons in one interval of a crowd, and nobody needs ours as well. */
const ENOUGH = 8;

function signedBytes(said: Statement): Uint8Array {
  const writer = new Writer();
  statement.write(writer, said);
  return joined(LABEL, writer.take());
}

/** Whom a card is about, if its signature is good. */
export function isGenuine(card: Card, ctx: MembershipContext): boolean {
  return ctx.crypto.verify(card.statement.sign, signedBytes(card.statement), card.signature);
}

/** The peer that a card claims to be of. */
export function subjectOf(card: Card, ctx: MembershipContext): PeerId {
  return peerOf(card.statement, ctx.crypto);
}

export class Beacon {
  #revision = 0;
  #boot = 0;
  #address: Address = "";
  #card: Card | undefined;
  #bytes: Uint8Array = new Uint8Array(0);
  #interval: Micros = FAST;
  #heard = 0;
  #sentAt: Micros = -1;
  #dueAt: Micros = Infinity;
  #allowance = new Allowance(limits.BEACONS_BURST, limits.BEACONS_PER_SECOND);

  /** Orders the lives of this node, and within one life what it had to set right. */
  get incarnation(): number {
    return this.#boot * limits.REVISIONS + this.#revision;
  }

  start(ctx: MembershipContext): void {
    this.#boot = ctx.boot;
    this.#wake(ctx.random.below(FIRST), ctx);
  }

  /** This node's own card, signed when it is first needed. */
  card(ctx: MembershipContext): Card {
    if (this.#card === undefined || this.#address !== ctx.address) this.#sign(ctx);
    return this.#card!;
  }

  /** Somebody else's beacon was heard. */
  heard(): void {
    this.#heard++;
  }

  /** There is somebody who may not know this node yet, or this node needs neighbours. */
  quicken(ctx: MembershipContext): void {
    if (this.#interval <= 2 * FAST && ctx.now - this.#sentAt < this.#interval) return;
    this.#interval = FAST;
    const soonest = Math.max(0, this.#sentAt + FAST - ctx.now);
    const wait = soonest + ctx.random.below(FAST);
    // Never later than it was to be: in a crowd, somebody new is heard again and again.
    if (ctx.now + wait < this.#dueAt) this.#wake(wait, ctx);
  }

  woke(isFull: boolean, contacts: Contacts, ctx: MembershipContext): void {
    const isNeeded = !contacts.crowded || this.#heard < ENOUGH;
    if (isNeeded && this.#allowance.take(ctx.now)) {
      this.card(ctx);
      ctx.cast("everyone", this.#bytes);
      this.#sentAt = ctx.now;
    }
    this.#heard = 0;
    this.#wake(this.#interval - ctx.random.below(this.#interval / 4), ctx);
    const slow = Math.min(Math.max(contacts.size * SLOW_PER_CONTACT, SLOW_LEAST), SLOW_MOST);
    this.#interval = Math.min(2 * this.#interval, isFull ? slow : STEADY);
  }

  /** Calls one address, which answers if there is a node. */
  call(address: Address, ctx: MembershipContext): void {
    const card = this.card(ctx);
    ctx.cast(address, datagramWire.encode({ kind: "call", card, padding: PADDING }));
  }

  /** This node's beacon, as the answer to a call. */
  answer(address: Address, ctx: MembershipContext): void {
    this.card(ctx);
    ctx.cast(address, this.#bytes);
  }

  /** Somebody believes this node dead as of `incarnation`: states that it lives, later. */
  refute(incarnation: number, ctx: MembershipContext): boolean {
    const boot = Math.floor(incarnation / limits.REVISIONS);
    const revision = incarnation % limits.REVISIONS + 1;
    if (incarnation < this.incarnation || boot !== this.#boot) return false; // old, or invented
    if (revision >= limits.REVISIONS) return false;
    this.#revision = revision;
    this.#sign(ctx);
    this.quicken(ctx);
    return true;
  }

  #wake(wait: Micros, ctx: MembershipContext): void {
    this.#dueAt = ctx.now + wait;
    ctx.wake("beacon", wait);
  }

  #sign(ctx: MembershipContext): void {
    if (this.#card !== undefined && this.#address !== ctx.address) this.#revision++;
    this.#address = ctx.address;
    const { sign, agree } = ctx.identity.keys;
    const said = { sign, agree, incarnation: this.incarnation, address: ctx.address };
    const signature = ctx.crypto.sign(ctx.identity.signSecret, signedBytes(said));
    this.#card = { statement: said, signature };
    this.#bytes = datagramWire.encode({ kind: "beacon", ...this.#card });
  }
}
