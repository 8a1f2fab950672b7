/**
 * How contacts spread: neighbours trade a few at random, and a newcomer's wish for neighbours walks
 * at random through the network until it meets somebody who has room.
 */
import { type Micros, millisecond, type PeerId, type Random, second } from "../../core/mod.ts";
import { Allowances } from "./allowance.ts";
import type { Contact, Contacts } from "./contacts.ts";
import * as limits from "./limits.ts";
import { networkOf } from "./places.ts";
import type { MembershipContext, View } from "./view.ts";
import type { ContactHint } from "./wire.ts";

/** Often while a network comes up, then seldom. */
const EARLY_EVERY: Micros = 500 * millisecond, EVERY: Micros = 10 * second;
const EARLY_EXCHANGES = 8;
/** Steps of a walk: enough to end anywhere in a network of thousands. */
const WALK_HOPS = 6;
const WALK_EVERY: Micros = second;

export class Exchange {
  #dueAt: Micros = 0;
  #done = 0;
  #walkedAt: Micros = -WALK_EVERY;
  readonly #walks = new Allowances<PeerId>(
    limits.HOSTS,
    limits.WALKS_BURST,
    limits.WALKS_PER_SECOND,
  );

  constructor(readonly contacts: Contacts, readonly view: View) {}

  start(ctx: MembershipContext): void {
    this.#dueAt = ctx.now + ctx.random.below(EARLY_EVERY);
  }

  /** Trades with a random neighbour, if it is time. */
  pulse(ctx: MembershipContext): void {
    if (ctx.now < this.#dueAt || this.view.size === 0) return;
    this.#dueAt = ctx.now + (++this.#done < EARLY_EXCHANGES ? EARLY_EVERY : EVERY);
    this.trade(this.#anyNeighbour(ctx), ctx);
  }

  trade(peer: PeerId, ctx: MembershipContext): void {
    ctx.send(peer, { kind: "exchange", contacts: this.sample(peer, ctx) });
  }

  traded(from: PeerId, contacts: readonly ContactHint[], ctx: MembershipContext): void {
    this.learn(contacts, ctx);
    ctx.send(from, { kind: "exchanged", contacts: this.sample(from, ctx) });
  }

  /** Notes contacts that somebody named. */
  learn(contacts: readonly ContactHint[], ctx: MembershipContext): void {
    let news = false;
    for (const { peer, address } of contacts) {
      if (peer !== ctx.self && this.contacts.mention(peer, address)) news = true;
    }
    if (news && !this.view.isFull) this.view.grow(ctx);
  }

  /**
   * A few contacts for somebody else, half of them in other networks than its own where there are any:
   * whom a link has proved, then hearsay. Who only signed a card is not vouched for.
   */
  sample(reader: PeerId, ctx: MembershipContext): readonly ContactHint[] {
    const network = networkOf(ctx.addressOf(reader) ?? "");
    const near: Contact[] = [], far: Contact[] = [];
    for (const contact of this.contacts.values()) {
      if (contact.peer === reader || contact.misses > 0) continue;
      if (contact.standing === "signed") continue;
      (contact.network === network ? near : far).push(contact);
    }
    const most = limits.EXCHANGED;
    const chosen = sifted(far, most - Math.min(near.length, most / 2), ctx.random);
    chosen.push(...sifted(near, most - chosen.length, ctx.random));
    return chosen.map(({ peer, address }) => ({ peer, address }));
  }

  /** Lets the wish for neighbours walk. */
  roam(ctx: MembershipContext): void {
    if (this.view.size === 0 || ctx.now - this.#walkedAt < WALK_EVERY) return;
    this.#walkedAt = ctx.now;
    const contact = { peer: ctx.self, address: ctx.address };
    ctx.send(this.#anyNeighbour(ctx), { kind: "walk", contact, hops: WALK_HOPS });
  }

  /** A newcomer's wish comes by: it goes on, or ends here with a dial. */
  walked(contact: ContactHint, hops: number, from: PeerId, ctx: MembershipContext): void {
    if (contact.peer === ctx.self || !this.#walks.take(from, ctx.now)) return;
    if (hops > 0 && this.view.size > 1) {
      const left = Math.min(hops, WALK_HOPS) - 1;
      ctx.send(this.#anyNeighbour(ctx, from), { kind: "walk", contact, hops: left });
      return;
    }
    this.contacts.mention(contact.peer, contact.address);
    const known = this.contacts.get(contact.peer);
    if (known !== undefined && this.view.hasRoom && this.view.get(contact.peer) === undefined) {
      this.view.seek(known, ctx);
    }
  }

  #anyNeighbour(ctx: MembershipContext, except?: PeerId): PeerId {
    const peers: PeerId[] = [];
    for (const { peer } of this.view.values()) if (peer !== except) peers.push(peer);
    return ctx.random.pick(peers);
  }
}

/** So many at random, at most a quarter of them hearsay unless there are no others. */
function sifted(contacts: readonly Contact[], most: number, random: Random): Contact[] {
  const proved: Contact[] = [], hearsay: Contact[] = [];
  for (const contact of contacts) {
    (contact.standing === "hearsay" ? hearsay : proved).push(contact);
  }
  const chosen = some(proved, most - Math.min(hearsay.length, Math.ceil(most / 4)), random);
  return chosen.concat(some(hearsay, most - chosen.length, random));
}

/** So many of the list, at random; the list is not kept. */
function some<Item>(list: Item[], count: number, random: Random): Item[] {
  const most = Math.min(count, list.length);
  for (let at = 0; at < most; at++) {
    const other = at + random.below(list.length - at);
    [list[at], list[other]] = [list[other]!, list[at]!];
  }
  list.length = most;
  return list;
}
