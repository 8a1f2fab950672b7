/** What two devices say to each other in a chat. Only ever over a link between the two. */
import {
  exactly,
  flag,
  limits as core,
  listOf,
  type MessageOf,
  oneOf,
  struct,
  textUpTo,
  type Wire,
  wire,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** What a letter is for. */
export const PURPOSES = ["text", "invite", "accept", "part"] as const;
export type Purpose = typeof PURPOSES[number];

const id = exactly(limits.ID_BYTES);
const ids = listOf(id, limits.IDS);

export const letterSchema = struct({
  id,
  purpose: oneOf(PURPOSES),
  /** The same letter, by the same id, goes to others too. */
  toAll: flag,
  /** What the sender calls itself. */
  who: textUpTo(core.NAME_BYTES),
  text: textUpTo(limits.TEXT_BYTES),
});

const messages = {
  /** What this side calls itself: said once on every link. */
  name: struct({ who: textUpTo(core.NAME_BYTES) }),
  /** In the order in which they were written; the next ones follow when these are confirmed. */
  letters: struct({ letters: listOf(letterSchema, limits.LETTERS) }),
  /** They are on this device's disk. */
  kept: struct({ ids }),
  /** A person has seen them. */
  read: struct({ ids }),
  /** The receipt has come: it need not come again. */
  noted: struct({ ids }),
  /** They are not taken, and will not be. */
  dropped: struct({ ids }),
};

export type ChatMessage = MessageOf<typeof messages>;
export const chatWire: Wire<ChatMessage> = wire(messages);
