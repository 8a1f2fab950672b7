/** Contents for tests of the parts of the swarm. */
import assert from "node:assert/strict";
import { hex } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { Content } from "../../../runtime/protocols/swarm/content.ts";
import { blockBytesFor, encodeManifest } from "../../../runtime/protocols/swarm/manifest.ts";

/** A content of one file of so many bytes, of which nothing is here but the manifest. */
export function contentOf(
  bytes: number,
  blockBytes = blockBytesFor(bytes),
  root: Uint8Array = new Uint8Array(32).fill(1),
): Content {
  const files = [{ path: "a", bytes }];
  const manifest = encodeManifest({ title: "a", blockBytes, bytes, root, files });
  const content = new Content(hex(nodeCrypto.sha256(manifest)));
  assert.ok(content.learn(manifest, nodeCrypto));
  return content;
}
