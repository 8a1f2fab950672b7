/** Links to those for whom something waits: dialled at once, then less and less often; held while it does. */
import {
  type Address,
  type AppEvent,
  type Context,
  exactly,
  hex,
  KEY_BYTES,
  limits as core,
  listOf,
  type Micros,
  type PeerId,
  Reader,
  Recent,
  struct,
  textUpTo,
  unhex,
  Writer,
} from "../../core/mod.ts";
import { Allowances } from "../membership/mod.ts";
import { isMeshEvent, say } from "../mesh/mod.ts";
import * as limits from "./limits.ts";

/** The topic of those who do not know where others are. */
const WHERE = "chat/where";

/** What is said over the mesh then: where to dial the asker, and who should. */
export const whereSchema = struct({
  place: textUpTo(core.ADDRESS_BYTES),
  sought: listOf(exactly(KEY_BYTES), limits.SOUGHT),
});

interface Dialling {
  readonly place: Address;
  /** When they may be dialled next. */
  at: Micros;
  pause: Micros;
}

export class Reach {
  readonly #dialling = new Map<PeerId, Dialling>();
  readonly #held = new Set<PeerId>();
  /** When somebody may be asked for next, and how long after that. */
  readonly #seeking = new Recent<PeerId, { readonly at: Micros; readonly pause: Micros }>(
    limits.ADDRESSEES,
  );
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
    this.#seeking.delete(peer);
  }

  /** Asks everybody near for those whose place is not known, of all of them at once: each question floods. */
  seek(peers: readonly PeerId[], ctx: Pick<Context, "now" | "ask" | "address">): void {
    const due = peers.filter((peer) => ctx.now >= (this.#seeking.get(peer)?.at ?? 0))
      .slice(0, limits.SOUGHT);
    if (due.length === 0) return;
    for (const peer of due) {
      const pause = this.#seeking.get(peer)?.pause ?? limits.SEEK_FIRST;
      this.#seeking.set(peer, {
        at: ctx.now + pause,
        pause: Math.min(limits.SEEK_MOST, 2 * pause),
      });
    }
    const writer = new Writer();
    whereSchema.write(writer, { place: ctx.address, sought: due.map((peer) => unhex(peer)!) });
    ctx.ask(say(WHERE, writer.take()));
  }

  /** Somebody looks for this device: it dials them. */
  heard(event: AppEvent, ctx: Pick<Context, "now" | "self" | "dial">): void {
    if (!isMeshEvent(event) || event.name !== "heard" || event.topic !== WHERE) return;
    const reader = new Reader(event.payload);
    const { place, sought } = whereSchema.read(reader);
    if (!reader.whole || !sought.some((each) => hex(each) === ctx.self)) return;
    if (place !== "" && this.#answers.take(event.origin, ctx.now)) ctx.dial(place);
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
