/** Everything that reads what strangers, streams and disks bring: found by looking where it can be. */
import type { Crypto } from "../../runtime/core/mod.ts";
import { bodyTargets } from "./bodies.ts";
import { linkTargets } from "./handshakes.ts";
import { conversation, diskTarget, hearingTargets } from "./nodes.ts";
import type { Target } from "./target.ts";
import { wireTargets } from "./wires.ts";

/** Targets, and how many inputs each gets where one message type gets a million. */
export interface Group {
  readonly targets: readonly Target[];
  readonly parts: number;
}

/** What only reads gets all inputs; whole nodes are slower, and get fewer. */
export function groups(crypto: Crypto): Group[] {
  return [
    { targets: [...wireTargets(), ...bodyTargets, ...linkTargets(crypto)], parts: 1_000_000 },
    { targets: hearingTargets(crypto), parts: 20_000 },
    { targets: [conversation(crypto), diskTarget(crypto)], parts: 200_000 },
  ];
}
