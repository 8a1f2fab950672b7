/**
 * Where a directory keeps what it knows: a port with two sides. In a simulation, and in tests, its records
 * hold it; live, the host has a database, and answers in a later step.
 */
import { byCodeUnit, type Command, type Context, Reader, u32, Writer } from "../../core/mod.ts";
import { type Bundle, bundleSchema } from "../session/mod.ts";
import { type Entry, entryBytes, loggedBytes, readEntry } from "./entry.ts";
import type { Id } from "./id.ts";
import * as limits from "./limits.ts";

/** What became of a registration. `taken`: somebody else has the ID. `stale`: a later one is known. */
export type Registered = "new" | "updated" | "taken" | "stale";

/** An entry, and where its owner stands in the log. */
export interface Row {
  readonly entry: Entry;
  readonly index: number;
}

/** Every answer may come at once, or in a later step. */
export interface Shelf {
  find(id: Id, then: (row: Row | undefined) => void): void;
  /** In one step for all who share the shelf: an ID belongs to whom registered it first. */
  register(id: Id, entry: Entry, then: (result: Registered, index: number) => void): void;
  /** What the log holds from there on, as it was appended. */
  log(from: number, then: (logged: readonly Uint8Array[]) => void): void;
  /** Keeps bundles of one use: how many there are now. */
  stock(id: Id, bundles: readonly Bundle[], then: (count: number) => void): void;
  /** Takes one of them off the shelf for good; and how many are left. */
  take(id: Id, then: (bundle: Bundle | undefined, left: number) => void): void;
}

/** The shelf of a node's own records. */
export class RecordShelf implements Shelf {
  readonly #rows = new Map<Id, Row>();
  readonly #log: Uint8Array[] = [];
  readonly #stock = new Map<Id, Map<number, Bundle>>();
  #numbers = 0;

  constructor(readonly ctx: Pick<Context, "save">) {}

  /** Takes up `row/ID` and `stock/ID/NUMBER`; false where it cannot be read. */
  restore(key: string, bytes: Uint8Array): boolean {
    const [box, id, number] = key.split("/") as [string, Id, string];
    if (box === "stock") {
      const reader = new Reader(bytes);
      const bundle = bundleSchema.read(reader);
      if (!reader.whole) return false;
      this.#shelve(id, Number(number), bundle);
      return true;
    }
    const index = u32.read(new Reader(bytes.subarray(0, INDEX_BYTES)));
    const entry = readEntry(bytes.subarray(INDEX_BYTES));
    if (entry === undefined) return false;
    this.#rows.set(id, { entry, index });
    this.#log[index] = loggedBytes(id, entry.statement);
    return true;
  }

  find(id: Id, then: (row: Row | undefined) => void): void {
    then(this.#rows.get(id));
  }

  register(id: Id, entry: Entry, then: (result: Registered, index: number) => void): void {
    const known = this.#rows.get(id);
    if (known !== undefined && !isSameOwner(known.entry, entry)) return then("taken", known.index);
    if (known !== undefined && entry.statement.version < known.entry.statement.version) {
      return then("stale", known.index);
    }
    const index = known?.index ?? this.#log.length;
    if (known === undefined) this.#log.push(loggedBytes(id, entry.statement));
    this.#rows.set(id, { entry, index });
    const writer = new Writer();
    writer.u32(index);
    writer.raw(entryBytes(entry));
    this.ctx.save(`row/${id}`, writer.take());
    then(known === undefined ? "new" : "updated", index);
  }

  log(from: number, then: (logged: readonly Uint8Array[]) => void): void {
    then(this.#log.slice(from));
  }

  stock(id: Id, bundles: readonly Bundle[], then: (count: number) => void): void {
    for (const bundle of bundles) {
      if ((this.#stock.get(id)?.size ?? 0) >= limits.STOCK) break;
      const number = this.#numbers;
      this.#shelve(id, number, bundle);
      const writer = new Writer();
      bundleSchema.write(writer, bundle);
      this.ctx.save(`stock/${id}/${number}`, writer.take());
    }
    then(this.#stock.get(id)?.size ?? 0);
  }

  take(id: Id, then: (bundle: Bundle | undefined, left: number) => void): void {
    const stock = this.#stock.get(id);
    for (const [number, bundle] of stock ?? []) {
      stock!.delete(number);
      this.ctx.save(`stock/${id}/${number}`, undefined);
      return then(bundle, stock!.size);
    }
    then(undefined, 0);
  }

  #shelve(id: Id, number: number, bundle: Bundle): void {
    const stock = this.#stock.get(id) ?? new Map<number, Bundle>();
    this.#stock.set(id, stock.set(number, bundle));
    this.#numbers = Math.max(this.#numbers, number + 1);
  }
}

const INDEX_BYTES = 4;

/** Whether two entries are of the same keys. */
export function isSameOwner({ statement: one }: Entry, { statement: other }: Entry): boolean {
  return byCodeUnit(one.sign.toString(), other.sign.toString()) === 0 &&
    byCodeUnit(one.agree.toString(), other.agree.toString()) === 0;
}

type Question =
  | { readonly verb: "find" | "take"; readonly id: Id }
  | { readonly verb: "register"; readonly id: Id; readonly entry: Entry }
  | { readonly verb: "log"; readonly from: number }
  | { readonly verb: "stock"; readonly id: Id; readonly bundles: readonly Bundle[] };

/** What the host is asked, as an event: it answers with a `shelved` command of the same ticket. */
export type ShelfQuestion = Question & {
  readonly protocol: "directory";
  readonly name: "shelf";
  readonly ticket: number;
};

/** What a host's database answers: the arguments of the callback. */
export interface Shelved extends Command {
  readonly protocol: "directory";
  readonly name: "shelved";
  readonly ticket: number;
  readonly answer: readonly unknown[];
}

/** The shelf of the host: asked by events, and answered by commands. */
export class HostShelf implements Shelf {
  readonly #waiting = new Map<number, (...answer: never[]) => void>();
  #tickets = 0;

  constructor(readonly ctx: Pick<Context, "tell">) {}

  /** The host has answered. */
  answered({ ticket, answer }: Shelved): void {
    const then = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    then?.(...answer as never[]);
  }

  find(id: Id, then: (row: Row | undefined) => void): void {
    this.#ask({ verb: "find", id }, then);
  }

  register(id: Id, entry: Entry, then: (result: Registered, index: number) => void): void {
    this.#ask({ verb: "register", id, entry }, then);
  }

  log(from: number, then: (logged: readonly Uint8Array[]) => void): void {
    this.#ask({ verb: "log", from }, then);
  }

  stock(id: Id, bundles: readonly Bundle[], then: (count: number) => void): void {
    this.#ask({ verb: "stock", id, bundles }, then);
  }

  take(id: Id, then: (bundle: Bundle | undefined, left: number) => void): void {
    this.#ask({ verb: "take", id }, then);
  }

  #ask(question: Question, then: (...answer: never[]) => void): void {
    const ticket = this.#tickets++;
    this.#waiting.set(ticket, then);
    const event: ShelfQuestion = { protocol: "directory", name: "shelf", ticket, ...question };
    this.ctx.tell(event);
  }
}
