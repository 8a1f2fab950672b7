/** What devices say to somebody who has no vault, and has asked for nothing. */
import assert from "node:assert/strict";
import type { PeerId } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { VaultContext } from "../../../runtime/protocols/vault/job.ts";
import { vault } from "../../../runtime/protocols/vault/mod.ts";
import type { VaultMessage } from "../../../runtime/protocols/vault/wire.ts";

const share = new Uint8Array(32).fill(1), id = new Uint8Array(32).fill(2);
const reason = "tampered" as const;

/** One of every kind that an owner is told. */
const TOLD: readonly VaultMessage[] = [
  { kind: "entered", vault: id, version: 3, mapping: share, shares: [], isLast: true },
  { kind: "ready", share, shards: 0 },
  { kind: "got", share, number: 0 },
  { kind: "stored", share },
  { kind: "refused", share, why: reason },
  { kind: "shard", share, number: 0, proof: [] },
  { kind: "none", share, number: 0 },
  { kind: "proof", share, number: 0, block: 0, within: [], proof: [] },
  { kind: "dropped", share },
  { kind: "lost", share },
  { kind: "witnessed", vault: id, version: 3 },
  { kind: "newer", vault: id, version: 3 },
  { kind: "mapping", vault: id, version: 3 },
];

Deno.test("who has no vault says and does nothing, whatever an owner would be told", () => {
  const done: string[] = [];
  const ctx = new Proxy({ crypto: nodeCrypto, now: 1_000_000, self: "a".repeat(64) }, {
    get: (known, name: string) =>
      name in known
        ? known[name as keyof typeof known]
        : (...words: unknown[]) => void done.push(`${name} ${words}`),
  }) as unknown as VaultContext;
  const node = vault({ offers: 0 });
  node.started!({ records: new Map(), kept: [] }, ctx);
  for (const body of [undefined, new Uint8Array(0), new Uint8Array(4096)]) {
    for (const message of TOLD) node.received(message, "b".repeat(64) as PeerId, body, ctx);
  }
  assert.deepEqual(done, []);
});
