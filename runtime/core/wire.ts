/**
 * Our own binary encoding: schema driven, strict, total and canonical.
 *
 * 1. Any bytes give a message or undefined; reading never throws.
 * 2. encode(decode(bytes)) is bytes, for every bytes that are accepted.
 * 3. Every length and count is checked against its cap before anything is allocated.
 * 4. What would not be accepted cannot be written: that is our own bug, and an assertion says so.
 */
import { assert } from "./assert.ts";
import { isAscii, textOf, utf8 } from "./bytes.ts";
import { Reader } from "./reader.ts";
import { Slab } from "./slab.ts";
import { Writer } from "./writer.ts";

/** What a protocol speaks. */
export interface Wire<Message> {
  encode(message: Message): Uint8Array;
  /** Undefined for bytes that no honest peer would send. Never throws. */
  decode(bytes: Uint8Array): Message | undefined;
  /** One entry a message type: what the registry and fuzz tests enumerate. */
  readonly kinds: readonly { readonly name: string; readonly cap: number }[];
}

/** How one type of value is written and read, and the most bytes that it can take. */
export interface Schema<Value> {
  write(writer: Writer, value: Value): void;
  read(reader: Reader): Value;
  readonly cap: number;
}

export type ValueOf<S> = S extends Schema<infer Value> ? Value : never;

export const u8: Schema<number> = {
  write: (w, v) => w.u8(fitting(v, 0xff)),
  read: (r) => r.u8(),
  cap: 1,
};
export const u16: Schema<number> = {
  write: (w, v) => w.u16(fitting(v, 0xffff)),
  read: (r) => r.u16(),
  cap: 2,
};
export const u32: Schema<number> = {
  write: (w, v) => w.u32(fitting(v, 0xffff_ffff)),
  read: (r) => r.u32(),
  cap: 4,
};

/** A whole number in [0, max]; max is below 2^53. */
export function upTo(max: number): Schema<number> {
  return { write: (w, v) => w.varint(fitting(v, max)), read: (r) => r.varint(max), cap: 8 };
}

export const flag: Schema<boolean> = {
  write: (w, v) => w.u8(v ? 1 : 0),
  read(r) {
    const byte = r.u8();
    if (byte > 1) r.fail();
    return byte === 1;
  },
  cap: 1,
};

/** Exactly so many bytes. */
export function exactly(length: number): Schema<Uint8Array> {
  return {
    write(w, v) {
      assert(v.length === length, "bytes have the length that their wire says");
      w.raw(v);
    },
    read: (r) => r.raw(length),
    cap: length,
  };
}

/** At most so many bytes, after their number. */
export function bytesUpTo(max: number): Schema<Uint8Array> {
  return {
    write(w, v) {
      w.varint(fitting(v.length, max));
      w.raw(v);
    },
    read: (r) => r.raw(r.varint(max)),
    cap: max + 8,
  };
}

/** Text of at most so many bytes of well-formed UTF-8. */
export function textUpTo(max: number): Schema<string> {
  return {
    write(w, v) {
      if (v.length < 0x80 && isAscii(v)) {
        w.u8(fitting(v.length, max));
        return w.ascii(v);
      }
      const bytes = utf8(v);
      w.varint(fitting(bytes.length, max));
      w.raw(bytes);
    },
    read(r) {
      const text = textOf(r.raw(r.varint(max)));
      if (text === undefined) r.fail();
      return text ?? "";
    },
    cap: max + 8,
  };
}

/** At most so many items, after their number. */
export function listOf<Item>(item: Schema<Item>, max: number): Schema<readonly Item[]> {
  return {
    write(w, v) {
      w.varint(fitting(v.length, max));
      for (const each of v) item.write(w, each);
    },
    read(r) {
      const count = r.varint(max);
      const items: Item[] = [];
      for (let at = 0; at < count && r.ok; at++) items.push(item.read(r));
      return items;
    },
    cap: 8 + max * item.cap,
  };
}

/** At most so many whole numbers in [0, limit], after their number: a list with its loop around one type. */
export function numbersUpTo(limit: number, max: number): Schema<readonly number[]> {
  return {
    write(w, v) {
      w.varint(fitting(v.length, max));
      for (let at = 0; at < v.length; at++) w.varint(fitting(v[at]!, limit));
    },
    read(r) {
      const count = r.varint(max);
      const numbers: number[] = [];
      for (let at = 0; at < count && r.ok; at++) numbers.push(r.varint(limit));
      return numbers;
    },
    cap: 8 + max * 8,
  };
}

/** At most so many whole numbers in [0, limit] that grow strictly, written as gaps. */
export function ascending(limit: number, max: number): Schema<readonly number[]> {
  return {
    write(w, v) {
      w.varint(fitting(v.length, max));
      let last = -1;
      for (const each of v) {
        w.varint(fitting(each - last - 1, limit - last - 1));
        last = each;
      }
    },
    read(r) {
      const count = r.varint(max);
      const items: number[] = [];
      let last = -1;
      for (let at = 0; at < count && r.ok; at++) {
        last += 1 + r.varint(limit);
        if (last > limit) r.fail();
        items.push(last);
      }
      return items;
    },
    cap: 8 + max * 8,
  };
}

/** A value or nothing, after one byte that says which. */
export function optional<Value>(schema: Schema<Value>): Schema<Value | undefined> {
  return {
    write(w, v) {
      flag.write(w, v !== undefined);
      if (v !== undefined) schema.write(w, v);
    },
    read: (r) => flag.read(r) ? schema.read(r) : undefined,
    cap: 1 + schema.cap,
  };
}

/** One of these words, written as its place in the list. */
export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  const placeOf = placesOf(words);
  return {
    write: (w, v) => w.u8(known(placeOf.get(v))),
    read(r) {
      const word = words[r.u8()];
      if (word === undefined) r.fail();
      return word ?? words[0]!;
    },
    cap: 1,
  };
}

/** The named fields, one after another, in the order given. */
export function struct<Fields extends Record<string, unknown>>(
  fields: { readonly [Name in keyof Fields]: Schema<Fields[Name]> },
): Schema<Readonly<Fields>> {
  const named = Object.entries(fields) as [string, Schema<unknown>][];
  return {
    write(w, v) {
      for (const [name, schema] of named) schema.write(w, v[name]);
    },
    read(r) {
      const value: Record<string, unknown> = {};
      for (const [name, schema] of named) value[name] = schema.read(r);
      return value as Fields;
    },
    cap: named.reduce((sum, [, schema]) => sum + schema.cap, 0),
  };
}

/** `{ kind, ...fields }` for each entry of a table of messages. */
export type MessageOf<Table> = {
  [Kind in keyof Table & string]: Readonly<{ kind: Kind } & ValueOf<Table[Kind]>>;
}[keyof Table & string];

/**
 * The wire of a protocol: a table from message kind to its fields. One byte says which kind, by its
 * place in the table, so new kinds go to the end.
 */
// deno-lint-ignore no-explicit-any -- every table is a Record of schemas of different values
export function wire<Table extends Record<string, Schema<any>>>(
  table: Table,
): Wire<MessageOf<Table>> {
  const names = Object.keys(table);
  const schemas = names.map((name) => table[name]!);
  const placeOf = placesOf(names);
  const writer = new Writer();
  const slab = new Slab();
  return {
    encode(message) {
      const { kind } = message as unknown as { kind: string };
      const at = known(placeOf.get(kind));
      writer.u8(at);
      schemas[at]!.write(writer, message);
      return slab.copy(writer.lend());
    },
    decode(bytes) {
      const reader = new Reader(bytes);
      const at = reader.u8();
      const schema = schemas[at];
      if (!reader.ok || schema === undefined || bytes.length > 1 + schema.cap) return undefined;
      const message = schema.read(reader);
      if (!reader.whole) return undefined;
      message.kind = names[at];
      return message;
    },
    kinds: names.map((name, at) => ({ name, cap: 1 + schemas[at]!.cap })),
  };
}

/** The number itself, if a reader would take it. */
function fitting(value: number, max: number): number {
  assert(Number.isInteger(value) && value >= 0 && value <= max, "a number fits its wire");
  return value;
}

function known(place: number | undefined): number {
  assert(place !== undefined, "a word is one of those its wire knows");
  return place;
}

/** The place of each word in its list, which is what one byte on the wire says. */
function placesOf(words: readonly string[]): ReadonlyMap<string, number> {
  const placeOf = new Map(words.map((word, at) => [word, at]));
  assert(placeOf.size === words.length && words.length <= 256, "words differ, and fit one byte");
  return placeOf;
}
