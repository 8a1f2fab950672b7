/** What a person asks of groups, and what they tell. */
import type { AppEvent, Command, Context, PeerId } from "../../core/mod.ts";
import type { Attachment, Spoken } from "../chat/mod.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "groups";
  readonly name: Name;
}

export type WriteCommand = Asked<"write"> & Pick<Spoken, "text"> & Partial<Spoken> & {
  readonly group: string;
  /** A file that goes with it. */
  readonly attachment?: Attachment;
};

export type GroupsCommand =
  | Asked<"create"> & { readonly title: string; readonly members: readonly PeerId[] }
  | Asked<"add" | "remove" | "promote"> & { readonly group: string; readonly peer: PeerId }
  | Asked<"leave"> & { readonly group: string }
  | WriteCommand
  /** A person has seen them. */
  | Asked<"read"> & { readonly group: string; readonly ids: readonly string[] }
  /** A letter of a member has come: nobody but the protocol that carries it says so. */
  | Asked<"carried"> & {
    readonly from: PeerId;
    /** Whose device that is. */
    readonly person: PeerId;
    readonly id: string;
    readonly bytes: Uint8Array;
  }
  /** What was to be carried is on the disk of who carries it. */
  | Asked<"enclosed"> & { readonly id: string }
  /** Something for them was refused by that disk, and is not carried. */
  | Asked<"unenclosed"> & { readonly peer: PeerId };

/** A letter of a member. */
export type Carried = Pick<
  Extract<GroupsCommand, { readonly name: "carried" }>,
  "from" | "person" | "id" | "bytes"
>;

/** Makes a group, with these people in it. */
export function create(title: string, members: readonly PeerId[]): GroupsCommand {
  return { protocol: "groups", name: "create", title, members };
}

/** Takes somebody in. */
export function add(group: string, peer: PeerId): GroupsCommand {
  return { protocol: "groups", name: "add", group, peer };
}

/** Puts somebody out: what is said from then on they cannot read. */
export function remove(group: string, peer: PeerId): GroupsCommand {
  return { protocol: "groups", name: "remove", group, peer };
}

/** Lets somebody change the group too. */
export function promote(group: string, peer: PeerId): GroupsCommand {
  return { protocol: "groups", name: "promote", group, peer };
}

/** Goes. */
export function leave(group: string): GroupsCommand {
  return { protocol: "groups", name: "leave", group };
}

/** Says something to everybody in it; `about` is the message that this answers. */
export function write(
  group: string,
  text: string,
  more: Pick<WriteCommand, "about" | "attachment"> = {},
): GroupsCommand {
  return { protocol: "groups", name: "write", group, text, ...more };
}

/** Puts other words in the place of those of an earlier message of one's own. */
export function edit(group: string, about: string, text: string): GroupsCommand {
  return { protocol: "groups", name: "write", group, text, deed: "edits", about };
}

/** Takes an earlier message back: those who have it already may have read it. */
export function unsend(group: string, about: string): GroupsCommand {
  return { protocol: "groups", name: "write", group, text: "", deed: "deletes", about };
}

/** A person has seen these messages. */
export function read(group: string, ids: readonly string[]): GroupsCommand {
  return { protocol: "groups", name: "read", group, ids };
}

interface Told<Name extends string> extends AppEvent {
  readonly protocol: "groups";
  readonly name: Name;
  /** 32 hexadecimal digits. */
  readonly group: string;
  readonly words: string;
}

export type GroupsEvent =
  /** Who is in it now; told again after a restart. */
  | Told<"roster"> & {
    readonly title: string;
    readonly members: readonly PeerId[];
    readonly admins: readonly PeerId[];
    readonly isIn: boolean;
    readonly again: boolean;
  }
  /** A message of this person's will not be lost any more. */
  | Told<"accepted"> & Spoken & {
    readonly id: string;
    readonly title: string;
    readonly to: readonly PeerId[];
  }
  | Told<"received"> & Spoken & {
    readonly id: string;
    readonly peer: PeerId;
    /** A file that goes with it, if there is one. */
    readonly attachment: Attachment | undefined;
    readonly title: string;
    readonly again: boolean;
  }
  /** Something of theirs could not be read. */
  | Told<"missed"> & { readonly peer: PeerId }
  | Told<"refused">;

/** True for events of groups: the rest of the type follows from `name`. */
export function isGroupsEvent(event: AppEvent): event is GroupsEvent {
  return event.protocol === "groups" && "words" in event;
}

/** Somebody has said something in a group. */
export function isReceived(
  event: AppEvent,
): event is Extract<GroupsEvent, { readonly name: "received" }> {
  return isGroupsEvent(event) && event.name === "received";
}

/** Somebody is in a group of this title. */
export const joined = (title: string) => (event: AppEvent): boolean =>
  isGroupsEvent(event) && event.name === "roster" && event.title === title && event.isIn;

/** This person can read what is said there no longer. */
export const parted = (title: string) => (event: AppEvent): boolean =>
  isGroupsEvent(event) && event.name === "roster" && event.title === title && !event.isIn;

type Fields = GroupsEvent extends infer Each
  ? Each extends GroupsEvent ? Omit<Each, "protocol"> : never
  : never;

/** Tells an event of groups. */
export function tell(ctx: Pick<Context, "tell">, fields: Fields): void {
  ctx.tell({ protocol: "groups", ...fields } as GroupsEvent);
}
