/** Our own bugs stop the run: an assertion that fails is never caught. */
export function assert(holds: boolean, claim: string): asserts holds {
  if (!holds) throw new Error(`Assertion failed: ${claim}`);
}

/** Ends an exhaustive switch: the compiler proves that it cannot be reached. */
export function unreachable(value: never): never {
  throw new Error(`Assertion failed: unexpected ${String(value)}`);
}
