/** Something that a vault is asked to do, from its beginning to its end. One at a time. */
import type { Context, PeerId, Reason } from "../../core/mod.ts";
import type { VaultMessage } from "./wire.ts";

export type VaultContext = Context<VaultMessage>;

export interface Job {
  readonly isOver: boolean;
  start(ctx: VaultContext): void;
  /** True where the message was for this job. */
  received(
    from: PeerId,
    message: VaultMessage,
    body: Uint8Array | undefined,
    ctx: VaultContext,
  ): boolean;
  left(peer: PeerId, why: Reason, ctx: VaultContext): void;
  /** Part of a file. */
  loaded?(key: string, bytes: Uint8Array | undefined, ctx: VaultContext): void;
  /** Kept pieces are durable. */
  settled?(name: string, why: Reason | undefined, ctx: VaultContext): void;
  /** The disk has not taken a piece, or a record. */
  refused?(key: string, why: Reason, ctx: VaultContext): void;
  /** For deadlines: every TICK. */
  tick(ctx: VaultContext): void;
}
