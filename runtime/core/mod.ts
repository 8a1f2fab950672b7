/** The core's only door: what protocols, hosts and the simulator may use. */
export * from "./assert.ts";
export * from "./bytes.ts";
export * from "./crypto.ts";
export { isCanonicalKey } from "./curve25519.ts";
export * from "./identity.ts";
export * from "./io.ts";
export { HASH_BYTES, isConsistent, isIncluded, leafOf, rootFrom, Tree } from "./merkle.ts";
export { Mix, MIX_BYTES } from "./mix.ts";
export * from "./node.ts";
export * from "./protocol.ts";
export * from "./random.ts";
export * from "./reader.ts";
export { Recent } from "./recent.ts";
export * from "./reason.ts";
export * from "./withheld.ts";
export * from "./wire.ts";
export * from "./writer.ts";
export * as limits from "./limits.ts";
