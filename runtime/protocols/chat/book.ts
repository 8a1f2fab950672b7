/** Who somebody is to this person, and where they were last found. */
import {
  type Address,
  type Context,
  limits as core,
  oneOf,
  type PeerId,
  Reader,
  struct,
  textOf,
  textUpTo,
  utf8,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** `asked`: invited by us; `invited`: by them; `removed`: nothing is taken, `blocked`: nor said why. */
const STANDINGS = ["asked", "invited", "friend", "removed", "blocked"] as const;
export type Standing = typeof STANDINGS[number];

const record = struct({
  standing: oneOf(STANDINGS),
  who: textUpTo(core.NAME_BYTES),
  address: textUpTo(core.ADDRESS_BYTES),
});
type Entry = ValueOf<typeof record>;

export class Book {
  readonly #entries = new Map<PeerId, Entry>();
  readonly #places = new Map<PeerId, Address>();

  /** Places that are on the disk: of those who were written to. */
  readonly #pinned = new Map<PeerId, Address>();

  get all(): Iterable<[PeerId, Entry]> {
    return this.#entries;
  }

  /** Who a device's person is; of whoever has no other, the device itself. */
  personOf: (peer: PeerId) => PeerId = (peer) => peer;

  /** What a device is to this person, or whoever has it. */
  of(peer: PeerId): Standing | undefined {
    const entry = this.#entries.get(peer) ?? this.#entries.get(this.personOf(peer));
    return entry?.standing;
  }

  nameOf(peer: PeerId): string {
    return this.#entries.get(peer)?.who || peer.slice(0, 8);
  }

  /** Where to dial them; undefined where nobody has said. */
  placeOf(peer: PeerId): Address | undefined {
    return this.#places.get(peer) ?? (this.#entries.get(peer)?.address || undefined);
  }

  /** False where there is no room. */
  note(peer: PeerId, standing: Standing, who: string, ctx: Pick<Context, "save">): boolean {
    if (!this.#entries.has(peer) && this.#entries.size >= limits.KNOWN && !this.#makeRoom(ctx)) {
      return false;
    }
    const name = who || (this.#entries.get(peer)?.who ?? "");
    this.#entries.set(peer, { standing, who: name, address: this.placeOf(peer) ?? "" });
    this.save(peer, ctx);
    return true;
  }

  /** Once more, where the disk has refused it. */
  save(peer: PeerId, ctx: Pick<Context, "save">): void {
    const entry = this.#entries.get(peer);
    ctx.save(`book/${peer}`, entry && bytesOf(entry));
  }

  forget(peer: PeerId, ctx: Pick<Context, "save">): void {
    if (this.#entries.delete(peer)) this.save(peer, ctx);
  }

  /** They were found there; known people's places are saved, since a restart should find them too. */
  found(peer: PeerId, address: Address, ctx: Pick<Context, "save" | "addressOf">): void {
    this.#places.delete(peer);
    this.#places.set(peer, address);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= limits.PLACES) break;
      this.#places.delete(oldest);
    }
    if (this.#pinned.has(peer)) this.pin(peer, ctx);
    const entry = this.#entries.get(peer);
    if (entry !== undefined && entry.address !== address) {
      this.note(peer, entry.standing, entry.who, ctx);
    }
  }

  /** Somebody is written to: they should be found again after a restart, also if they have dialled us. */
  pin(peer: PeerId, ctx: Pick<Context, "save" | "addressOf">): void {
    const place = ctx.addressOf(peer) ?? this.placeOf(peer);
    if (place === undefined || this.#pinned.get(peer) === place) return;
    this.#pinned.delete(peer);
    this.#pinned.set(peer, place);
    this.#places.set(peer, place);
    ctx.save(`place/${peer}`, utf8(place));
    for (const oldest of this.#pinned.keys()) {
      if (this.#pinned.size <= limits.CORRESPONDENTS) break;
      this.#pinned.delete(oldest);
      ctx.save(`place/${oldest}`, undefined);
    }
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(box: "book" | "place", peer: PeerId, bytes: Uint8Array): boolean {
    if (box === "place") return this.#restorePlace(peer, bytes);
    const reader = new Reader(bytes);
    const entry = record.read(reader);
    if (reader.whole) this.#entries.set(peer, entry);
    return reader.whole;
  }

  /** The disk has refused it: it is tried again with the next letter. */
  refusedPlace(peer: PeerId): void {
    this.#pinned.delete(peer);
  }

  #restorePlace(peer: PeerId, bytes: Uint8Array): boolean {
    const place = textOf(bytes);
    if (place === undefined || bytes.length > core.ADDRESS_BYTES) return false;
    this.#pinned.set(peer, place);
    this.#places.set(peer, place);
    return true;
  }

  #makeRoom(ctx: Pick<Context, "save">): boolean {
    for (const [peer, { standing }] of this.#entries) {
      if (standing !== "invited") continue;
      this.forget(peer, ctx);
      return true;
    }
    return false;
  }
}

function bytesOf(entry: Entry): Uint8Array {
  const writer = new Writer();
  record.write(writer, entry);
  return writer.take();
}
