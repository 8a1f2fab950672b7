/** Neighbours that tell of their blocks before this node knows what the content looks like. */
import assert from "node:assert/strict";
import { hex, type PeerId, Stream } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { Bitmap } from "../../../runtime/protocols/swarm/bitmap.ts";
import { Content, type SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { encodeManifest } from "../../../runtime/protocols/swarm/manifest.ts";
import { Trade } from "../../../runtime/protocols/swarm/trade.ts";
import { Uploads } from "../../../runtime/protocols/swarm/uploads.ts";

Deno.test("what a neighbour has got before the manifest came is remembered, and blames nobody", () => {
  const [blocks, blockBytes] = [20, 16_384];
  const bytes = blocks * blockBytes;
  const root = new Uint8Array(32).fill(1);
  const files = [{ path: "lecture", bytes }];
  const manifest = encodeManifest({ title: "lecture", files, bytes, blockBytes, root });
  const content = new Content(hex(nodeCrypto.sha256(manifest)));
  const banned: PeerId[] = [];
  const ctx = {
    now: 1_000_000,
    random: new Stream("early"),
    isLinked: () => true,
    send: () => true,
    hold: () => {},
    ban: (peer: PeerId) => banned.push(peer),
  } as unknown as SwarmContext;
  const trade = new Trade(content, new Uploads(() => [content]), ctx);
  const early = "a".repeat(64) as PeerId, liar = "b".repeat(64) as PeerId;
  const has = new Bitmap(blocks);
  has.add(3);
  for (const peer of [early, liar]) {
    trade.received({ kind: "has", content: content.id, blocks: has.bytes }, peer, undefined);
  }
  trade.received({ kind: "haves", content: content.id, haves: [4, 19] }, early, undefined);
  trade.received({ kind: "haves", content: content.id, haves: [20, 5000] }, liar, undefined);
  assert.deepEqual(banned, [], "nobody can be blamed yet");

  assert.ok(content.learn(manifest, nodeCrypto));
  trade.manifestCame();
  const known = Array.from({ length: blocks }, (_, at) => at).filter((at) =>
    content.lanes.get(early)!.hasBlock(at)
  );
  assert.deepEqual(known, [3, 4, 19]);
  assert.equal(content.availability.copies[19], 1);
  assert.deepEqual(banned, [liar], "what it told cannot be");

  trade.received({ kind: "haves", content: content.id, haves: [20] }, early, undefined);
  assert.deepEqual(banned, [liar, early], "and now nobody may say so any more");
});
