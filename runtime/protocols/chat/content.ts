/** What is inside a parcel, once it is opened: letters, and what is said about letters. */
import {
  bytesUpTo,
  exactly,
  flag,
  limits as core,
  type MessageOf,
  oneOf,
  struct,
  textUpTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { RECEIPTS } from "./receipt.ts";
import { speechFields } from "./speech.ts";
import { cardSchema, receiptFields } from "./wire.ts";

/**
 * What a letter is for. `renew`: what came from you could not be opened. `enclosed`: a sibling's. The last
 * ones are of the devices of one person (circle.ts).
 */
export const PURPOSES = [
  "text",
  "invite",
  "accept",
  "part",
  "renew",
  "enclosed",
  "link",
  "devices",
  "copied",
  "seen",
] as const;
export type Purpose = typeof PURPOSES[number];

export const letterSchema = struct({
  id: exactly(limits.ID_BYTES),
  purpose: oneOf(PURPOSES),
  /** The same letter, by the same id, goes to others too. */
  toAll: flag,
  /** What the sender calls itself. */
  who: textUpTo(core.NAME_BYTES),
  ...speechFields(limits.TEXT_BYTES),
  /** What another protocol says. */
  enclosed: bytesUpTo(limits.ENCLOSED_BYTES),
});
export type Letter = ValueOf<typeof letterSchema>;

const contents = {
  /** `after` is the link of the letter before it, of one writer to one reader; zeros at a beginning. */
  letter: struct({ after: exactly(limits.LINK_BYTES), letter: letterSchema }),
  /** A receipt that goes by a mailbox; nobody confirms it. */
  receipt: struct({ says: oneOf(RECEIPTS), ...receiptFields }),
  /** What somebody calls themselves, and who keeps their letters; by a mailbox as well. */
  card: cardSchema,
};

export type Content = MessageOf<typeof contents>;
/** A letter in its chain. */
export type Chained = Omit<Content & { readonly kind: "letter" }, "kind">;
export const contentWire: Wire<Content> = wire(contents);
