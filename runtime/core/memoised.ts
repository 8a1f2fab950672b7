/** Hashing one buffer once, however many nodes of a simulation look at it. */
import type { Crypto } from "./crypto.ts";

/** Below this, hashing costs little more than the look-up. */
const WORTH_BYTES = 4096;

/**
 * `base`, remembering the SHA-256 of large buffers by their identity. Sound because such buffers are
 * bodies and pieces, which nobody ever mutates; a run with `--paranoid` goes without.
 */
export function memoised(base: Crypto): Crypto {
  const digestOf = new WeakMap<Uint8Array, Uint8Array>();
  return {
    ...base,
    sha256(bytes) {
      if (bytes.length < WORTH_BYTES) return base.sha256(bytes);
      let digest = digestOf.get(bytes);
      if (digest === undefined) digestOf.set(bytes, digest = base.sha256(bytes));
      return digest;
    },
  };
}
