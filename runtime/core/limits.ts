/** Everything a stranger can make grow, its bound, and what happens there. */

/** A frame's head, sealed: larger ones hang up the link. Control messages are far smaller. */
export const HEAD_BYTES = 64 * 1024;

/** A message without its body: a frame's head, less its seal and what says whose message it is. */
export const MESSAGE_BYTES = HEAD_BYTES - 64;

/** A frame's body: one block with room to spare; larger ones hang up the link. */
export const BODY_BYTES = 4 * 1024 * 1024;

/** A datagram: fits one Ethernet frame under IPv6 and a tunnel; longer ones are ignored. */
export const DATAGRAM_BYTES = 1200;

/** Links of one node in all; a further one is refused as `too-many`. */
export const LINKS = 1024;

/** Links that have not yet proved who they are; a pool of their own, so strangers cannot fill the other. */
export const UNPROVED_LINKS = 256;

/** Unproved links from one host address. */
export const UNPROVED_LINKS_PER_HOST = 8;

/**
 * A node whose timers come so late has more to do than it can. Then it takes only so many unproved links, and
 * has only so many dials of its own under way: a greeting costs as much as a hundred frames, and all for
 * nothing where it comes too late. Further links are refused; further dials wait, and the last of too many
 * is not made.
 */
export const LATE_MICROS = 500_000;
export const UNPROVED_LINKS_WHEN_LATE = 4;
export const UNPROVED_LINKS_PER_HOST_WHEN_LATE = 2;
export const DIALS_WHEN_LATE = 4;
export const DEFERRED_DIALS = 256;

/** A handshake that takes longer is hung up. */
export const HANDSHAKE_MICROS = 5_000_000;

/** Peers remembered as banned; the oldest is forgotten first. */
export const BANNED_PEERS = 4096;

/** A link that no protocol holds is hung up after this long. */
export const UNHELD_MICROS = 10_000_000;

/** Frames sealed with one key; then both ends move to the next (rekey). Noise, section 11.3. */
export const FRAMES_PER_KEY = 1 << 16;

/** An address on the wire: an IPv6 address with zone and port, or a host name. */
export const ADDRESS_BYTES = 96;

/** A person's or a session's display name, in bytes of UTF-8. */
export const NAME_BYTES = 96;

/** A key is used for at most this long, as WireGuard does (Donenfeld 2017, section 6.1). */
export const KEY_MICROS = 120_000_000;
