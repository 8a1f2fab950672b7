/**
 * Letters that have come, each once.
 *
 * 1. A letter is saved before it is confirmed. Until a person has read it, it is told again after every
 *    restart.
 * 2. Then its receipt takes its place, until the sender has noted it. So while the sender may send a
 *    letter again, this device knows that it had it: nothing is shown twice.
 */
import {
  type Context,
  hex,
  type PeerId,
  Reader,
  struct,
  unhex,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { type Letter, letterSchema } from "./content.ts";
import { receiptOf } from "./receipt.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

const record = struct({ order: upTo(Number.MAX_SAFE_INTEGER), letter: letterSchema });
type Entry = ValueOf<typeof record>;
const NOTHING = new Uint8Array(0);

export class Inbox {
  readonly #unreadOf = new Map<PeerId, Map<string, Entry>>();
  readonly #receiptsFor = new Map<PeerId, Set<string>>();
  #order = 0;

  /** Everything that no person has read, in the order in which it came. */
  unread(): [PeerId, Letter][] {
    const all: [PeerId, Entry][] = [];
    for (const [peer, entries] of this.#unreadOf) {
      for (const entry of entries.values()) all.push([peer, entry]);
    }
    all.sort(([, one], [, other]) => one.order - other.order);
    return all.map(([peer, { letter }]) => [peer, letter]);
  }

  unreadOf(peer: PeerId): number {
    return this.#unreadOf.get(peer)?.size ?? 0;
  }

  /** What nobody has read of theirs. */
  unreadFrom(peer: PeerId): Letter[] {
    return [...this.#unreadOf.get(peer)?.values() ?? []].map(({ letter }) => letter);
  }

  unreadOfAll(counts: (peer: PeerId) => boolean): number {
    let count = 0;
    for (const [peer, entries] of this.#unreadOf) if (counts(peer)) count += entries.size;
    return count;
  }

  has(from: PeerId, id: string): boolean {
    return this.#unreadOf.get(from)?.has(id) === true ||
      this.#receiptsFor.get(from)?.has(id) === true;
  }

  keep(from: PeerId, letter: Letter, ctx: ChatContext): void {
    const entry = { order: this.#order++, letter };
    this.#unread(from, entry);
    ctx.save(`in/${from}/${hex(letter.id)}`, bytesOf(entry));
  }

  /** The disk has refused it: it was not confirmed, and comes again. False where it is its removal. */
  refused(from: PeerId, id: string): boolean {
    return this.#forget(from, id);
  }

  /** A person has read it; false where it was not here, or was read before. */
  read(from: PeerId, id: string, ctx: ChatContext): boolean {
    const purpose = this.#unreadOf.get(from)?.get(id)?.letter.purpose;
    if (!this.#forget(from, id)) return false;
    if (purpose !== "text") { // no person has seen it, and nobody asks whether one has
      ctx.save(`in/${from}/${id}`, undefined);
      return false;
    }
    const receipts = this.#receipts(from);
    receipts.add(id);
    ctx.save(`receipt/${from}/${id}`, NOTHING);
    ctx.save(`in/${from}/${id}`, undefined);
    for (const oldest of receipts) {
      if (receipts.size <= limits.RECEIPTS) break;
      this.noted(from, oldest, ctx);
    }
    return true;
  }

  /** Tells the sender what has been read. */
  sendReceipts(to: PeerId, ctx: ChatContext): void {
    const ids = [...this.#receiptsFor.get(to) ?? []].map((id) => unhex(id)!);
    for (let at = 0; at < ids.length; at += limits.IDS) {
      ctx.send(to, receiptOf("read", ids.slice(at, at + limits.IDS), to, ctx));
    }
  }

  /** Those who have not noted what was read of theirs. */
  get awaited(): Iterable<PeerId> {
    return this.#receiptsFor.keys();
  }

  noted(from: PeerId, id: string, ctx: ChatContext): void {
    const receipts = this.#receiptsFor.get(from);
    if (receipts?.delete(id) !== true) return;
    if (receipts.size === 0) this.#receiptsFor.delete(from);
    ctx.save(`receipt/${from}/${id}`, undefined);
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(box: string, from: PeerId, id: string, bytes: Uint8Array): boolean {
    if (box === "receipt") {
      this.#receipts(from).add(id);
      this.#forget(from, id);
      return true;
    }
    const reader = new Reader(bytes);
    const entry = record.read(reader);
    if (!reader.whole) return false;
    this.#order = Math.max(this.#order, entry.order + 1);
    if (!this.has(from, id)) this.#unread(from, entry);
    return true;
  }

  #unread(from: PeerId, entry: Entry): void {
    const entries = this.#unreadOf.get(from) ?? new Map<string, Entry>();
    this.#unreadOf.set(from, entries.set(hex(entry.letter.id), entry));
  }

  #receipts(from: PeerId): Set<string> {
    const receipts = this.#receiptsFor.get(from) ?? new Set<string>();
    this.#receiptsFor.set(from, receipts);
    return receipts;
  }

  #forget(from: PeerId, id: string): boolean {
    const entries = this.#unreadOf.get(from);
    if (entries?.delete(id) !== true) return false;
    if (entries.size === 0) this.#unreadOf.delete(from);
    return true;
  }
}

function bytesOf(entry: Entry): Uint8Array {
  const writer = new Writer();
  record.write(writer, entry);
  return writer.take();
}
