/**
 * Shares on their way to devices, in a bounded window of segments: a segment is made once for all shares
 * that still need it, and given up when the last of them has left. A device that does nothing while it is
 * waited for is given up, so that it holds nobody up for longer than that.
 */
import { type Context, hex, type Micros, type PeerId, type Reason } from "../../core/mod.ts";
import { shardHash, shareTree } from "./blocks.ts";
import * as limits from "./limits.ts";
import { segmentsOf, type Shape, shardLength } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";

type VaultContext = Context<VaultMessage>;

/** A share that is to be somewhere. */
export interface Outgoing {
  readonly number: number;
  readonly age: number;
  readonly name: Uint8Array;
  readonly device: PeerId;
}

/** What became of one. */
export type Outcome =
  | { readonly share: Outgoing; readonly root: Uint8Array }
  | { readonly share: Outgoing; readonly why: Reason };

/** Where segments come from: answers each `want` by `Sending.provide`, some time. */
export interface SegmentSource {
  want(segment: number, ctx: VaultContext): void;
}

interface Delivery {
  readonly share: Outgoing;
  state: "asking" | "sending" | "finishing" | "stored" | "failed";
  /** Shards that its device said it has already. */
  there: number;
  /** The next shard. */
  next: number;
  unconfirmed: number;
  readonly hashes: Uint8Array[];
  /** When its device did something last, or was asked first. */
  at: Micros;
}

export class Sending {
  readonly #deliveries = new Map<string, Delivery>();
  /** Shards by their segment, by the number of their share; nothing while they are wanted. */
  readonly #window = new Map<number, ReadonlyMap<number, Uint8Array> | undefined>();
  readonly #segments: number;
  readonly #why = new Map<Delivery, Reason>();
  #isOver = false;

  constructor(
    readonly shape: Shape,
    readonly vault: Uint8Array,
    shares: readonly Outgoing[],
    readonly source: SegmentSource,
    readonly done: (outcomes: readonly Outcome[], ctx: VaultContext) => void,
    readonly progressed: (segments: number, ctx: VaultContext) => void = () => {},
  ) {
    this.#segments = segmentsOf(shape);
    for (const share of shares) {
      this.#deliveries.set(hex(share.name), {
        ...{ share, state: "asking", there: 0, next: 0, unconfirmed: 0, hashes: [], at: 0 },
      });
    }
  }

  start(ctx: VaultContext): void {
    for (const delivery of this.#deliveries.values()) this.#begin(delivery, ctx);
    this.#settle(ctx);
  }

  /** The shards of a segment, by number. */
  provide(segment: number, shards: ReadonlyMap<number, Uint8Array>, ctx: VaultContext): void {
    if (this.#isOver || !this.#window.has(segment)) return;
    this.#window.set(segment, shards);
    this.#pump(ctx);
  }

  /** Whatever made segments makes no more. */
  stop(why: Reason, ctx: VaultContext): void {
    for (const delivery of this.#deliveries.values()) this.#fail(delivery, why);
    this.#settle(ctx);
  }

  /** True where the message is about one of these shares. */
  received(from: PeerId, message: VaultMessage, ctx: VaultContext): boolean {
    if (!("share" in message)) return false;
    const delivery = this.#deliveries.get(hex(message.share));
    if (delivery === undefined || delivery.share.device !== from) return false;
    delivery.at = ctx.now;
    if (message.kind === "ready" && delivery.state === "asking") {
      delivery.state = "sending";
      delivery.there = message.shards;
    } else if (message.kind === "got") {
      delivery.unconfirmed = Math.max(0, delivery.unconfirmed - 1);
    } else if (message.kind === "stored") {
      if (delivery.state === "finishing") delivery.state = "stored";
    } else if (message.kind === "refused") this.#refused(delivery, message.why, ctx);
    this.#pump(ctx);
    return true;
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    for (const delivery of this.#deliveries.values()) {
      if (delivery.share.device === peer) this.#fail(delivery, why);
    }
    this.#pump(ctx);
  }

  tick(ctx: VaultContext): void {
    for (const delivery of this.#deliveries.values()) {
      if (!this.#isWaitedFor(delivery)) delivery.at = ctx.now;
      else if (ctx.now - delivery.at > limits.PATIENCE) this.#fail(delivery, "timed-out");
    }
    this.#pump(ctx);
  }

  #begin(delivery: Delivery, ctx: VaultContext): void {
    const last = this.#segments - 1;
    const layout = {
      shards: this.#segments,
      each: shardLength(this.shape, 0),
      last: shardLength(this.shape, last),
    };
    const { share } = delivery;
    delivery.at = ctx.now;
    const about = { vault: this.vault, share: share.name, layout };
    if (!ctx.send(share.device, { kind: "begin", ...about })) this.#fail(delivery, "unreachable");
  }

  /** A share that was changed on its way, or left over from other bytes, is sent once more, from its start. */
  #refused(delivery: Delivery, why: Reason, ctx: VaultContext): void {
    if (why !== "tampered" || delivery.there === 0) return this.#fail(delivery, why);
    Object.assign(delivery, { state: "asking", there: 0, next: 0, unconfirmed: 0 });
    delivery.hashes.length = 0;
    this.#begin(delivery, ctx);
  }

  #fail(delivery: Delivery, why: Reason): void {
    if (delivery.state === "stored" || delivery.state === "failed") return;
    delivery.state = "failed";
    this.#why.set(delivery, why);
  }

  /** Whether it is its device's turn to do something. */
  #isWaitedFor({ state, unconfirmed }: Delivery): boolean {
    return state === "asking" || state === "finishing" || (state === "sending" && unconfirmed > 0);
  }

  #pump(ctx: VaultContext): void {
    if (this.#isOver) return;
    for (const delivery of this.#deliveries.values()) this.#send(delivery, ctx);
    this.#slide(ctx);
    this.#settle(ctx);
  }

  #send(delivery: Delivery, ctx: VaultContext): void {
    const { share, hashes } = delivery;
    while (delivery.state === "sending" && delivery.next < this.#segments) {
      const shard = this.#window.get(delivery.next)?.get(share.number);
      if (shard === undefined || delivery.unconfirmed >= limits.UNCONFIRMED) return;
      hashes.push(shardHash(shard, ctx.crypto));
      const number = delivery.next++;
      if (number < delivery.there) continue;
      delivery.unconfirmed++;
      ctx.send(share.device, { kind: "put", share: share.name, number }, shard);
    }
    if (delivery.state !== "sending") return;
    delivery.state = "finishing";
    delivery.at = ctx.now;
    const root = shareTree(hashes, ctx.crypto).root();
    ctx.send(share.device, { kind: "finish", share: share.name, root });
  }

  /** Forgets what all have, and wants what comes next. */
  #slide(ctx: VaultContext): void {
    let first = Infinity;
    for (const { state, next } of this.#deliveries.values()) {
      if (state === "asking" || state === "sending") first = Math.min(first, next);
    }
    for (const segment of [...this.#window.keys()]) {
      if (segment < first) this.#window.delete(segment);
    }
    if (first === Infinity) return;
    this.progressed(first, ctx);
    const end = Math.min(this.#segments, first + limits.WINDOW);
    for (let segment = first; segment < end; segment++) {
      if (this.#window.has(segment)) continue;
      this.#window.set(segment, undefined);
      this.source.want(segment, ctx);
    }
  }

  #settle(ctx: VaultContext): void {
    const all = [...this.#deliveries.values()];
    if (this.#isOver || !all.every(({ state }) => state === "stored" || state === "failed")) return;
    this.#isOver = true;
    this.#window.clear();
    this.done(
      all.map((delivery) =>
        delivery.state === "stored"
          ? { share: delivery.share, root: shareTree(delivery.hashes, ctx.crypto).root() }
          : { share: delivery.share, why: this.#why.get(delivery)! }
      ),
      ctx,
    );
  }
}
