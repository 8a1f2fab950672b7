/** What a disk holds at once for others or for a person, and what happens there. */

/** Content files held open; of more, the one used longest ago is closed. */
export const OPEN_FILES = 64;

/** A piece, in bytes; a longer one is refused as `too-large`. */
export const PIECE_BYTES = 4 * 1024 * 1024;

/** Where a piece ends within its content at most: 128 GiB, the swarm's largest content. */
export const CONTENT_BYTES = 128 * 1024 * 1024 * 1024;

/** Room that is left to the rest of the machine: beyond it a piece is refused as `disk-full`. */
export const SPARE_BYTES = 64 * 1024 * 1024;

/** Free room is looked up again after so many bytes were written. */
export const LOOK_AFTER_BYTES = 16 * 1024 * 1024;

/** Files under a shared folder, and how deep: more are refused in one sentence. */
export const SHARED_FILES = 4096;
export const SHARED_DEPTH = 31;

/** A name that is taken gets a number after it, up to this one. */
export const SAME_NAMES = 999;
