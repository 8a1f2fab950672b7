/**
 * The way by mailboxes, for letters to people who are away: to every mailbox of theirs, in order, until
 * each has said that it holds them. They wait here all the same, until their reader has confirmed them.
 *
 * Receipts and cards go that way too, once, and nobody confirms them: a letter whose receipt was lost is
 * sent again one day, and confirmed again.
 */
import {
  type Context,
  hex,
  type Micros,
  type PeerId,
  Reader,
  Recent,
  unhex,
  Writer,
} from "../../core/mod.ts";
import { type DirectoryNews, publish, STOCK, stock } from "../directory/mod.ts";
import {
  type Box,
  deposit,
  inquire,
  type Item,
  leave,
  type MailNews,
  type Parcel,
  taken,
} from "../mailbox/mod.ts";
import { bundleSchema } from "../session/mod.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Book } from "./book.ts";
import type { Boxes } from "./boxes.ts";
import type { Content } from "./content.ts";
import { tell } from "./events.ts";
import type { Letterbox } from "./friends.ts";
import * as limits from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import { type ReceiptKind, receiptOf } from "./receipt.ts";
import type { Sealing } from "./sealing.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;
const RECEIPTS_TIMER = "receipts";

interface Owed {
  readonly kind: ReceiptKind;
  readonly to: PeerId;
  readonly id: string;
  readonly at: Micros;
}

export class Post {
  /** Mailboxes that were asked for a bundle, and when. */
  readonly #askedAt = new Recent<PeerId, number>(limits.CORRESPONDENTS);
  /** Whom this device's card was sent to since it changed. */
  readonly #told = new Set<PeerId>();

  #owed: Owed[] = [];
  /** Whose parcels could not be opened: they are told so, once there is a newer conversation. */
  readonly #renewing = new Set<PeerId>();

  /** Whether a directory says something of this device, which must be kept true. */
  #isDescribed = false;

  constructor(
    readonly who: string,
    readonly book: Book,
    readonly outbox: Outbox,
    readonly arrivals: Arrivals,
    readonly sealing: Sealing,
    readonly boxes: Boxes,
    readonly letters: Letterbox,
  ) {}

  /** What the mailboxes' protocol tells. */
  told(news: MailNews | DirectoryNews, ctx: ChatContext): void {
    switch (news.name) {
      case "describe":
        this.#isDescribed = true;
        return ctx.ask(publish(this.boxes.own, this.sealing.lastingBundle(ctx)));
      case "wanted": {
        const count = Math.min(news.count, STOCK);
        return ctx.ask(stock(Array.from({ length: count }, () => this.sealing.bundle(ctx))));
      }
      case "located":
        return this.#located(news, ctx);
      case "boxes":
        return this.#changed(news.boxes, ctx);
      case "carried":
        return this.#carried(news.box, news.items, ctx);
      case "held":
        return this.#held(news.box, news.to, news.ids, ctx);
      case "declined":
        return; // what was not taken is brought again after a while
      case "answered":
        return this.#answered(news.peer, news.bundle, ctx);
    }
  }

  /** Tells somebody who is linked what this device says of itself, if that is anything. */
  greet(peer: PeerId, ctx: ChatContext): void {
    if (this.who !== "" || this.boxes.own.length > 0) ctx.send(peer, this.#card);
  }

  get #card() {
    return { kind: "card", who: this.who, boxes: this.boxes.own } as const;
  }

  /** Brings what waits for somebody to their mailboxes. */
  push(to: PeerId, ctx: ChatContext): void {
    const boxes = this.boxes.of(to);
    if (boxes.length === 0) return;
    if (!this.sealing.speaksTo(to)) return this.inquire(to, ctx);
    this.#introduce(to, ctx);
    for (const box of boxes) {
      const before = ctx.now - limits.MAIL_AGAIN;
      const parcels = this.outbox.parcels(to, box.peer, before, this.sealing, ctx);
      if (parcels.length > 0) ctx.ask(deposit({ box, to, parcels }));
    }
  }

  /** Asks how to begin anew with somebody who is away. */
  inquire(peer: PeerId, ctx: ChatContext): void {
    const askedAt = this.#askedAt.get(peer);
    if (askedAt !== undefined && ctx.now - askedAt < limits.MAIL_AGAIN) return;
    this.#askedAt.set(peer, ctx.now);
    for (const box of this.boxes.of(peer)) ctx.ask(inquire({ box, peer }));
  }

  /**
   * A receipt that is not told at once: what goes to a mailbox leaves whenever that can be reached, and so
   * must wait until the disk has taken what it is about.
   */
  owe(kind: ReceiptKind, to: PeerId, ids: readonly Uint8Array[], ctx: ChatContext): void {
    if (ids.length === 0) return;
    if (this.#owed.length === 0) ctx.wake(RECEIPTS_TIMER, 2 * limits.SETTLING);
    for (const id of ids) this.#owed.push({ kind, to, id: hex(id), at: ctx.now });
    if (this.#owed.length > limits.RECEIPTS) this.#owed.splice(0, ids.length);
  }

  /** The disk has refused the letter after all. */
  refused(from: PeerId, id: string): void {
    this.#owed = this.#owed.filter((owed) => owed.to !== from || owed.id !== id);
  }

  /** Receipts that are true by now go to the first mailbox of whom they are for, if these are not linked. */
  settle(ctx: ChatContext): void {
    const isDue = ({ at }: Owed) => ctx.now - at >= limits.SETTLING;
    const due = this.#owed.filter(isDue);
    this.#owed = this.#owed.filter((owed) => !isDue(owed));
    const bundles = new Map<string, Owed[]>();
    for (const owed of due) {
      const name = `${owed.kind}/${owed.to}`;
      bundles.set(name, [...bundles.get(name) ?? [], owed]);
    }
    for (const bundle of bundles.values()) this.#tellAll(bundle, ctx);
    if (this.#owed.length > 0) ctx.wake(RECEIPTS_TIMER, limits.SETTLING);
  }

  #tellAll(owed: readonly Owed[], ctx: ChatContext): void {
    const [{ kind, to }] = owed as [Owed];
    for (let at = 0; at < owed.length; at += limits.IDS) {
      const ids = owed.slice(at, at + limits.IDS).map(({ id }) => unhex(id)!);
      const receipt = receiptOf(kind, ids, to, ctx);
      if (ctx.isLinked(to)) ctx.send(to, receipt);
      else {
        const { signature } = receipt;
        this.#sendOnce(to, { kind: "receipt", says: kind, ids, signature }, ctx);
      }
    }
  }

  /** Somebody was found by their ID: where they are, and how to begin. */
  #located(
    { peer, address, boxes, bundle }: Extract<DirectoryNews, { readonly name: "located" }>,
    ctx: ChatContext,
  ): void {
    this.book.found(peer, address, ctx);
    this.boxes.note(peer, boxes, ctx);
    if (this.sealing.speaksTo(peer)) return;
    this.sealing.begin(peer, bundle, ctx);
    this.sealing.save(ctx);
    if (!ctx.isLinked(peer)) this.push(peer, ctx);
  }

  #changed(boxes: readonly Box[], ctx: ChatContext): void {
    this.boxes.own = boxes;
    this.#told.clear();
    for (const peer of ctx.peers) ctx.send(peer, this.#card);
    if (boxes.length === 0) return;
    if (this.#isDescribed) ctx.ask(publish(boxes, this.sealing.lastingBundle(ctx)));
    const writer = new Writer();
    bundleSchema.write(writer, this.sealing.lastingBundle(ctx));
    ctx.ask(leave(writer.take()));
  }

  #carried(box: PeerId, items: readonly Item[], ctx: ChatContext): void {
    const bySender = new Map<PeerId, Item[]>();
    for (const item of items) bySender.set(item.from, [...bySender.get(item.from) ?? [], item]);
    for (const [from, parcels] of bySender) {
      const { kept, dropped, unreadable, done } = this.arrivals.take(parcels, from, box, ctx);
      const ids = [...kept, ...dropped, ...unreadable, ...done];
      if (ids.length > 0) ctx.ask(taken({ box, ids }));
      this.owe("kept", from, kept, ctx);
      this.owe("dropped", from, dropped, ctx);
      if (unreadable.length === 0) continue;
      this.#renewing.add(from);
      this.inquire(from, ctx);
    }
  }

  #held(box: PeerId, to: PeerId, ids: readonly Uint8Array[], ctx: ChatContext): void {
    for (const { id, purpose } of this.outbox.held(to, box, new Set(ids.map(hex)))) {
      if (purpose === "text") tell(ctx, { name: "held", id: hex(id), peer: to });
    }
    if (!ctx.isLinked(to)) this.push(to, ctx);
  }

  #answered(peer: PeerId, bytes: Uint8Array, ctx: ChatContext): void {
    const reader = new Reader(bytes);
    const bundle = bundleSchema.read(reader);
    if (!reader.whole || this.#askedAt.get(peer) === undefined) return;
    this.#askedAt.delete(peer);
    const isWanted = this.#renewing.has(peer) || !this.sealing.speaksTo(peer);
    if (!isWanted || !this.sealing.begin(peer, bundle, ctx)) return;
    if (this.#renewing.delete(peer)) this.letters.post(peer, "renew", ctx);
    if (!ctx.isLinked(peer)) this.push(peer, ctx);
  }

  #introduce(to: PeerId, ctx: ChatContext): void {
    if (this.#told.has(to) || this.boxes.own.length === 0) return;
    this.#told.add(to);
    this.#sendOnce(to, this.#card, ctx);
  }

  #sendOnce(to: PeerId, content: Content, ctx: ChatContext): void {
    const [box] = this.boxes.of(to);
    const packet = box && this.sealing.sealContent(to, content, ctx);
    if (box === undefined || packet === undefined) return;
    this.sealing.save(ctx);
    const parcel: Parcel = { id: ctx.random.bytes(limits.ID_BYTES), packet };
    ctx.ask(deposit({ box, to, parcels: [parcel] }));
  }
}
