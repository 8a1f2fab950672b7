/** What one node knows of, and owes to, one other about one content. */
import type { PeerId } from "../../core/mod.ts";
import { Bitmap } from "./bitmap.ts";

/** Why a block is sent; what is relayed further on goes first, what was asked for goes last. */
export const FORWARD = 0, DELIVER = 1, SERVE = 2;
export type Urgency = typeof FORWARD | typeof DELIVER | typeof SERVE;

/** A block (or a page of hashes) that is to be sent to one peer. */
export interface Upload {
  readonly index: number;
  readonly isPage: boolean;
  /** Dimensions along which the receiver relays it. */
  readonly spread: number;
  readonly epoch: number;
  /** Orders uploads of one urgency: the oldest goes first. */
  readonly turn: number;
  /** The owner's count of what it still has to relay of this block. */
  readonly owned: Owned | undefined;
}

/** A block that the source gave to this node to relay. */
export interface Owned {
  readonly index: number;
  /** Uploads of it that are still to be made. */
  left: number;
  /** So many may be left when the block counts as relayed: nobody waits for a few slow downlinks. */
  spare: number;
}

/** Of so many receivers all but one tenth, and of four or more all but one, are waited for. */
export function spareOf(receivers: number): number {
  return Math.max(receivers >= 4 ? 1 : 0, Math.floor(receivers / 10));
}

export class Lane {
  has: Bitmap | undefined;
  /** What it said it has, before we knew how many blocks there are. */
  earlyHas: Uint8Array | undefined;
  /** How far into our log of arrivals this peer has been told. */
  told = 0;
  /** When it was last told anything of what we have. */
  toldAt = 0;
  /** Whether it knows of us at all: it has been sent a `has`. */
  introduced = false;
  /** It shares the content: everybody asks it last. */
  isSource = false;
  readonly uploads: readonly [Upload[], Upload[], Upload[]] = [[], [], []];

  /** What we have asked it for, and when. */
  readonly asked = new Map<number, number>();
  /** How many blocks it may owe us at once. */
  window = 4;
  /** How often in a row it did not answer. */
  failures = 0;
  /** When it last brought a block; 0 while it never has. */
  broughtAt = 0;

  /** `busy` holds the lanes of a content that have room, and for which an upload waits. */
  constructor(readonly peer: PeerId, readonly busy: Set<Lane> = new Set()) {}

  hasBlock(index: number): boolean {
    return this.has !== undefined && this.has.has(index);
  }

  /** It has got more since then. What it names beyond the end is seen to when the end is known. */
  hasEarly(blocks: readonly number[]): void {
    const bytes = this.earlyHas;
    if (bytes === undefined) return;
    for (const block of blocks) {
      if (block >> 3 < bytes.length) bytes[block >> 3]! |= 1 << (block & 7);
    }
  }

  get waiting(): number {
    const { uploads } = this;
    return uploads[FORWARD].length + uploads[DELIVER].length + uploads[SERVE].length;
  }
}
