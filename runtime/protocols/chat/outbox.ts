/**
 * Letters that wait until the other device has them on its disk.
 *
 * 1. A letter is saved before it is accepted, and sent again until it is confirmed, over every new link
 *    and after a while over the same one.
 * 2. Letters to one peer leave in the order in which they were written: `order` says so after a restart.
 * 3. A few are on their way at once, in one message, and the next ones follow when these are confirmed.
 *    (More at once were tried: where the other disk refused one and took the next, their order was lost.)
 */
import {
  byCodeUnit,
  type Context,
  hex,
  type Micros,
  type PeerId,
  Reader,
  Recent,
  struct,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { type ChatMessage, letterSchema } from "./wire.ts";

export type Letter = ValueOf<typeof letterSchema>;
type ChatContext = Context<ChatMessage>;

const record = struct({ order: upTo(Number.MAX_SAFE_INTEGER), letter: letterSchema });
type Entry = ValueOf<typeof record>;

export class Outbox {
  readonly #waitingFor = new Map<PeerId, Entry[]>();
  /** When those that are on their way to somebody were sent. */
  readonly #sentAt = new Map<PeerId, Micros>();
  /** Keys of letters that were settled lately: whether the disk has let them go is not known. */
  readonly #settled = new Recent<string, true>(limits.SETTLED);
  #order = 0;

  /** Those for whom something waits. */
  get addressees(): Iterable<PeerId> {
    return this.#waitingFor.keys();
  }

  waitsFor(peer: PeerId): boolean {
    return this.#waitingFor.has(peer);
  }

  /** Whether this letter waits. */
  waits(peer: PeerId, id: string): boolean {
    return this.#waitingFor.get(peer)?.some(({ letter }) => hex(letter.id) === id) === true;
  }

  /** Everything that waits, with whom it is for. */
  *all(): Iterable<[PeerId, Letter]> {
    for (const [peer, entries] of this.#waitingFor) {
      for (const { letter } of entries) yield [peer, letter];
    }
  }

  /** False where as much waits as may. */
  post(to: PeerId, letter: Letter, ctx: ChatContext): boolean {
    const waiting = this.#waitingFor.get(to) ?? [];
    if (waiting.length >= limits.WAITING) return false;
    if (waiting.length === 0 && this.#waitingFor.size >= limits.ADDRESSEES) return false;
    const entry = { order: this.#order++, letter };
    this.#waitingFor.set(to, waiting);
    waiting.push(entry);
    ctx.save(keyOf(to, letter), bytesOf(entry));
    return true;
  }

  /** Sends the first of what waits, unless some are on their way since `before`. */
  send(to: PeerId, before: Micros, ctx: ChatContext): void {
    const waiting = this.#waitingFor.get(to);
    const sentAt = this.#sentAt.get(to);
    if (waiting === undefined || (sentAt !== undefined && sentAt > before)) return;
    const letters = waiting.slice(0, limits.LETTERS).map(({ letter }) => letter);
    if (ctx.send(to, { kind: "letters", letters })) this.#sentAt.set(to, ctx.now);
  }

  /** Nothing is on its way any more: all that was is confirmed, or its link is gone. */
  arrived(to: PeerId): void {
    this.#sentAt.delete(to);
  }

  /**
   * It is confirmed, or given up: the letter, if it did wait. What follows in this step follows only
   * when a restart would not send the letter again: one that was settled is removed once more, since
   * the disk may have refused that.
   */
  settle(to: PeerId, id: string, ctx: ChatContext): Letter | undefined {
    const letter = this.#take(to, id);
    const key = `out/${to}/${id}`;
    if (letter !== undefined || this.#settled.get(key) === true) {
      this.#settled.set(key, true);
      ctx.save(key, undefined);
    }
    return letter;
  }

  /** The disk has refused a letter, which was never accepted then, or to remove one: undefined. */
  refused(to: PeerId, id: string): Letter | undefined {
    const letter = this.#take(to, id);
    if (letter === undefined) this.#settled.set(`out/${to}/${id}`, true);
    return letter;
  }

  /** Takes up a record of an earlier boot; false where it cannot be read. */
  restore(to: PeerId, bytes: Uint8Array): boolean {
    const reader = new Reader(bytes);
    const { order, letter } = record.read(reader);
    if (!reader.whole) return false;
    const waiting = this.#waitingFor.get(to) ?? [];
    this.#waitingFor.set(to, waiting);
    waiting.push({ order, letter });
    waiting.sort((one, other) => one.order - other.order);
    this.#order = Math.max(this.#order, order + 1);
    return true;
  }

  #take(to: PeerId, id: string): Letter | undefined {
    const waiting = this.#waitingFor.get(to) ?? [];
    const at = waiting.findIndex(({ letter }) => hex(letter.id) === id);
    if (at < 0) return undefined;
    const [entry] = waiting.splice(at, 1);
    if (waiting.length === 0) this.#waitingFor.delete(to);
    return entry!.letter;
  }
}

function keyOf(to: PeerId, { id }: Letter): string {
  return `out/${to}/${hex(id)}`;
}

function bytesOf({ order, letter }: Entry): Uint8Array {
  const writer = new Writer();
  record.write(writer, { order, letter });
  return writer.take();
}

/** Records in the order of their keys: the same after every restart. */
export function sorted(records: ReadonlyMap<string, Uint8Array>): [string, Uint8Array][] {
  return [...records].sort(([one], [other]) => byCodeUnit(one, other));
}
