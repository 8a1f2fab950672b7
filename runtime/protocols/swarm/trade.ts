/** One content between this node and its neighbours: who has what, and what is passed to whom. */
import { hex, type PeerId, peerOf, unhex } from "../../core/mod.ts";
import { Bitmap } from "./bitmap.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { SwarmEvent } from "./events.ts";
import type { Fetching } from "./fetching.ts";
import { DELIVER, FORWARD, Lane, type Owned, spareOf } from "./lane.ts";
import * as limits from "./limits.ts";
import { Pulls } from "./pulls.ts";
import type { Source } from "./source.ts";
import { introduce, TELL_EVERY, tellHaves } from "./telling.ts";
import type { Uploads } from "./uploads.ts";
import { serve } from "./wants.ts";
import type { Mate, MessageNamed, SwarmMessage } from "./wire.ts";

/** The other side should have dialled by now, however slow it is; else we do. */
const DIAL_AFTER = 2_000_000;
/** A planned neighbour that is not linked by now is not waited for. */
const LINK_WITHIN = 5_000_000;

export class Trade {
  source: Source | undefined;
  fetching: Fetching | undefined;

  #pulls: Pulls;
  #plannedAt = 0;
  /** Planned neighbours that are to dial us, in case they don't. */
  #awaited = new Map<PeerId, Mate>();
  /** Sources that have planned for us over the link that is open now. */
  #plannedBy = new Set<PeerId>();
  /** Who has got the manifest over the link that is open now. */
  #offeredTo = new Set<PeerId>();

  constructor(
    readonly content: Content,
    readonly uploads: Uploads,
    readonly ctx: SwarmContext,
  ) {
    this.#pulls = new Pulls(content, ctx.now);
  }

  received(message: SwarmMessage, from: PeerId, body: Uint8Array | undefined): void {
    switch (message.kind) {
      case "interest":
        return this.#interest(from, message.address);
      case "plan":
        return this.#plan(from, message);
      case "mates":
        return this.#mates(from, message.mates);
      case "page":
        return this.#page(from, message, body);
      case "block":
        return this.#block(from, message, body);
      case "has":
        return this.#has(from, message.blocks);
      case "haves":
        return this.#haves(from, message.haves);
      case "want":
      case "wantPages":
      case "unwant":
        return this.#asked(from, message);
      case "relayed":
      case "accuse":
      case "halted":
        return this.source?.received(message, from, this.ctx);
      case "leave":
        return this.#forget(from);
    }
  }

  /** The manifest is known now: what waited for it can begin. */
  manifestCame(): void {
    this.#pulls = new Pulls(this.content, this.ctx.now);
    for (const lane of this.content.lanes.values()) {
      const early = lane.earlyHas;
      lane.earlyHas = undefined;
      if (early !== undefined) this.#has(lane.peer, early);
      introduce(this.content, lane, this.ctx);
    }
    this.fetching?.report(this.ctx);
  }

  /** Kept pieces have been found after a restart. */
  restored(): void {
    this.#pulls = new Pulls(this.content, this.ctx.now);
  }

  joined(peer: PeerId): void {
    const lane = this.content.laneTo(peer);
    if (lane === undefined) return;
    this.#awaited.delete(peer);
    introduce(this.content, lane, this.ctx);
  }

  left(peer: PeerId): void {
    this.#offeredTo.delete(peer);
    this.#plannedBy.delete(peer);
    const lane = this.content.laneTo(peer);
    if (lane === undefined) return;
    lane.introduced = false;
    lane.told = 0;
    this.uploads.abandon(this.content, lane);
    this.source?.leave(peer, this.ctx);
    this.#pulls.lost(lane);
    if (!this.#isPlanned(peer)) this.#drop(lane);
  }

  tick(): void {
    const { ctx } = this;
    this.source?.tick(ctx);
    if (this.fetching?.stopped !== true) this.#pulls.tick(ctx);
    if (this.#awaited.size > 0 && ctx.now - this.#plannedAt >= DIAL_AFTER) {
      for (const { address, ...keys } of this.#awaited.values()) ctx.dial(address, keys);
      this.#awaited.clear();
    }
    if (ctx.now - this.#plannedAt >= LINK_WITHIN) this.#abandonUnlinked();
    tellHaves(this.content, TELL_EVERY, ctx);
  }

  /** Nothing is missing, and nobody waits: it need not be looked after so often. (Who has all has told all.) */
  get isQuiet(): boolean {
    const { content, source } = this;
    if (!content.complete) return false;
    if (source !== undefined && !source.isDone) return false;
    for (const lane of content.lanes.values()) if (lane.waiting > 0) return false;
    return true;
  }

  /** A block of which this node is the owner has gone to everybody it had to go to. */
  relayed(index: number): void {
    const { content, ctx } = this;
    const { bytesPerSecond } = this.uploads.underWay;
    let waiting = 0;
    for (const lane of content.lanes.values()) waiting += lane.waiting;
    const report = { content: content.id, blocks: [index], bytesPerSecond, waiting };
    for (const lane of content.lanes.values()) {
      if (lane.isSource) ctx.send(lane.peer, { kind: "relayed", ...report });
    }
  }

  /** The disk has refused a block, or has not got it any more: it is sought again. */
  missed(index: number): void {
    if (!this.content.lose(index)) return;
    this.#pulls.missed(index);
    this.fetching?.reopen();
  }

  /** Nothing more is given or taken. */
  end(): void {
    for (const lane of this.content.lanes.values()) {
      this.ctx.send(lane.peer, { kind: "leave", content: this.content.id });
      this.#drop(lane);
    }
  }

  /** What was to be relayed to peers that cannot be reached is left to repair, else it blocks. */
  #abandonUnlinked(): void {
    for (const lane of this.content.lanes.values()) {
      if (lane.waiting > 0 && !this.ctx.isLinked(lane.peer)) {
        this.uploads.abandon(this.content, lane);
      }
    }
  }

  /** The lane to a peer, made if there is room; strangers leave some for sources and their plans. */
  #laneTo(peer: PeerId, isNamed = false): Lane | undefined {
    const { content } = this;
    const known = content.laneTo(peer);
    if (known !== undefined) return known;
    const isSource = this.fetching?.isSource(peer) ?? false;
    const most = content.isSource ? limits.MEMBERS : limits.NEIGHBOURS;
    if (content.lanes.size >= (isSource || isNamed ? 2 * most : most)) return undefined;
    const lane = new Lane(peer, content.busy);
    lane.isSource = isSource;
    content.lanes.set(peer, lane);
    this.ctx.hold(peer);
    return lane;
  }

  #interest(from: PeerId, address: string): void {
    const { content, ctx } = this;
    if (content.manifestBytes === undefined) {
      ctx.send(from, { kind: "unknown", content: content.id });
      return;
    }
    if (this.#offeredTo.has(from)) return; // manifests are long, and once is enough
    this.#offeredTo.add(from);
    ctx.send(from, { kind: "offer", content: content.id }, content.manifestBytes);
    const lane = this.#laneTo(from);
    const keys = ctx.keysOf(from);
    const joined = lane !== undefined && keys !== undefined &&
      this.source?.join(from, keys, address, lane, ctx) === true;
    if (lane !== undefined) introduce(content, lane, ctx);
    if (!joined) {
      ctx.send(from, { kind: "mates", content: content.id, mates: content.matesFor(ctx) });
    }
  }

  #plan(from: PeerId, { epoch, given, dimensions }: MessageNamed<"plan">): void {
    const { content, ctx } = this;
    if (!this.fetching?.isSource(from)) return ctx.ban(from, "unauthorised");
    const isFirst = !this.#plannedBy.has(from); // after a new start its epochs are lower than before
    if (!isFirst && (content.plans[0]?.epoch ?? -1) >= epoch) return;
    this.#plannedBy.add(from);
    const latest = isFirst ? undefined : content.plans[0]?.relays;
    const relays = dimensions.map(({ drop, add }, at) => {
      const dropped = new Set(drop.map((peer) => hex(peer)));
      const kept = (latest?.[at] ?? []).filter((peer) => !dropped.has(peer));
      return [...new Set([...kept, ...this.#meet(add)])];
    });
    content.plans = [{ epoch, relays }, ...content.plans.slice(0, 1)];
    this.#plannedAt = ctx.now;
    this.#pulls.planned(given);
    for (const lane of content.lanes.values()) {
      if (lane.isSource || this.#isPlanned(lane.peer) || lane.has !== undefined) continue;
      this.#drop(lane);
    }
  }

  /** Who names others instead of planning for us sends nothing by itself: it is asked. */
  #mates(from: PeerId, mates: readonly Mate[]): void {
    if (!this.fetching?.isSource(from)) return;
    const lane = this.content.laneTo(from);
    if (lane !== undefined) this.#pulls.alone(lane);
    this.#meet(mates);
  }

  /** Makes neighbours of peers that somebody has named, as far as there is room. */
  #meet(mates: readonly Mate[]): PeerId[] {
    const { ctx } = this;
    const met: PeerId[] = [];
    for (const mate of mates) {
      const { address, dial, ...keys } = mate;
      const copied = { sign: keys.sign.slice(), agree: keys.agree.slice() };
      const peer = peerOf(copied, ctx.crypto);
      if (peer === ctx.self) continue;
      const lane = this.#laneTo(peer, true);
      if (lane === undefined) continue;
      met.push(peer);
      if (ctx.isLinked(peer)) introduce(this.content, lane, ctx);
      else if (dial) ctx.dial(address, copied);
      else this.#awaited.set(peer, { ...copied, address, dial });
    }
    return met;
  }

  #page(from: PeerId, message: MessageNamed<"page">, body: Uint8Array | undefined): void {
    const { content, ctx } = this;
    if (content.manifest === undefined || body === undefined) return;
    const { page, proof, spread, epoch } = message;
    const outcome = content.addPage(page, body, proof, ctx.crypto);
    if (outcome === "wrong") return this.#blame(from);
    if (outcome === "new") this.#relay(page, true, spread, epoch);
    if (outcome === "new" && content.knowsLeaves) this.fetching?.save();
    for (const [index, held] of content.unverified) {
      if (content.pageOf(index) !== page) continue;
      content.unverified.delete(index);
      this.#take(held.from as PeerId, index, held.body, held.spread, held.epoch);
    }
  }

  #block(from: PeerId, message: MessageNamed<"block">, body: Uint8Array | undefined): void {
    const { content, ctx } = this, { index, spread, epoch } = message;
    if (content.manifest === undefined || body === undefined) return;
    const isPossible = index < content.blocks && body.length === content.lengthOf(index);
    if (!isPossible) return this.#blame(from);
    this.#haves(from, message.haves);
    if (!ctx.isLinked(from)) return; // for what it said just now
    const lane = this.#laneTo(from);
    if (lane !== undefined) {
      introduce(content, lane, ctx);
      lane.broughtAt = ctx.now;
      this.#pulls.heard(lane, index);
    }
    if (content.have.has(index)) {
      const wasted = { name: "wasted", bytes: body.length };
      ctx.tell({ protocol: "swarm", content: content.key, ...wasted } as SwarmEvent);
      // Only the source may have a block passed on twice, else anybody could keep us busy for ever.
      if (lane?.isSource || !content.passedOn.has(index)) this.#relay(index, false, spread, epoch);
    } else if (content.hasPage(content.pageOf(index))) this.#take(from, index, body, spread, epoch);
    else if (content.hasRoomFor(body)) content.unverified.set(index, { from, body, spread, epoch });
  }

  /** Verifies a block; then keeps it, and passes it on. */
  #take(from: PeerId, index: number, body: Uint8Array, spread: number, epoch: number): void {
    const { content, ctx } = this;
    if (content.have.has(index)) return;
    if (!content.holds(index, body, ctx.crypto)) return this.#blame(from);
    ctx.keep(content.nameOf(index), body);
    content.add(index);
    this.#pulls.arrived(index, content.laneTo(from), this.fetching?.stopped !== true, ctx);
    if (spread > 0) {
      this.uploads.remember(content, index, body);
      this.#relay(index, false, spread, epoch);
    }
    this.fetching?.report(ctx);
    if (content.complete) tellHaves(content, 0, ctx);
  }

  /** A peer that sends wrong bytes is refused from now on, and the source is told. */
  #blame(peer: PeerId): void {
    const { content, ctx } = this;
    ctx.tell({ protocol: "swarm", name: "poisoned", content: content.key, peer } as SwarmEvent);
    for (const lane of content.lanes.values()) {
      if (!lane.isSource || lane.peer === peer) continue;
      ctx.send(lane.peer, { kind: "accuse", content: content.id, peer: unhex(peer)! });
    }
    ctx.ban(peer, "poisoned");
  }

  /** Passes a block or a page on, along the dimensions that it still has to spread in. */
  #relay(index: number, isPage: boolean, spread: number, epoch: number): void {
    const { content, ctx } = this;
    const plan = content.planOf(epoch);
    if (spread === 0) return;
    if (plan === undefined) return isPage ? undefined : this.relayed(index); // to nobody, and done
    if (!isPage) content.passedOn.add(index);
    const isOwner = !isPage && spread >= plan.relays.length;
    const owned: Owned | undefined = isOwner ? { index, left: 0, spare: 0 } : undefined;
    const mayWait = ctx.now - this.#plannedAt < LINK_WITHIN;
    for (let dimension = Math.min(spread, plan.relays.length) - 1; dimension >= 0; dimension--) {
      for (const peer of plan.relays[dimension]!) {
        const lane = content.laneTo(peer);
        if (lane === undefined || lane.waiting >= limits.UPLOADS) continue;
        if (!mayWait && !ctx.isLinked(peer)) continue;
        if (dimension === 0 && !isPage && lane.hasBlock(index)) continue;
        if (owned !== undefined) owned.left++;
        const what = { index, isPage, spread: dimension, epoch, ...(owned ? { owned } : {}) };
        this.uploads.add(lane, dimension > 0 ? FORWARD : DELIVER, what);
      }
    }
    if (owned === undefined) return;
    owned.spare = spareOf(owned.left);
    if (owned.left > 0) return;
    this.uploads.forget(content, index);
    this.relayed(index);
  }

  #has(from: PeerId, bytes: Uint8Array): void {
    const { content, ctx } = this;
    const lane = this.#laneTo(from);
    if (lane === undefined) return;
    if (content.manifest === undefined) {
      lane.earlyHas = bytes.slice();
      return;
    }
    const has = Bitmap.from(bytes, content.blocks);
    if (has === undefined) return ctx.ban(from, "malformed");
    const isAgain = lane.has !== undefined;
    if (isAgain) this.#pulls.lost(lane);
    lane.has = has;
    this.#pulls.heardAll(lane, isAgain);
    introduce(content, lane, ctx);
  }

  #haves(from: PeerId, blocks: readonly number[]): void {
    const lane = this.content.laneTo(from);
    if (this.content.manifest === undefined) lane?.hasEarly(blocks);
    if (lane === undefined || this.content.manifest === undefined) return;
    for (const block of blocks) {
      if (block >= this.content.blocks) return this.ctx.ban(from, "malformed");
      this.#pulls.heard(lane, block);
    }
  }

  /** Who asks for a block that is not here believes that it is, and is told better. */
  #asked(from: PeerId, message: MessageNamed<"want" | "wantPages" | "unwant">): void {
    const { content, uploads, ctx } = this;
    const lane = content.laneTo(from);
    if (lane === undefined || serve(content, lane, message, uploads)) return;
    if (ctx.now - lane.toldAt < TELL_EVERY) return; // it asks again
    lane.introduced = false;
    introduce(content, lane, ctx);
  }

  #forget(peer: PeerId): void {
    this.left(peer);
    const lane = this.content.laneTo(peer);
    if (lane !== undefined) this.#drop(lane);
  }

  /** Every lane ends here: what it still had to send counts as settled. */
  #drop(lane: Lane): void {
    this.uploads.abandon(this.content, lane);
    this.content.lanes.delete(lane.peer);
    if (!this.uploads.isNeighbour(lane.peer)) this.ctx.release(lane.peer);
  }

  #isPlanned(peer: PeerId): boolean {
    return this.content.plans.some((plan) => plan.relays.some((peers) => peers.includes(peer)));
  }
}
