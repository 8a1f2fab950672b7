/** Everything that a stranger can make a directory keep or repeat, its bound, and what happens there. */
import { type Micros, minute, second } from "../../core/mod.ts";

/** Fifteen digits in a number below 2^53. */
export const ID = 999_999_999_999_999;

/** Proofs in a list of four thousand million entries. */
export const PROOF = 64;

/** One-time bundles of somebody that wait to be given; further ones are not taken. */
export const STOCK = 32;
/** Bundles in one message. */
export const BUNDLES = 8;
/** An owner with fewer left is asked for more. */
export const STOCK_LOW = 8;

/** Challenges that wait for their answers; the first is forgotten first. */
export const CHALLENGES = 1_024;
export const CHALLENGE_BYTES = 16;

/** To check an ID takes 40 ms of a processor: so many at once, and then a second. */
export const CHECKED_BURST = 16;
export const CHECKED_PER_SECOND = 4;

/** Questions of one peer. */
export const FOUND_BURST = 64;
export const FOUND_PER_SECOND = 8;
/** Questions of one peer after an ID that nobody has: who tries all numbers is stopped by this. */
export const MISSED_BURST = 32;
export const MISSED_PER_MINUTE = 6;
/** Bundles of one use that one peer is given. */
export const GIVEN_BURST = 16;
export const GIVEN_PER_MINUTE = 6;
/** Peers of whom that is counted; the one counted first is forgotten first. */
export const COUNTED = 4_096;

/** Somebody is said to be there for so long after their link is gone. */
export const PRESENT_FOR: Micros = 2 * minute;
export const PRESENT = 16_384;

/** IDs that have been checked, and need not be again. */
export const VERIFIED = 4_096;

/** Directories that one device asks, and whose lists it follows. */
export const DIRECTORIES = 4;

/** IDs that a device looks for at once; a further one is refused. */
export const SOUGHT = 64;
/** A search ends after so long; who is found later is told of all the same. */
export const SEEK_FOR: Micros = 20 * second;

/** A directory is told of this device again after so long, and one that is gone is dialled. */
export const AGAIN: Micros = 30 * second;
export const DIAL_AGAIN: Micros = 5 * second;

/** IDs whose keys a device has pinned. */
export const PINNED = 2_048;

/** Heads of directories that nobody here asks: of so many directories, and of each. */
export const RUMOURED = 16;
export const RUMOURS = 8;
