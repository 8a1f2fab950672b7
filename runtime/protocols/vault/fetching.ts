/**
 * Segments from the devices that have their shards: each asked of as many as are enough, the least busy
 * first, and of one more when one is slow, away, or gives something else than what it was given.
 */
import {
  type Context,
  hex,
  isIncluded,
  type Micros,
  type PeerId,
  type Reason,
} from "../../core/mod.ts";
import { shardHash } from "./blocks.ts";
import * as limits from "./limits.ts";
import { type Content, nameOf } from "./mapping.ts";
import { segmentsOf, shardLength } from "./shape.ts";
import type { VaultMessage } from "./wire.ts";

type VaultContext = Context<VaultMessage>;
type ShardMessage = Extract<VaultMessage, { kind: "shard" }>;

/** One share, as a source. */
interface Source {
  readonly number: number;
  readonly device: PeerId;
  readonly name: Uint8Array;
  readonly root: Uint8Array;
  /** Segments that it was asked for, and when. */
  readonly asked: Map<number, Micros>;
  /** Why nothing more is asked of it. */
  why: Reason | undefined;
}

interface Wanted {
  readonly done: (shards: ReadonlyMap<number, Uint8Array> | undefined, ctx: VaultContext) => void;
  readonly shards: Map<number, Uint8Array>;
  /** Numbers of those that were asked for it, with or without success. */
  readonly asked: Set<number>;
  /** Of those that do not have it. */
  readonly without: Set<number>;
  hedges: number;
}

export class Fetching {
  readonly #sources: Source[] = [];
  readonly #byName = new Map<string, Source>();
  readonly #wanted = new Map<number, Wanted>();

  /** Devices that are not present may still come. */
  constructor(readonly content: Content, readonly isPresent: (peer: PeerId) => boolean) {
    content.shares.forEach((share, number) => {
      if (share === undefined) return;
      const { device, root } = share, name = nameOf(content, number, share);
      const source: Source = { number, device, name, root, asked: new Map(), why: undefined };
      this.#sources.push(source);
      this.#byName.set(hex(name), source);
    });
  }

  /** Shares that can be asked now. */
  get reachable(): number {
    return this.#sources.filter((source) => this.#canAsk(source)).length;
  }

  /** Shares that were other bytes than they should be. */
  get poisoned(): readonly { readonly device: PeerId; readonly name: Uint8Array }[] {
    return this.#sources.filter(({ why }) => why === "poisoned");
  }

  /** Why shares could not be had, by their device. */
  get troubles(): ReadonlyMap<PeerId, Reason> {
    const troubles = new Map<PeerId, Reason>();
    for (const { device, why } of this.#sources) {
      if (why !== undefined) troubles.set(device, why);
      else if (!this.isPresent(device)) troubles.set(device, "unreachable");
    }
    return troubles;
  }

  /** Gets a segment; `done` is told nothing where too few devices have it. */
  want(segment: number, done: Wanted["done"], ctx: VaultContext): void {
    const nothing = { shards: new Map(), asked: new Set<number>(), without: new Set<number>() };
    this.#wanted.set(segment, { done, ...nothing, hedges: 0 });
    this.#ask(segment, ctx);
  }

  /** True where the message is about one of these shares. */
  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    if (message.kind !== "shard" && message.kind !== "none") return false;
    const source = this.#byName.get(hex(message.share));
    if (source === undefined || source.device !== from) return false;
    const { number: segment } = message;
    if (!source.asked.delete(segment)) return true;
    if (message.kind === "none") this.#wanted.get(segment)?.without.add(source.number);
    else if (this.#isTrue(source, message, body, ctx)) {
      this.#wanted.get(segment)?.shards.set(source.number, body!);
    } else this.#give(source, "poisoned");
    this.#finish(segment, ctx);
    return true;
  }

  left(peer: PeerId, why: Reason, ctx: VaultContext): void {
    for (const source of this.#sources) if (source.device === peer) this.#give(source, why);
    for (const segment of [...this.#wanted.keys()]) this.#finish(segment, ctx);
  }

  tick(ctx: VaultContext): void {
    for (const source of this.#sources) {
      for (const [segment, since] of source.asked) {
        const waited = ctx.now - since, wanted = this.#wanted.get(segment);
        if (waited > limits.PATIENCE) this.#give(source, "timed-out");
        else if (waited > limits.HEDGE && wanted !== undefined) {
          wanted.hedges = this.#late(segment, ctx);
        }
      }
    }
    for (const segment of [...this.#wanted.keys()]) this.#finish(segment, ctx);
  }

  #late(segment: number, ctx: VaultContext): number {
    return this.#sources.filter(({ asked }) => {
      const since = asked.get(segment);
      return since !== undefined && ctx.now - since > limits.HEDGE;
    }).length;
  }

  #isTrue(
    { root }: Source,
    { number, proof }: ShardMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean {
    if (body?.length !== shardLength(this.content, number)) return false;
    const hash = (bytes: Uint8Array) => ctx.crypto.sha256(bytes);
    const leaf = shardHash(body, ctx.crypto);
    return isIncluded(leaf, number, segmentsOf(this.content), proof, root, hash);
  }

  /** Asks nothing more of it. */
  #give(source: Source, why: Reason): void {
    source.why ??= why;
    source.asked.clear();
  }

  #canAsk({ device, why }: Source): boolean {
    return why === undefined && this.isPresent(device);
  }

  #finish(segment: number, ctx: VaultContext): void {
    const wanted = this.#wanted.get(segment);
    if (wanted === undefined) return;
    if (wanted.shards.size < this.content.enough && this.#ask(segment, ctx)) return;
    this.#wanted.delete(segment);
    const isEnough = wanted.shards.size >= this.content.enough;
    wanted.done(isEnough ? wanted.shards : undefined, ctx);
  }

  /** Asks as many as are still needed; false where there are too few. */
  #ask(segment: number, ctx: VaultContext): boolean {
    const wanted = this.#wanted.get(segment)!;
    const { shards, asked, without, hedges } = wanted;
    const waiting = this.#sources.filter((source) => source.asked.has(segment)).length;
    let missing = this.content.enough + hedges - shards.size - waiting;
    const others = this.#sources
      .filter((source) =>
        this.#canAsk(source) && !asked.has(source.number) && !without.has(source.number)
      )
      .sort((one, other) => one.asked.size - other.asked.size || one.number - other.number);
    let going = waiting;
    for (const source of others) {
      if (missing <= 0) break;
      asked.add(source.number);
      const question = { kind: "get", share: source.name, number: segment } as const;
      if (!ctx.send(source.device, question)) continue;
      source.asked.set(segment, ctx.now);
      missing--;
      going++;
    }
    return shards.size + going >= this.content.enough;
  }
}
