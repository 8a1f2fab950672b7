/** What two devices say to each other in a chat. Only ever over a link between the two. */
import {
  bytesUpTo,
  exactly,
  limits as core,
  listOf,
  type MessageOf,
  SIGNATURE_BYTES,
  struct,
  textUpTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { boxSchema } from "../mailbox/mod.ts";
import { bundleSchema } from "../session/mod.ts";
import * as limits from "./limits.ts";

const id = exactly(limits.ID_BYTES);
const ids = listOf(id, limits.IDS);
/** Signed by whoever it is about: receipt.ts says over what. */
export const receiptFields = { ids, signature: exactly(SIGNATURE_BYTES) };
const receipt = struct(receiptFields);

/** What somebody calls themselves, and who keeps letters for them while they are away. */
export const cardSchema = struct({
  who: textUpTo(core.NAME_BYTES),
  boxes: listOf(boxSchema, limits.BOXES),
});

const parcelSchema = struct({ id, packet: bytesUpTo(limits.PACKET_BYTES) });
/** A sealed letter, and its name on the outside. */
export type Parcel = ValueOf<typeof parcelSchema>;

export type Card = ValueOf<typeof cardSchema>;

const messages = {
  /** Said on every link, and again when it changes. */
  card: cardSchema,
  /** A bundle, please: there are letters for you. */
  greet: struct({}),
  bundle: struct({ bundle: bundleSchema }),
  /** In the order in which they were written; the next ones follow when these are confirmed. */
  letters: struct({ letters: listOf(parcelSchema, limits.LETTERS) }),
  /** These cannot be opened: begin anew, with this. */
  unreadable: struct({ ids, bundle: bundleSchema }),
  /** They are on this device's disk. */
  kept: receipt,
  /** A person has seen them. */
  read: receipt,
  /** They are not taken, and will not be. */
  dropped: receipt,
  /** I am writing to you just now. */
  typing: struct({}),
  /** The receipt has come: it need not come again. */
  noted: struct({ ids }),
};

export type ChatMessage = MessageOf<typeof messages>;
export const chatWire: Wire<ChatMessage> = wire(messages);
