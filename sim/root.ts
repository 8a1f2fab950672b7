/** The one place where a run's seed number becomes the root of every stream. */
// @ts-types="@types/seedrandom"
import seedrandom from "seedrandom";

/** 128 bits of a whole number, as hexadecimal digits: neighbouring seeds share nothing. */
export function rootOf(seed: number): string {
  // The dot ends it: the generator repeats its key, so that 6 and 66 would be the same.
  const source = seedrandom(`${seed}.`);
  let digits = "";
  for (let word = 0; word < 4; word++) {
    digits += (source.int32() >>> 0).toString(16).padStart(8, "0");
  }
  return digits;
}
