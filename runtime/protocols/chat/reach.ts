/** Links to those for whom something waits: dialled at once, then less and less often; held while it does. */
import {
  type Address,
  type AppEvent,
  type Context,
  hex,
  joined,
  KEY_BYTES,
  limits as core,
  type Micros,
  type PeerId,
  Recent,
  textOf,
  unhex,
  utf8,
} from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import { isMeshEvent, say } from "../mesh/mod.ts";
import * as limits from "./limits.ts";

/** Said over the mesh by who does not know where somebody is: their name, and where to dial the asker. */
const WHERE = "chat/where";

interface Dialling {
  readonly place: Address;
  /** When they may be dialled next. */
  at: Micros;
  pause: Micros;
}

export class Reach {
  readonly #dialling = new Map<PeerId, Dialling>();
  readonly #held = new Set<PeerId>();
  readonly #soughtAt = new Recent<PeerId, Micros>(limits.ADDRESSEES);
  readonly #answers = new Allowances<PeerId>(limits.ADDRESSEES, 4, 0.1);

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

  /** Asks everybody near for somebody whose place is not known. */
  seek(peer: PeerId, ctx: Pick<Context, "now" | "ask" | "address">): void {
    const soughtAt = this.#soughtAt.get(peer);
    if (soughtAt !== undefined && ctx.now - soughtAt < limits.SEEK_AGAIN) return;
    this.#soughtAt.set(peer, ctx.now);
    ctx.ask(say(WHERE, joined(unhex(peer)!, utf8(ctx.address))));
  }

  /** Somebody looks for this device: it dials them. */
  heard(event: AppEvent, ctx: Pick<Context, "now" | "self" | "dial">): void {
    if (!isMeshEvent(event) || event.name !== "heard" || event.topic !== WHERE) return;
    const { payload, origin } = event;
    if (hex(payload.subarray(0, KEY_BYTES)) !== ctx.self) return;
    const address = textOf(payload.subarray(KEY_BYTES));
    const isPlace = address !== undefined && address !== "" &&
      payload.length <= KEY_BYTES + core.ADDRESS_BYTES;
    if (isPlace && this.#answers.take(origin, ctx.now)) ctx.dial(address);
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
