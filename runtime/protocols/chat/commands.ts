/** What a person can ask of a chat. */
import type { Command, PeerId } from "../../core/mod.ts";
import type { Attachment } from "./attachment.ts";
import type { Deed } from "./speech.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "chat";
  readonly name: Name;
}

export interface WriteCommand extends Asked<"write"> {
  readonly to: readonly PeerId[];
  readonly text: string;
  /** `says` where it is not given. */
  readonly deed?: Deed;
  /** The message that is answered, changed or taken back, by its id. */
  readonly about?: string;
  /** A file that goes with it. */
  readonly attachment?: Attachment;
}
export interface BefriendCommand extends Asked<"befriend"> {
  readonly peer: PeerId;
}
export interface RemoveCommand extends Asked<"remove"> {
  readonly peer: PeerId;
}
/** Whether somebody may write to this person at all. */
export interface BlockCommand extends Asked<"block" | "unblock"> {
  readonly peer: PeerId;
}
/** Which devices are this person's: asks to be one, takes one that has asked, lets one go. */
export interface DeviceCommand extends Asked<"link" | "adopt" | "unlink"> {
  readonly peer: PeerId;
}
/** This person is writing to somebody just now. */
export interface TypingCommand extends Asked<"typing"> {
  readonly peer: PeerId;
}
export interface ReadCommand extends Asked<"read"> {
  readonly peer: PeerId;
  readonly ids: readonly string[];
}
/** Carries what a sibling says to each of these, as letters of this id. */
export interface EncloseCommand extends Asked<"enclose"> {
  readonly to: readonly PeerId[];
  readonly id: string;
  readonly bytes: Uint8Array;
}
export type ChatCommand =
  | WriteCommand
  | BefriendCommand
  | RemoveCommand
  | BlockCommand
  | TypingCommand
  | DeviceCommand
  | ReadCommand
  | EncloseCommand;

/** Writes to somebody, or the same to several. It waits for whoever is not there. */
export function write(options: Omit<WriteCommand, "protocol" | "name" | "deed">): WriteCommand {
  return { protocol: "chat", name: "write", ...options };
}

/** Puts other words in the place of those of an earlier message of one's own. */
export function edit(
  options: { to: readonly PeerId[]; about: string; text: string },
): WriteCommand {
  return { protocol: "chat", name: "write", deed: "edits", ...options };
}

/** Takes an earlier message back: those who have it already may have read it. */
export function unsend(options: { to: readonly PeerId[]; about: string }): WriteCommand {
  return { protocol: "chat", name: "write", deed: "deletes", text: "", ...options };
}

/** Nothing of theirs is shown or confirmed any more; they are not told. */
export function block(peer: PeerId): BlockCommand {
  return { protocol: "chat", name: "block", peer };
}

/** They are a stranger again. */
export function unblock(peer: PeerId): BlockCommand {
  return { protocol: "chat", name: "unblock", peer };
}

/** Tells somebody that this person is writing to them, where both want that. */
export function typing(peer: PeerId): TypingCommand {
  return { protocol: "chat", name: "typing", peer };
}

/** Invites somebody to be a friend, or accepts their invitation. */
export function befriend(peer: PeerId): BefriendCommand {
  return { protocol: "chat", name: "befriend", peer };
}

/** No longer a friend: nothing is taken from them until they are invited again. */
export function remove(peer: PeerId): RemoveCommand {
  return { protocol: "chat", name: "remove", peer };
}

/** A person has seen these letters, by their ids. */
export function read(options: { peer: PeerId; ids: readonly string[] }): ReadCommand {
  return { protocol: "chat", name: "read", ...options };
}

/** Asks whoever has that device to count this one among theirs. */
export function link(peer: PeerId): DeviceCommand {
  return { protocol: "chat", name: "link", peer };
}

/** Counts a device that has asked among this person's: from now on it gets what they get. */
export function adopt(peer: PeerId): DeviceCommand {
  return { protocol: "chat", name: "adopt", peer };
}

/** That device is this person's no longer. */
export function unlink(peer: PeerId): DeviceCommand {
  return { protocol: "chat", name: "unlink", peer };
}
