/**
 * Asks devices to prove that they have their shares, without moving them: blocks that are drawn by chance,
 * with what leads from them to the share's hash (as Juels and Kaliski's proofs of retrievability do, 2007,
 * with the hash tree in the place of sentinels). Four blocks find a share of which half is gone with 94 %.
 */
import {
  hex,
  isIncluded,
  leafOf,
  type Micros,
  type PeerId,
  type Reason,
  rootFrom,
} from "../../core/mod.ts";
import { blockLeaf } from "./blocks.ts";
import { type Proved, tell } from "./events.ts";
import type { Job, VaultContext } from "./job.ts";
import * as limits from "./limits.ts";
import { type Content, nameOf } from "./mapping.ts";
import type { Owner } from "./owner.ts";
import { segmentsOf, shardLength } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";

type ProofMessage = Extract<VaultMessage, { kind: "proof" }>;

interface Check {
  readonly number: number;
  readonly device: PeerId;
  readonly name: Uint8Array;
  readonly root: Uint8Array;
  /** Blocks that were asked for, as `segment/block`. */
  readonly asked: Set<string>;
  since: Micros;
  state: Proved["state"] | undefined;
}

export class Verifying implements Job {
  isOver = false;
  readonly #checks = new Map<string, Check>();

  constructor(readonly owner: Owner, readonly content: Content) {}

  start(ctx: VaultContext): void {
    this.owner.devices.reach(this.owner.mapping.devices, false, ctx);
    this.content.shares.forEach((share, number) => {
      if (share === undefined) return;
      const { device, root } = share, name = nameOf(this.content, number, share);
      const check: Check = {
        ...{ number, device, name, root, asked: new Set(), since: ctx.now, state: undefined },
      };
      this.#checks.set(hex(name), check);
      if (this.owner.devices.isPresent(device)) this.#ask(check, ctx);
    });
    this.#finish(ctx);
  }

  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    if (message.kind !== "proof" && message.kind !== "none") return false;
    const check = this.#checks.get(hex(message.share));
    if (check === undefined || check.device !== from) return false;
    if (check.state !== undefined) return true;
    if (message.kind === "none") this.#judge(check, "missing");
    else {
      const isAsked = check.asked.delete(`${message.number}/${message.block}`);
      if (!isAsked || !this.#isTrue(check, message, body, ctx)) this.#judge(check, "wrong");
      else if (check.asked.size === 0) this.#judge(check, "good");
    }
    this.#finish(ctx);
    return true;
  }

  left(peer: PeerId, _why: Reason, ctx: VaultContext): void {
    for (const check of this.#checks.values()) {
      if (check.device === peer && check.state === undefined) check.state = "away";
    }
    this.#finish(ctx);
  }

  tick(ctx: VaultContext): void {
    for (const check of this.#checks.values()) {
      if (check.state !== undefined) continue;
      const isPresent = this.owner.devices.isPresent(check.device);
      if (check.asked.size === 0 && isPresent) this.#ask(check, ctx); // it has just come
      else if (ctx.now - check.since > limits.PATIENCE) {
        this.#judge(check, isPresent ? "silent" : "away");
      }
    }
    this.#finish(ctx);
  }

  #ask(check: Check, ctx: VaultContext): void {
    check.since = ctx.now;
    for (let nth = 0; nth < limits.PROOFS; nth++) {
      const number = ctx.random.below(segmentsOf(this.content));
      const blocks = shardLength(this.content, number) / limits.BLOCK_BYTES;
      const block = ctx.random.below(blocks), place = `${number}/${block}`;
      if (check.asked.has(place)) continue;
      check.asked.add(place);
      ctx.send(check.device, { kind: "audit", share: check.name, number, block });
    }
  }

  #isTrue(
    { root }: Check,
    { number, block, within, proof }: ProofMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    if (body?.length !== limits.BLOCK_BYTES) return false;
    const hash = (bytes: Uint8Array) => ctx.crypto.sha256(bytes);
    const blocks = shardLength(this.content, number) / limits.BLOCK_BYTES;
    const shard = rootFrom(blockLeaf(body, ctx.crypto), block, blocks, within, hash);
    return shard !== undefined &&
      isIncluded(leafOf(shard, hash), number, segmentsOf(this.content), proof, root, hash);
  }

  #judge(check: Check, state: Proved["state"]): void {
    check.state = state;
    if (state === "missing" || state === "wrong" || state === "silent") {
      this.owner.devices.has(check.device, check.name, false);
    }
  }

  #finish(ctx: VaultContext): void {
    const all = [...this.#checks.values()];
    if (this.isOver || all.some(({ state }) => state === undefined)) return;
    this.isOver = true;
    const { id, name: title, enough } = this.content;
    const shares = all.map(({ device, number, state }) => ({ device, number, state: state! }));
    const good = shares.filter(({ state }) => state === "good").length;
    const words = `"${title}": ${good} of ${shares.length} shares are proved, ${enough} open it`;
    tell(ctx, { name: "verified", content: hex(id), title, shares, words });
  }
}
