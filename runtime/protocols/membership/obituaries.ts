/**
 * Who has died, as it spreads by gossip.
 *
 * 1. A rumour is passed on once, by those to whom it is news about somebody they know.
 * 2. An obituary holds up to an incarnation. The living state a later one, in a card of their own.
 * 3. What a node sees itself counts for more: a neighbour is buried only if it does not answer either.
 */
import { type Micros, millisecond, type PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import type { MembershipContext, View } from "./view.ts";
import type { Card, Obituary } from "./wire.ts";

/** Rumours wait for others for a moment, to share frames. */
const GATHERING: Micros = 15 * millisecond;

export class Obituaries {
  readonly #departed = new Map<PeerId, number>();
  #obituaries: Obituary[] = [];
  #cards: Card[] = [];

  /** As of which life the peer is believed dead. */
  lastLife(peer: PeerId): number | undefined {
    return this.#departed.get(peer);
  }

  bury(peer: PeerId, incarnation: number): void {
    this.#departed.delete(peer);
    this.#departed.set(peer, incarnation);
    if (this.#departed.size <= limits.DEPARTED) return;
    for (const oldest of this.#departed.keys()) {
      this.#departed.delete(oldest);
      break;
    }
  }

  revive(peer: PeerId): void {
    this.#departed.delete(peer);
  }

  tellDeath(peer: PeerId, incarnation: number, ctx: MembershipContext): void {
    if (this.#obituaries.length >= limits.RUMOURS) return;
    this.#gather(ctx);
    this.#obituaries.push({ peer, incarnation });
  }

  tellLife(card: Card, ctx: MembershipContext): void {
    if (this.#cards.length >= limits.CARDS) return;
    this.#gather(ctx);
    this.#cards.push(card);
  }

  /** Tells one peer that it is believed dead, so that it can refute. */
  warn(peer: PeerId, incarnation: number, ctx: MembershipContext): void {
    ctx.send(peer, { kind: "rumours", obituaries: [{ peer, incarnation }], cards: [] });
  }

  /** Passes on what has gathered, to every neighbour. */
  spread(view: View, ctx: MembershipContext): void {
    const obituaries = this.#obituaries.splice(0, limits.OBITUARIES);
    const cards = this.#cards.splice(0, limits.CARDS);
    for (const neighbour of view.values()) {
      ctx.send(neighbour.peer, { kind: "rumours", obituaries, cards });
    }
    if (this.#obituaries.length > 0) ctx.wake("spread", GATHERING);
  }

  #gather(ctx: MembershipContext): void {
    if (this.#obituaries.length + this.#cards.length === 0) ctx.wake("spread", GATHERING);
  }
}
