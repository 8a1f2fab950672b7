/** Hashes from a record of an earlier boot: believed if they lead to the manifest's root. */
import assert from "node:assert/strict";
import { hex } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { Content } from "../../../runtime/protocols/swarm/content.ts";
import { encodeManifest } from "../../../runtime/protocols/swarm/manifest.ts";
import { rootOf, treeOf } from "../../../runtime/protocols/swarm/merkle.ts";

Deno.test("hashes of a damaged record are forgotten, those of a whole one are believed", () => {
  const leaves = new Uint8Array(32 * 3).map((_, at) => at);
  const manifest = encodeManifest({
    title: "lecture",
    files: [{ path: "lecture", bytes: 40_000 }],
    bytes: 40_000,
    blockBytes: 16_384,
    root: rootOf(treeOf(leaves, nodeCrypto)),
  });
  const damaged = leaves.slice();
  damaged[40]! ^= 1;
  for (
    const [kept, isBelieved] of [[damaged, false], [leaves.slice(32), false], [
      leaves,
      true,
    ]] as const
  ) {
    const content = new Content(hex(nodeCrypto.sha256(manifest)));
    content.learn(manifest, nodeCrypto);
    content.restoreLeaves(kept, nodeCrypto);
    assert.equal(content.knowsLeaves, isBelieved);
  }
});
