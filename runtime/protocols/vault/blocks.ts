/**
 * A share's hash: a tree over its shards, each of which is a tree over its blocks (core/merkle.ts). A device
 * can prove any block, and the owner keeps 32 bytes a share.
 */
import { type Crypto, leafOf, Tree } from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** What stands for one block in its shard's tree. */
export function blockLeaf(block: Uint8Array, crypto: Crypto): Uint8Array {
  return leafOf(crypto.sha256(block), (bytes) => crypto.sha256(bytes));
}

/** The tree of one shard. */
export function blockTree(shard: Uint8Array, crypto: Crypto): Tree {
  const tree = new Tree((bytes) => crypto.sha256(bytes));
  for (let at = 0; at < shard.length; at += limits.BLOCK_BYTES) {
    tree.append(blockLeaf(shard.subarray(at, at + limits.BLOCK_BYTES), crypto));
  }
  return tree;
}

/** What stands for one shard in its share's tree. */
export function shardHash(shard: Uint8Array, crypto: Crypto): Uint8Array {
  return leafOf(blockTree(shard, crypto).root(), (bytes) => crypto.sha256(bytes));
}

/** The tree of a share, of the hashes of its shards. */
export function shareTree(hashes: readonly Uint8Array[], crypto: Crypto): Tree {
  const tree = new Tree((bytes) => crypto.sha256(bytes));
  for (const hash of hashes) tree.append(hash);
  return tree;
}
