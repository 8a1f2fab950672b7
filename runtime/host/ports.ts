/** What the parts of a live host are to each other: its disk, its network, and who is told what. */
import type { Address, Frame, Input, LinkId, Reason } from "../core/mod.ts";

/** Hands a fact to the node. Never called from within an order: facts wait for their turn. */
export type Post = (input: Input) => void;

/** One change of a record; undefined bytes remove it. */
export interface Save {
  readonly key: string;
  readonly bytes: Uint8Array | undefined;
}

/** Small records: the truth. */
export interface Records {
  /** All of them, as last durable. */
  load(): ReadonlyMap<string, Uint8Array>;
  /** One transaction; durable when it returns. All or nothing: a reason means that nothing changed. */
  commit(saves: readonly Save[]): Reason | undefined;
}

/** Pieces of contents, `PROTOCOL/NAME/OFFSET`: those of one name lie side by side in one file. */
export interface Pieces {
  /** The keys of those that survived, verified. Asked once, at the start. */
  kept(): readonly string[];
  /** Promised for later: a crash may lose recent ones. */
  keep(key: string, bytes: Uint8Array): Reason | undefined;
  drop(key: string): void;
  /** Brings the pieces of one name to the medium; a reason where the disk cannot. */
  settle(name: string): Promise<Reason | undefined>;
  /** Undefined where there is none, or where it is not what was kept. */
  read(key: string): Uint8Array | undefined;
}

/** Files of this person's own that a node reads parts of, by handles that outlive a restart. */
export interface OpenFiles {
  /** Undefined where the files are gone, or shorter than they were. */
  read(handle: string, offset: number, length: number): Uint8Array | undefined;
}

/** Links and datagrams. Orders never fail at once: what comes of them is posted as a fact. */
export interface Network {
  send(link: LinkId, frame: Frame): void;
  dial(address: Address): void;
  /** What was sent before still leaves, if it does so soon. */
  hangUp(link: LinkId, why: Reason): void;
  cast(to: Address | "everyone", bytes: Uint8Array): void;
}
