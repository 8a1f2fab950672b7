/** Everything that a stranger can make a chat grow or repeat, its bound, and what happens there. */
import { type Micros, second } from "../../core/mod.ts";

/** What a letter says, in bytes of UTF-8. Longer ones are refused at the source, and malformed on the wire. */
export const TEXT_BYTES = 4_000;

/** A file that goes with a letter: 25 MiB, and not one byte more. */
export const ATTACHED_BYTES = 25 * 1024 * 1024;
export const TYPE_BYTES = 96;
export const FILE_NAME_BYTES = 255;

/** Devices of one person, besides the first. */
export const DEVICES = 4;

/** People whom a copy for one's other devices names. */
export const COPIED_TO = 32;
/** What is said of a file that goes with a letter. */
export const ATTACHMENT_BYTES = 640 + 2_000;
/** A small picture of what comes with a letter. */
export const PREVIEW_BYTES = 2_000;
/** What is said in the letter that a file goes with, so that both fit. */
export const CAPTION_BYTES = 1_000;

/** That somebody is writing is told once in so long. */
export const TYPING_AGAIN: Micros = 3 * second;

/** What another protocol encloses in a letter. */
export const ENCLOSED_BYTES = 4_600;

/** Names one letter among all: nobody draws the same 128 bits twice. */
export const ID_BYTES = 16;

/** Names one letter in the chain of those before it. */
export const LINK_BYTES = 16;

/** A sealed letter: the longest one, and the beginning of a conversation. */
export const PACKET_BYTES = 8 * 1024;

/** Mailboxes of one peer that are told to others. */
export const BOXES = 2;

/** A mailbox that says nothing, or takes nothing, is tried again after so long. */
export const MAIL_AGAIN: Micros = 30 * second;

/** A letter that came one way is not confirmed on another one within this: the disk may still refuse it. */
export const SETTLING: Micros = second;

/** Where a letter before is missing, those that a mailbox gives after it wait so long for it. */
export const PATIENCE: Micros = 90 * second;

/** Letters of one peer that are remembered, so that none is taken twice; the oldest is forgotten first. */
export const SEEN = 256;

/** Peers of whom that is remembered, and who were written to; the one silent for longest goes first. */
export const CORRESPONDENTS = 1_024;

/** Ids in one receipt; more take several. */
export const IDS = 64;

/** Letters in one message, and on their way to one peer at once. */
export const LETTERS = 4;

/** Letters to one peer that wait for it; a further one is refused at the source. */
export const WAITING = 256;

/** Settled letters remembered, so that their removal can be tried again; the first is forgotten first. */
export const SETTLED = 4_096;

/** Peers for whom letters wait. A letter to a further one is refused at the source. */
export const ADDRESSEES = 1_024;

/** Letters of one peer that nobody has read yet; a further one stays with its sender. */
export const UNREAD_OF_FRIEND = 1_024;
export const UNREAD_OF_STRANGER = 32;

/** Unread letters of all strangers together: identities cost nothing. */
export const UNREAD_OF_STRANGERS = 512;

/** Receipts to one peer that wait for it; the oldest is forgotten first. */
export const RECEIPTS = 1_024;

/** Friends, invitations and removed ones; the invitation that came first makes room. */
export const KNOWN = 512;

/** Where peers were last found; the one found first is forgotten first. */
export const PLACES = 2_048;

/** Letters taken of one peer; further ones come again later. */
export const LETTERS_BURST = 128;
export const LETTERS_PER_SECOND = 32;

/** Somebody for whom a letter waits is dialled again after so long, then after twice that, and so on. */
export const DIAL_FIRST: Micros = second;
export const DIAL_MOST: Micros = 60 * second;

/** Somebody is asked for a bundle once in so long. */
export const BUNDLE_AGAIN: Micros = 5 * second;

/** Somebody whose place is not known is asked for again after so long, then after twice that, and so on. */
export const SEEK_FIRST: Micros = 15 * second;
export const SEEK_MOST: Micros = 120 * second;
/** Peers that one question asks for; the others' turn comes with the next. */
export const SOUGHT = 32;

/** Letters that a linked peer has not confirmed are sent again after so long. */
export const AGAIN: Micros = 5 * second;
/** What wakes a chat for that, and for whatever else is tried again. */
export const AGAIN_TIMER = "again";
