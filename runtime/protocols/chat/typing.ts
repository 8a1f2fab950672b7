/** Who is writing just now: told to nobody, and of nobody, unless this person wants it so. Never saved. */
import { type Context, type Micros, type PeerId, Recent } from "../../core/mod.ts";
import { tell } from "./events.ts";
import * as limits from "./limits.ts";
import type { ChatMessage } from "./wire.ts";

type ChatContext = Context<ChatMessage>;

export class Typing {
  readonly #saidAt = new Recent<PeerId, Micros>(limits.ADDRESSEES);
  readonly #heardAt = new Recent<PeerId, Micros>(limits.ADDRESSEES);

  /** Who does not tell is not told either. */
  constructor(readonly isOn: boolean) {}

  /** This person is writing to them. */
  say(to: PeerId, ctx: ChatContext): void {
    if (this.isOn && this.#isDue(this.#saidAt, to, ctx)) ctx.send(to, { kind: "typing" });
  }

  /** They are writing to this person. */
  heard(from: PeerId, ctx: ChatContext): void {
    if (this.isOn && this.#isDue(this.#heardAt, from, ctx)) {
      tell(ctx, { name: "typing", peer: from });
    }
  }

  #isDue(last: Recent<PeerId, Micros>, peer: PeerId, { now }: ChatContext): boolean {
    const at = last.get(peer);
    if (at !== undefined && now - at < limits.TYPING_AGAIN) return false;
    last.set(peer, now);
    return true;
  }
}
