/**
 * Whose device this is, as far as groups are concerned: a person is in a group by the device that they began
 * with, and reads and writes there at every other one, too.
 */
import { type AppEvent, type Context, type PeerId, textOf, utf8 } from "../../core/mod.ts";
import { isChatEvent } from "../chat/mod.ts";

/** What cannot be done at a linked device. */
export const ELSEWHERE = "change who is in a group here: do it at your first device";

/** Somebody's devices are known, or others than before. */
export function isDevices(event: AppEvent): boolean {
  return isChatEvent(event) && event.name === "devices";
}

export class Person {
  #first: PeerId | undefined;

  /** Who is in groups for whoever has this device. */
  of({ self }: Pick<Context, "self">): PeerId {
    return this.#first ?? self;
  }

  /** False where a record is about something else. */
  restore(box: string, bytes: Uint8Array): boolean {
    if (box === "person") this.#first = textOf(bytes) as PeerId | undefined;
    return box === "person";
  }

  /** True where that has changed. */
  heard(event: AppEvent, ctx: Pick<Context, "self" | "save">): boolean {
    if (!isChatEvent(event)) return false;
    const isLinked = event.name === "devices" && event.devices.slice(1).includes(ctx.self);
    if (!isLinked && event.name !== "unlinked") return false;
    const first = isLinked ? event.peer : undefined;
    if (first === this.#first) return false;
    this.#first = first;
    ctx.save("person/first", first === undefined ? undefined : utf8(first));
    return true;
  }
}
