/** Links to those for whom something waits: dialled at once, then less and less often; held while it does. */
import type { Address, Context, Micros, PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";

interface Dialling {
  readonly place: Address;
  /** When they may be dialled next. */
  at: Micros;
  pause: Micros;
}

export class Reach {
  readonly #dialling = new Map<PeerId, Dialling>();
  readonly #held = new Set<PeerId>();

  /** Dials somebody, unless that was done a moment ago. */
  dial(peer: PeerId, place: Address, ctx: Pick<Context, "now" | "dial">): void {
    const known = this.#dialling.get(peer);
    const dialling = known?.place === place ? known : { place, at: 0, pause: limits.DIAL_FIRST };
    this.#dialling.set(peer, dialling);
    if (ctx.now < dialling.at) return;
    dialling.at = ctx.now + dialling.pause;
    ctx.dial(place);
  }

  /** Nobody answers there. */
  unreachable(address: Address): void {
    for (const dialling of this.#dialling.values()) {
      if (dialling.place !== address) continue;
      dialling.pause = Math.min(limits.DIAL_MOST, 2 * dialling.pause);
    }
  }

  /** It takes what it is sent: the next time it is worth an early dial. */
  answered(peer: PeerId): void {
    this.#dialling.delete(peer);
  }

  /** Keeps the link to them open. */
  hold(peer: PeerId, ctx: Pick<Context, "hold">): void {
    if (this.#held.has(peer)) return;
    this.#held.add(peer);
    ctx.hold(peer);
  }

  /** Nothing waits for them any more. */
  release(peer: PeerId, ctx: Pick<Context, "release">): void {
    if (this.#held.delete(peer)) ctx.release(peer);
  }

  left(peer: PeerId): void {
    this.#held.delete(peer);
  }
}
