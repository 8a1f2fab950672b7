/**
 * Fifteen digits that belong to one identity: a stretched hash of its keys, so that nobody can claim a
 * given number without an effort that is stated here.
 *
 *     hash     scrypt(label, keys, modifier)     N = 2^14, r = 8, p = 1 (RFC 7914): 16 MiB and 40 ms
 *     number   10^14 + (first 128 bits mod 9 * 10^14): no leading zero, 49.7 bits
 *     valid    only if five further bits are zero (hash extension, as in RFC 3972): 1.3 s to make one,
 *              40 ms to check one
 *
 * To hit a given number takes 10^15 tries: 4 * 10^7 years of a core, 5 * 10^5 of a graphics card at 2,000
 * a second. To hit any of a million numbers takes half a year of one: a number alone is therefore never
 * all that is looked at. The key behind it is pinned at first contact, and 60 digits say all of it.
 */
import { scrypt } from "@noble/hashes/scrypt.js";
import { joined, type PeerKeys, utf8, Writer } from "../../core/mod.ts";

/** How dear a number is. Numbers of different costs never stand for one another. */
export interface Cost {
  readonly label: string;
  /** scrypt's N: a power of two. */
  readonly rounds: number;
  /** Bits that must be zero. */
  readonly extension: number;
}

/** The one of the real network. */
export const REAL: Cost = { label: "starling id 1", rounds: 1 << 14, extension: 5 };
/** For simulations and tests: under another label, so that it can never pass in the real network. */
export const TOY: Cost = { label: "starling toy id 1", rounds: 2, extension: 1 };

/** Fifteen digits, the first of them no zero. */
export type Id = string & { readonly __id: unique symbol };

const LEAST = 100_000_000_000_000n, COUNT = 900_000_000_000_000n;
const NUMBER_BYTES = 16;
export const MODIFIERS = 0xffff_ffff;

/** The number that a modifier gives; undefined where it is not a valid one. One hash. */
export function idOf(keys: PeerKeys, modifier: number, cost: Cost): Id | undefined {
  const writer = new Writer();
  writer.u32(modifier);
  const secret = joined(utf8(cost.label), keys.sign, keys.agree, writer.take());
  const hash = scrypt(secret, utf8(cost.label), { N: cost.rounds, r: 8, p: 1, dkLen: 32 });
  for (let bit = 0; bit < cost.extension; bit++) {
    if ((hash[NUMBER_BYTES + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) return undefined;
  }
  let value = 0n;
  for (const byte of hash.subarray(0, NUMBER_BYTES)) value = value * 256n + BigInt(byte);
  return String(LEAST + value % COUNT) as Id;
}

/** An identity's number, and what makes it. */
export interface Claim {
  readonly id: Id;
  readonly modifier: number;
}

/** Looks for a number, from a modifier on; `isTaken` says that somebody else has one already. */
export function claimed(
  keys: PeerKeys,
  cost: Cost,
  from = 0,
  isTaken: (id: Id) => boolean = () => false,
): Claim {
  for (let modifier = from; modifier <= MODIFIERS; modifier++) {
    const id = idOf(keys, modifier, cost);
    if (id !== undefined && !isTaken(id)) return { id, modifier };
  }
  throw new RangeError("There is no modifier left");
}

/** Whether a number belongs to these keys. One hash: check whatever is cheaper before. */
export function isIdOf(id: Id, modifier: number, keys: PeerKeys, cost: Cost): boolean {
  return Number.isInteger(modifier) && modifier >= 0 && modifier <= MODIFIERS &&
    idOf(keys, modifier, cost) === id;
}

/** `123 456 789 012 345-6`: with a sixteenth digit that finds any single slip, and swapped neighbours. */
export function written(id: Id): string {
  return `${id.replace(/(\d{3})(?=\d)/g, "$1 ")}-${checkDigit(id)}`;
}

/** What somebody has typed; a sentence where it is no number. The check digit may be left out. */
export function readId(text: string): { readonly id: Id } | { readonly problem: string } {
  const digits = text.replace(/[\s.-]/g, "");
  if (!/^\d+$/.test(digits)) return { problem: "An ID is fifteen digits" };
  if (digits.length !== 15 && digits.length !== 16) {
    return {
      problem:
        `An ID has fifteen digits, and a sixteenth to check them: these are ${digits.length}`,
    };
  }
  if (digits.startsWith("0")) return { problem: "No ID begins with a zero" };
  const id = digits.slice(0, 15) as Id;
  if (digits.length === 16 && digits[15] !== checkDigit(id)) {
    return { problem: "A digit is wrong, or two are swapped" };
  }
  return { id };
}

/** Damm's quasigroup of order ten (Damm 2004): zeros on the diagonal. */
const DAMM = [
  "0317598642",
  "7092154863",
  "4206871359",
  "1750983426",
  "6123045978",
  "3674209581",
  "5869720134",
  "8945362017",
  "9438617205",
  "2581436790",
] as const;

function checkDigit(digits: string): string {
  let interim = 0;
  for (const digit of digits) interim = Number(DAMM[interim]![Number(digit)]);
  return String(interim);
}
