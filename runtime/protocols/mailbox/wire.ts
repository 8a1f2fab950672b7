/** What a mailbox and those who use it say to each other. */
import {
  bytesUpTo,
  exactly,
  limits as core,
  listOf,
  type MessageOf,
  optional,
  type Schema,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { peerName } from "../membership/mod.ts";
import * as limits from "./limits.ts";

const id = exactly(limits.ID_BYTES);
const ids = listOf(id, limits.IDS);
const order = upTo(Number.MAX_SAFE_INTEGER);
const packet = bytesUpTo(limits.PACKET_BYTES);
const bundle = bytesUpTo(limits.BUNDLE_BYTES);

const parcel = struct({ id, packet });
/** Something sealed, and its name. */
export type Parcel = ValueOf<typeof parcel>;

export const itemSchema = struct({ from: peerName, order, id, packet });
/** A parcel in a mailbox: who brought it, and after which others. */
export type Item = ValueOf<typeof itemSchema>;

/** A node that keeps parcels for somebody. */
export interface Box extends Record<string, unknown> {
  readonly peer: ValueOf<typeof peerName>;
  readonly address: string;
}
export const boxSchema: Schema<Box> = struct<Box>({
  peer: peerName,
  address: textUpTo(core.ADDRESS_BYTES),
});

const messages = {
  /** This node keeps parcels for others. */
  willing: struct({}),
  /** Keep mine; and here is a bundle for who asks. */
  open: struct({ bundle }),
  /** There is no room for one more. */
  full: struct({}),
  /** In the order in which they are to be read. */
  deposit: struct({ to: peerName, parcels: listOf(parcel, limits.PARCELS) }),
  /** They are on the mailbox's disk. */
  held: struct({ to: peerName, ids }),
  /** They are not, and those after them neither: nothing is kept for this peer, or no more. */
  declined: struct({ to: peerName, ids }),
  /** There is something new. */
  news: struct({}),
  /** What has come after this one. */
  fetch: struct({ after: order }),
  items: struct({ items: listOf(itemSchema, limits.PARCELS) }),
  /** They are on the owner's disk: forget them. */
  taken: struct({ ids }),
  /** How does one write to them? */
  inquire: struct({ peer: peerName }),
  answer: struct({ peer: peerName, bundle: optional(bundle) }),
};

export type MailboxMessage = MessageOf<typeof messages>;
export const mailboxWire: Wire<MailboxMessage> = wire(messages);
