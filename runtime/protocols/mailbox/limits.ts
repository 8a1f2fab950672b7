/** Everything that a stranger can make a mailbox keep or repeat, its bound, and what happens there. */
import { type Micros, minute, second } from "../../core/mod.ts";

/** Names one parcel of one sender. */
export const ID_BYTES = 16;

/** A parcel: what a letter is sealed in. */
export const PACKET_BYTES = 8 * 1024;

/** What an owner leaves for those who want to write to them: one bundle. */
export const BUNDLE_BYTES = 2 * 1024;

/** Parcels in one message. */
export const PARCELS = 4;

/** Ids in one message. */
export const IDS = 64;

/** Peers whose parcels a node keeps; a further one is refused. */
export const OWNERS = 256;

/** What is kept for one of them, and of one sender of it; more is refused, and stays with its sender. */
export const PARCELS_EACH = 1_024;
export const PARCELS_OF_SENDER = 256;

/** What is kept of all together. */
export const BYTES = 16 * 1024 * 1024;

/** Of running time: what nobody has fetched by then is forgotten. A restart begins the last day anew. */
export const KEPT_FOR: Micros = 14 * 24 * 60 * minute;
export const DAY: Micros = 24 * 60 * minute;

/** Deposits and questions of one peer, a burst and then a second. */
export const ASKED_BURST = 64;
export const ASKED_PER_SECOND = 16;
/** Peers of whom that is counted. */
export const COUNTED = 1_024;

/** Mailboxes that one device uses. */
export const BOXES = 2;

/** An own mailbox is looked into, and one that is gone dialled, once in so long. */
export const LOOK_EVERY: Micros = 30 * second;

/** What waits to be brought to others' mailboxes: the first is forgotten first, its sender asks again. */
export const ERRANDS = 512;
export const ERRANDS_AT_ONE = 64;

/** Others' mailboxes are dialled once in so long, and given up after so many times without an answer. */
export const DIAL_EVERY: Micros = 5 * second;
export const DIALS = 8;
