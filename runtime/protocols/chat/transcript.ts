/**
 * Letters of two people as a chain: each names the one before it by a hash, so that one that was kept
 * back on the way shows when the next one comes, and none is taken twice.
 *
 *     link = first 16 bytes of SHA-256(label, the whole letter)        and the letter holds the link before
 */
import {
  type Context,
  exactly,
  hex,
  joined,
  type PeerId,
  Reader,
  Recent,
  sameBytes,
  struct,
  upTo,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { type Chained, contentWire, type Letter } from "./content.ts";
import * as limits from "./limits.ts";

const LABEL = utf8("starling transcript 1");
const NONE = new Uint8Array(limits.LINK_BYTES);
const UNKNOWN = new Uint8Array(limits.LINK_BYTES).fill(0xff);

const record = struct({
  order: upTo(Number.MAX_SAFE_INTEGER),
  id: exactly(limits.ID_BYTES),
  link: exactly(limits.LINK_BYTES),
});
type Seen = ValueOf<typeof record>;
type Tools = Pick<Context, "save" | "crypto">;

/** A letter's own link. */
export function linkOf(chained: Chained, { crypto }: Pick<Context, "crypto">): Uint8Array {
  const bytes = contentWire.encode({ kind: "letter", ...chained });
  return crypto.sha256(joined(LABEL, bytes)).slice(0, limits.LINK_BYTES);
}

export class Transcript {
  /** The link of the last letter that somebody has confirmed. */
  readonly #confirmed = new Map<PeerId, Uint8Array>();
  /** The last letters that came from somebody, by their ids, the oldest first. */
  readonly #seen = new Map<PeerId, Map<string, Seen>>();

  /** What the disk has refused of the latter. */
  readonly #unsaved = new Recent<string, true>(limits.SEEN);

  /** What a letter follows; `before` waits in front of it. An invitation begins anew. */
  after(to: PeerId, { purpose }: Letter, before: Chained | undefined, ctx: Tools): Uint8Array {
    if (purpose === "invite") return NONE; // either side may have forgotten the rest
    return before === undefined ? this.#confirmed.get(to) ?? NONE : linkOf(before, ctx);
  }

  /** They have it: whatever is written next follows it. */
  confirm(to: PeerId, chained: Chained, ctx: Tools): void {
    const link = linkOf(chained, ctx);
    this.#confirmed.delete(to);
    this.#confirmed.set(to, link);
    ctx.save(`written/${to}`, link);
    for (const oldest of this.#confirmed.keys()) {
      if (this.#confirmed.size <= limits.CORRESPONDENTS) break;
      this.#confirmed.delete(oldest);
      ctx.save(`written/${oldest}`, undefined);
    }
  }

  /** Everybody who has a letter of this device, or of whom it has one. */
  get correspondents(): Iterable<PeerId> {
    return [...this.#confirmed.keys(), ...this.#seen.keys()];
  }

  /** Whether a letter to them was confirmed, ever. */
  hasWrittenTo(peer: PeerId): boolean {
    return this.#confirmed.has(peer);
  }

  has(from: PeerId, id: string): boolean {
    return this.#seen.get(from)?.has(id) === true;
  }

  hasLetter(from: PeerId, id: string): boolean {
    const seen = this.#seen.get(from)?.get(id);
    return seen !== undefined && !sameBytes(seen.link, NONE);
  }

  /** Whether the letter before this one has come, as far as anybody remembers. */
  isNext(from: PeerId, { after }: Chained): boolean {
    if (sameBytes(after, NONE)) return true;
    const seen = this.#seen.get(from);
    if (seen === undefined) return true; // nothing is known of what they wrote before
    for (const { link } of seen.values()) if (sameBytes(link, after)) return true;
    return false;
  }

  /** It has come. The letter is saved before. */
  see(from: PeerId, chained: Chained, ctx: Tools): void {
    this.#see(from, chained.letter.id, linkOf(chained, ctx), ctx);
  }

  /** Something else has come that should not be opened again. */
  remember(from: PeerId, id: Uint8Array, ctx: Tools): void {
    this.#see(from, id, NONE, ctx);
  }

  /** A letter that has come once, whose link was lost with a disk that refused to remember it. */
  recall(from: PeerId, id: Uint8Array, ctx: Tools): void {
    if (!this.has(from, hex(id))) this.#see(from, id, UNKNOWN, ctx);
    else this.saveAgain(from, hex(id), ctx);
  }

  #see(from: PeerId, id: Uint8Array, link: Uint8Array, ctx: Tools): void {
    const seen = this.#seen.get(from) ?? new Map<string, Seen>();
    const order = 1 + ([...seen.values()].at(-1)?.order ?? -1);
    const entry = { order, id, link };
    this.#seen.delete(from);
    this.#seen.set(from, seen.set(hex(id), entry));
    for (const oldest of seen.keys()) {
      if (seen.size <= limits.SEEN) break;
      seen.delete(oldest);
    }
    save(from, entry, ctx);
    this.#forgetOldest(ctx);
  }

  /** The disk has refused the letter itself: it comes again. */
  forget(from: PeerId, id: string): void {
    this.#seen.get(from)?.delete(id);
  }

  /** The same, of whom and which where it is known. */
  forgetLetter(letter: readonly [PeerId, string] | undefined): void {
    if (letter !== undefined) this.forget(...letter);
  }

  /** The disk has refused to remember that it came: it is tried again before it is confirmed. */
  refused(from: PeerId, slot: number): void {
    for (const [id, { order }] of this.#seen.get(from) ?? []) {
      if (order % limits.SEEN === slot) this.#unsaved.set(`${from}/${id}`, true);
    }
  }

  /** Where that is so. */
  saveAgain(from: PeerId, id: string, ctx: Tools): void {
    const entry = this.#seen.get(from)?.get(id);
    if (entry === undefined || this.#unsaved.get(`${from}/${id}`) !== true) return;
    this.#unsaved.delete(`${from}/${id}`);
    save(from, entry, ctx);
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(box: string, peer: PeerId, bytes: Uint8Array): boolean {
    if (box === "written") {
      if (bytes.length === limits.LINK_BYTES) this.#confirmed.set(peer, bytes);
      return bytes.length === limits.LINK_BYTES;
    }
    const reader = new Reader(bytes);
    const entry = record.read(reader);
    if (!reader.whole) return false;
    const seen = [...this.#seen.get(peer)?.values() ?? [], entry];
    seen.sort((one, other) => one.order - other.order);
    this.#seen.set(peer, new Map(seen.map((each) => [hex(each.id), each])));
    return true;
  }

  #forgetOldest(ctx: Tools): void {
    for (const [oldest, seen] of this.#seen) {
      if (this.#seen.size <= limits.CORRESPONDENTS) return;
      this.#seen.delete(oldest);
      for (const { order } of seen.values()) {
        ctx.save(`seen/${oldest}/${order % limits.SEEN}`, undefined);
      }
    }
  }
}

function save(from: PeerId, entry: Seen, ctx: Tools): void {
  const writer = new Writer();
  record.write(writer, entry);
  ctx.save(`seen/${from}/${entry.order % limits.SEEN}`, writer.take());
}
