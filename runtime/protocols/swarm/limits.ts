/** What a stranger can make grow in the swarm, its bound, and what happens there. */

/** Blocks of a content: 65,536 leaves are 2 MiB of hashes a node; larger files get larger blocks. */
export const BLOCKS = 65_536;

/** The least and the largest block: the least keeps heads below 1 %, the largest fits a frame's body. */
export const BLOCK_BYTES_LEAST = 16 * 1024;
export const BLOCK_BYTES_MOST = 2 * 1024 * 1024;

/** Leaves of one page of hashes: 16 KiB, verified as a whole before any leaf is believed. */
export const PAGE_LEAVES = 512;

/** A manifest, encoded; a longer one is refused by its sender and its reader. */
export const MANIFEST_BYTES = 256 * 1024;
export const FILES = 4096;
export const PATH_BYTES = 512;
export const TITLE_BYTES = 255;

/** Contents a node shares or fetches at once; a further command is refused in words. */
export const CONTENTS = 64;

/** Peers of one content at its source; a further one is told `too-many` and asks its neighbours. */
export const MEMBERS = 1024;

/** Neighbours of one content at any other node; a further one is not answered. */
export const NEIGHBOURS = 128;

/** Peers named for one dimension of a plan: a row has at most 80 members, and a plan fits a frame. */
export const PLAN_PEERS = 96;
export const PLAN_DIMENSIONS = 3;

/** Blocks announced in one frame; the rest goes with the next. */
export const HAVES = 512;

/** Blocks that a neighbour may have asked for and not got; more are ignored, and asked again. */
export const WANTS = 128;

/** Bodies of a content held while their page of hashes is on its way; what comes then is dropped. */
export const UNVERIFIED_BYTES = 4 * 1024 * 1024;

/** Bodies held for relaying, bytes a node; beyond it they are loaded from the disk again. */
export const CACHE_BYTES = 2 * 1024 * 1024;

/** A disk that takes no more is asked again after this long, in Micros: there may be room by then. */
export const DISK_PAUSE = 10_000_000;

/** Uploads that wait for one peer; further blocks are left for it to pull. */
export const UPLOADS = 512;

/** Sources that a fetch may name. */
export const SOURCES = 16;

/** Members that may accuse one peer before the source believes them. */
export const COMPLAINTS_NEEDED = 2;
