/**
 * Who is whose friend: invited, accepted, parted, by letters of their own. Each of these may be lost by a
 * disk that fails them or us, and come twice: what they change is the same then.
 */
import type { Context, PeerId } from "../../core/mod.ts";
import type { Book } from "./book.ts";
import type { Purpose } from "./content.ts";
import { tell } from "./events.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

/** What friends need of letters. */
export interface Letterbox {
  /** Writes a letter without a text. */
  post(to: PeerId, purpose: Purpose, ctx: ChatContext): void;
  waitsFor(peer: PeerId): boolean;
  /** Whatever waits for them is not sent any more. */
  giveUp(peer: PeerId, ctx: ChatContext): void;
}

export class Friends {
  /** What the disk has refused of how people stand to each other: it is tried again. */
  readonly #unsaved = new Set<PeerId>();
  readonly #owed = new Map<PeerId, Purpose>();

  constructor(readonly book: Book, readonly letters: Letterbox) {}

  restored(ctx: ChatContext): void {
    for (const [peer, { standing, who }] of this.book.all) {
      if (standing === "asked") this.#askAgain(peer, ctx);
      if (standing === "invited") tell(ctx, { name: "invited", peer, who, again: true });
      if (standing === "friend") tell(ctx, { name: "befriended", peer, who, again: true });
      if (standing === "blocked") tell(ctx, { name: "blocked", peer, who, again: true });
    }
  }

  befriend(peer: PeerId, ctx: ChatContext): void {
    const standing = this.book.of(peer);
    if (peer === ctx.self || standing === "friend") return;
    if (standing === "asked") return this.#askAgain(peer, ctx);
    const isAnswer = standing === "invited";
    if (!this.book.note(peer, isAnswer ? "friend" : "asked", "", ctx)) {
      return tell(ctx, { name: "refused", what: "know more people", why: "too-many" });
    }
    this.letters.post(peer, isAnswer ? "accept" : "invite", ctx);
    if (isAnswer) this.#tell("befriended", peer, ctx);
  }

  remove(peer: PeerId, ctx: ChatContext): void {
    if (this.book.of(peer) === "removed" || peer === ctx.self) return;
    if (!this.book.note(peer, "removed", "", ctx)) {
      return tell(ctx, { name: "refused", what: "know more people", why: "too-many" });
    }
    this.letters.giveUp(peer, ctx);
    this.letters.post(peer, "part", ctx);
    this.#tell("parted", peer, ctx);
  }

  /** Nothing of theirs is opened or answered any more, and nothing tells them so. */
  block(peer: PeerId, ctx: ChatContext): void {
    if (this.book.of(peer) === "blocked" || peer === ctx.self) return;
    if (!this.book.note(peer, "blocked", "", ctx)) {
      return tell(ctx, { name: "refused", what: "know more people", why: "too-many" });
    }
    this.letters.giveUp(peer, ctx);
    this.#tell("blocked", peer, ctx);
  }

  unblock(peer: PeerId, ctx: ChatContext): void {
    if (this.book.of(peer) !== "blocked") return;
    const who = this.book.nameOf(peer);
    this.book.forget(peer, ctx);
    tell(ctx, { name: "unblocked", peer, who, again: false });
  }

  /** What an invitation, an acceptance or a parting changes; each of them may come twice. */
  heard(purpose: Purpose, from: PeerId, who: string, ctx: ChatContext): void {
    const standing = this.book.of(from);
    if (purpose === "part") {
      if (standing === undefined || standing === "removed") return;
      this.book.forget(from, ctx);
      return tell(ctx, { name: "parted", peer: from, who: who || from.slice(0, 8), again: false });
    }
    if (standing === "friend") {
      if (purpose === "invite") this.letters.post(from, "accept", ctx); // our answer was lost
      return;
    }
    const isFriend = standing === "asked"; // two who invite each other are friends
    if (!isFriend && (purpose === "accept" || standing === "invited")) return;
    if (!this.book.note(from, isFriend ? "friend" : "invited", who, ctx)) return;
    this.#tell(isFriend ? "befriended" : "invited", from, ctx);
  }

  /** The disk has refused an entry of the book, or a letter of ours: it is owed. */
  refused(peer: PeerId, purpose?: Purpose): void {
    if (purpose === undefined) this.#unsaved.add(peer);
    else this.#owed.set(peer, purpose);
  }

  get owesSomething(): boolean {
    return this.#unsaved.size + this.#owed.size > 0;
  }

  again(ctx: ChatContext): void {
    const unsaved = [...this.#unsaved], owed = [...this.#owed];
    this.#unsaved.clear();
    this.#owed.clear();
    for (const peer of unsaved) {
      this.book.save(peer, ctx);
      const standing = this.book.of(peer); // nobody was told yet
      if (standing === "friend") this.#tell("befriended", peer, ctx);
      if (standing === "invited" || standing === "blocked") this.#tell(standing, peer, ctx);
    }
    for (const [peer, purpose] of owed) this.letters.post(peer, purpose, ctx);
  }

  /** Their answer may have been lost by a disk that failed them or us; asked twice is asked once. */
  #askAgain(peer: PeerId, ctx: ChatContext): void {
    if (!this.letters.waitsFor(peer)) this.letters.post(peer, "invite", ctx);
  }

  #tell(
    name: "invited" | "befriended" | "parted" | "blocked",
    peer: PeerId,
    ctx: ChatContext,
  ): void {
    tell(ctx, { name, peer, who: this.book.nameOf(peer), again: false });
  }
}
