/**
 * A share's hash: a tree over its shards, each of which is a tree over its blocks (core/merkle.ts). A device
 * can prove any block, and the owner keeps 32 bytes a share.
 */
import { type Crypto, leafOf, Tree } from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** The tree of one shard. */
export function blockTree(shard: Uint8Array, crypto: Crypto): Tree {
  const hash = (bytes: Uint8Array) => crypto.sha256(bytes), tree = new Tree(hash);
  for (let at = 0; at < shard.length; at += limits.BLOCK_BYTES) {
    tree.append(leafOf(shard.subarray(at, at + limits.BLOCK_BYTES), hash));
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
