/** What peers say to each other about contents. New kinds go to the end. */
import {
  bytesUpTo,
  exactly,
  flag,
  limits as core,
  listOf,
  type MessageOf,
  numbersUpTo,
  oneOf,
  optional,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  wire,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

const content = exactly(32);
const address = textUpTo(core.ADDRESS_BYTES);
const block = upTo(limits.BLOCKS - 1);
const page = upTo(limits.BLOCKS / limits.PAGE_LEAVES - 1);
const spread = upTo(limits.PLAN_DIMENSIONS);
const epoch = upTo(0xffff_ffff);
const haves = numbersUpTo(limits.BLOCKS - 1, limits.HAVES);

const halt = oneOf(["disk-full", "disk-error"]);
/** What may keep a fetching peer from going on. */
export type Halt = ValueOf<typeof halt>;

const mate = struct({
  sign: exactly(32),
  agree: exactly(32),
  address,
  /** Which of the two opens the link, so that they don't both. */
  dial: flag,
});

/** A peer that another one should know, and where to dial it. */
export type Mate = ValueOf<typeof mate>;

const table = {
  /** I want this content; I can be dialled here. */
  interest: struct({ content, address }),
  /** I have the manifest; it is the body. */
  offer: struct({ content }),
  /** I know nothing of that content, or share it no more. */
  unknown: struct({ content }),
  /**
   * To whom you relay what reaches you with spread d: in `dimensions[d - 1]`, whom no longer and
   * whom from now on. From the source; a link's first one counts from nobody. So many blocks it has
   * given before: of those, nobody relays any to who had no plan.
   */
  plan: struct({
    content,
    epoch,
    given: upTo(limits.BLOCKS),
    dimensions: listOf(
      struct({
        drop: listOf(exactly(32), limits.PLAN_PEERS),
        add: listOf(mate, limits.PLAN_PEERS),
      }),
      limits.PLAN_DIMENSIONS,
    ),
  }),
  /** Others that want or have it: for who comes late, or finds the source gone. */
  mates: struct({ content, mates: listOf(mate, limits.PLAN_PEERS) }),
  /** A page of hashes, in the body; the proof leads to the manifest's root. */
  page: struct({ content, page, spread, epoch, proof: listOf(exactly(32), 16) }),
  /** A block, in the body, to be relayed along `spread` dimensions; and what else I have now. */
  block: struct({ content, index: block, spread, epoch, haves }),
  /** All that I have. */
  has: struct({ content, blocks: bytesUpTo(limits.BLOCKS / 8) }),
  /** What I have since I last told you. */
  haves: struct({ content, haves }),
  want: struct({ content, blocks: listOf(block, limits.WANTS) }),
  wantPages: struct({ content, pages: listOf(page, limits.BLOCKS / limits.PAGE_LEAVES) }),
  /** Blocks that I asked you for and no longer need. */
  unwant: struct({ content, blocks: listOf(block, limits.WANTS) }),
  /** To the source: I have relayed these, at so many bytes per second of uplink. */
  relayed: struct({
    content,
    blocks: listOf(block, limits.HAVES),
    bytesPerSecond: upTo(1e12),
    /** Uploads of this content that still wait here. */
    waiting: upTo(0xffff_ffff),
  }),
  /** To the source: this peer has sent me a block with a wrong hash. */
  accuse: struct({ content, peer: exactly(32) }),
  /** I take no further part. */
  leave: struct({ content }),
  /** To the source: why I ask for nothing for now; without a reason, I go on. */
  halted: struct({ content, why: optional(halt) }),
};

export type SwarmMessage = MessageOf<typeof table>;
export type MessageNamed<Kind extends SwarmMessage["kind"]> = Extract<SwarmMessage, { kind: Kind }>;
export const swarmWire = wire(table);
