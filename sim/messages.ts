/** Messages of a mesh: how many were sent, heard, heard twice, and how long they took. */
import type { AppEvent } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { MessageResult } from "./record.ts";
import { percentile } from "./series.ts";
import type { Nanos } from "./units.ts";

/** What a message's event means here. The only place that knows the events' shapes. */
function readingOf(
  event: AppEvent,
): { readonly what: "sent" | "heard"; readonly id: string } | undefined {
  if (event.protocol !== "mesh") return undefined;
  if (event.name !== "sent" && event.name !== "heard") return undefined;
  const { id } = event as AppEvent & { readonly id?: unknown };
  return id === undefined ? undefined : { what: event.name, id: String(id) };
}

interface Message {
  readonly by: Actor;
  readonly at: Nanos;
  /** Which life each machine was in, 0 for those that were down. */
  readonly lives: readonly number[];
  /** In which life each machine heard it first. */
  readonly heardBy: Map<Actor, number>;
}

/** Follows each message from who sent it to those who hear it. */
export class Messages {
  readonly #messages = new Map<string, Message>();
  readonly #delays: Nanos[] = [];
  readonly #actors: readonly Actor[];
  readonly #lifeOf: (actor: Actor) => number;
  #duplicated = 0;

  /** `lifeOf` says which life a machine is in, 0 for one that is down. */
  constructor(actors: readonly Actor[], lifeOf: (actor: Actor) => number) {
    this.#actors = actors;
    this.#lifeOf = lifeOf;
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    const reading = readingOf(event);
    if (reading === undefined) return;
    if (reading.what === "sent") {
      const lives = this.#actors.map(this.#lifeOf);
      this.#messages.set(reading.id, { by: actor, at: now, lives, heardBy: new Map() });
      return;
    }
    const message = this.#messages.get(reading.id);
    if (message === undefined || message.by === actor) return;
    const life = message.heardBy.get(actor);
    // After a restart a node tells again what nobody has confirmed: a notice, not a second delivery.
    if (life === undefined) {
      message.heardBy.set(actor, this.#lifeOf(actor));
      this.#delays.push(now - message.at);
    } else if (life === this.#lifeOf(actor)) this.#duplicated++;
  }

  /**
   * Undefined where nobody has sent any. A message is lost once for each machine that ran from when
   * it was sent until now, and has not heard it.
   */
  result(): MessageResult | undefined {
    if (this.#messages.size === 0) return undefined;
    let delivered = 0, lost = 0;
    for (const { by, lives, heardBy } of this.#messages.values()) {
      delivered += heardBy.size;
      for (const actor of this.#actors) {
        const life = lives[actor.index];
        if (life === 0 || life !== this.#lifeOf(actor) || actor === by) continue;
        if (!heardBy.has(actor)) lost++;
      }
    }
    const sorted = this.#delays.toSorted((one, other) => one - other);
    return {
      sent: this.#messages.size,
      delivered,
      duplicated: this.#duplicated,
      lost,
      p50Seconds: percentile(sorted, 50) / 1e9 || 0,
      p99Seconds: percentile(sorted, 99) / 1e9 || 0,
    };
  }
}
