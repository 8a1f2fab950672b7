/** What others confirm of letters: each receipt counts once, if it is signed by whom the letter was for. */
import { type Context, hex, type PeerId } from "../../core/mod.ts";
import type { Arrivals } from "./arrivals.ts";
import { tell } from "./events.ts";
import type { Inbox } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import { isSigned, type Receipt } from "./receipt.ts";
import type { Sealing } from "./sealing.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

export class Receiving {
  constructor(
    readonly outbox: Outbox,
    readonly inbox: Inbox,
    readonly arrivals: Arrivals,
    readonly sealing: Sealing,
  ) {}

  /** False where it is nobody's, or says nothing that could be believed. */
  receipt(receipt: Receipt, from: PeerId, ctx: ChatContext): boolean {
    const ids = receipt.ids.filter((id) =>
      // Whoever invents receipts, or repeats them, costs the disk and a reader something.
      this.outbox.waits(from, hex(id)) || this.arrivals.allows(from, ctx)
    );
    const keys = ctx.keysOf(from) ?? this.sealing.keysOf(from);
    if (ids.length === 0 || keys === undefined) return false;
    if (!isSigned(receipt, from, keys, ctx)) {
      ctx.ban(from, "tampered");
      return false;
    }
    for (const id of ids) this.settle(receipt.kind, from, hex(id), ctx);
    if (receipt.kind === "read") ctx.send(from, { kind: "noted", ids });
    else this.outbox.arrived(from, from);
    return true;
  }

  /** A letter is there, was read, or will never be taken. */
  settle(kind: Receipt["kind"], from: PeerId, id: string, ctx: ChatContext): void {
    const letter = this.outbox.settle(from, id, kind !== "dropped", ctx);
    const about = { id, peer: from };
    if (letter?.purpose === "text" && kind !== "dropped") {
      tell(ctx, { name: "delivered", ...about });
    }
    if (letter?.purpose === "text" && kind === "dropped") tell(ctx, { name: "dropped", ...about });
    if (kind === "read") tell(ctx, { name: "read", ...about });
  }

  /** A receipt is no longer needed to know that a letter has come: from now on the transcript alone does. */
  noted(ids: readonly Uint8Array[], from: PeerId, ctx: ChatContext): void {
    for (const id of ids) {
      if (this.inbox.has(from, hex(id))) this.outbox.transcript.recall(from, id, ctx);
      this.inbox.noted(from, hex(id), ctx);
    }
  }
}
