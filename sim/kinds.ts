/** The kinds of events in the kernel's queue, and whose they are. */

/** The fluid's: a frame may be through. */
export const FLOWED = 0;
/** A machine's: `a` is its index, `b` its life. */
export const PROCESSED = 1, WOKEN = 2, SYNCED = 3, HAPPENED = 4;
/** The links': the payload is one end. */
export const ARRIVED = 5, ENDED = 6, ACCEPTED = 7;
/** The dials': the payload is a dial. */
export const DIALLED = 8, CALLED = 9, ANSWERED = 10, REFUSED = 11, GAVE_UP = 12;
/** The payload is a datagram. */
export const OVERHEARD = 13;
/** The scenario's: `a` is the number of an act. */
export const ACTED = 14;
/** The payload is a function of the world's own, for what is rare: a fault, a deadline. */
export const DUE = 15;
