/**
 * Opens a content: segments from the devices, in a bounded window, proved, decoded, opened, and kept as
 * pieces for the host to hand over when all are durable. Never a part of it: what cannot be had whole is
 * dropped again, and a sentence says which devices are missing.
 */
import { hex, type PeerId, type Reason } from "../../core/mod.ts";
import { tell, tileOf } from "./events.ts";
import { Fetching } from "./fetching.ts";
import type { Job, VaultContext } from "./job.ts";
import * as limits from "./limits.ts";
import type { Content } from "./mapping.ts";
import type { Owner } from "./owner.ts";
import { openedSegment } from "./segments.ts";
import { clearLength, segmentsOf } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";
import { wordsOf } from "./words.ts";

export class Opening implements Job {
  isOver = false;
  readonly #fetching: Fetching;
  readonly #segments: number;
  #next = 0;
  #waiting = 0;
  #done = 0;
  #doneBytes = 0;
  #startedAt = 0;
  #isFetching = false;

  constructor(readonly owner: Owner, readonly content: Content) {
    this.#segments = segmentsOf(content);
    this.#fetching = new Fetching(content, (peer) => owner.devices.isPresent(peer));
  }

  start(ctx: VaultContext): void {
    this.#startedAt = ctx.now;
    this.owner.devices.reach(this.owner.mapping.devices, false, ctx);
    this.tick(ctx);
  }

  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    return this.#fetching.received(from, message, body, ctx);
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    this.#fetching.left(peer, why, ctx);
  }

  refused(key: string, why: Reason, ctx: VaultContext): void {
    if (key.startsWith(`${hex(this.content.id)}/`)) {
      this.#fail(why, "This device's own disk does not take it", ctx);
    }
  }

  settled(name: string, why: Reason | undefined, ctx: VaultContext): void {
    if (name !== hex(this.content.id) || this.isOver || this.#done < this.#segments) return;
    if (why !== undefined) return this.#fail(why, "This device's own disk does not take it", ctx);
    this.isOver = true;
    const { id, name: title, bytes } = this.content;
    const part = tileOf(this.content.part);
    const files = [{ path: part === undefined ? title : `${hex(id)}.jpeg`, bytes }];
    const { isSure } = this.owner;
    tell(ctx, { name: "opened", content: hex(id), title, bytes, files, isSure, part });
  }

  tick(ctx: VaultContext): void {
    this.#blame();
    if (this.#isFetching) this.#fetching.tick(ctx);
    else if (this.#fetching.reachable >= this.content.enough && this.#isTime(ctx)) {
      this.#isFetching = true;
      this.#pump(ctx);
    } else if (ctx.now - this.#startedAt > limits.PATIENCE || this.#isHopeless(ctx)) {
      this.#failForWant(ctx);
    }
  }

  /** Too few are there, and those that are missing have not come for long. */
  #isHopeless(ctx: VaultContext): boolean {
    return this.#fetching.reachable < this.content.enough &&
      this.content.shares.every((share) =>
        share === undefined || this.owner.devices.isPresent(share.device) ||
        this.owner.devices.awayFor(share.device, ctx.now) > limits.PATIENCE
      );
  }

  /** A share that is another one than it should be is as good as lost. */
  #blame(): void {
    for (const { device, name } of this.#fetching.poisoned) {
      this.owner.devices.has(device, name, false);
    }
  }

  /** Once the mapping is known to be the newest, or nobody comes who could say so. */
  #isTime(ctx: VaultContext): boolean {
    return this.owner.isSure || ctx.now - this.#startedAt > limits.PATIENCE;
  }

  #pump(ctx: VaultContext): void {
    while (this.#next < this.#segments && this.#waiting < limits.WINDOW && !this.isOver) {
      const segment = this.#next++;
      this.#waiting++;
      this.#fetching.want(segment, (shards, later) => this.#came(segment, shards, later), ctx);
    }
  }

  #came(
    segment: number,
    shards: ReadonlyMap<number, Uint8Array> | undefined,
    ctx: VaultContext,
  ): void {
    if (this.isOver) return;
    this.#waiting--;
    if (shards === undefined) return this.#failForWant(ctx);
    const { content, owner } = this, { id, name: title, bytes } = content;
    const numbers = Array.from({ length: content.enough }, (_, number) => number);
    const data = owner.codeOf(content).rebuilt(shards, numbers);
    const clear = openedSegment(content, segment, content.hashes[segment]!, data, ctx.crypto);
    // Every shard was proved: what does not open was locked like that, or this mapping is wrong.
    if (clear === undefined) {
      return this.#fail("tampered", "Its shares do not belong together", ctx);
    }
    if (clear.length > 0) ctx.keep(`${hex(id)}/${segment * limits.SEGMENT_BYTES}`, clear);
    this.#doneBytes += clear.length;
    tell(ctx, { name: "progress", content: hex(id), title, done: this.#doneBytes, bytes });
    if (++this.#done === this.#segments) ctx.settle(hex(id));
    else this.#pump(ctx);
  }

  #failForWant(ctx: VaultContext): void {
    const { enough } = this.content, { reachable } = this.#fetching;
    const words = reachable < enough
      ? `${enough} shares are needed, and ${reachable} can be had`
      : "A part of it is at too few devices";
    this.#fail("unreachable", words, ctx);
  }

  #fail(why: Reason, words: string, ctx: VaultContext): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#blame();
    const { content } = this, id = hex(content.id);
    for (let segment = 0; segment < this.#next; segment++) {
      if (clearLength(content, segment) > 0) {
        ctx.dropKept(`${id}/${segment * limits.SEGMENT_BYTES}`);
      }
    }
    const devices = [...this.#fetching.troubles].map(([device, reason]) => ({
      device,
      why: reason,
    }));
    tell(ctx, {
      ...{ name: "failed", what: "open", content: id, handle: undefined, why, devices },
      words: wordsOf(`Cannot open "${content.name}"`, words, devices),
    });
  }
}
