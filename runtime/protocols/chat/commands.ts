/** What a person can ask of a chat. */
import type { Command, PeerId } from "../../core/mod.ts";
import type { Attachment } from "./attachment.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "chat";
  readonly name: Name;
}

export interface WriteCommand extends Asked<"write"> {
  readonly to: readonly PeerId[];
  readonly text: string;
  /** A file that goes with it. */
  readonly attachment?: Attachment;
}
export interface BefriendCommand extends Asked<"befriend"> {
  readonly peer: PeerId;
}
export interface RemoveCommand extends Asked<"remove"> {
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
  | ReadCommand
  | EncloseCommand;

/** Writes to somebody, or the same to several. It waits for whoever is not there. */
export function write(
  options: { to: readonly PeerId[]; text: string; attachment?: Attachment },
): WriteCommand {
  return { protocol: "chat", name: "write", ...options };
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
