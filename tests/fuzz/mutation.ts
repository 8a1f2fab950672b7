/** What becomes of valid bytes on their way through bad hands. */
import { joined, type Random } from "../../runtime/core/mod.ts";

const TELLING = [0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff];

/** Changes valid bytes in one way or several; never the bytes that it is given. */
export function mutated(
  bytes: Uint8Array,
  other: Uint8Array,
  random: Random,
): Uint8Array {
  let result: Uint8Array = bytes.slice();
  for (let turns = 1 + random.below(random.pick([1, 1, 1, 4])); turns > 0; turns--) {
    result = random.pick(WAYS)(result, other, random);
  }
  return result;
}

type Way = (bytes: Uint8Array, other: Uint8Array, random: Random) => Uint8Array;

const WAYS: readonly Way[] = [
  flipped,
  flipped,
  replaced,
  cut,
  extended,
  withoutSome,
  withSomeTwice,
  spliced,
  lengthened,
  scrambled,
];

function placeIn(bytes: Uint8Array, random: Random): number {
  // Early bytes are lengths and kinds, on which more depends.
  const reach = random.below(2) === 0 ? Math.min(bytes.length, 8) : bytes.length;
  return reach === 0 ? 0 : random.below(reach);
}

/** Some bits turned over. */
function flipped(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  for (let bits = 1 + random.below(4); bits > 0 && bytes.length > 0; bits--) {
    bytes[placeIn(bytes, random)]! ^= 1 << random.below(8);
  }
  return bytes;
}

function replaced(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  if (bytes.length > 0) bytes[placeIn(bytes, random)] = random.pick(TELLING);
  return bytes;
}

function cut(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  return bytes.slice(0, random.below(bytes.length + 1));
}

function extended(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  return joined(bytes, random.bytes(1 + random.below(9)));
}

function withoutSome(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  const from = placeIn(bytes, random);
  return joined(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(40)));
}

function withSomeTwice(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  const from = placeIn(bytes, random);
  return joined(bytes.subarray(0, from + 1 + random.below(40)), bytes.subarray(from));
}

/** The beginning of one and the end of another. */
function spliced(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const from = random.below(other.length + 1);
  return joined(bytes.subarray(0, placeIn(bytes, random) + 1), other.subarray(from));
}

/** A number in a longer form than it needs, which means the same and must not pass. */
function lengthened(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  const at = placeIn(bytes, random);
  if (at >= bytes.length || bytes[at]! >= 0x80) return bytes;
  const long = Uint8Array.of(bytes[at]! | 0x80, random.below(4) === 0 ? 0x80 : 0, 0);
  return joined(bytes.subarray(0, at), long.subarray(0, 2), bytes.subarray(at + 1));
}

/** The same kind, and then anything. */
function scrambled(bytes: Uint8Array, _other: Uint8Array, random: Random): Uint8Array {
  const length = 1 + random.below(random.pick([4, 40, bytes.length + 2]));
  const junk = random.bytes(length);
  if (random.below(2) === 0) { for (let at = 1; at < length; at++) junk[at]! &= 7; }
  if (bytes.length > 0) junk[0] = bytes[0]!;
  return junk;
}
