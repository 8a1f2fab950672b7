/** Everything that owners, devices and strangers can make a vault grow or repeat, its bound, and what happens there. */
import { type Micros, minute, second } from "../../core/mod.ts";

/** A file is cut into segments of so many bytes, each of which is sealed and coded by itself: 1 MiB with its tag. */
export const SEGMENT_BYTES = 1024 * 1024 - 16;

/** Segments of one content: 4 GiB. A longer file is refused before anything is read. */
export const SEGMENTS = 4_096;

/** Shards of one segment; the field has room for 256. */
export const SHARDS = 64;

/** What is hashed and proved by itself: a shard is a whole number of these. */
export const BLOCK_BYTES = 4_096;

/** One shard: a segment whole and sealed, where one is enough, in whole blocks. */
export const SHARD_BYTES = 1024 * 1024;

/** A proof's hashes: of a shard among SEGMENTS, and of a block within its shard. */
export const PROOF_HASHES = 12;
export const BLOCK_PROOF_HASHES = 9;

/** Names one share at the device that holds it. */
export const SHARE_BYTES = 32;

/** Devices of one vault; others that offer are not used. */
export const DEVICES = 64;
/** What tells which devices may be lost together: a room, a power line, a building. */
export const DOMAIN_BYTES = 64;

/** Contents of one vault; a further one is refused. */
export const CONTENTS = 4_096;
/** A file's name, in bytes of UTF-8. */
export const NAME_BYTES = 255;
/** A small picture of what is locked. */
export const PREVIEW_BYTES = 16 * 1024;
/** Tiles of the view of one picture, and pixels of its longer side. */
export const TILES = 1_024;
export const SIDE = 65_535;
/** Shares of contents that are gone or were placed anew, and that their devices have not dropped yet. */
export const CONDEMNED = 4_096;

/** Ids of deleted contents, and hashes of earlier versions, that a mapping remembers; the last ones. */
export const DELETED = 256;
export const ANCESTORS = 64;

/** A mapping, sealed; it travels as one body. */
export const MAPPING_BYTES = 2 * 1024 * 1024;
export const VERSIONS = 0xffff_ffff;

/** Vaults for which one device holds shares; a further one is refused. */
export const VAULTS = 64;
/** Shares of one vault at one device, and in one message. */
export const SHARES = 16_384;
export const SHARES_AT_ONCE = 512;
/** Vaults that one linked peer may enter. */
export const ENTERED = 4;

/** What a device holds for all, without another setting, and for one vault: a part of that. */
export const OFFERED_BYTES = 4 * 1024 * 1024 * 1024;
export const VAULT_PART = 4;

/** A share that nobody goes on with is forgotten after so long; sooner where nothing of it has come. */
export const UNFINISHED: Micros = 10 * minute;
export const UNBEGUN: Micros = 30 * second;

/** Questions of one peer, a burst and then a second: each costs a read of the disk. */
export const ASKED_BURST = 4_096;
export const ASKED_PER_SECOND = 2_048;
/** Of those that cost much more: mappings that are given or taken. */
export const MAPPINGS_BURST = 256;
export const MAPPINGS_PER_SECOND = 8;
/** Peers of whom that is counted. */
export const COUNTED = 1_024;

/** Segments that are in memory at once, of one job. */
export const WINDOW = 4;
/** Shards on their way to one device that it has not confirmed. */
export const UNCONFIRMED = 4;

/** A device that does nothing for so long, of those that are waited for, is given up for this job. */
export const PATIENCE: Micros = 5 * second;
/** So long it takes until somebody who is dialled has offered room, or has not. */
export const GATHER: Micros = 2 * second;
/** A shard that has not come by then is asked of another device too. */
export const HEDGE: Micros = second;
/** A device that was given up is tried again after so long. */
export const TRY_AGAIN: Micros = 10 * second;

/** What drives deadlines, while there is a job. */
export const TICK: Micros = second / 4;

/** Devices are looked after so often: dialled, asked for proofs. */
export const WATCH_EVERY: Micros = 10 * second;
/** Each share is asked for a proof once in so long. */
export const VERIFY_EVERY: Micros = 60 * minute;
/** A device that is away for so long counts as lost, without another setting: its shares are made anew. */
export const LOST_AFTER: Micros = 15 * minute;

/** A device reads what it holds, a shard at a time: one in so long. */
export const SCRUB_EVERY: Micros = 30 * second;

/** A device that has lost so many shares, or given others than it should, gets no more of them in this boot. */
export const FAULTS = 3;

/** Blocks of a share that are proved at once. */
export const PROOFS = 4;
