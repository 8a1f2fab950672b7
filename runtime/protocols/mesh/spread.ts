/**
 * How messages travel between neighbours: eagerly along the trees, announced to the rest, fetched
 * where they do not come, compared where two nodes have just met.
 */
import {
  type Context,
  hex,
  type Micros,
  millisecond,
  type PeerId,
  sameBytes,
  second,
} from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import * as limits from "./limits.ts";
import { MissingMessages } from "./missing.ts";
import type { Statement } from "./statement.ts";
import { Store } from "./store.ts";
import { Trees } from "./trees.ts";
import type { Announced, MeshMessage } from "./wire.ts";

export type MeshContext = Context<MeshMessage>;

/** Announcements wait so long for others, to share frames. */
const GATHERING: Micros = 20 * millisecond;
/** An announced message that comes along its tree is here by then; or soon, where a tree is broken. */
const PATIENCE: Micros = 40 * millisecond, SHAKEN_PATIENCE: Micros = 5 * millisecond;
/** A message this old is no longer news to most: trees are not for it. */
const FRESH: Micros = 3 * second;
/** After the loss of a neighbour trees are not to be trusted for so long. */
const SHAKEN: Micros = 3 * second;

export class Spread {
  readonly store = new Store();
  readonly #trees = new Trees();
  readonly #missing = new MissingMessages();
  /** What each neighbour is to be told of, by name. */
  readonly #neighbours = new Map<PeerId, Map<string, Announced>>();
  readonly #served = new Allowances<PeerId>(
    limits.COUNTED_PEERS,
    limits.SERVED_BURST,
    limits.SERVED_PER_SECOND,
  );
  #gathering = false;
  #shakenUntil: Micros = 0;
  #fetchAt: Micros = Infinity;

  /** A new neighbour: what each of the two has missed will show. */
  up(peer: PeerId, ctx: MeshContext): void {
    const isFirst = this.#neighbours.size === 0;
    this.#neighbours.set(peer, new Map());
    if (isFirst) {
      this.#shakenUntil = ctx.now + SHAKEN;
      ctx.send(peer, { kind: "graft", ids: [], origins: [], all: true });
    } else this.#trees.add(peer);
    this.store.expire(ctx.now);
    if (this.store.count > 0) {
      ctx.send(peer, { kind: "digest", count: this.store.count, folded: this.store.folded });
    }
  }

  /** A neighbour is lost. If it parted in good terms, one other for each tree will do in its place. */
  down(peer: PeerId, inGoodTerms: boolean, ctx: MeshContext): void {
    if (!this.#neighbours.delete(peer)) return;
    if (inGoodTerms) this.#graftSpares(peer, ctx);
    else {
      this.#shakenUntil = ctx.now + SHAKEN;
      this.#graftAround(peer, ctx);
    }
    this.#trees.remove(peer);
    this.#missing.left(peer, ctx.now);
    this.#arm(ctx);
  }

  /** A neighbour is silent: others should send what came by way of it. */
  waver(peer: PeerId, ctx: MeshContext): void {
    if (!this.#neighbours.has(peer)) return;
    this.#shakenUntil = ctx.now + SHAKEN;
    this.#graftAround(peer, ctx);
  }

  /** Sends a new message on. One that is old has been fetched, and most have it: it is only announced. */
  pass(statement: Statement, ctx: MeshContext): void {
    const { name, from } = statement;
    const announcers = this.#missing.arrived(name);
    const isNew = ctx.now - statement.saidAt < FRESH;
    const tree = this.#trees.of(statement.origin);
    if (from !== undefined) {
      if (isNew) tree.parent = from;
      tree.lazy.delete(from);
    }
    if (statement.hops >= limits.HOPS) return;
    for (const [peer, announcements] of this.#neighbours) {
      if (peer === from || announcers.includes(peer)) continue;
      const isEager = isNew && !tree.lazy.has(peer) && ctx.queuedFor(peer) < limits.QUEUED_BYTES;
      if (isEager) this.#send(peer, statement, ctx);
      else announcements.set(name, { id: statement.id, hops: statement.hops });
    }
    if (this.#gathering) return;
    this.#gathering = true;
    ctx.wake("announce", GATHERING);
  }

  /** The same message came a second way: that way is not needed. */
  repeated(origin: PeerId, from: PeerId, ctx: MeshContext): void {
    const tree = this.#trees.get(origin);
    if (tree === undefined || tree.parent === from) return;
    tree.lazy.add(from);
    ctx.send(from, { kind: "prune", origins: [origin] });
  }

  /** The message is here, or is not wanted: it need not be fetched. */
  settled(name: string): void {
    this.#missing.arrived(name);
  }

  announced(message: MeshMessage & { kind: "announce" }, from: PeerId, ctx: MeshContext): void {
    const isHasty = message.all || ctx.now < this.#shakenUntil;
    const patience = message.all ? 0 : isHasty ? SHAKEN_PATIENCE : PATIENCE;
    const announcements = this.#neighbours.get(from);
    for (const { id, hops } of message.messages) {
      const name = hex(id);
      announcements?.delete(name); // no need to tell it in return
      const known = this.store.get(name);
      if (known === undefined) this.#missing.announced(id, from, ctx.now + patience);
      else if (!message.all) this.#compareWays(known, from, hops, ctx);
    }
    this.#arm(ctx);
  }

  grafted(message: MeshMessage & { kind: "graft" }, from: PeerId, ctx: MeshContext): void {
    if (message.all) this.#trees.graftAll(from);
    for (const origin of message.origins) this.#trees.get(origin)?.lazy.delete(from);
    for (const id of message.ids) {
      const statement = this.store.get(hex(id));
      if (statement === undefined || !this.#served.take(from, ctx.now)) continue;
      if (ctx.queuedFor(from) >= 2 * limits.QUEUED_BYTES) return; // it will ask again
      if (this.#neighbours.has(from)) this.#trees.get(statement.origin)?.lazy.delete(from);
      this.#send(from, statement, ctx);
    }
  }

  pruned(origins: readonly PeerId[], from: PeerId): void {
    if (!this.#neighbours.has(from)) return;
    for (const origin of origins) this.#trees.get(origin)?.lazy.add(from);
  }

  /** A new neighbour keeps other messages than we do: tells it of all of ours. */
  compared(count: number, folded: Uint8Array, from: PeerId, ctx: MeshContext): void {
    if (count === this.store.count && sameBytes(folded, this.store.folded)) return;
    const messages = this.store.announced();
    if (messages.length === 0) {
      ctx.send(from, { kind: "digest", count: 0, folded: this.store.folded });
    } else ctx.send(from, { kind: "announce", all: true, messages });
  }

  woke(timer: string, ctx: MeshContext): void {
    if (timer === "announce") return this.#announce(ctx);
    this.#fetchAt = Infinity;
    for (const [peer, ids] of this.#missing.due(ctx.now)) {
      ctx.send(peer, { kind: "graft", ids, origins: [], all: false });
    }
    this.#arm(ctx);
  }

  #announce(ctx: MeshContext): void {
    this.#gathering = false;
    for (const [peer, announcements] of this.#neighbours) {
      const all = [...announcements.values()];
      announcements.clear();
      for (let at = 0; at < all.length; at += limits.ANNOUNCED) {
        const messages = all.slice(at, at + limits.ANNOUNCED);
        ctx.send(peer, { kind: "announce", all: false, messages });
      }
    }
  }

  /** Somebody else has it too: who is nearer to the origin takes the parent's place. */
  #compareWays(known: Statement, by: PeerId, hops: number, ctx: MeshContext): void {
    const tree = this.#trees.get(known.origin);
    if (tree === undefined || tree.parent === undefined || tree.parent === by) return;
    if (tree.parent !== known.from || !this.#neighbours.has(by) || hops > known.hops) return;
    if (hops + 1 >= known.hops) {
      tree.spare = by;
      return;
    }
    const old = tree.parent;
    tree.parent = by;
    tree.spare = old;
    tree.lazy.delete(by);
    tree.lazy.add(old);
    ctx.send(by, { kind: "graft", ids: [], origins: [known.origin], all: false });
    ctx.send(old, { kind: "prune", origins: [known.origin] });
  }

  #graftSpares(peer: PeerId, ctx: MeshContext): void {
    for (const [spare, origins] of this.#trees.replaceParent(peer)) {
      ctx.send(spare, { kind: "graft", ids: [], origins, all: false });
    }
  }

  /** Asks all others for what this neighbour used to send; the first way that proves good stays. */
  #graftAround(peer: PeerId, ctx: MeshContext): void {
    const origins = this.#trees.originsBy(peer);
    if (origins.length === 0) return;
    for (const other of this.#neighbours.keys()) {
      if (other !== peer) ctx.send(other, { kind: "graft", ids: [], origins, all: false });
    }
  }

  #send(to: PeerId, statement: Statement, ctx: MeshContext): void {
    const { heading, signature, hops, payload } = statement;
    const age = Math.min(
      Math.floor((ctx.now - statement.saidAt) / millisecond),
      limits.STORED_FOR_MILLIS,
    );
    const passed = { heading, signature, hops, age };
    if (payload.length <= limits.INLINE_BYTES) {
      ctx.send(to, { kind: "message", ...passed, payload });
    } else ctx.send(to, { kind: "parcel", ...passed }, payload);
  }

  #arm(ctx: MeshContext): void {
    const next = this.#missing.dueAt;
    if (next >= this.#fetchAt) return;
    this.#fetchAt = next;
    ctx.wake("fetch", Math.max(0, next - ctx.now));
  }
}
