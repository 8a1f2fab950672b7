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
  readonly heardBy: Set<Actor>;
}

/** Follows each message from who sent it to those who hear it. */
export class Messages {
  readonly #messages = new Map<string, Message>();
  readonly #delays: Nanos[] = [];
  readonly #actors: readonly Actor[];
  readonly #lives: () => readonly number[];
  #duplicated = 0;

  /** `lives` says which life each machine is in, 0 for those that are down. */
  constructor(actors: readonly Actor[], lives: () => readonly number[]) {
    this.#actors = actors;
    this.#lives = lives;
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    const reading = readingOf(event);
    if (reading === undefined) return;
    if (reading.what === "sent") {
      const lives = this.#lives();
      this.#messages.set(reading.id, { by: actor, at: now, lives, heardBy: new Set() });
      return;
    }
    const message = this.#messages.get(reading.id);
    if (message === undefined || message.by === actor) return;
    if (message.heardBy.has(actor)) this.#duplicated++;
    else {
      message.heardBy.add(actor);
      this.#delays.push(now - message.at);
    }
  }

  /**
   * Undefined where nobody has sent any. A message is lost once for each machine that ran from when
   * it was sent until now, and has not heard it.
   */
  result(): MessageResult | undefined {
    if (this.#messages.size === 0) return undefined;
    const livesNow = this.#lives();
    let delivered = 0, lost = 0;
    for (const { by, lives, heardBy } of this.#messages.values()) {
      delivered += heardBy.size;
      for (const actor of this.#actors) {
        const life = lives[actor.index];
        if (life === 0 || life !== livesNow[actor.index] || actor === by) continue;
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
