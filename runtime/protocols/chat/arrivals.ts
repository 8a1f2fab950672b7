/**
 * What becomes of parcels that come, by a link or out of a mailbox: each is opened once, each letter is
 * shown once, and none overtakes those that were written before it.
 */
import { type Context, hex, type Micros, type PeerId, Recent, TAG_BYTES } from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import type { Book } from "./book.ts";
import type { Chained, Content, Letter } from "./content.ts";
import { isOfCircle } from "./circle.ts";
import { tell } from "./events.ts";
import type { Friends } from "./friends.ts";
import type { Inbox } from "./inbox.ts";
import * as limits from "./limits.ts";
import type { Sealing } from "./sealing.ts";
import { isSound } from "./speech.ts";
import type { Transcript } from "./transcript.ts";
import type { ChatMessage, Parcel } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

/** `kept` and `dropped` are told to the sender, `later` comes again, `done` needs no answer. */
export type Fate = "kept" | "dropped" | "later" | "unreadable" | "done";
export type Fates = Readonly<Record<Fate, readonly Uint8Array[]>>;

/** What does something about it. */
export interface Reader {
  told(from: PeerId, letter: Letter, again: boolean, ctx: ChatContext): void;
  /** What is no letter. */
  heard(from: PeerId, content: Exclude<Content, { kind: "letter" }>, ctx: ChatContext): void;
  /** Something about the devices of a person. */
  ofCircle(from: PeerId, letter: Letter, ctx: ChatContext): void;
  /** They could not open what waits for them. */
  renewed(from: PeerId, ctx: ChatContext): void;
}

export class Arrivals {
  readonly #letters = new Allowances<PeerId>(
    limits.ADDRESSEES,
    limits.LETTERS_BURST,
    limits.LETTERS_PER_SECOND,
  );
  /** Since when a letter of theirs is missing that a mailbox should have given before another. */
  readonly #missingSince = new Recent<PeerId, Micros>(limits.CORRESPONDENTS);

  /** Which way letters came lately, and when. */
  readonly #cameBy = new Recent<string, { box: PeerId | undefined; at: Micros }>(limits.SEEN);
  /** What could not be opened lately, by its seal: a mailbox may give it twice. */
  readonly #refused = new Recent<string, true>(limits.SETTLED);

  constructor(
    readonly book: Book,
    readonly inbox: Inbox,
    readonly transcript: Transcript,
    readonly sealing: Sealing,
    readonly friends: Friends,
    readonly reader: Reader,
  ) {}

  /** Whether somebody may make this device do something once more. */
  allows(peer: PeerId, ctx: ChatContext): boolean {
    return this.#letters.take(peer, ctx.now);
  }

  /** The disk has refused a letter that came: it comes again. False where only its removal was refused. */
  refused(from: PeerId, id: string, ctx: ChatContext): boolean {
    if (!this.inbox.refused(from, id) && !this.isFresh(from, id, ctx)) return false;
    this.transcript.forget(from, id);
    return true;
  }

  /** Whether a letter came so lately that what the disk refuses of it may be the letter itself. */
  isFresh(from: PeerId, id: string, ctx: ChatContext): boolean {
    const last = this.#cameBy.get(`${from}/${id}`);
    return last !== undefined && ctx.now - last.at < limits.SETTLING;
  }

  /** Opens them in order; what must wait keeps those behind it waiting. `box` is the mailbox, if any. */
  take(
    parcels: readonly Parcel[],
    from: PeerId,
    box: PeerId | undefined,
    ctx: ChatContext,
  ): Fates {
    const ids: Record<Fate, Uint8Array[]> = {
      kept: [],
      dropped: [],
      later: [],
      unreadable: [],
      done: [],
    };
    if (this.book.of(from) === "blocked") return { ...ids, done: parcels.map(({ id }) => id) };
    for (const parcel of parcels) {
      const fate = this.#fateOf(parcel, from, box, ctx);
      ids[fate].push(parcel.id);
      if (fate === "later" || (fate === "unreadable" && box === undefined)) break;
    }
    return ids;
  }

  #fateOf(parcel: Parcel, from: PeerId, box: PeerId | undefined, ctx: ChatContext): Fate {
    const id = hex(parcel.id);
    if (this.#isSettling(from, id, box, ctx)) return "later";
    if (this.transcript.has(from, id) || this.inbox.has(from, id)) {
      this.transcript.saveAgain(from, id, ctx);
      const isLetter = this.inbox.has(from, id) || this.transcript.hasLetter(from, id);
      return isLetter ? "kept" : "done";
    }
    if (!this.#hasRoomFor(from) || !this.allows(from, ctx)) return "later";
    const content = this.sealing.open(from, parcel, ctx);
    if (content === undefined) return this.#unreadable(parcel, from, box);
    // First the key that is used up: a crash may bring the letter again under another, and never leaves
    // the key behind for a thief.
    this.sealing.save(ctx);
    if (content.kind === "letter") return this.#letter(content, from, box, ctx);
    this.reader.heard(from, content, ctx);
    this.transcript.remember(from, parcel.id, ctx);
    return "done";
  }

  /**
   * It came another way a moment ago: whether the disk took it is not known yet, and what is said on one
   * way does not wait for what the disk refuses on another.
   */
  #isSettling(from: PeerId, id: string, box: PeerId | undefined, ctx: ChatContext): boolean {
    return this.isFresh(from, id, ctx) && this.#cameBy.get(`${from}/${id}`)!.box !== box;
  }

  #unreadable({ packet }: Parcel, from: PeerId, box: PeerId | undefined): Fate {
    const seal = `${from}/${hex(packet.subarray(-TAG_BYTES))}`;
    if (box !== undefined && this.#refused.get(seal) === true) return "done";
    this.#refused.set(seal, true);
    return "unreadable";
  }

  #letter(chained: Chained, from: PeerId, box: PeerId | undefined, ctx: ChatContext): Fate {
    const { letter } = chained;
    // Who was removed can still say that they part too.
    if (this.book.of(from) === "removed" && letter.purpose !== "part") return "dropped";
    if (!this.transcript.isNext(from, chained)) {
      if (this.#waitsForMissing(from, box, ctx)) return "later";
    } else this.#missingSince.delete(from);
    if (letter.purpose === "text" && !isSound(letter)) return "dropped";
    if (isKept(letter)) {
      this.inbox.keep(from, letter, ctx);
      this.reader.told(from, letter, false, ctx); // a disk that refuses what follows withholds the rest
    } else if (letter.purpose === "renew") this.reader.renewed(from, ctx);
    else if (isOfCircle(letter)) this.reader.ofCircle(from, letter, ctx);
    else this.friends.heard(letter.purpose, from, letter.who, ctx);
    this.transcript.see(from, chained, ctx);
    this.#cameBy.set(`${from}/${hex(letter.id)}`, { box, at: ctx.now });
    return "kept";
  }

  /**
   * Honest senders bring their letters to a mailbox in order, and honest mailboxes give them in order: one
   * that gives a letter without the one before it has kept that back, and is named. It may still come
   * another way. A link has no such excuse: what was before is gone.
   */
  #waitsForMissing(from: PeerId, box: PeerId | undefined, ctx: ChatContext): boolean {
    const since = this.#missingSince.get(from);
    if (since === undefined || box === undefined) tell(ctx, { name: "missed", peer: from, box });
    if (box === undefined) return false;
    if (since === undefined) this.#missingSince.set(from, ctx.now);
    const isPatient = ctx.now - (since ?? ctx.now) < limits.PATIENCE;
    if (!isPatient) this.#missingSince.delete(from);
    return isPatient;
  }

  #hasRoomFor(from: PeerId): boolean {
    const isFriend = this.book.of(from) === "friend";
    if (isFriend) return this.inbox.unreadOf(from) < limits.UNREAD_OF_FRIEND;
    if (this.inbox.unreadOf(from) >= limits.UNREAD_OF_STRANGER) return false;
    const ofStrangers = this.inbox.unreadOfAll((peer) => this.book.of(peer) !== "friend");
    return ofStrangers < limits.UNREAD_OF_STRANGERS;
  }
}

/** What stays until it was read, or its sibling has taken it. */
function isKept({ purpose }: Letter): boolean {
  return purpose === "text" || purpose === "enclosed" || purpose === "copied";
}
