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
import { bundleSchema } from "../session/mod.ts";
import * as limits from "./limits.ts";

const id = exactly(limits.ID_BYTES);
const ids = listOf(id, limits.IDS);
/** Signed by whoever it is about: receipt.ts says over what. */
const receipt = struct({ ids, signature: exactly(SIGNATURE_BYTES) });

const parcelSchema = struct({ id, packet: bytesUpTo(limits.PACKET_BYTES) });
/** A sealed letter, and its name on the outside. */
export type Parcel = ValueOf<typeof parcelSchema>;

const messages = {
  /** What this side calls itself: said once on every link. */
  name: struct({ who: textUpTo(core.NAME_BYTES) }),
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
  /** The receipt has come: it need not come again. */
  noted: struct({ ids }),
};

export type ChatMessage = MessageOf<typeof messages>;
export const chatWire: Wire<ChatMessage> = wire(messages);
