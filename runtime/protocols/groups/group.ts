/** One group, as one device knows it: who is in it, the keys of those who speak, what nobody has read yet. */
import {
  type Context,
  exactly,
  flag,
  hex,
  KEY_BYTES,
  listOf,
  optional,
  type PeerId,
  Reader,
  sameBytes,
  type Schema,
  struct,
  u32,
  unhex,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { peerName } from "../membership/mod.ts";
import { Chain, type Change, changeSchema, type Roster } from "./change.ts";
import * as limits from "./limits.ts";
import { type Said, saidFields } from "./spoken.ts";
import { type OwnKey, type SharedKey, sharedKey } from "./sender_key.ts";

/** A key as it was before its first message: what somebody is told of it. */
const start = struct({ number: u32, verify: exactly(KEY_BYTES), start: exactly(KEY_BYTES) });
export type Start = ValueOf<typeof start>;

const ownRecord = struct({
  number: u32,
  iteration: u32,
  chain: exactly(KEY_BYTES),
  verify: exactly(KEY_BYTES),
  signSecret: exactly(KEY_BYTES),
  /** Its chain before the first message. */
  start: exactly(KEY_BYTES),
  /** The key before it: something that was said with that may still be on its way. */
  previous: optional(start),
  /** The start that made it: a later one makes another, since the disk may be a restored one. */
  boot: u32,
  isStale: flag,
  /** Who was told of it. */
  known: listOf(peerName, limits.MEMBERS),
});
export type Own = OwnKey & ValueOf<typeof ownRecord>;

/** What names a key among a sender's others: the first bytes of what verifies it. */
const mark = exactly(limits.MARK_BYTES);

const theirRecord = struct({
  /** The newest first. Something that was said with an earlier one may still be on its way. */
  keys: listOf(sharedKey, limits.KEYS),
  /** Keys before those: one that comes again is none of now. */
  past: listOf(mark, limits.PAST_KEYS),
});
type Their = ValueOf<typeof theirRecord>;

const unreadRecord = struct({
  order: upTo(Number.MAX_SAFE_INTEGER),
  from: peerName,
  ...saidFields,
  /** The sender's key after it: one record, so that no disk has the one without the other. */
  key: sharedKey,
});
export type Unread = ValueOf<typeof unreadRecord>;

type Tools = Pick<Context, "save" | "crypto" | "self">;

export class Group {
  readonly chain: Chain;
  readonly #theirs = new Map<PeerId, Their>();
  /**
   * By what verifies it, how far a key may have gone on the disk: up to what was read, and not up to a
   * message that the disk may just be refusing, of which nobody knows yet.
   */
  readonly #durable = new Map<string, SharedKey>();
  /** By the ids of the letters that brought them, in order. */
  readonly unread = new Map<string, Unread>();
  own: Own | undefined;
  #order = 0;

  constructor(readonly name: string, { crypto }: Pick<Context, "crypto">) {
    this.chain = new Chain(crypto);
  }

  get bytes(): Uint8Array {
    return unhex(this.name)!;
  }

  get title(): string {
    return this.chain.first?.body.title ?? "";
  }

  get roster(): Roster | undefined {
    return this.chain.roster;
  }

  has(peer: PeerId): boolean {
    return this.roster?.members.has(peer) === true;
  }

  /** Everybody else in it. */
  others(self: PeerId): PeerId[] {
    return [...this.roster?.members.keys() ?? []].filter((peer) => peer !== self);
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(box: string, name: string, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    if (box === "change") this.chain.add(changeSchema.read(reader));
    else if (box === "own") this.own = ownRecord.read(reader) as Own;
    else if (box === "their") {
      const their = theirRecord.read(reader);
      this.#theirs.set(name as PeerId, their);
      for (const key of their.keys) this.#durable.set(hex(key.verify), key);
    } else {
      const unread = unreadRecord.read(reader);
      this.unread.set(name, unread);
      this.#order = Math.max(this.#order, unread.order + 1);
    }
    return reader.whole;
  }

  /**
   * Records come in the order of their keys, not of their numbers. What was read once is not read again:
   * its sender's key goes on, in memory. It is saved before the message goes; were it saved now, a disk
   * that refuses it would keep back all that is told at the start.
   */
  restored({ crypto, self }: Tools): void {
    const ctx = { crypto, self, save() {} };
    const unread = [...this.unread].sort(([, one], [, other]) => one.order - other.order);
    this.unread.clear();
    for (const [id, each] of unread) {
      this.unread.set(id, each);
      if (!this.has(each.from)) continue;
      this.meet(each.from, each.key, ctx);
      const known = this.#theirs.get(each.from)?.keys.find((key) => isSame(key, each.key));
      if (known !== undefined && known.iteration < each.key.iteration) {
        this.learn(each.from, each.key);
      }
    }
  }

  /** Keys that they speak with, or did lately, and how far each has gone: those of this number. */
  keysOf(peer: PeerId, number: number): SharedKey[] {
    return this.#theirs.get(peer)?.keys.filter((key) => key.number === number) ?? [];
  }

  /**
   * They say that they speak with this key. Keys have no order that could be told from them: a disk that
   * is an earlier one again counts again from there. So one counts unless it was had before.
   */
  meet(peer: PeerId, key: SharedKey, ctx: Tools): void {
    const { keys = [], past = [] } = this.#theirs.get(peer) ?? {};
    const isKnown = keys.some((each) => isSame(each, key)) ||
      past.some((each) => sameBytes(each, markOf(key)));
    if (isKnown) return;
    const all = [key, ...keys];
    this.#durable.set(hex(key.verify), key);
    for (const { verify } of all.slice(limits.KEYS)) this.#durable.delete(hex(verify));
    const gone = all.slice(limits.KEYS).map(markOf);
    this.#saveTheir(peer, {
      keys: all.slice(0, limits.KEYS),
      past: [...past, ...gone].slice(-limits.PAST_KEYS),
    }, ctx);
  }

  /** False where it is no news, or nobody has signed it. */
  addChange(change: Change, ctx: Tools): boolean {
    const number = this.chain.size;
    if (!this.chain.add(change)) return false;
    this.#saveChange(number, change, ctx);
    return true;
  }

  /** Once more, what the disk has refused. */
  saveAgain(box: string, name: string, ctx: Tools): void {
    const change = box === "change" ? [...this.chain.changes][Number(name)] : undefined;
    if (change !== undefined) this.#saveChange(Number(name), change, ctx);
    if (box === "own" && this.own !== undefined) this.saveOwn(this.own, ctx);
    const their = box === "their" ? this.#theirs.get(name as PeerId) : undefined;
    if (their !== undefined) this.#saveTheir(name as PeerId, their, ctx);
    const unread = box === "in" ? this.unread.get(name) : undefined;
    if (unread !== undefined) this.#saveUnread(name, unread, ctx);
  }

  saveOwn(own: Own, ctx: Tools): void {
    this.own = own;
    ctx.save(`own/${this.name}`, bytesOf(ownRecord, own));
  }

  /** One of their keys has gone on: in memory, for its message's record has it too until that is read. */
  learn(peer: PeerId, key: SharedKey): void {
    const { keys, past } = this.#theirs.get(peer)!;
    this.#theirs.set(peer, { keys: keys.map((each) => isSame(each, key) ? key : each), past });
  }

  #saveTheir(peer: PeerId, their: Their, ctx: Tools): void {
    if (!this.#theirs.has(peer) && this.#theirs.size >= limits.SPEAKERS) return;
    this.#theirs.set(peer, their);
    const keys = their.keys.map((key) => this.#durable.get(hex(key.verify)) ?? key);
    ctx.save(`their/${this.name}/${peer}`, bytesOf(theirRecord, { ...their, keys }));
  }

  forget(peer: PeerId, ctx: Tools): void {
    if (this.#theirs.delete(peer)) ctx.save(`their/${this.name}/${peer}`, undefined);
  }

  /** A message, and its sender's key after it. */
  keep(id: string, from: PeerId, said: Said, key: SharedKey, ctx: Tools): void {
    const unread = { order: this.#order++, from, ...said, key };
    this.unread.set(id, unread);
    this.#saveUnread(id, unread, ctx);
    for (const oldest of this.unread.keys()) {
      if (this.unread.size <= limits.UNREAD) break;
      this.read(oldest, ctx);
    }
  }

  /** From now on only its sender's key knows that it came: a disk that is full takes a removal, and no key. */
  read(id: string, ctx: Tools): void {
    const unread = this.unread.get(id);
    if (unread === undefined) return;
    const { from, key } = unread, their = this.#theirs.get(from), name = hex(key.verify);
    const isFurther = key.iteration > (this.#durable.get(name)?.iteration ?? -1);
    if (isFurther && this.#durable.has(name)) this.#durable.set(name, key);
    if (their !== undefined) this.#saveTheir(from, their, ctx);
    this.unread.delete(id);
    ctx.save(`in/${this.name}/${id}`, undefined);
  }

  #saveChange(number: number, change: Change, ctx: Tools): void {
    const key = `change/${this.name}/${String(number).padStart(4, "0")}`;
    ctx.save(key, bytesOf(changeSchema, change));
  }

  #saveUnread(id: string, unread: Unread, ctx: Tools): void {
    ctx.save(`in/${this.name}/${id}`, bytesOf(unreadRecord, unread));
  }

  /** The hash of the roster as it is, as bytes. */
  get rosterHash(): Uint8Array {
    return unhex(this.roster!.hash)!;
  }

  /** A roster that somebody names; undefined where its changes have not come yet. */
  rosterAt(hash: Uint8Array): Roster | undefined {
    return this.chain.at(hex(hash));
  }
}

function isSame(one: SharedKey, other: SharedKey): boolean {
  return sameBytes(one.verify, other.verify);
}

function markOf({ verify }: SharedKey): Uint8Array {
  return verify.subarray(0, limits.MARK_BYTES);
}

function bytesOf<Value>(schema: Schema<Value>, value: Value): Uint8Array {
  const writer = new Writer();
  schema.write(writer, value);
  return writer.take();
}
