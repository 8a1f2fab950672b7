/** Bodies that wait to be relayed: how long they stay in memory. */
import assert from "node:assert/strict";
import type { PeerId } from "../../../runtime/core/mod.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { DELIVER, Lane, type Owned } from "../../../runtime/protocols/swarm/lane.ts";
import { Uploads } from "../../../runtime/protocols/swarm/uploads.ts";
import { contentOf } from "./contents.ts";

const BLOCK = 64 * 1024;

function relaying() {
  const content = contentOf(1024 * BLOCK, BLOCK);
  const uploads = new Uploads(() => [content]);
  const lane = new Lane("a".repeat(64) as PeerId, content.busy);
  content.lanes.set(lane.peer, lane);
  const loads: string[] = [];
  const ctx = {
    now: 1,
    isLinked: () => true,
    send: () => true,
    load: (key: string) => void loads.push(key),
  } as unknown as SwarmContext;
  return {
    content,
    uploads,
    /** Sends a block on; whether the disk is asked for it. */
    sends(index: number, owned?: Owned) {
      const before = loads.length;
      uploads.add(lane, DELIVER, { index, spread: 0, epoch: 0, ...(owned ? { owned } : {}) });
      uploads.pump(ctx);
      uploads.left(lane.peer);
      return { loaded: loads.length > before };
    },
  };
}

Deno.test("a body is there until its owner has sent it to all, and not longer", () => {
  const { content, uploads, sends } = relaying();
  const owned = { index: 5, left: 2, spare: 0 };
  uploads.remember(content, 5, new Uint8Array(BLOCK));
  assert.deepEqual(sends(5, owned), { loaded: false });
  assert.deepEqual(sends(5, owned), { loaded: false });
  assert.deepEqual(sends(5), { loaded: true });
});

Deno.test("bodies that were sent take no room from those that wait", () => {
  const { content, uploads, sends } = relaying();
  for (let index = 0; index < 200; index++) {
    uploads.remember(content, index, new Uint8Array(BLOCK));
    uploads.forget(content, index);
    uploads.forget(content, index);
  }
  for (let index = 200; index < 232; index++) {
    uploads.remember(content, index, new Uint8Array(BLOCK));
  }
  assert.deepEqual(sends(200), { loaded: false }, "2 MiB is room for 32 of them");
});
