/** How fast a session is: messages sealed and opened in one chain, and turns of the ratchet. */
import type { Crypto } from "../../runtime/core/mod.ts";
import { noble } from "../../runtime/core/noble.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { conversation } from "../protocols/session/two.ts";
import { atLeast, type Bench } from "./row.ts";

const TEXT = "x".repeat(100);
const MESSAGES = 4_000, TURNS = 1_000, RUNS = 5;

export const benches: readonly Bench[] = [
  atLeast("session-messages", 20_000, "/s", () => fastest(() => messages(noble))),
  atLeast("session-turns", 4_000, "/s", () => fastest(() => turns(nodeCrypto))),
];

/** Of several runs the fastest, for others use the machine too. */
function fastest(measure: () => number): number {
  return Math.max(...Array.from({ length: RUNS }, measure));
}

/** Sealed and opened in a second, in one chain. */
function messages(crypto: Crypto): number {
  const { ana, ben } = conversation({}, crypto);
  const began = performance.now();
  for (let nth = 0; nth < MESSAGES; nth++) ben.read(ana.write(TEXT));
  return MESSAGES / (performance.now() - began) * 1000;
}

/** Messages in a second of which each one answers the last. */
function turns(crypto: Crypto): number {
  const { ana, ben } = conversation({}, crypto);
  const began = performance.now();
  for (let nth = 0; nth < TURNS; nth++) {
    ben.read(ana.write(TEXT));
    ana.read(ben.write(TEXT));
  }
  return 2 * TURNS / (performance.now() - began) * 1000;
}
