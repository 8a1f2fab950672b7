/**
 * Letters from person to person: accepted once they are durable, sent until the other device has kept
 * them, shown once, and truthfully marked as delivered and as read.
 */
import {
  type AppEvent,
  type Context,
  hex,
  limits as core,
  type PeerId,
  type Protocol,
  type Reason,
  Recent,
  type Saved,
  unhex,
  utf8,
} from "../../core/mod.ts";
import { Allowances, isMembershipEvent } from "../membership/mod.ts";
import { Book } from "./book.ts";
import type { ChatCommand, ReadCommand, WriteCommand } from "./commands.ts";
import { tell } from "./events.ts";
import { Inbox } from "./inbox.ts";
import * as limits from "./limits.ts";
import { type Letter, Outbox, sorted } from "./outbox.ts";
import { Reach } from "./reach.ts";
import { type ChatMessage, chatWire, type Purpose } from "./wire.ts";

export interface ChatOptions {
  /** What this person is called. */
  readonly who?: string;
}

type ChatContext = Context<ChatMessage>;
const AGAIN_TIMER = "again";

/** Direct messages, friends, and receipts. */
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
    asked: (command, ctx) => state.asked(command as ChatCommand, ctx),
    heard: (event, ctx) => state.heard(event, ctx),
  };
}

class Chat {
  readonly #who: string;
  readonly #book = new Book();
  readonly #outbox = new Outbox();
  readonly #inbox = new Inbox();
  readonly reaching = new Reach();
  readonly #held = new Set<PeerId>();
  /** What people call themselves, as was told last. */
  readonly #names = new Recent<PeerId, string>(limits.PLACES);
  /** What the disk has refused of how people stand to each other: it is tried again. */
  readonly #unsaved = new Set<PeerId>();
  readonly #owed = new Map<PeerId, Purpose>();
  readonly #letters = new Allowances<PeerId>(
    limits.ADDRESSEES,
    limits.LETTERS_BURST,
    limits.LETTERS_PER_SECOND,
  );

  constructor({ who = "" }: ChatOptions) {
    this.#who = utf8(who).length <= core.NAME_BYTES ? who : "";
  }

  restore({ records }: Saved, ctx: ChatContext): void {
    for (const [key, bytes] of sorted(records)) {
      const [box, peer, id] = key.split("/") as [string, PeerId, string];
      const isRead = box === "out"
        ? this.#outbox.restore(peer, bytes)
        : box === "book"
        ? this.#book.restore(peer, bytes)
        : this.#inbox.restore(box, peer, id, bytes);
      if (!isRead) tell(ctx, { name: "refused", what: `read "${key}"`, why: "disk-error" });
    }
    for (const [peer, { standing, who }] of this.#book.all) {
      if (standing === "asked") this.#askAgain(peer, ctx);
      if (standing === "invited") tell(ctx, { name: "invited", peer, who, again: true });
      if (standing === "friend") tell(ctx, { name: "befriended", peer, who, again: true });
    }
    for (const [peer, letter] of this.#outbox.all()) this.#tellAccepted(peer, letter, true, ctx);
    for (const [peer, letter] of this.#inbox.unread()) this.#tellReceived(peer, letter, true, ctx);
    this.#reachAll(ctx);
  }

  asked(command: ChatCommand, ctx: ChatContext): void {
    switch (command.name) {
      case "write":
        return this.#write(command, ctx);
      case "befriend":
        return this.#befriend(command.peer, ctx);
      case "remove":
        return this.#remove(command.peer, ctx);
      case "read":
        return this.#read(command, ctx);
    }
  }

  received(message: ChatMessage, from: PeerId, ctx: ChatContext): void {
    if (message.kind === "name") return this.#named(from, message.who, ctx);
    if (message.kind === "letters") return this.#take(message.letters, from, ctx);
    const taken: Uint8Array[] = [];
    for (const bytes of message.ids) {
      const id = hex(bytes);
      // Whoever invents receipts, or repeats them, costs the disk and a reader something.
      const isCheap = message.kind === "noted" || this.#outbox.waits(from, id);
      if (!isCheap && !this.#letters.take(from, ctx.now)) continue;
      taken.push(bytes);
      if (message.kind === "noted") this.#inbox.noted(from, id, ctx);
      else this.#receipt(message.kind, from, id, ctx);
    }
    if (message.kind === "read") ctx.send(from, { kind: "noted", ids: taken });
    if (message.kind === "kept" || message.kind === "dropped") this.#outbox.arrived(from);
    this.reaching.answered(from);
    this.#outbox.send(from, ctx.now - limits.AGAIN, ctx);
    this.#releaseIfDone(from, ctx);
  }

  joined(peer: PeerId, ctx: ChatContext): void {
    if (this.#who !== "") ctx.send(peer, { kind: "name", who: this.#who });
    this.#outbox.arrived(peer);
    this.#outbox.send(peer, ctx.now, ctx);
    this.#inbox.sendReceipts(peer, ctx);
    if (this.#isAwaited(peer)) this.#hold(peer, ctx);
  }

  left(peer: PeerId, ctx: ChatContext): void {
    this.#held.delete(peer);
    if (this.#isAwaited(peer)) this.#reach(peer, ctx);
  }

  refused(key: string, why: Reason, ctx: ChatContext): void {
    const [box, peer, id] = key.split("/") as [string, PeerId, string];
    if (box === "in") this.#inbox.refused(peer, id);
    if (box === "book") this.#unsaved.add(peer);
    const letter = box === "out" ? this.#outbox.refused(peer, id) : undefined;
    if (letter !== undefined && letter.purpose !== "text") this.#owed.set(peer, letter.purpose);
    if (this.#unsaved.size + this.#owed.size > 0) ctx.wake(AGAIN_TIMER, limits.AGAIN);
    if (letter?.purpose !== "text") return;
    tell(ctx, { name: "refused", what: `write to ${this.#book.nameOf(peer)}`, why });
  }

  heard(event: AppEvent, ctx: ChatContext): void {
    if (!isMembershipEvent(event) || (event.name !== "found" && event.name !== "up")) return;
    this.#book.found(event.peer, event.address, ctx);
    if (this.#isAwaited(event.peer) && !ctx.isLinked(event.peer)) this.#reach(event.peer, ctx);
  }

  /** Sends again what is not confirmed, and dials who is awaited. */
  again(ctx: ChatContext): void {
    this.#saveAgain(ctx);
    for (const peer of this.#outbox.addressees) {
      if (ctx.isLinked(peer)) this.#outbox.send(peer, ctx.now - limits.AGAIN, ctx);
    }
    for (const peer of this.#inbox.awaited) {
      if (ctx.isLinked(peer)) this.#inbox.sendReceipts(peer, ctx);
    }
    this.#reachAll(ctx);
  }

  #saveAgain(ctx: ChatContext): void {
    const unsaved = [...this.#unsaved], owed = [...this.#owed];
    this.#unsaved.clear();
    this.#owed.clear();
    for (const peer of unsaved) {
      this.#book.save(peer, ctx);
      const standing = this.#book.of(peer); // nobody was told yet
      if (standing === "friend") this.#tellStanding("befriended", peer, ctx);
      if (standing === "invited") this.#tellStanding("invited", peer, ctx);
    }
    for (const [peer, purpose] of owed) this.#postOf(peer, purpose, ctx);
  }

  #write({ to, text }: WriteCommand, ctx: ChatContext): void {
    const id = ctx.random.bytes(limits.ID_BYTES);
    const what = "write that";
    if (utf8(text).length > limits.TEXT_BYTES) {
      return tell(ctx, { name: "refused", what, why: "too-large" });
    }
    if (text === "" || to.length === 0) {
      return tell(ctx, { name: "refused", what, why: "malformed" });
    }
    for (const peer of new Set(to)) {
      if (peer !== ctx.self) this.#post(peer, "text", text, to.length > 1, id, ctx);
    }
  }

  #post(
    to: PeerId,
    purpose: Purpose,
    text: string,
    toAll: boolean,
    id: Uint8Array,
    ctx: ChatContext,
  ): boolean {
    const letter = { id, purpose, toAll, who: this.#who, text };
    if (!this.#outbox.post(to, letter, ctx)) {
      const what = `write to ${this.#book.nameOf(to)}`;
      tell(ctx, { name: "refused", what, why: "too-many" });
      return false;
    }
    this.#tellAccepted(to, letter, false, ctx);
    if (!ctx.isLinked(to)) this.#reach(to, ctx);
    else {
      this.#hold(to, ctx);
      this.#outbox.send(to, ctx.now - limits.AGAIN, ctx);
      ctx.wake(AGAIN_TIMER, limits.AGAIN);
    }
    return true;
  }

  #postOf(to: PeerId, purpose: Purpose, ctx: ChatContext): void {
    this.#post(to, purpose, "", false, ctx.random.bytes(limits.ID_BYTES), ctx);
  }

  #befriend(peer: PeerId, ctx: ChatContext): void {
    const standing = this.#book.of(peer);
    if (peer === ctx.self || standing === "friend") return;
    if (standing === "asked") return this.#askAgain(peer, ctx);
    const isAnswer = standing === "invited";
    if (!this.#book.note(peer, isAnswer ? "friend" : "asked", "", ctx)) {
      return tell(ctx, { name: "refused", what: "know more people", why: "too-many" });
    }
    this.#postOf(peer, isAnswer ? "accept" : "invite", ctx);
    if (isAnswer) this.#tellStanding("befriended", peer, ctx);
  }

  /** Their answer may have been lost by a disk that failed them or us; asked twice is asked once. */
  #askAgain(peer: PeerId, ctx: ChatContext): void {
    if (!this.#outbox.waitsFor(peer)) this.#postOf(peer, "invite", ctx);
  }

  #remove(peer: PeerId, ctx: ChatContext): void {
    if (this.#book.of(peer) === "removed" || peer === ctx.self) return;
    if (!this.#book.note(peer, "removed", "", ctx)) {
      return tell(ctx, { name: "refused", what: "know more people", why: "too-many" });
    }
    for (const [to, { id }] of [...this.#outbox.all()]) {
      if (to === peer) this.#receipt("dropped", peer, hex(id), ctx);
    }
    this.#postOf(peer, "part", ctx);
    this.#tellStanding("parted", peer, ctx);
  }

  #read({ peer, ids }: ReadCommand, ctx: ChatContext): void {
    const news = ids.filter((id) => this.#inbox.read(peer, id, ctx));
    if (news.length === 0 || !ctx.isLinked(peer)) return; // nobody is dialled for a receipt alone
    for (let at = 0; at < news.length; at += limits.IDS) {
      const part = news.slice(at, at + limits.IDS).map((id) => unhex(id)!);
      ctx.send(peer, { kind: "read", ids: part });
    }
    ctx.wake(AGAIN_TIMER, limits.AGAIN);
  }

  #named(peer: PeerId, who: string, ctx: ChatContext): void {
    const keys = ctx.keysOf(peer);
    if (who === "" || keys === undefined || this.#names.get(peer) === who) return;
    if (!this.#letters.take(peer, ctx.now)) return;
    this.#names.set(peer, who);
    tell(ctx, { name: "named", peer, who, keys });
  }

  #take(letters: readonly Letter[], from: PeerId, ctx: ChatContext): void {
    const kept: Uint8Array[] = [];
    for (const letter of letters) {
      // Who was removed can still say that they part too.
      if (this.#book.of(from) === "removed" && letter.purpose !== "part") {
        ctx.send(from, { kind: "dropped", ids: [letter.id] });
      } else if (this.#takes(letter, from, ctx)) kept.push(letter.id);
      else break; // it comes again, and those after it
    }
    if (kept.length > 0) ctx.send(from, { kind: "kept", ids: kept });
  }

  /** False where a letter must wait for now. */
  #takes(letter: Letter, from: PeerId, ctx: ChatContext): boolean {
    if (this.#inbox.has(from, hex(letter.id))) return true;
    if (!this.#letters.take(from, ctx.now)) return false;
    if (letter.purpose !== "text") this.#standing(letter.purpose, from, letter.who, ctx);
    else if (this.#hasRoomFor(from)) {
      this.#inbox.keep(from, letter, ctx);
      this.#tellReceived(from, letter, false, ctx);
    } else return false;
    return true;
  }

  /** What an invitation, an acceptance or a parting changes; each of them may come twice. */
  #standing(purpose: Purpose, from: PeerId, who: string, ctx: ChatContext): void {
    const standing = this.#book.of(from);
    if (purpose === "part") {
      if (standing === undefined || standing === "removed") return;
      this.#book.forget(from, ctx);
      return tell(ctx, { name: "parted", peer: from, who: who || from.slice(0, 8), again: false });
    }
    if (standing === "friend") {
      if (purpose === "invite") this.#postOf(from, "accept", ctx); // our answer was lost
      return;
    }
    const isFriend = standing === "asked"; // two who invite each other are friends
    if (!isFriend && (purpose === "accept" || standing === "invited")) return;
    if (!this.#book.note(from, isFriend ? "friend" : "invited", who, ctx)) return;
    this.#tellStanding(isFriend ? "befriended" : "invited", from, ctx);
  }

  #receipt(kind: "kept" | "read" | "dropped", from: PeerId, id: string, ctx: ChatContext): void {
    const letter = this.#outbox.settle(from, id, ctx);
    const about = { id, peer: from };
    if (letter?.purpose === "text" && kind !== "dropped") {
      tell(ctx, { name: "delivered", ...about });
    }
    if (letter?.purpose === "text" && kind === "dropped") tell(ctx, { name: "dropped", ...about });
    if (kind === "read") tell(ctx, { name: "read", ...about });
  }

  #hasRoomFor(from: PeerId): boolean {
    const isFriend = this.#book.of(from) === "friend";
    if (isFriend) return this.#inbox.unreadOf(from) < limits.UNREAD_OF_FRIEND;
    if (this.#inbox.unreadOf(from) >= limits.UNREAD_OF_STRANGER) return false;
    const ofStrangers = this.#inbox.unreadOfAll((peer) => this.#book.of(peer) !== "friend");
    return ofStrangers < limits.UNREAD_OF_STRANGERS;
  }

  #isAwaited(peer: PeerId): boolean {
    return this.#outbox.waitsFor(peer);
  }

  #reachAll(ctx: ChatContext): void {
    let isWaiting = false;
    for (const peer of this.#outbox.addressees) {
      isWaiting = true;
      if (!ctx.isLinked(peer)) this.#reach(peer, ctx);
    }
    if (isWaiting) ctx.wake(AGAIN_TIMER, limits.DIAL_FIRST);
  }

  #reach(peer: PeerId, ctx: ChatContext): void {
    ctx.wake(AGAIN_TIMER, limits.DIAL_FIRST);
    const place = this.#book.placeOf(peer);
    if (place !== undefined) this.reaching.dial(peer, place, ctx);
  }

  #hold(peer: PeerId, ctx: ChatContext): void {
    if (this.#held.has(peer)) return;
    this.#held.add(peer);
    ctx.hold(peer);
  }

  #releaseIfDone(peer: PeerId, ctx: ChatContext): void {
    if (!this.#held.has(peer) || this.#isAwaited(peer)) return;
    this.#held.delete(peer);
    ctx.release(peer);
  }

  #tellAccepted(peer: PeerId, letter: Letter, again: boolean, ctx: ChatContext): void {
    if (letter.purpose !== "text") return;
    const { id, text, toAll } = letter;
    tell(ctx, { name: "accepted", id: hex(id), peer, text, toAll, again });
  }

  #tellReceived(peer: PeerId, letter: Letter, again: boolean, ctx: ChatContext): void {
    const { id, text, toAll } = letter;
    const who = letter.who || this.#book.nameOf(peer);
    const isFriend = this.#book.of(peer) === "friend";
    tell(ctx, { name: "received", id: hex(id), peer, who, text, toAll, isFriend, again });
  }

  #tellStanding(name: "invited" | "befriended" | "parted", peer: PeerId, ctx: ChatContext): void {
    tell(ctx, { name, peer, who: this.#book.nameOf(peer), again: false });
  }
}
