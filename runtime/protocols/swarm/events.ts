/** What a person, a scenario or a sibling asks of the swarm, and what it tells. */
import type { Address, AppEvent, Command, PeerId, PeerKeys, Reason } from "../../core/mod.ts";
import type { ContentKey, FileEntry } from "./manifest.ts";

/** Somebody who has the content, and where to dial them. */
export interface ContentSource {
  readonly keys: PeerKeys;
  readonly address: Address;
}

export type SwarmCommand =
  & Command
  & { readonly protocol: "swarm" }
  & (
    | {
      readonly name: "share";
      readonly title: string;
      /** The host's name for the opened files, which it reads one after another. */
      readonly handle: string;
      readonly files: readonly FileEntry[];
      readonly priority?: number;
    }
    | {
      readonly name: "fetch";
      readonly content: ContentKey;
      readonly sources: readonly ContentSource[];
      readonly priority?: number;
    }
    | { readonly name: "cancel"; readonly content: ContentKey }
  );

/** Makes a content of files that the host has opened, and offers it. */
export function share(
  what: { title: string; handle: string; files: readonly FileEntry[]; priority?: number },
): SwarmCommand {
  return { protocol: "swarm", name: "share", ...what };
}

/** Gets a content from whoever has it, and helps others to it. */
export function fetch(
  what: { content: ContentKey; sources: readonly ContentSource[]; priority?: number },
): SwarmCommand {
  return { protocol: "swarm", name: "fetch", ...what };
}

/** Stops sharing or fetching, and forgets what is here of it. */
export function cancel(content: ContentKey): SwarmCommand {
  return { protocol: "swarm", name: "cancel", content };
}

export type SwarmEvent =
  & AppEvent
  & { readonly protocol: "swarm"; readonly content?: ContentKey }
  & (
    /** Hashed, and offered to whoever is told of it. */
    | {
      readonly name: "shared";
      readonly content: ContentKey;
      readonly title: string;
      readonly handle: string;
      readonly bytes: number;
    }
    /** Asked for, and not here yet. */
    | { readonly name: "wanted"; readonly content: ContentKey }
    /** The manifest is here. */
    | {
      readonly name: "fetching";
      readonly content: ContentKey;
      readonly title: string;
      readonly bytes: number;
      readonly files: readonly FileEntry[];
    }
    /** Told whenever a further percent of the blocks is here. */
    | {
      readonly name: "progress";
      readonly content: ContentKey;
      /** Of the content: kept and verified. */
      readonly bytes: number;
      readonly of: number;
    }
    | {
      readonly name: "completed";
      readonly content: ContentKey;
      readonly title: string;
      readonly bytes: number;
    }
    /** At who shares it: how much somebody has, and what keeps them from going on, if anything. */
    | {
      readonly name: "reached";
      readonly content: ContentKey;
      readonly peer: PeerId;
      readonly bytes: number;
      readonly of: number;
      readonly why?: Reason;
    }
    /** Sent to somebody by who shares it: a block, or a page of hashes. */
    | { readonly name: "served"; readonly content: ContentKey; readonly bytes: number }
    /** A block came that was here already. */
    | { readonly name: "wasted"; readonly content: ContentKey; readonly bytes: number }
    /** A peer sent a block with a wrong hash, and is refused from now on. */
    | { readonly name: "poisoned"; readonly content: ContentKey; readonly peer: PeerId }
    | { readonly name: "cancelled"; readonly content: ContentKey }
    /** For people: what could not be done, and why. */
    | { readonly name: "refused"; readonly why: string }
  );

function named(event: AppEvent, name: SwarmEvent["name"]): event is SwarmEvent {
  return event.protocol === "swarm" && event.name === name;
}

/** Everything of some content is here and verified. */
export const completed = (event: AppEvent): boolean => named(event, "completed");
/** Everything of the content with this title is here and verified. */
export const got = ({ name }: { readonly name: string }) => (event: AppEvent): boolean =>
  named(event, "completed") && "title" in event && event.title === name;
/** A file of this node's has become a content. */
export const shared = (event: AppEvent): boolean => named(event, "shared");
/** A peer has sent a wrong block. */
export const poisoned = (event: AppEvent): boolean => named(event, "poisoned");

/** Narrows an event to the swarm's. */
export function isSwarmEvent(event: AppEvent): event is SwarmEvent {
  return event.protocol === "swarm";
}
