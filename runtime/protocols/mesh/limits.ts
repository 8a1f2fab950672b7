/** Everything of the mesh that a stranger can make grow, or make happen: its bound, and what happens there. */
import { type Micros, minute } from "../../core/mod.ts";

/** A payload; larger ones are refused where they are said, and malformed where they arrive. */
export const PAYLOAD_BYTES = 32 * 1024;

/** Up to here a payload travels inside its message; a larger one as the body of a frame. */
export const INLINE_BYTES = 1024;

/** A topic, in bytes of UTF-8. */
export const TOPIC_BYTES = 64;

/** Steps from the origin; a message that has come so far is told, and not passed on. */
export const HOPS = 64;

/** Recent messages kept for those who missed them; the oldest go first, and none is passed on when older. */
export const STORED = 512;
export const STORED_BYTES = 2 * 1024 * 1024;
export const STORED_FOR: Micros = 10 * minute;
export const STORED_FOR_MILLIS = STORED_FOR / 1000;

/** Origins whose sequence numbers are remembered; the one silent for longest is forgotten first. */
export const ORIGINS = 1024;
/** How far behind its newest message an origin's older ones are still taken. */
export const WINDOW = 1024;
/** Restarts of an origin whose messages are told apart; of earlier ones nothing is taken. */
export const BOOTS = 2;

/** Origins with a tree of their own; the one unused for longest starts anew from the latest tree. */
export const TREES = 64;

/** Ids in one announcement or request; longer lists are malformed. */
export const ANNOUNCED = 512;
export const WANTED = 128;

/** Ids announced and not yet here; further ones are ignored, and announced again by others. */
export const MISSING = 2048;
export const ANNOUNCERS = 8;
/** Times that a missing message is asked for; then it has to be announced again. */
export const TRIES = 8;

/** What a node says itself: a burst, then so many a second; more is refused. */
export const SAID_BURST = 256;
export const SAID_PER_SECOND = 64;

/** What is taken of one origin: twice as much, and all that is kept of it at once. More is fetched later. */
export const HEARD_BURST = 1024;
export const HEARD_PER_SECOND = 128;
/** The same of all origins together that membership has not found: identities cost nothing. */
export const STRANGERS_BURST = 512;
export const STRANGERS_PER_SECOND = 128;
/** Peers known to be members; the one found first is forgotten first, and is a stranger again. */
export const MEMBERS = 1024;

/** Messages that one peer may ask for; more must be asked for again. */
export const SERVED_BURST = 1024;
export const SERVED_PER_SECOND = 256;
/** Peers of whom that is counted; the first is forgotten first. */
export const COUNTED_PEERS = 256;

/** A neighbour with so much waiting in its link is only told of messages, not sent them. */
export const QUEUED_BYTES = 256 * 1024;

/** Messages of guarded topics that wait for a judgement within a step; further ones are dropped. */
export const JUDGED = 64;
