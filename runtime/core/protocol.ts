/** What a feature of a node is: a name, a wire, handlers; and what it may do in them. */
import type { Crypto } from "./crypto.ts";
import type { Identity, PeerId, PeerKeys } from "./identity.ts";
import type { Address, AppEvent, Command, Micros, Saved } from "./io.ts";
import type { Random } from "./random.ts";
import type { Reason } from "./reason.ts";
import type { Wire } from "./wire.ts";

/** What a protocol may do. Each verb adds an order to the current step; nothing happens yet. */
export interface Context<Message = never> {
  readonly self: PeerId;
  /** Where others can dial this node. */
  readonly address: Address;
  readonly identity: Identity;
  readonly crypto: Crypto;
  readonly now: Micros;
  /** This protocol's own stream. */
  readonly random: Random;
  /** How many times this node has started before. */
  readonly boot: number;

  /** The linked peers, in the order in which they joined. */
  readonly peers: Iterable<PeerId>;
  isLinked(peer: PeerId): boolean;
  /** The proved keys of a linked peer. */
  keysOf(peer: PeerId): PeerKeys | undefined;
  /** Where a linked peer can be dialled, if this node dialled it; else where its bytes come from. */
  addressOf(peer: PeerId): Address | undefined;
  /** When the last frame came by the peer's link, and when the last one was given to it; -1 for none. */
  heardAt(peer: PeerId): Micros;
  saidAt(peer: PeerId): Micros;
  /** Bytes that were handed to the peer's link and have not left this machine. */
  queuedFor(peer: PeerId): number;

  /** False where the peer is not linked: nothing is sent. A body is never mutated afterwards. */
  send(to: PeerId, message: Message, body?: Uint8Array): boolean;
  /** Opens a link; by one round trip if the keys are known. A link nobody holds is hung up again. */
  dial(address: Address, expected?: PeerKeys): void;
  /** Keeps the link to a peer open, until `release`. Once per protocol and peer. */
  hold(peer: PeerId): void;
  release(peer: PeerId): void;
  /** Valid bytes, dishonest meaning: hangs up, and refuses the peer for the rest of this boot. */
  ban(peer: PeerId, why: Reason): void;
  /** Hangs up without blame. */
  hangUp(peer: PeerId, why: Reason): void;
  /** A datagram, at most DATAGRAM_BYTES long. The other node's same protocol overhears it. */
  cast(to: Address | "everyone", bytes: Uint8Array): void;

  /** (Re)sets a named timer. */
  wake(timer: string, after: Micros): void;
  calm(timer: string): void;

  /** Small records: durable before anything that is sent after. Undefined removes. */
  save(key: string, bytes: Uint8Array | undefined): void;
  /** Pieces: large, immutable; a crash may lose recent ones. */
  keep(key: string, bytes: Uint8Array): void;
  dropKept(key: string): void;
  /** Makes the kept pieces `NAME/...` durable; answered by `settled` with the same name. */
  settle(name: string): void;
  /** A kept piece; answered by `loaded` with the same key. */
  load(key: string): void;
  /** Part of a file that the host has opened; answered by `loaded` with `fileKey(...)`. */
  read(handle: string, offset: number, length: number): void;

  /** A command to a protocol of this same node, later in this same step. */
  ask(command: Command): void;
  /** An event, for people and for siblings, later in this same step. */
  tell(event: AppEvent): void;
}

/** The key under which `loaded` answers a `read`. */
export function fileKey(handle: string, offset: number, length: number): string {
  return `file/${handle}/${offset}+${length}`;
}

/** One feature of a node. A protocol is a function that returns these handlers. */
export interface Protocol<Message = never> {
  readonly name: string;
  /** One byte on the wire, unique within a node and never given to another protocol. */
  readonly code: number;
  readonly wire: Wire<Message>;

  started?(saved: Saved, ctx: Context<Message>): void;
  joined?(peer: PeerId, ctx: Context<Message>): void;
  left?(peer: PeerId, why: Reason, ctx: Context<Message>): void;
  received(
    message: Message,
    from: PeerId,
    body: Uint8Array | undefined,
    ctx: Context<Message>,
  ): void;
  /** A datagram of this protocol, from an address that nothing proves. */
  overheard?(bytes: Uint8Array, from: Address, ctx: Context<Message>): void;
  /** A frame with a body has left this machine. */
  drained?(peer: PeerId, queued: number, ctx: Context<Message>): void;
  /** A dial failed. */
  unreachable?(address: Address, why: Reason, ctx: Context<Message>): void;
  /** A save or keep was refused by the disk. */
  refused?(key: string, why: Reason, ctx: Context<Message>): void;
  /** The pieces of this name are durable, unless there is a reason. */
  settled?(name: string, why: Reason | undefined, ctx: Context<Message>): void;
  loaded?(key: string, bytes: Uint8Array | undefined, ctx: Context<Message>): void;
  woke?(timer: string, ctx: Context<Message>): void;
  asked?(command: Command, ctx: Context<Message>): void;
  /** Told by a sibling on this same node. */
  heard?(event: AppEvent, ctx: Context<Message>): void;
}

/** A protocol whose message type no longer matters: what a node's list holds. */
// deno-lint-ignore no-explicit-any -- the one place where message types are erased (handlers are contravariant)
export type AnyProtocol = Protocol<any>;
