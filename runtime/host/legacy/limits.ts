/** What older programs, which prove nothing, may cost this one; and what happens beyond. */

/** Their receivers read so many bytes of a message and no more. */
export const FRAME_BYTES = 1024;

/** What is read of one connection; the rest is not theirs. */
export const READ_BYTES = 4096;

/** A connection that has not ended by then is closed, with what it has said until then. */
export const READ_MILLISECONDS = 5_000;
export const CONNECT_MILLISECONDS = 5_000;

/** Connections at once; a further one is closed at once. */
export const CONNECTIONS = 512;

/** Older programs that are remembered, in all and of one address; the one silent for longest goes first. */
export const PEERS = 256;
export const PEERS_OF_ADDRESS = 32;

/** Messages taken of one address: a burst, then so many a second. */
export const BURST = 400;
export const PER_SECOND = 20;
export const ADDRESSES = 256;

/** Whoever says nothing for so long is no longer listed: as the older program has it. */
export const INACTIVE_MILLISECONDS = 600_000;

/** Messages that wait to be sent; a further one is refused. */
export const WAITING = 256;
