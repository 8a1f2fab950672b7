/** The mailbox's only door: parcels that wait for who is away. */
export {
  deposit,
  inquire,
  leave,
  type MailboxCommand,
  type MailNews,
  serve,
  taken,
  use,
} from "./commands.ts";
export { mailbox, type MailboxOptions } from "./mailbox.ts";
export {
  type Box,
  boxSchema,
  type Item,
  type MailboxMessage,
  mailboxWire,
  type Parcel,
} from "./wire.ts";
