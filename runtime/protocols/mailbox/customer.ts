/**
 * This device's own mailboxes, and its errands to those of others.
 *
 * 1. A device has parcels kept by two nodes that are willing, the first it meets, or those a person names.
 *    It dials them again and again, and fetches what has come, one page after another.
 * 2. An errand is a deposit or a question. Its mailbox is dialled until it answers; who asked for it asks
 *    again after a restart.
 */
import { type Context, type Micros, type PeerId, Reader, Writer } from "../../core/mod.ts";
import type { MailboxCommand, MailNews } from "./commands.ts";
import * as limits from "./limits.ts";
import { type Box, boxSchema, type Item, type MailboxMessage } from "./wire.ts";

type MailboxContext = Context<MailboxMessage>;
type Errand = Extract<MailboxCommand, { readonly name: "deposit" | "inquire" }>;

interface Trip {
  readonly box: Box;
  /** What is still to be said there, in order. */
  errands: Errand[];
  dials: number;
  dialAt: Micros;
}

export class Customer {
  readonly #boxes = new Map<PeerId, Box>();
  readonly #trips = new Map<PeerId, Trip>();
  readonly #held = new Set<PeerId>();
  #bundle: Uint8Array | undefined;

  /** `uses` is the protocol whose parcels these are. */
  constructor(readonly uses: string) {}

  /** Takes up `box/PEER`; false where it cannot be read. */
  restore(bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    const box = boxSchema.read(reader);
    if (reader.whole) this.#boxes.set(box.peer, box);
    return reader.whole;
  }

  restored(ctx: MailboxContext): void {
    this.#tellBoxes(ctx);
    this.look(ctx);
  }

  /** Whether something is still to be done, so that there is a next look. */
  get isBusy(): boolean {
    return this.#boxes.size + this.#trips.size > 0;
  }

  leave(bundle: Uint8Array, ctx: MailboxContext): void {
    this.#bundle = bundle;
    for (const peer of this.#boxes.keys()) ctx.send(peer, { kind: "open", bundle });
  }

  use(box: Box, ctx: MailboxContext): void {
    if (box.peer === ctx.self || this.#boxes.get(box.peer)?.address === box.address) return;
    this.#boxes.delete(box.peer);
    for (const oldest of this.#boxes.keys()) {
      if (this.#boxes.size < limits.BOXES) break;
      this.#forget(oldest, ctx);
    }
    this.#boxes.set(box.peer, box);
    const writer = new Writer();
    boxSchema.write(writer, box);
    ctx.save(`box/${box.peer}`, writer.take());
    this.#tellBoxes(ctx);
    if (ctx.isLinked(box.peer)) this.joined(box.peer, ctx);
    this.look(ctx);
  }

  /** Somebody keeps parcels: so they may keep this device's, if it has no two yet. */
  willing(peer: PeerId, ctx: MailboxContext): void {
    const address = ctx.addressOf(peer);
    if (address === undefined || this.#boxes.size >= limits.BOXES) return;
    this.use({ peer, address }, ctx);
  }

  joined(peer: PeerId, ctx: MailboxContext): void {
    const isOwn = this.#boxes.has(peer);
    if (isOwn && this.#bundle !== undefined) ctx.send(peer, { kind: "open", bundle: this.#bundle });
    if (isOwn) ctx.send(peer, { kind: "fetch", after: 0 });
    const trip = this.#trips.get(peer);
    for (const errand of trip?.errands ?? []) this.#say(errand, ctx);
    if ((isOwn || trip !== undefined) && !this.#held.has(peer)) {
      this.#held.add(peer);
      ctx.hold(peer);
    }
  }

  left(peer: PeerId): void {
    this.#held.delete(peer);
  }

  full(peer: PeerId, ctx: MailboxContext): void {
    if (!this.#boxes.has(peer)) return;
    this.#forget(peer, ctx);
    this.#tellBoxes(ctx);
  }

  news(peer: PeerId, ctx: MailboxContext): void {
    if (this.#boxes.has(peer)) ctx.send(peer, { kind: "fetch", after: 0 });
  }

  /** A page of what has come; the next one follows when this one is looked through. */
  items(peer: PeerId, items: readonly Item[], ctx: MailboxContext): void {
    const last = items.at(-1);
    if (!this.#boxes.has(peer) || last === undefined) return;
    this.#mail({ name: "carried", box: peer, items }, ctx);
    if (items.length === limits.PARCELS) ctx.send(peer, { kind: "fetch", after: last.order });
  }

  /** Goes to a mailbox as soon as it can be reached. */
  run(errand: Errand, ctx: MailboxContext): void {
    const { box } = errand;
    const trip = this.#trips.get(box.peer) ?? { box, errands: [], dials: 0, dialAt: 0 };
    if (trip.errands.length >= limits.ERRANDS_AT_ONE) trip.errands.shift();
    trip.errands.push(errand);
    this.#trips.delete(box.peer);
    this.#trips.set(box.peer, trip);
    for (const oldest of this.#trips.keys()) {
      if (this.#trips.size <= limits.ERRANDS) break;
      this.#end(oldest, ctx);
    }
    if (ctx.isLinked(box.peer)) this.#say(errand, ctx);
    else this.#dial(trip, ctx);
  }

  held(box: PeerId, to: PeerId, ids: readonly Uint8Array[], ctx: MailboxContext): void {
    this.#done(box, (errand) => errand.name === "deposit" && errand.to === to, ctx);
    this.#mail({ name: "held", box, to, ids }, ctx);
  }

  declined(box: PeerId, to: PeerId, ctx: MailboxContext): void {
    this.#done(box, (errand) => errand.name === "deposit" && errand.to === to, ctx);
    this.#mail({ name: "declined", box, to }, ctx);
  }

  answered(
    box: PeerId,
    peer: PeerId,
    bundle: Uint8Array | undefined,
    ctx: MailboxContext,
  ): void {
    const isAsked = this.#done(
      box,
      (errand) => errand.name === "inquire" && errand.peer === peer,
      ctx,
    );
    if (isAsked && bundle !== undefined) this.#mail({ name: "answered", peer, bundle }, ctx);
  }

  /** Once in a while: what has come, and who must be dialled. */
  look(ctx: MailboxContext): void {
    for (const { peer, address } of this.#boxes.values()) {
      if (ctx.isLinked(peer)) ctx.send(peer, { kind: "fetch", after: 0 });
      else ctx.dial(address);
    }
    for (const [peer, trip] of [...this.#trips]) {
      if (ctx.isLinked(peer)) { for (const errand of trip.errands) this.#say(errand, ctx); }
      else if (trip.dials >= limits.DIALS) this.#end(peer, ctx);
      else this.#dial(trip, ctx);
    }
  }

  #say(errand: Errand, ctx: MailboxContext): void {
    const { box: { peer } } = errand;
    if (errand.name === "inquire") ctx.send(peer, { kind: "inquire", peer: errand.peer });
    else ctx.send(peer, { kind: "deposit", to: errand.to, parcels: errand.parcels });
  }

  #dial(trip: Trip, ctx: MailboxContext): void {
    if (ctx.now < trip.dialAt) return;
    trip.dialAt = ctx.now + limits.DIAL_EVERY;
    trip.dials++;
    ctx.dial(trip.box.address);
  }

  /** The first errand of this kind has its answer: whether there was one. */
  #done(box: PeerId, isIt: (errand: Errand) => boolean, ctx: MailboxContext): boolean {
    const trip = this.#trips.get(box);
    const at = trip?.errands.findIndex(isIt) ?? -1;
    if (trip === undefined || at < 0) return false;
    trip.errands.splice(at, 1);
    if (trip.errands.length === 0) this.#end(box, ctx);
    return true;
  }

  #end(box: PeerId, ctx: MailboxContext): void {
    this.#trips.delete(box);
    if (!this.#held.has(box) || this.#boxes.has(box)) return;
    this.#held.delete(box);
    ctx.release(box);
  }

  #forget(peer: PeerId, ctx: MailboxContext): void {
    this.#boxes.delete(peer);
    ctx.save(`box/${peer}`, undefined);
    if (!this.#trips.has(peer) && this.#held.delete(peer)) ctx.release(peer);
  }

  #tellBoxes(ctx: MailboxContext): void {
    this.#mail({ name: "boxes", boxes: [...this.#boxes.values()] }, ctx);
  }

  #mail(news: MailNews, ctx: MailboxContext): void {
    ctx.ask({ protocol: this.uses, ...news });
  }
}
