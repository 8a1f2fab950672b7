/**
 * Who looks for others, and wants to be found: in the directories that a person names, and among those who
 * are near, over the mesh.
 *
 * 1. What a directory answers is believed only as far as it proves itself: the entry is signed by its keys,
 *    the keys give the ID, the log holds both, and the log's head follows from those before (watch.ts).
 * 2. The keys of an ID are pinned. Other keys for the same ID, however well they prove themselves, are told
 *    of loudly, and not used.
 */
import {
  type AppEvent,
  type Context,
  hex,
  joined,
  KEY_BYTES,
  type Micros,
  type PeerId,
  peerOf,
  Reader,
  Recent,
  u32,
  unhex,
  utf8,
  Writer,
} from "../../core/mod.ts";
import { Allowance } from "../membership/mod.ts";
import { isMeshEvent, say } from "../mesh/mod.ts";
import { type Bundle, isGenuine } from "../session/mod.ts";
import type { DirectoryEvent, DirectoryNews } from "./commands.ts";
import { type Entry, entryBytes, entryOf, isSigned, readEntry } from "./entry.ts";
import { type Cost, type Id, idOf, isIdOf } from "./id.ts";
import * as limits from "./limits.ts";
import type { DirectoryMessage } from "./wire.ts";

type DirectoryContext = Context<DirectoryMessage>;
type Fields = DirectoryEvent extends infer Each
  ? Each extends DirectoryEvent ? Omit<Each, "protocol"> : never
  : never;

/** Said over the mesh by who looks for an ID, and by whose it is. */
export const NEAR = "directory/near", HERE = "directory/here";

export interface SeekerOptions {
  readonly uses: string;
  readonly who: string;
  readonly cost: Cost;
  /** What makes this device's ID; without one it cannot be found by number. */
  readonly modifier: number | undefined;
}

export class Seeker {
  /** Until when somebody is looked for. */
  readonly #sought = new Map<Id, Micros>();
  readonly #pinned = new Recent<Id, PeerId>(limits.PINNED);
  readonly #answers = new Allowance(8, 1);
  readonly #checks = new Allowance(limits.CHECKED_BURST, limits.CHECKED_PER_SECOND);
  #version = 0;
  /** This device's ID: worked out once, when somebody looks for one. */
  #own: Id | undefined;
  #entry: Entry | undefined;
  #isAsked = false;

  constructor(readonly options: SeekerOptions) {}

  /** Takes up `version` and `pin/ID`; false where it cannot be read. */
  restore(key: string, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    if (key === "version") this.#version = u32.read(reader);
    else this.#pinned.set(key.slice("pin/".length) as Id, hex(reader.raw(KEY_BYTES)) as PeerId);
    return reader.whole;
  }

  /** This device's entry; asked for where there is none yet. */
  entry(ctx: DirectoryContext): Entry | undefined {
    if (this.#entry === undefined && this.options.modifier !== undefined) {
      this.news({ name: "describe" }, ctx);
    }
    return this.#entry;
  }

  describe(boxes: Entry["statement"]["boxes"], bundle: Bundle, ctx: DirectoryContext): void {
    const { modifier, who } = this.options;
    if (modifier === undefined) return;
    const version = ++this.#version;
    const writer = new Writer();
    writer.u32(version);
    ctx.save("version", writer.take());
    this.#entry = entryOf({ modifier, version, who, address: ctx.address, boxes, bundle }, ctx);
    if (this.#isAsked) this.#answer(ctx);
  }

  get isSeeking(): boolean {
    return this.#sought.size > 0;
  }

  get sought(): Iterable<Id> {
    return this.#sought.keys();
  }

  seek(id: Id, ctx: DirectoryContext): void {
    if (this.#sought.size >= limits.SOUGHT) {
      return this.tell({ name: "refused", why: "too many searches", words: TOO_MANY }, ctx);
    }
    this.#sought.set(id, ctx.now + limits.SEEK_FOR);
    ctx.ask(say(NEAR, utf8(id)));
  }

  /** Searches that have lasted long enough. */
  giveUp(ctx: DirectoryContext): void {
    for (const [id, until] of [...this.#sought]) {
      if (until > ctx.now) continue;
      this.#sought.delete(id);
      this.tell({ name: "nobody", id, words: `Nobody has answered for ${id}` }, ctx);
    }
  }

  /** Somebody near looks for this device, or has been found. */
  heard(event: AppEvent, ctx: DirectoryContext): void {
    if (!isMeshEvent(event) || event.name !== "heard") return;
    if (event.topic === NEAR) return this.#asked(event.payload, ctx);
    if (event.topic !== HERE) return;
    const id = idIn(event.payload.subarray(0, ID_BYTES));
    const entry = readEntry(event.payload.subarray(ID_BYTES));
    if (entry !== undefined && this.#sought.has(id)) this.take(id, entry, undefined, true, ctx);
  }

  /**
   * An entry for an ID. False where it proves nothing: it is not signed, or its keys do not give that ID.
   * What costs a processor much is checked last, and only for who was looked for.
   */
  take(
    id: Id,
    entry: Entry,
    bundle: Bundle | undefined,
    isHere: boolean,
    ctx: DirectoryContext,
  ): boolean {
    const { crypto } = ctx;
    const { statement } = entry;
    if (!isSigned(entry, crypto)) return false;
    const peer = peerOf(statement, crypto), pinned = this.#pinned.get(id);
    if (pinned !== peer) {
      if (!this.#sought.has(id) || !this.#checks.take(ctx.now)) return true; // nobody asked
      if (!isIdOf(id, statement.modifier, statement, this.options.cost)) return false;
    }
    if (pinned !== undefined && pinned !== peer) {
      this.tell({ name: "changed", id, peer, before: pinned, words: CHANGED }, ctx);
      return true;
    }
    if (pinned === undefined) {
      this.#pinned.set(id, peer);
      ctx.save(`pin/${id}`, unhex(peer)!);
    }
    if (!this.#sought.delete(id)) return true;
    const { sign, agree, who, address, boxes } = statement;
    const theirs = bundle !== undefined && peerOf(bundle, crypto) === peer &&
      isGenuine(bundle, crypto);
    const chosen = theirs ? bundle : statement.bundle;
    this.news({ name: "located", peer, address, boxes, bundle: chosen }, ctx);
    const words = `${id} is ${who || peer.slice(0, 8)}`;
    this.tell({ name: "found", id, peer, keys: { sign, agree }, who, isHere, words }, ctx);
    return true;
  }

  tell(fields: Fields, ctx: DirectoryContext): void {
    ctx.tell({ protocol: "directory", ...fields } as DirectoryEvent);
  }

  news(news: DirectoryNews, ctx: DirectoryContext): void {
    ctx.ask({ protocol: this.options.uses, ...news });
  }

  #asked(payload: Uint8Array, ctx: DirectoryContext): void {
    const { modifier, cost } = this.options;
    if (modifier === undefined || payload.length !== ID_BYTES) return;
    const id = idIn(payload);
    this.#own ??= idOf(ctx.identity.keys, modifier, cost);
    if (this.#own !== id || !this.#answers.take(ctx.now)) return;
    this.#isAsked = true;
    if (this.entry(ctx) !== undefined) this.#answer(ctx);
  }

  /** To whom asked over the mesh; as soon as there is something to say. */
  #answer(ctx: DirectoryContext): void {
    this.#isAsked = false;
    ctx.ask(say(HERE, joined(utf8(this.#own!), entryBytes(this.#entry!))));
  }
}

const ID_BYTES = 15;

/** Fifteen digits; whatever else they are, nobody looks for that. */
function idIn(bytes: Uint8Array): Id {
  return String.fromCharCode(...bytes) as Id;
}

const TOO_MANY = "Too many searches at once: wait for those that go on";
const CHANGED =
  "Warning: this ID had other keys before. Somebody may be pretending. Compare the safety number";
