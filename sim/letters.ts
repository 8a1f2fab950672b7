/** Letters from one to another: accepted at one machine, they must come to the other, once, in order. */
import type { AppEvent, PeerId } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { MessageResult } from "./record.ts";
import { percentile } from "./series.ts";
import type { Nanos } from "./units.ts";

/** A chat's or a group's event about one letter. The only place here that knows the events' shapes. */
interface LetterEvent extends AppEvent {
  readonly id: string;
  /** The other side: who wrote it, or whom it is for. */
  readonly peer: PeerId;
  readonly again?: boolean;
  /** What is said in a group goes to several; its letters are in order among themselves. */
  readonly to?: readonly PeerId[];
  readonly group?: string;
}

function isLetterEvent(event: AppEvent): event is LetterEvent {
  return (event.protocol === "chat" || event.protocol === "groups") && "id" in event;
}

/** What became of all letters. */
export interface LetterResult extends MessageResult {
  /** Letters that came after a later one of the same two people. */
  readonly disordered: number;
  /** Letters that the other side has refused, and said so. */
  readonly refused: number;
  /** Letters of which the sender was told that they are there before they were. */
  readonly untrue: number;
}

interface Letter {
  readonly from: Actor;
  readonly to: Actor;
  readonly at: Nanos;
  readonly order: number;
  readonly conversation: string;
  heard: boolean;
  refused: boolean;
}

/**
 * Follows each letter. Unlike what is said to a mesh, an accepted letter survives restarts of both
 * sides: it is lost if both are up in the end and it has not come.
 */
export class Letters {
  readonly #letters = new Map<string, Letter>();
  readonly #latest = new Map<string, number>();
  readonly #delays: Nanos[] = [];
  readonly #byPeer: ReadonlyMap<string, Actor>;
  #duplicated = 0;
  #disordered = 0;
  #untrue = 0;

  constructor(actors: readonly Actor[], readonly lifeOf: (actor: Actor) => number) {
    this.#byPeer = new Map(actors.map((actor) => [actor.peer, actor]));
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    if (!isLetterEvent(event)) return;
    for (const peer of event.to ?? [event.peer]) {
      const other = this.#byPeer.get(peer);
      if (other !== undefined) this.#told(now, actor, other, event);
    }
  }

  /** Undefined where nobody has written any. */
  result(): LetterResult | undefined {
    if (this.#letters.size === 0) return undefined;
    let delivered = 0, lost = 0, refused = 0;
    for (const letter of this.#letters.values()) {
      if (letter.heard) delivered++;
      else if (letter.refused) refused++;
      else if (this.lifeOf(letter.from) > 0 && this.lifeOf(letter.to) > 0) lost++;
    }
    const sorted = this.#delays.toSorted((one, other) => one - other);
    return {
      sent: this.#letters.size,
      delivered,
      duplicated: this.#duplicated,
      lost,
      disordered: this.#disordered,
      refused,
      untrue: this.#untrue,
      p50Seconds: percentile(sorted, 50) / 1e9 || 0,
      p99Seconds: percentile(sorted, 99) / 1e9 || 0,
    };
  }

  #told(now: Nanos, actor: Actor, other: Actor, event: LetterEvent): void {
    const ours = `${actor.index}/${other.index}/${event.id}`;
    const theirs = `${other.index}/${actor.index}/${event.id}`;
    switch (event.name) {
      case "accepted":
        if (event.again === true) return;
        this.#letters.set(ours, {
          from: actor,
          to: other,
          at: now,
          order: this.#letters.size,
          conversation: event.group ?? "",
          heard: false,
          refused: false,
        });
        return;
      case "received": {
        const letter = this.#letters.get(theirs);
        if (letter !== undefined) this.#heard(now, letter, event.again === true);
        return;
      }
      case "delivered":
      case "read":
        if (this.#letters.get(ours)?.heard === false) this.#untrue++;
        return;
      case "dropped": {
        const letter = this.#letters.get(ours);
        if (letter !== undefined) letter.refused = true;
      }
    }
  }

  /** What a restart tells again may be news, where the boot before ended before it could tell. */
  #heard(now: Nanos, letter: Letter, again: boolean): void {
    if (letter.heard) {
      if (!again) this.#duplicated++;
      return;
    }
    letter.heard = true;
    this.#delays.push(now - letter.at);
    const pair = `${letter.from.index}/${letter.to.index}/${letter.conversation}`;
    if (letter.order < (this.#latest.get(pair) ?? -1)) this.#disordered++;
    else this.#latest.set(pair, letter.order);
  }
}
