/**
 * Letters from person to person: accepted once they are durable, sealed for their reader alone, sent
 * until the other device has kept them, shown once, and truthfully marked as delivered and as read.
 */
import {
  type AppEvent,
  type Command,
  type Context,
  hex,
  limits as core,
  type PeerId,
  type Protocol,
  type Reason,
  type Saved,
  unhex,
  utf8,
} from "../../core/mod.ts";
import type { DirectoryNews } from "../directory/mod.ts";
import type { MailNews } from "../mailbox/mod.ts";
import { isMembershipEvent } from "../membership/mod.ts";
import { readAttachment } from "./attachment.ts";
import { Arrivals, type Reader } from "./arrivals.ts";
import { Book } from "./book.ts";
import { Boxes } from "./boxes.ts";
import { Cards } from "./cards.ts";
import { type Circle, isOfCircle } from "./circle.ts";
import type { ChatCommand, ReadCommand } from "./commands.ts";
import { Composing } from "./composing.ts";
import type { Content, Letter, Purpose } from "./content.ts";
import { tell } from "./events.ts";
import { Friends, type Letterbox } from "./friends.ts";
import { Inbox } from "./inbox.ts";
import * as limits from "./limits.ts";
import { Outbox, sorted } from "./outbox.ts";
import { Post } from "./post.ts";
import { Reach } from "./reach.ts";
import { type Receipt, receiptOf } from "./receipt.ts";
import { Receiving } from "./receiving.ts";
import { Sealing } from "./sealing.ts";
import { spokenOf } from "./speech.ts";
import { Strangers } from "./strangers.ts";
import { Transcript } from "./transcript.ts";
import { Typing } from "./typing.ts";
import { type Card, type ChatMessage, chatWire, type Parcel } from "./wire.ts";

export interface ChatOptions {
  /** What this person is called. */
  readonly who?: string;
  /** The protocol whose words letters carry besides. */
  readonly encloses?: string;
  /** `ask`: what a stranger writes is shown once they are answered, or befriended. Default `show`. */
  readonly strangers?: "show" | "ask";
  /** Tells others that this person is writing, and this person that others are. Default false. */
  readonly tellsTyping?: boolean;
}

type ChatContext = Context<ChatMessage>;
type News = MailNews | DirectoryNews;

/** Direct messages, friends, receipts. */
export function chat(options: ChatOptions = {}): Protocol<ChatMessage> {
  let state: Chat;
  return {
    name: "chat",
    code: 5,
    wire: chatWire,
    started(saved, ctx) {
      state = new Chat(options);
      state.restore(saved, ctx);
    },
    joined: (peer, ctx) => state.joined(peer, ctx),
    left: (peer, _why, ctx) => state.left(peer, ctx),
    received: (message, from, _body, ctx) => state.received(message, from, ctx),
    unreachable: (address) => state.reaching.unreachable(address),
    refused: (key, why, ctx) => state.refused(key, why, ctx),
    woke: (_timer, ctx) => state.again(ctx),
    asked: (command, ctx) => state.asked(command as ChatCommand | (Command & News), ctx),
    heard: (event, ctx) => state.overheard(event, ctx),
  };
}

class Chat implements Letterbox, Reader {
  readonly #book = new Book();
  readonly #transcript = new Transcript();
  readonly #outbox = new Outbox(this.#transcript);
  readonly #inbox = new Inbox();
  readonly #sealing = new Sealing();
  readonly #friends = new Friends(this.#book, this);
  readonly #boxes = new Boxes();
  readonly #cards = new Cards(this.#boxes, this.#sealing);
  readonly #arrivals = new Arrivals(
    this.#book,
    this.#inbox,
    this.#transcript,
    this.#sealing,
    this.#friends,
    this,
  );
  readonly #post: Post;
  readonly #receiving = new Receiving(this.#outbox, this.#inbox, this.#arrivals, this.#sealing);
  readonly #composing: Composing;
  readonly #circle: Circle;
  readonly #typing: Typing;
  readonly #strangers: Strangers;
  readonly reaching = new Reach();

  constructor({ who, encloses = "groups", strangers, tellsTyping = false }: ChatOptions) {
    const name = who !== undefined && utf8(who).length <= core.NAME_BYTES ? who : "";
    this.#strangers = new Strangers(strangers === "ask", this.#book, this.#outbox);
    this.#typing = new Typing(tellsTyping);
    this.#composing = new Composing(
      name,
      encloses,
      this.#book,
      this.#outbox,
      (to, ctx) => this.#written(to, ctx),
    );
    this.#circle = this.#composing.circle;
    this.#post = new Post(
      name,
      this.#book,
      this.#outbox,
      this.#arrivals,
      this.#sealing,
      this.#boxes,
      this,
    );
  }

  restore({ records }: Saved, ctx: ChatContext): void {
    for (const [key, bytes] of sorted(records)) {
      if (!this.#restoreRecord(key, bytes, ctx)) {
        tell(ctx, { name: "refused", what: `read "${key}"`, why: "disk-error" });
      }
    }
    this.#friends.restored(ctx);
    this.#circle.restored(ctx);
    for (const [peer, letter] of this.#outbox.all()) {
      this.#composing.tellAccepted(peer, letter, true, ctx);
    }
    for (const [peer, letter] of this.#inbox.unread()) this.told(peer, letter, true, ctx);
    this.#reachAll(ctx);
  }

  asked(command: ChatCommand | News, ctx: ChatContext): void {
    switch (command.name) {
      case "write":
        return this.#admitting(command.to, () => this.#composing.write(command, ctx), ctx);
      case "befriend": {
        const { peer } = command;
        return this.#admitting([peer], () => this.#friends.befriend(peer, ctx), ctx);
      }
      case "block":
      case "unblock":
        return this.#friends[command.name](command.peer, ctx);
      case "link":
      case "adopt":
      case "unlink":
        return this.#circle[command.name](command.peer, ctx);
      case "typing":
        return this.#typing.say(command.peer, ctx);
      case "enclose":
        return this.#composing.enclose(command, ctx);
      case "remove":
        return this.#friends.remove(command.peer, ctx);
      case "read":
        return this.#read(command, ctx);
      default:
        return this.#post.told(command, ctx);
    }
  }

  received(message: ChatMessage, from: PeerId, ctx: ChatContext): void {
    switch (message.kind) {
      case "card":
        return this.#introduced(from, message, ctx);
      case "greet":
        if (this.#book.of(from) === "blocked" || !this.#arrivals.allows(from, ctx)) return;
        return void ctx.send(from, { kind: "bundle", bundle: this.#sealing.bundle(ctx) });
      case "bundle":
        this.#sealing.bundled(from, message.bundle, ctx);
        return this.#push(from, ctx);
      case "unreadable":
        if (!message.ids.some((id) => this.#outbox.waits(from, hex(id)))) return;
        if (!this.#sealing.begin(from, message.bundle, ctx)) return ctx.ban(from, "tampered");
        return this.renewed(from, ctx);
      case "letters":
        return this.#take(message.letters, from, ctx);
      case "noted":
        return this.#receiving.noted(message.ids, from, ctx);
      case "typing":
        if (this.#book.of(from) !== "blocked") this.#typing.heard(from, ctx);
        return;
      default:
        return this.#receipts(message, from, ctx);
    }
  }

  joined(peer: PeerId, ctx: ChatContext): void {
    this.#post.greet(peer, ctx);
    this.#outbox.arrived(peer, peer);
    this.#sealing.joined(peer);
    this.#push(peer, ctx);
    this.#inbox.sendReceipts(peer, ctx);
    if (!this.waitsFor(peer)) return;
    this.#book.pin(peer, ctx);
    this.reaching.hold(peer, ctx);
  }

  left(peer: PeerId, ctx: ChatContext): void {
    this.reaching.left(peer);
    if (this.waitsFor(peer)) this.#reach(peer, ctx);
  }

  refused(key: string, why: Reason, ctx: ChatContext): void {
    const [box, peer, id] = key.split("/") as [string, PeerId, string];
    if (box === "in" && this.#arrivals.refused(peer, id, ctx)) this.#post.refused(peer, id);
    if (box === "seen") this.#transcript.refused(peer, Number(id));
    if (box === "book") this.#friends.refused(peer);
    if (box === "place") this.#book.refusedPlace(peer);
    if (box === "circle") this.#transcript.forgetLetter(this.#circle.refused(peer));
    if (box === "session") this.#sealing.refused(key);
    if (box === "sealed") this.#outbox.refusedSealed(peer, id);
    const letter = box === "out" ? this.#outbox.refused(peer, id) : undefined;
    if (letter !== undefined && isOfCircle(letter)) this.#circle.refusedLetter(peer, letter);
    else if (letter?.purpose === "text") {
      tell(ctx, { name: "refused", what: `write to ${this.#book.nameOf(peer)}`, why });
    } else if (letter?.purpose === "enclosed") {
      this.#composing.unenclosed(peer, ctx);
    } else if (letter !== undefined) this.#friends.refused(peer, letter.purpose);
    if (this.#friends.owesSomething || this.#circle.owesSomething) {
      ctx.wake(limits.AGAIN_TIMER, limits.AGAIN);
    }
  }

  overheard(event: AppEvent, ctx: ChatContext): void {
    this.reaching.heard(event, ctx);
    if (!isMembershipEvent(event) || (event.name !== "found" && event.name !== "up")) return;
    this.#book.found(event.peer, event.address, ctx);
    if (this.waitsFor(event.peer) && !ctx.isLinked(event.peer)) this.#reach(event.peer, ctx);
  }

  /** Sends again what is not confirmed, and dials who is awaited. */
  again(ctx: ChatContext): void {
    this.#post.settle(ctx);
    this.#friends.again(ctx);
    for (const peer of [...this.#outbox.addressees]) this.#push(peer, ctx);
    for (const peer of this.#inbox.awaited) {
      if (ctx.isLinked(peer)) this.#inbox.sendReceipts(peer, ctx);
    }
    for (const { peer, ids } of this.#circle.again(ctx)) {
      this.#confirmRead(peer, ids.filter((id) => this.#inbox.read(peer, id, ctx)), ctx);
    }
    this.#reachAll(ctx);
  }

  post(to: PeerId, purpose: Purpose, ctx: ChatContext): void {
    this.#composing.post(to, purpose, ctx);
  }

  waitsFor(peer: PeerId): boolean {
    return this.#outbox.waitsFor(peer);
  }

  giveUp(peer: PeerId, ctx: ChatContext): void {
    const theirs = [...this.#outbox.all()].filter(([to]) => to === peer);
    for (const each of theirs) this.#receiving.settle("dropped", peer, hex(each[1].id), ctx);
  }

  heard(from: PeerId, content: Exclude<Content, { kind: "letter" }>, ctx: ChatContext): void {
    if (content.kind === "card") return this.#introduced(from, content, ctx);
    const { says: kind, ids, signature } = content;
    this.#receipts({ kind, ids, signature }, from, ctx);
  }

  renewed(from: PeerId, ctx: ChatContext): void {
    this.#outbox.unseal(from);
    this.#push(from, ctx);
  }

  #restoreRecord(key: string, bytes: Uint8Array, ctx: ChatContext): boolean {
    const [box, peer, id] = key.split("/") as [string, PeerId, string];
    switch (box) {
      case "out":
        return this.#outbox.restore(peer, bytes);
      case "sealed": // sorts after every "out"
        return this.#outbox.restoreSealed(peer, id, bytes);
      case "book":
      case "place":
        return this.#book.restore(box, peer, bytes);
      case "in":
      case "receipt":
        return this.#inbox.restore(box, peer, id, bytes);
      case "boxes":
        return this.#boxes.restore(peer, bytes);
      case "circle":
        return this.#circle.restore(bytes, ctx);
      case "seen":
      case "written":
        return this.#transcript.restore(box, peer, bytes);
      default:
        return this.#sealing.restore(key, bytes);
    }
  }

  /** There is a letter for them. */
  #written(to: PeerId, ctx: ChatContext): void {
    if (!ctx.isLinked(to)) return this.#reach(to, ctx);
    this.reaching.hold(to, ctx);
    this.#push(to, ctx);
    ctx.wake(limits.AGAIN_TIMER, limits.AGAIN);
  }

  /** Sends what waits for somebody who is linked; first of all, there must be a conversation. */
  #push(peer: PeerId, ctx: ChatContext): void {
    if (!this.waitsFor(peer)) return;
    if (!ctx.isLinked(peer)) return this.#post.push(peer, ctx);
    this.#outbox.send(peer, ctx.now - limits.AGAIN, this.#sealing, ctx);
    this.#sealing.greet(peer, ctx);
  }

  #read({ peer, ids }: ReadCommand, ctx: ChatContext): void {
    const news = ids.filter((id) => this.#inbox.read(peer, id, ctx));
    this.#circle.read(peer, news, ctx);
    this.#confirmRead(peer, news, ctx);
  }

  #confirmRead(peer: PeerId, news: readonly string[], ctx: ChatContext): void {
    for (let at = 0; at < news.length; at += limits.IDS) {
      const part = news.slice(at, at + limits.IDS).map((id) => unhex(id)!);
      if (!ctx.send(peer, receiptOf("read", part, peer, ctx))) {
        this.#post.owe("read", peer, part, ctx); // nobody is dialled for it
      }
    }
    if (ctx.isLinked(peer)) ctx.wake(limits.AGAIN_TIMER, limits.AGAIN);
  }

  #introduced(peer: PeerId, card: Card, ctx: ChatContext): void {
    if (this.#arrivals.allows(peer, ctx)) this.#cards.introduced(peer, card, ctx);
  }

  #take(parcels: readonly Parcel[], from: PeerId, ctx: ChatContext): void {
    const { kept, dropped, unreadable } = this.#arrivals.take(parcels, from, undefined, ctx);
    if (dropped.length > 0) ctx.send(from, receiptOf("dropped", dropped, from, ctx));
    if (kept.length > 0) ctx.send(from, receiptOf("kept", kept, from, ctx));
    if (unreadable.length === 0) return;
    ctx.send(from, { kind: "unreadable", ids: unreadable, bundle: this.#sealing.bundle(ctx) });
  }

  #receipts(receipt: Receipt, from: PeerId, ctx: ChatContext): void {
    if (!this.#receiving.receipt(receipt, from, ctx)) return;
    this.reaching.answered(from);
    this.#push(from, ctx);
    if (!this.waitsFor(from)) this.reaching.release(from, ctx);
  }

  #reachAll(ctx: ChatContext): void {
    const waiting = [...this.#outbox.addressees];
    const absent = waiting.filter((peer) => !ctx.isLinked(peer));
    for (const peer of absent) this.#reach(peer, ctx);
    this.reaching.seek(absent.filter((peer) => this.#book.placeOf(peer) === undefined), ctx);
    if (waiting.length > 0) ctx.wake(limits.AGAIN_TIMER, limits.DIAL_FIRST);
  }

  #reach(peer: PeerId, ctx: ChatContext): void {
    ctx.wake(limits.AGAIN_TIMER, limits.DIAL_FIRST);
    const place = this.#book.placeOf(peer);
    if (place !== undefined) this.reaching.dial(peer, place, ctx);
  }

  ofCircle(from: PeerId, letter: Letter, ctx: ChatContext): void {
    this.#circle.heard(letter, from, ctx);
  }

  told(peer: PeerId, letter: Letter, again: boolean, ctx: ChatContext): void {
    if (letter.purpose === "enclosed") return this.#composing.carried(peer, letter, ctx);
    if (letter.purpose === "copied") {
      if (!this.#circle.tellCopy(letter, peer, ctx)) this.#inbox.read(peer, hex(letter.id), ctx);
      return;
    }
    const { toAll, enclosed: bytes } = letter, id = hex(letter.id);
    const who = letter.who || this.#book.nameOf(peer);
    const isFriend = this.#book.of(peer) === "friend";
    if (this.#strangers.waits(peer)) {
      const count = this.#inbox.unreadOf(peer);
      return tell(ctx, { name: "requested", peer, who, count });
    }
    this.#circle.meet(peer, ctx);
    const about = { id, peer, who, ...spokenOf(letter), toAll, isFriend, again };
    tell(ctx, { name: "received", ...about, attachment: readAttachment(bytes) });
  }

  /** What makes somebody known shows what they wrote as a stranger. */
  #admitting(peers: readonly PeerId[], act: () => void, ctx: ChatContext): void {
    for (const peer of this.#strangers.admittedBy(act, peers)) {
      for (const letter of this.#inbox.unreadFrom(peer)) this.told(peer, letter, false, ctx);
    }
  }
}
