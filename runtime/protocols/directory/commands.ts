/** What a person or a sibling asks of the directory, and what it tells. */
import type { Address, AppEvent, Command, PeerId, PeerKeys } from "../../core/mod.ts";
import type { Box } from "../mailbox/mod.ts";
import type { Bundle } from "../session/mod.ts";
import type { Id } from "./id.ts";
import type { Shelved } from "./shelf.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "directory";
  readonly name: Name;
}

export type DirectoryCommand =
  | Shelved
  /** Looks for whom an ID belongs to: in the directories, and among those who are near. */
  | Asked<"find"> & { readonly id: Id }
  /** Asks this directory from now on, and is found in it. */
  | Asked<"use"> & { readonly address: Address }
  /** What a sibling has to say of this device: who keeps its letters, and how to write to it. */
  | Asked<"publish"> & { readonly boxes: readonly Box[]; readonly bundle: Bundle }
  /** Bundles of one use, as many as were asked for. */
  | Asked<"stock"> & { readonly bundles: readonly Bundle[] };

/** Looks for whom an ID belongs to. */
export function find(id: Id): DirectoryCommand {
  return { protocol: "directory", name: "find", id };
}

/** Asks this directory from now on. */
export function use(address: Address): DirectoryCommand {
  return { protocol: "directory", name: "use", address };
}

/** Says what others should know who look for this device. */
export function publish(boxes: readonly Box[], bundle: Bundle): DirectoryCommand {
  return { protocol: "directory", name: "publish", boxes, bundle };
}

/** Leaves bundles of one use with the directories. */
export function stock(bundles: readonly Bundle[]): DirectoryCommand {
  return { protocol: "directory", name: "stock", bundles };
}

/** What the protocol that writes letters is told, as commands that no person gives. */
export type DirectoryNews =
  /** Somebody's place, mailboxes, and how to begin: all of it signed by them, and the ID theirs. */
  | {
    readonly name: "located";
    readonly peer: PeerId;
    readonly address: Address;
    readonly boxes: readonly Box[];
    readonly bundle: Bundle;
  }
  /** What should others know? To be answered by `publish`. */
  | { readonly name: "describe" }
  /** The directories have few bundles of this device's left: to be answered by `stock`. */
  | { readonly name: "wanted"; readonly count: number };

interface Told<Name extends string> extends AppEvent {
  readonly protocol: "directory";
  readonly name: Name;
  readonly words: string;
}

export type DirectoryEvent =
  /** An ID belongs to these keys: checked, and pinned from now on. */
  | Told<"found"> & {
    readonly id: Id;
    readonly peer: PeerId;
    readonly keys: PeerKeys;
    readonly who: string;
    readonly isHere: boolean;
  }
  /** Nobody has it, where this device has asked. */
  | Told<"nobody"> & { readonly id: Id }
  /** This device can be found under its ID there. */
  | Told<"registered"> & { readonly id: Id; readonly peer: PeerId }
  | Told<"refused"> & { readonly why: string; readonly peer?: PeerId }
  /** The ID had other keys before. They are not used, until a person says so. */
  | Told<"changed"> & { readonly id: Id; readonly peer: PeerId; readonly before: PeerId }
  /** A directory says different things to different people, or has taken something back. */
  | Told<"lied"> & { readonly peer: PeerId };

/** True for the directory's own events: the rest of the type follows from `name`. */
export function isDirectoryEvent(event: AppEvent): event is DirectoryEvent {
  return event.protocol === "directory" && "words" in event;
}

/** An ID was found, this one if one is given. */
export const found = (id?: Id) => (event: AppEvent): boolean =>
  isDirectoryEvent(event) && event.name === "found" && (id === undefined || event.id === id);

/** A directory was caught. */
export const lied = () => (event: AppEvent): boolean =>
  isDirectoryEvent(event) && event.name === "lied";

/** A directory has this device's entry. */
export const registered = () => (event: AppEvent): boolean =>
  isDirectoryEvent(event) && event.name === "registered";
