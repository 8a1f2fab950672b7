/** What a person or a sibling asks of mailboxes, and what the sibling is asked in turn. */
import type { Command, PeerId } from "../../core/mod.ts";
import type { Box, Item, Parcel } from "./wire.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "mailbox";
  readonly name: Name;
}

export type MailboxCommand =
  /** Keeps parcels for others, or does not any more. */
  | Asked<"serve"> & { readonly isOn: boolean }
  /** Has this device's parcels kept there. */
  | Asked<"use"> & { readonly box: Box }
  /** What is left at this device's mailboxes for who asks. */
  | Asked<"leave"> & { readonly bundle: Uint8Array }
  /** Brings parcels for somebody to a mailbox of theirs. */
  | Asked<"deposit"> & {
    readonly box: Box;
    readonly to: PeerId;
    readonly parcels: readonly Parcel[];
  }
  /** Asks a mailbox for the bundle of whose it is. */
  | Asked<"inquire"> & { readonly box: Box; readonly peer: PeerId }
  /** These are on this device's disk. */
  | Asked<"taken"> & { readonly box: PeerId; readonly ids: readonly Uint8Array[] };

type Fields<Name> = Omit<Extract<MailboxCommand, { readonly name: Name }>, "protocol" | "name">;

/** Brings parcels to somebody's mailbox. */
export function deposit(fields: Fields<"deposit">): MailboxCommand {
  return { protocol: "mailbox", name: "deposit", ...fields };
}

/** Asks a mailbox how to write to whose it is. */
export function inquire(fields: Fields<"inquire">): MailboxCommand {
  return { protocol: "mailbox", name: "inquire", ...fields };
}

/** These need not be kept any more. */
export function taken(fields: Fields<"taken">): MailboxCommand {
  return { protocol: "mailbox", name: "taken", ...fields };
}

/** Leaves a bundle at this device's mailboxes. */
export function leave(bundle: Uint8Array): MailboxCommand {
  return { protocol: "mailbox", name: "leave", bundle };
}

/** Keeps parcels for others from now on, or no more. */
export function serve(isOn: boolean): MailboxCommand {
  return { protocol: "mailbox", name: "serve", isOn };
}

/** Has this device's parcels kept by somebody. */
export function use(box: Box): MailboxCommand {
  return { protocol: "mailbox", name: "use", box };
}

/** What the protocol that uses mailboxes is told, as commands that no person gives. */
export type MailNews =
  /** Its own mailboxes are these now; it should leave a bundle there. */
  | { readonly name: "boxes"; readonly boxes: readonly Box[] }
  /** Parcels have come: `taken` answers for each that is safe, or worth nothing. */
  | { readonly name: "carried"; readonly box: PeerId; readonly items: readonly Item[] }
  /** A mailbox has parcels of this device on its disk. */
  | {
    readonly name: "held";
    readonly box: PeerId;
    readonly to: PeerId;
    readonly ids: readonly Uint8Array[];
  }
  /** It does not take them. */
  | { readonly name: "declined"; readonly box: PeerId; readonly to: PeerId }
  /** A bundle, from a mailbox of theirs: only their signature says that it is theirs. */
  | { readonly name: "answered"; readonly peer: PeerId; readonly bundle: Uint8Array };
