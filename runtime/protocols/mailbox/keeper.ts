/**
 * The node that keeps parcels for others: what it has said it holds is on its disk, in the order in which
 * it came, until its owner says it is on theirs. It can open none of them.
 */
import {
  type Context,
  hex,
  type Micros,
  type PeerId,
  Reader,
  struct,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import * as limits from "./limits.ts";
import { type Item, itemSchema, type MailboxMessage, type Parcel } from "./wire.ts";

type MailboxContext = Context<MailboxMessage>;

const record = struct({ item: itemSchema, age: upTo(limits.KEPT_FOR) });
type Entry = ValueOf<typeof record> & { readonly until: Micros };

interface Owner {
  bundle: Uint8Array;
  /** By sender and id, in the order in which they came. */
  readonly items: Map<string, Entry>;
}

export class Keeper {
  readonly #owners = new Map<PeerId, Owner>();
  readonly #asked = new Allowances<PeerId>(
    limits.COUNTED,
    limits.ASKED_BURST,
    limits.ASKED_PER_SECOND,
  );
  #bytes = 0;
  #order = 1;

  constructor(public isServing: boolean) {}

  /** Takes up `owner/PEER` and `item/OWNER/ORDER`; false where it cannot be read. */
  restore(key: string, bytes: Uint8Array, now: Micros): boolean {
    const [box, peer] = key.split("/") as [string, PeerId];
    const owner = this.#owners.get(peer) ?? { bundle: new Uint8Array(0), items: new Map() };
    if (box === "owner") {
      owner.bundle = bytes;
      this.#owners.set(peer, owner);
      return true;
    }
    const reader = new Reader(bytes);
    const entry = record.read(reader);
    if (!reader.whole) return false;
    this.#owners.set(peer, owner);
    this.#put(owner, { ...entry, until: now + limits.KEPT_FOR - entry.age });
    this.#order = Math.max(this.#order, entry.item.order + 1);
    return true;
  }

  /** Records come in the order of their keys, not of their numbers. */
  restored(): void {
    for (const owner of this.#owners.values()) {
      const items = [...owner.items].sort(([, one], [, other]) =>
        one.item.order - other.item.order
      );
      owner.items.clear();
      for (const [name, entry] of items) owner.items.set(name, entry);
    }
  }

  joined(peer: PeerId, ctx: MailboxContext): void {
    if (this.isServing) ctx.send(peer, { kind: "willing" });
  }

  open(peer: PeerId, bundle: Uint8Array, ctx: MailboxContext): void {
    const owner = this.#owners.get(peer);
    if (!this.isServing || (owner === undefined && this.#owners.size >= limits.OWNERS)) {
      return void ctx.send(peer, { kind: "full" });
    }
    if (!this.#asked.take(peer, ctx.now)) return;
    if (owner === undefined) this.#owners.set(peer, { bundle, items: new Map() });
    else owner.bundle = bundle;
    ctx.save(`owner/${peer}`, bundle);
    if (owner !== undefined && owner.items.size > 0) ctx.send(peer, { kind: "news" });
  }

  inquire(from: PeerId, peer: PeerId, ctx: MailboxContext): void {
    if (!this.#asked.take(from, ctx.now)) return;
    ctx.send(from, { kind: "answer", peer, bundle: this.#owners.get(peer)?.bundle });
  }

  deposit(from: PeerId, to: PeerId, parcels: readonly Parcel[], ctx: MailboxContext): void {
    const owner = this.#owners.get(to);
    const held: Uint8Array[] = [], declined: Uint8Array[] = [];
    const isAllowed = this.#asked.take(from, ctx.now);
    for (const parcel of parcels) {
      const isKept = isAllowed && declined.length === 0 && owner !== undefined &&
        this.#keep(owner, from, to, parcel, ctx);
      (isKept ? held : declined).push(parcel.id);
    }
    if (held.length > 0) ctx.send(from, { kind: "held", to, ids: held });
    if (declined.length > 0) ctx.send(from, { kind: "declined", to, ids: declined });
    if (held.length > 0) ctx.send(to, { kind: "news" });
  }

  fetch(peer: PeerId, after: number, ctx: MailboxContext): void {
    const items: Item[] = [];
    for (const { item } of this.#owners.get(peer)?.items.values() ?? []) {
      if (item.order > after) items.push(item);
      if (items.length >= limits.PARCELS) break;
    }
    ctx.send(peer, { kind: "items", items });
  }

  taken(peer: PeerId, ids: readonly Uint8Array[], ctx: MailboxContext): void {
    const names = new Set(ids.map((id) => hex(id)));
    for (const { item } of [...this.#owners.get(peer)?.items.values() ?? []]) {
      if (names.has(hex(item.id))) this.#drop(peer, item, ctx);
    }
  }

  /** The disk has refused it: it was not confirmed, and comes again. */
  refused(peer: PeerId, order: number): void {
    const owner = this.#owners.get(peer);
    for (const [name, { item }] of owner?.items ?? []) {
      if (item.order !== order) continue;
      owner!.items.delete(name);
      this.#bytes -= item.packet.length;
    }
  }

  /** What is too old goes; what is not is a day older on the disk. */
  aDayLater(ctx: MailboxContext): void {
    for (const [peer, owner] of this.#owners) {
      for (const [name, entry] of [...owner.items]) {
        if (entry.until <= ctx.now) this.#drop(peer, entry.item, ctx);
        else owner.items.set(name, this.#saved(peer, entry, ctx));
      }
    }
  }

  #keep(
    owner: Owner,
    from: PeerId,
    to: PeerId,
    { id, packet }: Parcel,
    ctx: MailboxContext,
  ): boolean {
    const known = owner.items.get(nameOf(from, id));
    if (known === undefined && !this.#hasRoom(owner, from, packet)) return false;
    // The same letter, sealed anew, takes the place of the old one, and its turn.
    const order = known?.item.order ?? this.#order++;
    const entry = { item: { from, order, id, packet }, age: 0, until: ctx.now + limits.KEPT_FOR };
    this.#bytes -= known?.item.packet.length ?? 0;
    this.#put(owner, this.#saved(to, entry, ctx));
    return true;
  }

  #hasRoom({ items }: Owner, sender: PeerId, packet: Uint8Array): boolean {
    let ofSender = 0;
    for (const { item } of items.values()) if (item.from === sender) ofSender++;
    return items.size < limits.PARCELS_EACH && ofSender < limits.PARCELS_OF_SENDER &&
      this.#bytes + packet.length <= limits.BYTES;
  }

  #put({ items }: Owner, entry: Entry): void {
    items.set(nameOf(entry.item.from, entry.item.id), entry);
    this.#bytes += entry.item.packet.length;
  }

  #saved(owner: PeerId, { item, until }: Entry, ctx: MailboxContext): Entry {
    const age = Math.max(0, limits.KEPT_FOR - (until - ctx.now));
    const writer = new Writer();
    record.write(writer, { item, age });
    ctx.save(`item/${owner}/${item.order}`, writer.take());
    return { item, age, until };
  }

  #drop(peer: PeerId, item: Item, ctx: MailboxContext): void {
    const owner = this.#owners.get(peer);
    if (owner?.items.delete(nameOf(item.from, item.id)) !== true) return;
    this.#bytes -= item.packet.length;
    ctx.save(`item/${peer}/${item.order}`, undefined);
  }
}

function nameOf(from: PeerId, id: Uint8Array): string {
  return `${from}/${hex(id)}`;
}
