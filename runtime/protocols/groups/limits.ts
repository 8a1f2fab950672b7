/** Everything that members and strangers can make a group grow, its bound, and what happens there. */
import { type Micros, second } from "../../core/mod.ts";

/** Names one group: the beginning of the hash of how it was made. */
export const GROUP_BYTES = 16;

/** A whole hash of a change. */
export const HASH_BYTES = 32;

/** Members of one group; a further one is refused. */
export const MEMBERS = 250;

/** Groups of one device; an invitation to a further one is not taken. */
export const GROUPS = 64;

/** Changes of one group, those that lost included; then it can be changed no more, and a new one must be made. */
export const CHANGES = 1_024;

/** Changes in one letter. */
export const CHANGES_AT_ONCE = 14;

/** A title, in bytes of UTF-8. */
export const TITLE_BYTES = 96;

/** What is said in one message, in bytes of UTF-8: it fits one letter with all that is around it. */
export const TEXT_BYTES = 3_500;
export const SEALED_BYTES = 4_200;
/** What is said of a file that goes with a message. */
export const ATTACHMENT_BYTES = 640 + 2_000;

/** Messages under one sender key, before there is a new one. */
export const MESSAGES_A_KEY = 100;

/** What somebody says who is not in the group waits so long for the news that it is a member's device. */
export const STRANGERS_FOR: Micros = 60 * second;

/** Devices whose keys are remembered; of a further one nothing is read. */
export const SPEAKERS = 1_024;

/** Keys of one sender with which something may be on its way; the oldest is forgotten first. */
export const KEYS = 3;

/** Earlier keys of one sender that are remembered, and bytes of each that tell it from the others. */
export const PAST_KEYS = 16;
export const MARK_BYTES = 8;

/** Messages of one sender that may be missing before one that is read. */
export const SKIPPED = 1_000;

/** Messages that wait for the change of the roster that they name; the oldest is forgotten first. */
export const WAITING = 64;

/** Messages that nobody has read yet, of one group; the oldest is forgotten first. */
export const UNREAD = 1_024;

/** A change that lost against another is made again so often. */
export const AGAIN = 8;

/** What the disk has refused is tried again after so long. */
export const SAVE_AGAIN: Micros = 5 * second;
