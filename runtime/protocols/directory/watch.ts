/**
 * Whether a directory says the same to everybody, for ever: every head that it has signed must follow from
 * the one before, and from those that others were given. Two that do not are proof against it.
 */
import {
  type Context,
  exactly,
  hex,
  isConsistent,
  KEY_BYTES,
  limits as core,
  optional,
  type PeerId,
  type PeerKeys,
  Reader,
  Recent,
  struct,
  textUpTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import { type Head, headSchema, isHeadOf } from "./head.ts";
import type { DirectoryMessage } from "./wire.ts";

type DirectoryContext = Context<DirectoryMessage>;

/** A directory that this device asks. */
export const directoryRecord = struct({
  address: textUpTo(core.ADDRESS_BYTES),
  keys: optional(struct({ sign: exactly(KEY_BYTES), agree: exactly(KEY_BYTES) })),
  head: optional(headSchema),
});
export type Known = ValueOf<typeof directoryRecord>;

interface Doubt {
  readonly earlier: Head;
  readonly later: Head;
}

const DOUBTS = 16, PROVEN = 64;

export class Watch {
  /** Pairs of heads that were signed, and whose proof is awaited, by their sizes. */
  readonly #doubts = new Map<string, Doubt>();
  /** Heads that are known to follow from one another, by their sizes. */
  readonly #proven = new Recent<number, Head>(PROVEN);
  #head: Head | undefined;
  isCaught = false;

  constructor(
    readonly peer: PeerId,
    readonly keys: PeerKeys,
    head: Head | undefined,
    /** The newest head follows from the one before. */
    readonly accepted: (head: Head, ctx: DirectoryContext) => void,
    /** Two heads that it has signed, and that cannot both be true. */
    readonly caught: (heads: readonly [Head, Head], ctx: DirectoryContext) => void,
  ) {
    this.#head = head;
    if (head !== undefined) this.#proven.set(head.size, head);
  }

  get head(): Head | undefined {
    return this.#head;
  }

  /** It has signed this, here or elsewhere. False where it has not, or where it is caught by it. */
  signed(head: Head, ctx: DirectoryContext): boolean {
    if (this.isCaught || !isHeadOf(this.keys, head, ctx.crypto)) return false;
    const known = this.#head, same = this.#proven.get(head.size);
    if (known === undefined) this.#accept(head, ctx);
    else if (same !== undefined) {
      if (hex(head.root) !== hex(same.root)) this.#catch([same, head], ctx);
    } else {this.#doubt(
        head.size > known.size ? known : head,
        head.size > known.size ? head : known,
        ctx,
      );}
    return !this.isCaught;
  }

  /** The proof that was asked for; what is no proof is proof against it. */
  proved(from: number, to: number, proof: readonly Uint8Array[], ctx: DirectoryContext): void {
    const doubt = this.#doubts.get(`${from}/${to}`);
    if (doubt === undefined) return;
    this.#doubts.delete(`${from}/${to}`);
    const { earlier, later } = doubt;
    if (!isConsistent(earlier, later, proof, (bytes) => ctx.crypto.sha256(bytes))) {
      return this.#catch([earlier, later], ctx);
    }
    this.#proven.set(earlier.size, earlier);
    if (later.size > (this.#head?.size ?? 0)) this.#accept(later, ctx);
  }

  /** It does not want to prove what it has signed. */
  refused(ctx: DirectoryContext): void {
    for (const { earlier, later } of this.#doubts.values()) {
      return this.#catch([earlier, later], ctx);
    }
  }

  /** What was asked over an earlier link, or too often, is asked again. */
  again(ctx: DirectoryContext): void {
    for (const { earlier, later } of this.#doubts.values()) this.#ask(earlier, later, ctx);
  }

  #doubt(earlier: Head, later: Head, ctx: DirectoryContext): void {
    const name = `${earlier.size}/${later.size}`;
    const before = this.#doubts.get(name);
    if (before !== undefined) {
      if (hex(before.earlier.root) !== hex(earlier.root)) {
        return this.#catch([before.earlier, earlier], ctx); // one size, two roots
      }
      if (hex(before.later.root) !== hex(later.root)) this.#catch([before.later, later], ctx);
      return;
    }
    if (this.#doubts.size >= DOUBTS) return;
    this.#doubts.set(name, { earlier, later });
    this.#ask(earlier, later, ctx);
  }

  #ask(earlier: Head, later: Head, ctx: DirectoryContext): void {
    ctx.send(this.peer, { kind: "prove", from: earlier.size, to: later.size });
  }

  #accept(head: Head, ctx: DirectoryContext): void {
    this.#head = head;
    this.#proven.set(head.size, head);
    this.accepted(head, ctx);
  }

  #catch(heads: readonly [Head, Head], ctx: DirectoryContext): void {
    if (this.isCaught) return;
    this.isCaught = true;
    this.#doubts.clear();
    this.caught(heads, ctx);
  }
}

/** A directory's record, and back; undefined where it cannot be read. */
export function knownBytes(known: Known): Uint8Array {
  const writer = new Writer();
  directoryRecord.write(writer, known);
  return writer.take();
}

/** Undefined where it is none. */
export function readKnown(bytes: Uint8Array): Known | undefined {
  const reader = new Reader(bytes);
  const known = directoryRecord.read(reader);
  return reader.whole ? known : undefined;
}
