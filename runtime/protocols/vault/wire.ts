/** What owners of vaults and the devices that hold their shares say to each other. Over a link between the two. */
import {
  exactly,
  flag,
  HASH_BYTES,
  KEY_BYTES,
  listOf,
  type MessageOf,
  oneOf,
  type Reason,
  reasons,
  SIGNATURE_BYTES,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

const vault = exactly(KEY_BYTES);
const share = exactly(limits.SHARE_BYTES);
const hash = exactly(HASH_BYTES);
const number = upTo(limits.SEGMENTS - 1);
const why = oneOf(Object.keys(reasons) as Reason[]);
const version = upTo(limits.VERSIONS);

/** How long a share's shards are: all alike, but for the last one. */
export const layoutSchema = struct({
  shards: upTo(limits.SEGMENTS),
  each: upTo(limits.SHARD_BYTES),
  last: upTo(limits.SHARD_BYTES),
});
export type Layout = ValueOf<typeof layoutSchema>;

const messages = {
  /** This device holds shares for others, of so many bytes more; and what may be lost together with it. */
  offer: struct({
    free: upTo(Number.MAX_SAFE_INTEGER),
    domain: textUpTo(limits.DOMAIN_BYTES),
  }),
  /** I may act for this vault. */
  enter: struct({ vault, pass: exactly(SIGNATURE_BYTES) }),
  /** What is here for it: the mapping that was witnessed last, and the names of its shares, in pages. */
  entered: struct({
    vault,
    version,
    mapping: hash,
    shares: listOf(struct({ share, isWhole: flag }), limits.SHARES_AT_ONCE),
    isLast: flag,
  }),
  /** A share comes. */
  begin: struct({ vault, share, layout: layoutSchema }),
  /** So many of its first shards are here already. */
  ready: struct({ share, shards: upTo(limits.SEGMENTS) }),
  /** With a body: one shard. They come in order. */
  put: struct({ share, number }),
  got: struct({ share, number }),
  /** That was all of it, with this hash. */
  finish: struct({ share, root: hash }),
  /** It is whole, as its hash says, and on the disk. */
  stored: struct({ share }),
  /** It is not, or will not be. */
  refused: struct({ share, why }),
  get: struct({ share, number }),
  /** With a body: the shard, and what leads from it to the share's hash. */
  shard: struct({ share, number, proof: listOf(hash, limits.PROOF_HASHES) }),
  /** It is not here, or not whole. */
  none: struct({ share, number }),
  /** Prove that this block is here. */
  audit: struct({ share, number, block: upTo(limits.SHARD_BYTES / limits.BLOCK_BYTES - 1) }),
  /** With a body: the block, what leads from it to its shard's hash, and from that to the share's. */
  proof: struct({
    share,
    number,
    block: upTo(limits.SHARD_BYTES / limits.BLOCK_BYTES - 1),
    within: listOf(hash, limits.BLOCK_PROOF_HASHES),
    proof: listOf(hash, limits.PROOF_HASHES),
  }),
  drop: struct({ share }),
  dropped: struct({ share }),
  /** This device has found that it holds this one no more. */
  lost: struct({ share }),
  /** With a body: the mapping, sealed. It follows the one with that hash. */
  witness: struct({ vault, version, previous: hash }),
  witnessed: struct({ vault, version }),
  /** Another one is here, which is newer, or as new. */
  newer: struct({ vault, version }),
  recall: struct({ vault }),
  /** With a body, where there is one. */
  mapping: struct({ vault, version }),
};

export type VaultMessage = MessageOf<typeof messages>;
export const vaultWire: Wire<VaultMessage> = wire(messages);
