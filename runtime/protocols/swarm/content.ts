/** One content at one node: its manifest, its hashes, what is here, and who else has what. */
import {
  type Context,
  type Crypto,
  type Micros,
  type PeerId,
  sameBytes,
  unhex,
} from "../../core/mod.ts";
import { Availability } from "./availability.ts";
import { Bitmap } from "./bitmap.ts";
import { Lane } from "./lane.ts";
import * as limits from "./limits.ts";
import {
  blockLength,
  blocksOf,
  type ContentKey,
  decodeManifest,
  type Manifest,
} from "./manifest.ts";
import { leavesOfPage, pageHolds, pageProof, rootOf, treeOf } from "./merkle.ts";
import type { Mate, SwarmMessage } from "./wire.ts";

export type SwarmContext = Context<SwarmMessage>;

/** A block that arrived before the hashes that it must match. */
export interface Unverified {
  readonly from: string;
  readonly body: Uint8Array;
  readonly spread: number;
  readonly epoch: number;
}

/** Whom this node relays to under one plan of the source. */
export interface RelayPlan {
  readonly epoch: number;
  /** By dimension, nearest first. */
  readonly relays: readonly (readonly PeerId[])[];
}

export class Content {
  readonly id: Uint8Array;
  manifest: Manifest | undefined;
  manifestBytes: Uint8Array | undefined;
  blocks = 0;
  have = new Bitmap(0);
  /** Blocks that were queued for whom this node relays to. */
  passedOn = new Bitmap(0);
  /** Blocks in the order in which they came to be here: what neighbours are told. */
  readonly log: number[] = [];
  availability = new Availability(0);
  /** By peer, in the order of meeting. */
  readonly lanes = new Map<string, Lane>();
  /** Those of them that have room, and for which an upload waits. */
  readonly busy = new Set<Lane>();
  /** The source's two latest plans. */
  plans: readonly RelayPlan[] = [];
  /** The first block that is relayed to this node: infinite without a plan, undefined until that is known. */
  relayedFrom: number | undefined;
  readonly unverified = new Map<number, Unverified>();
  /** Where blocks of the source's own files are read from; undefined for who fetches. */
  handle: string | undefined;
  /** Weight against other contents on this node's uplink. */
  priority = 1;
  /** Bytes sent for this content, divided by its priority: the least served goes next. */
  served = 0;
  /** When its source has last given a block that is not the last one: who asks for others waits. */
  givenAt: Micros = -Infinity;
  /** Part told last, in percent. */
  percentTold = -1;

  #leaves: Uint8Array = new Uint8Array(0);
  readonly #names = new Map<number, string>();
  #pages = new Bitmap(0);
  /** Proofs of the pages that are here, to pass on. */
  #proofs: (readonly Uint8Array[])[] = [];

  constructor(readonly key: ContentKey) {
    this.id = unhex(key)!;
  }

  get isSource(): boolean {
    return this.handle !== undefined;
  }

  get complete(): boolean {
    return this.manifest !== undefined && this.have.full;
  }

  get pages(): number {
    return Math.ceil(this.blocks / limits.PAGE_LEAVES);
  }

  /** Takes the manifest if it is this content's. */
  learn(bytes: Uint8Array, crypto: Crypto): boolean {
    if (this.manifest !== undefined) return true;
    if (!sameBytes(crypto.sha256(bytes), this.id)) return false;
    const manifest = decodeManifest(bytes);
    if (manifest === undefined) return false;
    this.manifest = manifest;
    this.manifestBytes = bytes;
    this.blocks = blocksOf(manifest);
    this.have = new Bitmap(this.blocks);
    this.passedOn = new Bitmap(this.blocks);
    this.availability = new Availability(this.blocks);
    this.#leaves = new Uint8Array(32 * this.blocks);
    this.#pages = new Bitmap(this.pages);
    return true;
  }

  /** All hashes at once: the source has computed them. */
  learnLeaves(leaves: Uint8Array, crypto: Crypto): void {
    this.#leaves = leaves;
    const tree = treeOf(leaves, crypto);
    for (let page = 0; page < this.pages; page++) {
      this.#pages.add(page);
      this.#proofs[page] = pageProof(tree, page);
    }
  }

  /** What an earlier boot had: believed if it leads to the manifest's root. */
  restoreLeaves(leaves: Uint8Array, crypto: Crypto): void {
    if (this.blocks === 0 || leaves.length !== 32 * this.blocks) return;
    if (sameBytes(rootOf(treeOf(leaves, crypto)), this.manifest!.root)) {
      this.learnLeaves(leaves.slice(), crypto);
    }
  }

  /** True once every page of hashes is here. */
  get knowsLeaves(): boolean {
    return this.manifest !== undefined && this.blocks > 0 && this.#pages.full;
  }

  /** What `learnLeaves` was told. */
  get leaves(): Uint8Array {
    return this.#leaves;
  }

  hasPage(page: number): boolean {
    return this.#pages.has(page);
  }

  get missingPages(): number[] {
    const missing: number[] = [];
    for (let page = 0; page < this.pages; page++) if (!this.#pages.has(page)) missing.push(page);
    return missing;
  }

  pageOf(index: number): number {
    return Math.floor(index / limits.PAGE_LEAVES);
  }

  /** "new", "known", or "wrong" where the page does not belong to this content. */
  addPage(
    page: number,
    leaves: Uint8Array,
    proof: readonly Uint8Array[],
    crypto: Crypto,
  ): "new" | "known" | "wrong" {
    if (page >= this.pages) return "wrong";
    if (this.#pages.has(page)) return "known";
    const { root } = this.manifest!;
    if (!pageHolds(root, this.blocks, page, leaves, proof, crypto)) return "wrong";
    this.#leaves.set(leaves, page * limits.PAGE_LEAVES * 32);
    this.#pages.add(page);
    this.#proofs[page] = proof.map((hash) => hash.slice());
    return "new";
  }

  page(page: number): { readonly leaves: Uint8Array; readonly proof: readonly Uint8Array[] } {
    const from = page * limits.PAGE_LEAVES * 32;
    const leaves = this.#leaves.subarray(from, from + leavesOfPage(this.blocks, page) * 32);
    return { leaves, proof: this.#proofs[page]! };
  }

  /**
   * What a block is called on the disk: by its first byte's place in the content, so that a host can
   * lay blocks side by side. Remembered, since a text just made is slow to look up.
   */
  nameOf(index: number): string {
    let name = this.#names.get(index);
    if (name === undefined) {
      this.#names.set(index, name = `${this.key}/${index * this.manifest!.blockBytes}`);
    }
    return name;
  }

  /** The block that begins at this byte of the content; undefined where none does. */
  indexAt(offset: number): number | undefined {
    const index = this.manifest === undefined ? -1 : offset / this.manifest.blockBytes;
    return Number.isInteger(index) && index >= 0 && index < this.blocks ? index : undefined;
  }

  lengthOf(index: number): number {
    return blockLength(this.manifest!, index);
  }

  /** Whether one more block may wait here for its page of hashes. */
  hasRoomFor({ length }: Uint8Array): boolean {
    return (this.unverified.size + 1) * length <= limits.UNVERIFIED_BYTES;
  }

  /** Whether a block is what the manifest says stands at its place; its page must be here. */
  holds(index: number, body: Uint8Array, crypto: Crypto): boolean {
    if (body.length !== this.lengthOf(index)) return false;
    return sameBytes(crypto.sha256(body), this.#leaves.subarray(index * 32, index * 32 + 32));
  }

  /** The block is here now; false where it was before. */
  add(index: number): boolean {
    if (!this.have.add(index)) return false;
    this.availability.unseek(index);
    this.log.push(index);
    return true;
  }

  /** The disk does not have the block after all. */
  lose(index: number): boolean {
    return this.have.remove(index);
  }

  laneTo(peer: string): Lane | undefined {
    return this.lanes.get(peer);
  }

  /** The plan in force when a block of this epoch was given, or the oldest that is still known. */
  planOf(epoch: number): RelayPlan | undefined {
    return this.plans.find((plan) => plan.epoch <= epoch) ?? this.plans.at(-1);
  }

  /** Peers that a newcomer could ask: those whose keys and addresses are known here. */
  matesFor(ctx: SwarmContext): Mate[] {
    const mates: Mate[] = [];
    for (const lane of this.lanes.values()) {
      const keys = ctx.keysOf(lane.peer);
      const address = ctx.addressOf(lane.peer);
      if (keys === undefined || address === undefined) continue;
      mates.push({ ...keys, address, dial: true });
      if (mates.length === 16) break;
    }
    return mates;
  }
}
