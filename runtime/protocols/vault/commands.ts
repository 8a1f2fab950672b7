/** What is asked of a vault. */
import type { Command, PeerId } from "../../core/mod.ts";

interface Asked<Name extends string> extends Command {
  readonly protocol: "vault";
  readonly name: Name;
}

/** A content, by the 64 digits of its id. */
interface About {
  readonly content: string;
}

export interface LockCommand extends Asked<"lock"> {
  /** Of the file, as `read` takes it; and what it is called later. */
  readonly handle: string;
  readonly title: string;
  readonly bytes: number;
  /** Shares, and how many of them open it. Where they are left out, the devices that are there decide. */
  readonly count?: number;
  readonly enough?: number;
  /** A small picture of it, for its owner alone. */
  readonly preview?: Uint8Array;
  /** A tile of a picture that is in the vault. */
  readonly part?: TilePart;
}

/** Which tile, of how many; and the size of the whole view. */
export interface TilePart {
  /** The picture's content. */
  readonly of: string;
  readonly number: number;
  readonly columns: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
}

export type VaultCommand =
  /** A vault on this node, from a secret of 32 bytes; the same secret finds the same vault again. */
  | Asked<"create"> & { readonly secret: Uint8Array }
  | LockCommand
  | Asked<"open"> & About
  | Asked<"verify"> & Partial<About>
  | Asked<"delete"> & About
  | Asked<"list">
  /** A device is gone for good: what it held is made anew. */
  | Asked<"abandon"> & { readonly device: PeerId };

type Fields<Name extends string> = Omit<VaultCommand & { name: Name }, "protocol" | "name">;

/** Opens a vault on this node: a new one, or one that another device has made. */
export function create(secret: Uint8Array): VaultCommand {
  return { protocol: "vault", name: "create", secret };
}

/** Spreads a file over the devices of the vault. */
export function lock(fields: Fields<"lock">): VaultCommand {
  return { protocol: "vault", name: "lock", ...fields };
}

/** Puts a content together again. */
export function open(content: string): VaultCommand {
  return { protocol: "vault", name: "open", content };
}

/** Asks devices to prove that they have what they should: of one content, or of all. */
export function verify(content?: string): VaultCommand {
  return { protocol: "vault", name: "verify", ...(content === undefined ? {} : { content }) };
}

/** Removes a content, here and from its devices. */
export function remove(content: string): VaultCommand {
  return { protocol: "vault", name: "delete", content };
}

/** Tells what is in the vault, and which devices it has. */
export function list(): VaultCommand {
  return { protocol: "vault", name: "list" };
}

/** Counts a device as lost, at once. */
export function abandon(device: PeerId): VaultCommand {
  return { protocol: "vault", name: "abandon", device };
}
