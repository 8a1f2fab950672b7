/** What is fuzzed: something that reads bytes from strangers, and how it is judged. */
import type { Random } from "../../runtime/core/mod.ts";
import { mutated } from "./mutation.ts";

export interface Target {
  readonly name: string;
  /** The most bytes that it accepts. */
  readonly cap: number;
  /** One in so many inputs is valid. Default 8. */
  readonly validEvery?: number;
  /** Bytes that it accepts; undefined where chance found none. */
  valid(random: Random): Uint8Array | undefined;
  /** True where it accepts. Throws where it should not have, or where anything goes wrong. */
  accepts(bytes: Uint8Array, isValid: boolean): boolean;
}

export interface Tally {
  readonly inputs: number;
  readonly accepted: number;
  /** Of the inputs, those that were valid as they were. */
  readonly valid: number;
}

/** Valid bytes that are drawn anew after so many inputs. */
const POOL = 200;
const RENEW_EVERY = 20_000;
const VALID_EVERY = 8;

/** Gives a target so many inputs: valid ones, which it must accept, and all kinds of broken ones. */
export function fuzzed(target: Target, inputs: number, random: Random): Tally {
  let pool: Uint8Array[] = [];
  let accepted = 0, valid = 0;
  for (let input = 0; input < inputs; input++) {
    if (input % RENEW_EVERY === 0) pool = poolOf(target, Math.min(POOL, inputs), random);
    const bytes = random.pick(pool);
    const isValid = input % (target.validEvery ?? VALID_EVERY) === 0;
    const given = isValid ? bytes : mutated(bytes, random.pick(pool), random);
    try {
      const isAccepted = target.accepts(given, isValid);
      if (isValid && !isAccepted) throw new Error("valid bytes are refused");
      if (isAccepted && given.length > target.cap) throw new Error("more than the cap is accepted");
      if (isAccepted) accepted++;
      if (isValid) valid++;
    } catch (error) {
      throw new Error(`${target.name} fails on input ${input}: ${hexOf(given)}`, { cause: error });
    }
  }
  return { inputs, accepted, valid };
}

function poolOf(target: Target, size: number, random: Random): Uint8Array[] {
  const pool: Uint8Array[] = [];
  for (let each = 0; each < size; each++) {
    const bytes = target.valid(random);
    if (bytes !== undefined) pool.push(bytes);
  }
  if (pool.length === 0) throw new Error(`${target.name} has no valid bytes to begin with`);
  return pool;
}

function hexOf(bytes: Uint8Array): string {
  const shown = Array.from(bytes.subarray(0, 2000), (byte) => byte.toString(16).padStart(2, "0"));
  return shown.join("") + (bytes.length > 2000 ? `... (${bytes.length} bytes)` : "");
}
