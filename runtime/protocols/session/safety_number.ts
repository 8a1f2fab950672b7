/**
 * Sixty digits that two people compare: equal at both only if nobody stands between them.
 *
 * Computed as Signal's numeric fingerprints are (libsignal, version 0): 5,200 rounds of SHA-512 over each
 * side's key and name, five digits out of five bytes, the smaller half first.
 */
import { sha512 } from "@noble/hashes/sha2.js";
import { byCodeUnit, joined } from "../../core/mod.ts";

const ROUNDS = 5_200, VERSION = new Uint8Array(2);
const GROUPS = 6, BYTES_A_GROUP = 5, DIGITS_A_GROUP = 5;

/** One side: its public key, and the name that the other knows it by. */
export interface Side {
  readonly key: Uint8Array;
  readonly name: Uint8Array;
}

export function safetyNumber(one: Side, other: Side): string {
  return [halfOf(one), halfOf(other)].sort(byCodeUnit).join("");
}

function halfOf({ key, name }: Side): string {
  let hash: Uint8Array = sha512(joined(VERSION, key, name, key));
  for (let round = 1; round < ROUNDS; round++) hash = sha512(joined(hash, key));
  let digits = "";
  for (let group = 0; group < GROUPS; group++) {
    let value = 0;
    for (let at = 0; at < BYTES_A_GROUP; at++) {
      value = value * 256 + hash[group * BYTES_A_GROUP + at]!;
    }
    digits += String(value % 100_000).padStart(DIGITS_A_GROUP, "0");
  }
  return digits;
}
