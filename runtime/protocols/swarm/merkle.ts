/**
 * A binary hash tree over the blocks of a content (Merkle 1979), in pages of PAGE_LEAVES leaves.
 *
 * A leaf is the SHA-256 of its block, bare, so that the hash of a block is the same everywhere. A
 * parent is SHA-256(1, left, right); a missing right child counts as 32 zero bytes. Leaves and
 * parents need no further separation: size and block size, fixed in the manifest, fix the shape.
 */
import { type Crypto, sameBytes } from "../../core/mod.ts";
import { PAGE_LEAVES } from "./limits.ts";

const HASH_BYTES = 32;
const PAGE_LEVEL = 9; // 2^9 = PAGE_LEAVES
/** What a parent is the hash of: one, left, right; used again for every one of them. */
const parentInput = Uint8Array.of(1, ...new Uint8Array(2 * HASH_BYTES));

/** One level of a tree: its hashes, one after another. */
type Level = Uint8Array;

/** All levels, leaves first, root last. */
export function treeOf(leaves: Level, crypto: Crypto): readonly Level[] {
  const levels = [leaves];
  let level = leaves;
  while (level.length > HASH_BYTES) {
    level = levelAbove(level, crypto);
    levels.push(level);
  }
  return levels;
}

/** The hash that stands for all leaves. */
export function rootOf(tree: readonly Level[]): Uint8Array {
  return tree.at(-1)!;
}

/** The siblings that lead from a page of leaves up to the root. */
export function pageProof(tree: readonly Level[], page: number): readonly Uint8Array[] {
  const proof: Uint8Array[] = [];
  let at = page;
  for (let level = PAGE_LEVEL; level < tree.length - 1; level++) {
    proof.push(hashAt(tree[level]!, at ^ 1));
    at >>= 1;
  }
  return proof;
}

/** Whether a page of leaves belongs, at its place, to the tree with this root and so many leaves. */
export function pageHolds(
  root: Uint8Array,
  blocks: number,
  page: number,
  leaves: Level,
  proof: readonly Uint8Array[],
  crypto: Crypto,
): boolean {
  if (leaves.length !== leavesOfPage(blocks, page) * HASH_BYTES) return false;
  let height = 0;
  while (Math.ceil(blocks / (1 << height)) > 1) height++;
  let level = leaves;
  for (let done = 0; done < Math.min(PAGE_LEVEL, height); done++) level = levelAbove(level, crypto);
  let hash = hashAt(level, 0);
  if (proof.length !== Math.max(0, height - PAGE_LEVEL)) return false;
  let at = page;
  for (const sibling of proof) {
    hash = (at & 1) === 0 ? parentOf(hash, sibling, crypto) : parentOf(sibling, hash, crypto);
    at >>= 1;
  }
  return sameBytes(hash, root);
}

/** Leaves of a page: all pages are full but the last. */
export function leavesOfPage(blocks: number, page: number): number {
  return Math.max(0, Math.min(PAGE_LEAVES, blocks - page * PAGE_LEAVES));
}

function levelAbove(level: Level, crypto: Crypto): Level {
  const hashes = level.length / HASH_BYTES;
  const above = new Uint8Array(Math.ceil(hashes / 2) * HASH_BYTES);
  for (let at = 0; at < hashes; at += 2) {
    parentInput.fill(0, 1 + HASH_BYTES);
    parentInput.set(level.subarray(at * HASH_BYTES, (at + 2) * HASH_BYTES), 1);
    above.set(crypto.sha256(parentInput), at / 2 * HASH_BYTES);
  }
  return above;
}

function hashAt(level: Level, at: number): Uint8Array {
  const hash = level.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  return hash.length > 0 ? hash : NOTHING;
}

const NOTHING = new Uint8Array(HASH_BYTES);

function parentOf(left: Uint8Array, right: Uint8Array, crypto: Crypto): Uint8Array {
  parentInput.set(left, 1);
  parentInput.set(right, 1 + HASH_BYTES);
  return crypto.sha256(parentInput);
}
