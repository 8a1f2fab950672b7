/** Everything of the sockets that a stranger can make grow, or make happen: its bound, and what happens there. */

/**
 * Inbound connections without a complete first frame, in all and of one host; the oldest is cut for a new
 * one. As many as a whole lab behind one address opens at once.
 */
export const WAITING = 512;
export const WAITING_PER_HOST = 256;

/** A connection that has not delivered its first frame by then is cut; the node never hears of it. */
export const FIRST_FRAME_MILLIS = 5_000;

/** Links in all and of one host, a little more than the node allows, so that the node says why. */
export const LINKS = 1_088;
export const LINKS_PER_HOST = 512;

/** Dials that nobody has answered yet; further ones are refused as `too-many`. */
export const DIALS = 256;
export const DIAL_MILLIS = 5_000;

/** Bytes that wait to be written to one link, and to all; a link beyond is cut as `timed-out`. */
export const QUEUED_BYTES = 32 * 1024 * 1024;
export const ALL_QUEUED_BYTES = 192 * 1024 * 1024;

/** A link whose peer takes nothing of what waits for so long is cut as `silent`. */
export const STALL_MILLIS = 20_000;

/** A frame that has begun may take so long, and then so many bytes a second must come of it. */
export const FRAME_MILLIS = 5_000;
export const FRAME_BYTES_PER_SECOND = 512; // a serial line of 9,600 baud is faster

/** What was sent before a hang-up has so long to leave, and the peer so long to close its side. */
export const FLUSH_MILLIS = 1_000;

/**
 * Bodies read that are told at once, as TCP's segments are (RFC 1122, 4.2.3.2), and how long one waits
 * for a second or for a frame to go with: less than half of what a sender has under way.
 */
export const BODIES_PER_RECEIPT = 2;
export const RECEIPT_MILLIS = 100;

/** Guards look this often; a look that is so late was a stall of ours, and blames nobody. */
export const LOOK_MILLIS = 500;
export const LATE_MILLIS = 1_500;

/** Up to so much that waits is written from a buffer of its own size. */
export const MEDIUM_BUFFER_BYTES = 64 * 1024;

/** Reads and writes of a link that is busy; how many of those at one time, and how many are kept for later. */
export const LARGE_BUFFER_BYTES = 256 * 1024;
export const LARGE_BUFFERS = 256;
export const LARGE_BUFFERS_KEPT = 8;

/** The same of a link that is not busy; one whose reads were as small as that so often is none any more. */
export const SMALL_BUFFER_BYTES = 4 * 1024;
export const LITTLE_READS = 16;

/** Where the system has no file descriptors left, connections are accepted again after this. */
export const ACCEPT_PAUSE_MILLIS = 50;
export const ACCEPT_PAUSE_MOST_MILLIS = 1_000;

/** Ports that are tried, from the wanted one on. */
export const PORTS = 20;

/** Datagrams heard of one source, of one host and by one socket; beyond, they are not heard. */
export const SOURCE_DATAGRAMS = { burst: 64, perSecond: 32 };
export const HOST_DATAGRAMS = { burst: 512, perSecond: 256 };
export const SOCKET_DATAGRAMS = { burst: 2_048, perSecond: 1_024 };

/** Sources of which that is counted; the one counted first is forgotten first. */
export const SOURCES = 1_024;

/** A socket that has heard enough is not read for so long: the system drops what comes. */
export const DATAGRAM_PAUSE_MILLIS = 50;

/** Datagrams handed to the system at one time; further ones are lost. */
export const DATAGRAMS_LEAVING = 512;

/** The same bytes of the same source within this time came by two ways. */
export const TWICE_MILLIS = 100;
export const TWICE_REMEMBERED = 64;

/** Interfaces that are used, the best first, and how often it is looked whether they have changed. */
export const INTERFACES = 16;
export const INTERFACES_MILLIS = 3_000;

/** Bytes of a serial line that wait for the node; beyond, the device is not read. */
export const SERIAL_UNREAD_BYTES = 64 * 1024;

/** Packets that wait for the device; a greeting that would wait behind more is said again later. */
export const SERIAL_PACKETS_WAITING = 16;

/** Serial lines are looked after so often, and a device that is gone is opened again after this. */
export const SERIAL_LOOK_MILLIS = 100;
export const SERIAL_REOPEN_MILLIS = 2_000;
