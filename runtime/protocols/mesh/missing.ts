/** Messages that were announced and have not come: whom to ask for them, and when. */
import { hex, type Micros, millisecond, type PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";

interface Missing {
  readonly id: Uint8Array;
  readonly announcers: PeerId[];
  dueAt: Micros;
  tries: number;
}

const NOBODY: readonly PeerId[] = [];

/** A request without answer is repeated, to the next who announced it. */
const AGAIN: Micros = 250 * millisecond;
/** What does not fit into one request waits this long for the next. */
const NEXT_ROUND: Micros = 20 * millisecond;

/** What neighbours have told of and nobody has sent yet. */
export class MissingMessages {
  readonly #byName = new Map<string, Missing>();

  get count(): number {
    return this.#byName.size;
  }

  /** When the next request is due. */
  get dueAt(): Micros {
    let next = Infinity;
    for (const { dueAt } of this.#byName.values()) next = Math.min(next, dueAt);
    return next;
  }

  announced(id: Uint8Array, by: PeerId, dueAt: Micros): void {
    const name = hex(id);
    const known = this.#byName.get(name);
    if (known !== undefined) {
      if (known.announcers.length < limits.ANNOUNCERS && !known.announcers.includes(by)) {
        known.announcers.push(by);
      }
      if (known.tries === 0) known.dueAt = Math.min(known.dueAt, dueAt);
      return;
    }
    if (this.#byName.size >= limits.MISSING) return;
    this.#byName.set(name, { id: id.slice(), announcers: [by], dueAt, tries: 0 });
  }

  /** It need not be fetched any more; answers with those who have announced it. */
  arrived(name: string): readonly PeerId[] {
    const announcers = this.#byName.get(name)?.announcers ?? NOBODY;
    this.#byName.delete(name);
    return announcers;
  }

  /** A neighbour is gone: what only it had must be announced again. */
  left(peer: PeerId, now: Micros): void {
    for (const [name, missing] of this.#byName) {
      const at = missing.announcers.indexOf(peer);
      if (at < 0) continue;
      missing.announcers.splice(at, 1);
      if (missing.announcers.length === 0) this.#byName.delete(name);
      else missing.dueAt = Math.min(missing.dueAt, now);
    }
  }

  /** Whom to ask for what, now. */
  due(now: Micros): ReadonlyMap<PeerId, Uint8Array[]> {
    const asks = new Map<PeerId, Uint8Array[]>();
    for (const [name, missing] of this.#byName) {
      if (missing.dueAt > now) continue;
      if (missing.tries >= limits.TRIES) {
        this.#byName.delete(name);
        continue;
      }
      const peer = missing.announcers[missing.tries % missing.announcers.length]!;
      const ids = asks.get(peer) ?? [];
      if (ids.length >= limits.WANTED) {
        missing.dueAt = now + NEXT_ROUND;
        continue;
      }
      missing.tries++;
      missing.dueAt = now + AGAIN;
      ids.push(missing.id);
      asks.set(peer, ids);
    }
    return asks;
  }
}
