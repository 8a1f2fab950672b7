/** One share at the device that holds it: how long its shards are, and how far it has come. */
import {
  exactly,
  HASH_BYTES,
  hex,
  KEY_BYTES,
  listOf,
  type Micros,
  type PeerId,
  Reader,
  struct,
  type Tree,
  unhex,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { type Layout, layoutSchema } from "./wire.ts";

const shareRecord = struct({
  vault: exactly(KEY_BYTES),
  layout: layoutSchema,
  hashes: listOf(exactly(HASH_BYTES), limits.SEGMENTS),
});

/** A share, whole or on its way. */
export interface Held {
  readonly vault: string;
  readonly layout: Layout;
  /** Of its first shards. */
  readonly hashes: Uint8Array[];
  /** Shards that the disk has lost since. */
  readonly damaged: Set<number>;
  /** `leaving`: its pieces are gone, and the disk has not let its record go yet. */
  state: "coming" | "settling" | "whole" | "leaving";
  /** Who sends it, and since when nothing came. */
  from: PeerId | undefined;
  at: Micros;
  /** Over the hashes, once it was needed. */
  tree: Tree | undefined;
}

/** What the disk is given of a whole one. */
export function heldBytes(held: Held): Uint8Array {
  const writer = new Writer();
  shareRecord.write(writer, { ...held, vault: unhex(held.vault)! });
  return writer.take();
}

/** Undefined where it is none. */
export function readHeld(bytes: Uint8Array): Held | undefined {
  const reader = new Reader(bytes);
  const { vault, layout, hashes } = shareRecord.read(reader);
  if (!reader.whole || !isLayout(layout) || hashes.length !== layout.shards) return undefined;
  return { ...fresh(hex(vault), layout), hashes: [...hashes], state: "whole" };
}

/** A share of which nothing has come. */
export function fresh(vault: string, layout: Layout): Held {
  return {
    vault,
    layout,
    hashes: [],
    damaged: new Set(),
    state: "coming",
    from: undefined,
    at: 0,
    tree: undefined,
  };
}

/** Whether all of it is here, as far as is known. */
export function isWhole({ state, damaged }: Held): boolean {
  return state === "whole" && damaged.size === 0;
}

/** Whether shards can be that long. */
export function isLayout({ shards, each, last }: Layout): boolean {
  const isBlocks = (length: number) => length > 0 && length % limits.BLOCK_BYTES === 0;
  return shards > 0 && isBlocks(each) && isBlocks(last) && (shards > 1 || each === last) &&
    last <= each;
}

/** Whether two are of the same share. */
export function sameLayout(one: Layout, other: Layout): boolean {
  return one.shards === other.shards && one.each === other.each && one.last === other.last;
}

/** Length of one shard. */
export function shardBytes({ shards, each, last }: Layout, number: number): number {
  return number === shards - 1 ? last : each;
}

/** What all of it takes. */
export function lengthOf({ shards, each, last }: Layout): number {
  return (shards - 1) * each + last;
}
