/**
 * Questions and answers between two devices, each delivered once whatever crashes.
 *
 * 1. A letter is saved before it is accepted, and sent again until the other side has kept it.
 * 2. One letter at a time is on its way to a peer, so its numbers arrive in order, and a number that
 *    is not higher than the last is a repetition.
 * 3. What was kept and not yet dealt with is told again after a restart.
 */
import {
  byCodeUnit,
  optional,
  type PeerId,
  Reader,
  struct,
  textUpTo,
  upTo,
  Writer,
} from "../../core/mod.ts";
import { bytesOfSession, type SessionId } from "./charter.ts";
import { LETTER_BYTES, LETTERS_KEPT, LETTERS_WAITING, SEQUENCES } from "./limits.ts";
import type { LabContext } from "./room.ts";
import type { MessageKind } from "./wire.ts";

export interface Letter {
  readonly number: number;
  /** The number of the question that this is the answer to. */
  readonly answers: number | undefined;
  readonly text: string;
}

const number = upTo(SEQUENCES);
const schema = struct({ number, answers: optional(number), text: textUpTo(LETTER_BYTES) });

export class Mailbox {
  readonly #waitingFor = new Map<PeerId, Letter[]>();
  readonly #keptFrom = new Map<PeerId, Letter[]>();
  readonly #lastFrom = new Map<PeerId, number>();

  constructor(readonly session: SessionId) {}

  /** False where as many wait for this peer as may. */
  post(to: PeerId, letter: Letter, ctx: LabContext): boolean {
    const waiting = this.#waitingFor.get(to) ?? [];
    if (waiting.length >= LETTERS_WAITING) return false;
    this.#waitingFor.set(to, waiting);
    waiting.push(letter);
    ctx.save(`out/${to}/${letter.number}`, bytesOf(letter));
    if (waiting.length === 1) this.send(to, ctx);
    return true;
  }

  /** Sends what waits longest for this peer, again or for the first time. */
  send(to: PeerId, ctx: LabContext): void {
    const letter = this.#waitingFor.get(to)?.[0];
    if (letter === undefined) return;
    ctx.send(to, { kind: "letter", session: bytesOfSession(this.session), ...letter });
  }

  /** The peer has kept a letter; answers whether that was news. */
  delivered(to: PeerId, number: number, ctx: LabContext): boolean {
    const waiting = this.#waitingFor.get(to);
    if (waiting?.[0]?.number !== number) return false;
    waiting.shift();
    if (waiting.length === 0) this.#waitingFor.delete(to);
    ctx.save(`out/${to}/${number}`, undefined);
    this.send(to, ctx);
    return true;
  }

  /**
   * A letter has come. `strict` leaves it with its sender while too many wait here for an answer;
   * otherwise the oldest is forgotten. True if it is new, and kept.
   */
  take(from: PeerId, message: MessageKind<"letter">, strict: boolean, ctx: LabContext): boolean {
    const { session, number, answers, text } = message;
    const kept = this.#keptFrom.get(from) ?? [];
    const isNew = number > (this.#lastFrom.get(from) ?? -1) && !this.has(from, number);
    if (isNew) {
      if (kept.length >= LETTERS_KEPT) {
        if (strict) return false;
        ctx.save(`in/${from}/${kept.shift()!.number}`, undefined);
      }
      const letter = { number, answers, text };
      this.#keptFrom.set(from, kept);
      kept.push(letter);
      this.#lastFrom.set(from, number);
      ctx.save(`in/${from}/${number}`, bytesOf(letter));
      ctx.save(`last/${from}`, bytesOf({ number, answers: undefined, text: "" }));
    }
    ctx.send(from, { kind: "kept", session, number });
    return isNew;
  }

  /**
   * The disk has refused a letter that came, or its number: it counts as not come. It was not
   * confirmed, since that would have followed the save, and so it comes again. A question that it
   * refused was not accepted, nor sent: it counts as not asked.
   */
  refused(key: string, ctx: LabContext): void {
    const [box, from, part] = key.split("/") as [string, PeerId, string | undefined];
    if (box === "out") return this.#unpost(from, Number(part));
    if (box !== "in" && box !== "last") return;
    const last = this.#lastFrom.get(from);
    if (last === undefined) return;
    const number = part === undefined ? last : Number(part);
    if (this.has(from, number)) this.settle(from, number, ctx);
    if (number === last) this.#lastFrom.set(from, number - 1);
  }

  /** What is, or should be, on the disk under such a key. */
  recordOf(key: string): Uint8Array | undefined {
    const [box, peer, part] = key.split("/") as [string, PeerId, string | undefined];
    const letterOf = box === "out" ? this.#waitingFor : this.#keptFrom;
    const last = this.#lastFrom.get(peer);
    const letter = box !== "last"
      ? letterOf.get(peer)?.find(({ number }) => number === Number(part))
      : last === undefined || last < 0
      ? undefined
      : { number: last, answers: undefined, text: "" };
    return letter && bytesOf(letter);
  }

  /** True if this letter was kept, and not dealt with yet. */
  has(from: PeerId, number: number): boolean {
    return this.#keptFrom.get(from)?.some((letter) => letter.number === number) ?? false;
  }

  /** Forgets a letter that has been dealt with. */
  settle(from: PeerId, number: number, ctx: LabContext): void {
    const kept = this.#keptFrom.get(from)!;
    kept.splice(kept.findIndex((letter) => letter.number === number), 1);
    ctx.save(`in/${from}/${number}`, undefined);
  }

  /** Takes up a record of an earlier boot; false if it is not one of a mailbox. */
  restore(key: string, bytes: Uint8Array): boolean {
    const [box, peer] = key.split("/") as [string, PeerId];
    const reader = new Reader(bytes);
    const letter = schema.read(reader);
    if (!reader.whole) return false;
    if (box === "last") this.#lastFrom.set(peer, letter.number);
    else {
      const letterOf = box === "out" ? this.#waitingFor : this.#keptFrom;
      const letters = letterOf.get(peer) ?? [];
      letterOf.set(peer, letters);
      letters.push(letter);
      letters.sort((one, other) => one.number - other.number);
    }
    return true;
  }

  /** Everything kept and not dealt with. */
  *kept(): Iterable<[PeerId, Letter]> {
    for (const peer of [...this.#keptFrom.keys()].sort(byCodeUnit)) {
      for (const letter of this.#keptFrom.get(peer)!) yield [peer, letter];
    }
  }

  /** Forgets everything from and for a peer. */
  forget(peer: PeerId, ctx: LabContext): void {
    for (const { number } of this.#waitingFor.get(peer) ?? []) {
      ctx.save(`out/${peer}/${number}`, undefined);
    }
    for (const { number } of this.#keptFrom.get(peer) ?? []) {
      ctx.save(`in/${peer}/${number}`, undefined);
    }
    if (this.#lastFrom.has(peer)) ctx.save(`last/${peer}`, undefined);
    this.#waitingFor.delete(peer);
    this.#keptFrom.delete(peer);
    this.#lastFrom.delete(peer);
  }

  #unpost(to: PeerId, number: number): void {
    const waiting = this.#waitingFor.get(to) ?? [];
    const at = waiting.findIndex((letter) => letter.number === number);
    if (at < 0 || waiting[at]!.answers !== undefined) return; // an answer has settled its question
    waiting.splice(at, 1);
    if (waiting.length === 0) this.#waitingFor.delete(to);
  }

  forgetAll(ctx: LabContext): void {
    const peers = new Set([
      ...this.#waitingFor.keys(),
      ...this.#keptFrom.keys(),
      ...this.#lastFrom.keys(),
    ]);
    for (const peer of peers) this.forget(peer, ctx);
  }
}

function bytesOf(letter: Letter): Uint8Array {
  const writer = new Writer();
  schema.write(writer, letter);
  return writer.take();
}
