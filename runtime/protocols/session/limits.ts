/** What a conversation may cost that somebody else steers, and what happens beyond. */

/** Messages of one chain that may be missing before one that is read; a further jump is refused. */
export const SKIPPED_AT_ONCE = 1_000;

/** Keys of missing messages that are kept, of all chains; the oldest is forgotten first. */
export const SKIPPED = 2_000;

/** Counters of messages in one chain: beyond, a chain is not used any more. */
export const COUNT = 0x7fff_ffff;

/** A text of a message before it is padded; a longer one is refused at the source. */
export const CLEAR_BYTES = 16 * 1024;
