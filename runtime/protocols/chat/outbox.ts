/**
 * Letters that wait until the other device has them on its disk.
 *
 * 1. A letter is saved before it is accepted, and sent again until it is confirmed, over every new link
 *    and after a while over the same one.
 * 2. Letters to one peer leave in the order in which they were written: `order` says so after a restart.
 * 3. A few are on their way at once, in one message, and the next ones follow when these are confirmed.
 *    (More at once were tried: where the other disk refused one and took the next, their order was lost.)
 * 4. A letter is sealed once, when it can first be sent, and saved with its parcel: the same bytes go
 *    again, by whatever way. Only if its reader cannot open it, it is sealed anew.
 */
import {
  byCodeUnit,
  bytesUpTo,
  type Context,
  exactly,
  hex,
  type Micros,
  type PeerId,
  Reader,
  Recent,
  struct,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { type Chained, type Letter, letterSchema } from "./content.ts";
import type { Transcript } from "./transcript.ts";
import type { ChatMessage, Parcel } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

const record = struct({ order: upTo(Number.MAX_SAFE_INTEGER), letter: letterSchema });
/** A record of its own: a disk that refuses it leaves the letter alone. */
const sealedRecord = struct({
  after: exactly(limits.LINK_BYTES),
  packet: bytesUpTo(limits.PACKET_BYTES),
});
type Sealed = ValueOf<typeof sealedRecord>;
interface Entry extends ValueOf<typeof record> {
  sealed: Sealed | undefined;
  /** Mailboxes that hold it, as it is sealed now. */
  heldBy: Set<PeerId>;
}

/** Seals letters, each under a key of its own. */
export interface Sealer {
  /** Undefined where there is no conversation with them yet. */
  seal(to: PeerId, chained: Chained, ctx: ChatContext): Uint8Array | undefined;
  /** Must be saved before anything that was sealed leaves. */
  save(ctx: ChatContext): void;
}

export class Outbox {
  readonly #waitingFor = new Map<PeerId, Entry[]>();
  /** When those that are on their way to somebody were sent, by the way. */
  readonly #sentAt = new Recent<string, Micros>(limits.SETTLED);
  /** Keys of letters that were settled lately: whether the disk has let them go is not known. */
  readonly #settled = new Recent<string, true>(limits.SETTLED);
  #order = 0;

  constructor(readonly transcript: Transcript) {}

  /** Those for whom something waits. */
  get addressees(): Iterable<PeerId> {
    return this.#waitingFor.keys();
  }

  waitsFor(peer: PeerId): boolean {
    return this.#waitingFor.has(peer);
  }

  /** Whether this letter waits. */
  waits(peer: PeerId, id: string): boolean {
    return this.#waitingFor.get(peer)?.some(({ letter }) => hex(letter.id) === id) === true;
  }

  /** Everything that waits, with whom it is for. */
  *all(): Iterable<[PeerId, Letter]> {
    for (const [peer, entries] of this.#waitingFor) {
      for (const { letter } of entries) yield [peer, letter];
    }
  }

  /** False where as much waits as may. */
  hasRoomFor(to: PeerId): boolean {
    const waiting = this.#waitingFor.get(to);
    if (waiting === undefined) return this.#waitingFor.size < limits.ADDRESSEES;
    return waiting.length < limits.WAITING;
  }

  /** Where there is room. */
  post(to: PeerId, letter: Letter, ctx: ChatContext): void {
    const waiting = this.#waitingFor.get(to) ?? [];
    const entry: Entry = { order: this.#order++, letter, sealed: undefined, heldBy: new Set() };
    this.#waitingFor.set(to, waiting);
    waiting.push(entry);
    ctx.save(keyOf(to, letter), bytesOf(entry));
  }

  /** Sends the first of what waits, unless some are on their way since `before`. */
  send(to: PeerId, before: Micros, sealer: Sealer, ctx: ChatContext): void {
    const letters = this.parcels(to, to, before, sealer, ctx);
    if (letters.length > 0 && !ctx.send(to, { kind: "letters", letters })) this.arrived(to, to);
  }

  /** The first of what waits, for one way: their own device, or a mailbox that does not hold them yet. */
  parcels(
    to: PeerId,
    way: PeerId,
    before: Micros,
    sealer: Sealer,
    ctx: ChatContext,
  ): readonly Parcel[] {
    const waiting = this.#waitingFor.get(to);
    const sentAt = this.#sentAt.get(wayTo(to, way));
    if (waiting === undefined || (sentAt !== undefined && sentAt > before)) return [];
    // One that has lost its seal is sealed again before those that follow it: they name it.
    const first = waiting.findIndex(({ heldBy, sealed }) =>
      way === to || !heldBy.has(way) || sealed === undefined
    );
    if (first < 0) return [];
    const parcels = this.#sealed(to, waiting, first, sealer, ctx);
    if (parcels.length > 0) this.#sentAt.set(wayTo(to, way), ctx.now);
    return parcels;
  }

  /** A mailbox holds these: those that it did not before. */
  held(to: PeerId, box: PeerId, ids: ReadonlySet<string>): Letter[] {
    this.#sentAt.delete(wayTo(to, box));
    const news: Letter[] = [];
    for (const { letter, heldBy } of this.#waitingFor.get(to) ?? []) {
      if (!ids.has(hex(letter.id)) || heldBy.has(box)) continue;
      if (heldBy.size === 0) news.push(letter);
      heldBy.add(box);
    }
    return news;
  }

  /** Nobody there can open what was sealed for them: it is sealed again. */
  unseal(to: PeerId): void {
    for (const entry of this.#waitingFor.get(to) ?? []) {
      for (const box of entry.heldBy) this.#sentAt.delete(wayTo(to, box));
      entry.sealed = undefined;
      entry.heldBy.clear();
    }
    this.#sentAt.delete(wayTo(to, to));
  }

  /** Nothing is on that way any more: all that was is confirmed, or its link is gone. */
  arrived(to: PeerId, way: PeerId): void {
    this.#sentAt.delete(wayTo(to, way));
  }

  /**
   * It is confirmed, or given up: the letter, if it did wait. What follows in this step follows only
   * when a restart would not send the letter again: one that was settled is removed once more, since
   * the disk may have refused that.
   */
  settle(to: PeerId, id: string, isThere: boolean, ctx: ChatContext): Letter | undefined {
    const entry = this.#take(to, id);
    const letter = entry?.letter;
    const key = `${to}/${id}`;
    const chained = isThere ? chainedOf(entry) : undefined;
    if (chained !== undefined) this.transcript.confirm(to, chained, ctx);
    if (letter !== undefined || this.#settled.get(key) === true) {
      this.#settled.set(key, true);
      ctx.save(`out/${key}`, undefined);
      ctx.save(`sealed/${key}`, undefined);
    }
    return letter;
  }

  /** The disk has refused a letter, which was never accepted then, or to remove one: undefined. */
  refused(to: PeerId, id: string): Letter | undefined {
    const entry = this.#take(to, id);
    if (entry === undefined) this.#settled.set(`${to}/${id}`, true);
    return entry?.letter;
  }

  /** The disk has refused a parcel: should there be a restart, the letter is sealed anew. */
  refusedSealed(to: PeerId, id: string): void {
    const entry = this.#waitingFor.get(to)?.find(({ letter }) => hex(letter.id) === id);
    if (entry !== undefined) entry.sealed = undefined;
  }

  /** Takes up a parcel of an earlier boot, after all letters; false where it cannot be read. */
  restoreSealed(to: PeerId, id: string, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    const sealed = sealedRecord.read(reader);
    const entry = this.#waitingFor.get(to)?.find(({ letter }) => hex(letter.id) === id);
    if (reader.whole && entry !== undefined) entry.sealed = sealed;
    return reader.whole;
  }

  /** Takes up a letter of an earlier boot; false where it cannot be read. */
  restore(to: PeerId, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    const entry: Entry = { ...record.read(reader), sealed: undefined, heldBy: new Set() };
    if (!reader.whole) return false;
    const waiting = this.#waitingFor.get(to) ?? [];
    this.#waitingFor.set(to, waiting);
    waiting.push(entry);
    waiting.sort((one, other) => one.order - other.order);
    this.#order = Math.max(this.#order, entry.order + 1);
    return true;
  }

  #sealed(
    to: PeerId,
    waiting: readonly Entry[],
    first: number,
    sealer: Sealer,
    ctx: ChatContext,
  ): Parcel[] {
    const fresh: Entry[] = [], parcels: Parcel[] = [];
    let before = chainedOf(waiting[first - 1]);
    for (const entry of waiting.slice(first, first + limits.LETTERS)) {
      const { letter } = entry;
      if (entry.sealed === undefined) {
        const after = this.transcript.after(to, letter, before, ctx);
        const packet = sealer.seal(to, { after, letter }, ctx);
        if (packet === undefined) break;
        entry.sealed = { after, packet };
        fresh.push(entry);
      }
      before = chainedOf(entry);
      parcels.push({ id: letter.id, packet: entry.sealed.packet });
    }
    sealer.save(ctx);
    for (const { letter, sealed } of fresh) {
      ctx.save(`sealed/${to}/${hex(letter.id)}`, sealedBytes(sealed!));
    }
    return parcels;
  }

  #take(to: PeerId, id: string): Entry | undefined {
    const waiting = this.#waitingFor.get(to) ?? [];
    const at = waiting.findIndex(({ letter }) => hex(letter.id) === id);
    if (at < 0) return undefined;
    const [entry] = waiting.splice(at, 1);
    if (waiting.length === 0) this.#waitingFor.delete(to);
    return entry;
  }
}

function keyOf(to: PeerId, { id }: Letter): string {
  return `out/${to}/${hex(id)}`;
}

function bytesOf(entry: Entry): Uint8Array {
  const writer = new Writer();
  record.write(writer, entry);
  return writer.take();
}

function chainedOf(entry: Entry | undefined): Chained | undefined {
  return entry?.sealed && { after: entry.sealed.after, letter: entry.letter };
}

function wayTo(to: PeerId, way: PeerId): string {
  return `${to}/${way}`;
}

function sealedBytes(sealed: Sealed): Uint8Array {
  const writer = new Writer();
  sealedRecord.write(writer, sealed);
  return writer.take();
}

/** Records in the order of their keys: the same after every restart. */
export function sorted(records: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...records].sort(([one], [other]) => byCodeUnit(one, other));
}
