/** What others say of themselves: what they are called, and who keeps their letters. Nobody vouches for it. */
import { type Context, type PeerId, Recent } from "../../core/mod.ts";
import type { Boxes } from "./boxes.ts";
import { tell } from "./events.ts";
import * as limits from "./limits.ts";
import type { Sealing } from "./sealing.ts";
import type { Card, ChatMessage } from "./wire.ts";

export class Cards {
  /** What people call themselves, as was told last. */
  readonly #names = new Recent<PeerId, string>(limits.PLACES);

  constructor(readonly boxes: Boxes, readonly sealing: Sealing) {}

  introduced(peer: PeerId, { who, boxes }: Card, ctx: Context<ChatMessage>): void {
    this.boxes.note(peer, boxes, ctx);
    const keys = ctx.keysOf(peer) ?? this.sealing.keysOf(peer);
    if (who === "" || keys === undefined || this.#names.get(peer) === who) return;
    this.#names.set(peer, who);
    tell(ctx, { name: "named", peer, who, keys });
  }
}
