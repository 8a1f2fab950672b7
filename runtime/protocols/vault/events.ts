/** What a vault tells. */
import { type AppEvent, type Context, hex, type PeerId, type Reason } from "../../core/mod.ts";
import type { TilePart } from "./commands.ts";
import type { Part } from "./mapping.ts";

/** What is known of one content. */
export interface Listed {
  readonly content: string;
  readonly title: string;
  readonly bytes: number;
  readonly enough: number;
  readonly count: number;
  /** Shares at devices that are there now; below `enough` it cannot be opened. */
  readonly present: number;
  readonly devices: readonly PeerId[];
  /** A JPEG, empty where there is none. */
  readonly preview: Uint8Array;
  /** Set where it is a tile of another content. */
  readonly part: TilePart | undefined;
}

/** A device, as its owner sees it. */
export interface ListedDevice {
  readonly device: PeerId;
  readonly domain: string;
  readonly isPresent: boolean;
  readonly free: number;
  readonly shares: number;
  /** Shares that it has lost, or given others for, lately. */
  readonly faults: number;
}

/** One share, after a device was asked to prove that it has it. */
export interface Proved {
  readonly device: PeerId;
  readonly number: number;
  /** `silent`: its device is there, and does not answer. */
  readonly state: "good" | "missing" | "wrong" | "silent" | "away";
}

type About = { readonly content: string; readonly title: string };

/** By name. `words` are for people. */
type Told =
  /** The vault is open on this node; `version` 0 is a new one. */
  | { readonly name: "created"; readonly vault: string; readonly version: number }
  /** The devices have a newer mapping than this node: it is this node's now. */
  | { readonly name: "recovered"; readonly version: number; readonly contents: number }
  /** A share is about to be sent. */
  | About & {
    readonly name: "placing";
    readonly peer: PeerId;
    readonly share: string;
    readonly number: number;
    readonly enough: number;
    readonly domain: string;
    readonly handle: string;
  }
  | About & { readonly name: "progress"; readonly done: number; readonly bytes: number }
  | About & {
    readonly name: "locked";
    readonly bytes: number;
    readonly handle: string;
    readonly enough: number;
    readonly count: number;
    readonly devices: readonly PeerId[];
    /** Devices that have witnessed it, and how many should. */
    readonly witnesses: number;
    readonly wanted: number;
    /** It was in the vault before. */
    readonly again: boolean;
    readonly words: string;
  }
  | About & {
    readonly name: "opened";
    readonly bytes: number;
    readonly files: readonly { readonly path: string; readonly bytes: number }[];
    /** Enough devices say that no newer mapping is known to them. */
    readonly isSure: boolean;
    readonly part: TilePart | undefined;
  }
  | {
    readonly name: "verified";
    readonly content: string;
    readonly title: string;
    readonly shares: readonly Proved[];
    readonly words: string;
  }
  | About & { readonly name: "repaired"; readonly shares: number; readonly words: string }
  | About & { readonly name: "deleted" }
  /** Fewer shares are left than are enough, as far as anybody knows. */
  | About & { readonly name: "endangered"; readonly words: string }
  | {
    readonly name: "listed";
    readonly vault: string | undefined;
    readonly version: number;
    readonly contents: readonly Listed[];
    /** Titles of what is being locked. */
    readonly locking: readonly string[];
    readonly devices: readonly ListedDevice[];
  }
  /** What was asked cannot be done, or was not: which devices are the reason, and why. */
  | {
    readonly name: "failed";
    readonly what: string;
    readonly content: string | undefined;
    readonly handle: string | undefined;
    readonly why: Reason;
    readonly devices: readonly { readonly device: PeerId; readonly why: Reason }[];
    readonly words: string;
  };

export type VaultEvent = AppEvent & Told & { readonly protocol: "vault" };

/** As it is told. */
export function tileOf(part: Part | undefined): TilePart | undefined {
  return part && { ...part, of: hex(part.of) };
}

/** Tells one of them. */
export function tell(ctx: Pick<Context, "tell">, event: Told): void {
  ctx.tell({ protocol: "vault", ...event } as AppEvent);
}

/** Narrows an event to this protocol's. */
export function isVaultEvent(event: AppEvent): event is VaultEvent {
  return event.protocol === "vault";
}

type Named<Name extends Told["name"]> = VaultEvent & { readonly name: Name };

const isNamed =
  <Name extends Told["name"]>(name: Name) => (event: AppEvent): event is Named<Name> =>
    isVaultEvent(event) && event.name === name;

/** The vault is open on this node. */
export const isCreated = isNamed("created");
/** A file is locked. */
export const isLocked = isNamed("locked");
/** A content is whole again. */
export const isOpened = isNamed("opened");
/** Lost shares were made anew. */
export const isRepaired = isNamed("repaired");
/** What was asked was not done. */
export const isFailed = isNamed("failed");
/** Devices have answered for the shares of a content. */
export const isVerified = isNamed("verified");
/** A content is gone. */
export const isDeleted = isNamed("deleted");
