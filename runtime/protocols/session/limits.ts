/** What a conversation may cost that somebody else steers, and what happens beyond. */
import { type Micros, minute } from "../../core/mod.ts";

/** Messages of one chain that may be missing before one that is read; a further jump is refused. */
export const SKIPPED_AT_ONCE = 1_000;

/** Keys of missing messages that are kept, of all chains; the oldest is forgotten first. */
export const SKIPPED = 2_000;

/** Counters of messages in one chain: beyond, a chain is not used any more. */
export const COUNT = 0x7fff_ffff;

/** A text of a message before it is padded; a longer one is refused at the source. */
export const CLEAR_BYTES = 16 * 1024;

/** A sealed message: its text padded to a bucket, and what stands in front of it. */
export const SEALED_BYTES = CLEAR_BYTES + 1_024;

/** Conversations with one peer that are kept; the oldest is forgotten first (Sesame, section 3). */
export const SESSIONS = 5;

/** Peers with whom there are conversations; the one unused for longest is forgotten first. */
export const PEERS = 2_048;

/** Numbers of prekeys: beyond, a device has given out four thousand million bundles. */
export const PREKEY_IDS = 0xffff_ffff;

/** Prekeys that wait for their first message; the oldest is forgotten first. */
export const SIGNED_PREKEYS = 8;
export const ONCE_PREKEYS = 256;
export const KEM_PREKEYS = 256;

/** A signed prekey is given out for so long, or for so many starts. */
export const SIGNED_FOR: Micros = 48 * 60 * minute;
export const SIGNED_STARTS = 8;

/** Conversations begun by a bundle of last resort, remembered so that none is begun twice. */
export const BEGUN = 4_096;

/** Conversations are numbered; beyond, no newer one can be begun. */
export const AGE = 0xffff_ffff;
