/**
 * The whole boundary of a node, on one screen: facts in, orders out.
 *
 * 1. A fact (`Input`) is past tense: it has already happened.
 * 2. An order (`Effect`) is imperative. A host performs a node's orders in sequence; a `save` is
 *    durable before anything after it leaves the machine; a `keep` is only promised for later.
 * 3. Nothing in here waits: `step` answers with every order at once and the next time to wake.
 */
import type { PeerId } from "./identity.ts";
import type { Reason } from "./reason.ts";

/** Integer microseconds of monotonic time. */
export type Micros = number;
export const millisecond: Micros = 1_000;
export const second: Micros = 1_000_000;
export const minute: Micros = 60 * second;

/** Names one link of one node, until it is `unlinked`. Never reused within a boot. */
export type LinkId = number;

/** Where a node can be reached, `host:port`, opaque to the core: `10.0.0.7:45454`, `[fe80::1]:45454`. */
export type Address = string;

export type Transport = "tcp" | "websocket" | "serial";

/** What a link carries. A body is bulk: passed by reference, never mutated by anybody. */
export interface Frame {
  readonly head: Uint8Array;
  readonly body?: Uint8Array;
}

/** What is left of earlier boots: small records, and the keys of the kept pieces found intact. */
export interface Saved {
  readonly records: ReadonlyMap<string, Uint8Array>;
  readonly kept: readonly string[];
}

/** What a person, a scenario or a sibling protocol asks of a node. */
export interface Command {
  readonly protocol: string;
  readonly name: string;
}

/** What a node tells. `peer`, where present, is the other peer that it is about. */
export interface AppEvent {
  readonly protocol: string;
  readonly name: string;
  readonly peer?: PeerId;
}

/** A fact: it has already happened. */
export type Input =
  | { readonly kind: "started"; readonly saved: Saved; readonly boot: number }
  | { readonly kind: "woke" }
  | {
    readonly kind: "linked";
    readonly link: LinkId;
    /** Set when this node dialled. */
    readonly dialled?: Address;
    /** Where the bytes come from. */
    readonly from: Address;
    readonly transport: Transport;
  }
  | { readonly kind: "unlinked"; readonly link: LinkId; readonly why: Reason }
  | { readonly kind: "received"; readonly link: LinkId; readonly frame: Frame }
  | { readonly kind: "overheard"; readonly from: Address; readonly bytes: Uint8Array }
  /** A frame with a body has left this machine; `queued` bytes of this link are still waiting. */
  | { readonly kind: "drained"; readonly link: LinkId; readonly queued: number }
  /** What was kept under this name, `PROTOCOL/NAME`, before it was settled is durable, unless there is a reason. */
  | { readonly kind: "settled"; readonly name: string; readonly why: Reason | undefined }
  | { readonly kind: "loaded"; readonly key: string; readonly bytes: Uint8Array | undefined }
  | {
    readonly kind: "refused";
    readonly order: "save" | "keep" | "dial";
    readonly key: string;
    readonly why: Reason;
  }
  | { readonly kind: "asked"; readonly command: Command };

/** An order: the host performs it, in sequence. */
export type Effect =
  | { readonly kind: "save"; readonly key: string; readonly bytes: Uint8Array | undefined }
  /** A piece, `PROTOCOL/NAME/OFFSET`: a host may lay those of one name side by side in one file. */
  | { readonly kind: "keep"; readonly key: string; readonly bytes: Uint8Array }
  | { readonly kind: "drop-kept"; readonly key: string }
  /** Brings the kept pieces `PROTOCOL/NAME/...` to the medium; answered by `settled`. */
  | { readonly kind: "settle"; readonly name: string }
  /** A kept piece by its key, or `file/HANDLE/OFFSET+LENGTH`: part of a file the host has opened. */
  | { readonly kind: "load"; readonly key: string }
  | { readonly kind: "dial"; readonly address: Address }
  | { readonly kind: "hang-up"; readonly link: LinkId; readonly why: Reason }
  | { readonly kind: "send"; readonly link: LinkId; readonly frame: Frame }
  | { readonly kind: "cast"; readonly to: Address | "everyone"; readonly bytes: Uint8Array }
  | { readonly kind: "tell"; readonly event: AppEvent };

/** The answer to one fact. */
export interface Step {
  readonly effects: readonly Effect[];
  /** When the node next wants to be woken; earlier answers are void. */
  readonly wakeAt: Micros | undefined;
}
