/** What a node holds in memory for others, and for how many: all of it is bounded. */
import assert from "node:assert/strict";
import { identityFrom, type PeerId, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { FORWARD, Lane, SERVE } from "../../../runtime/protocols/swarm/lane.ts";
import * as limits from "../../../runtime/protocols/swarm/limits.ts";
import { Source } from "../../../runtime/protocols/swarm/source.ts";
import { Uploads } from "../../../runtime/protocols/swarm/uploads.ts";
import { contentOf } from "./contents.ts";

const MIB = 1024 * 1024;

/** A context that is linked with everybody, and remembers what it was told to do. */
function surroundings() {
  const sent: { peer: PeerId; body: Uint8Array | undefined }[] = [];
  const loads: string[] = [];
  const ctx = {
    crypto: nodeCrypto,
    now: 1_000_000,
    random: new Stream("uplink"),
    isLinked: () => true,
    send: (peer: PeerId, _message: unknown, body?: Uint8Array) => sent.push({ peer, body }) > 0,
    load: (key: string) => loads.push(key),
    wake: () => {},
    tell: () => {},
  } as unknown as SwarmContext;
  return { ctx, sent, loads };
}

Deno.test("bodies that wait to be relayed take no more memory than was set aside for them", () => {
  const content = contentOf(64 * MIB);
  const { ctx, sent, loads } = surroundings();
  const uploads = new Uploads(() => [content]);
  const lane = new Lane("a".repeat(64) as PeerId, content.busy);
  content.lanes.set(lane.peer, lane);
  const bodies: Uint8Array[] = Array.from(
    { length: content.blocks },
    (_, at) => new Uint8Array(64 * 1024).fill(at),
  );
  bodies.forEach((body, at) => uploads.remember(content, at, body));
  for (let at = 0; at < content.blocks; at++) {
    uploads.add(lane, FORWARD, { index: at, spread: 1, epoch: 1 });
  }
  for (let turn = 0; turn < content.blocks; turn++) {
    uploads.pump(ctx);
    for (const key of loads.splice(0)) {
      uploads.loaded(key, bodies[content.indexAt(Number(key.split("/")[1]))!]!.slice(), ctx);
    }
    uploads.drained(lane.peer, 0, ctx);
  }
  assert.equal(sent.length, content.blocks);
  const fromMemory = sent.filter(({ body }) => bodies.includes(body!)).length * 64 * 1024;
  assert.ok(fromMemory <= limits.CACHE_BYTES, `${fromMemory / MIB} MiB came from memory`);
  assert.ok(fromMemory > limits.CACHE_BYTES / 2, "and it is used");
});

Deno.test("a source that gives new blocks serves nobody who asks, and serves them once it does not", () => {
  const content = contentOf(MIB);
  content.handle = "lecture";
  const around = surroundings();
  const uploads = new Uploads(() => [content]);
  const lane = new Lane("a".repeat(64) as PeerId, content.busy);
  content.lanes.set(lane.peer, lane);
  const reads: number[] = [];
  const ctx = Object.assign(around.ctx, {
    read: (_: string, offset: number) => reads.push(offset),
  });
  uploads.add(lane, SERVE, { index: 3, spread: 0, epoch: 0 });
  content.givenAt = ctx.now;
  uploads.pump(ctx);
  assert.deepEqual(reads, []);
  uploads.add(lane, FORWARD, { index: 5, spread: 1, epoch: 1 });
  uploads.pump(ctx);
  assert.deepEqual(reads, [5 * 16 * 1024], "what it gives goes");
  uploads.pump(Object.assign(ctx, { now: ctx.now + 1_000_000 }));
  assert.deepEqual(reads, [5 * 16 * 1024, 3 * 16 * 1024]);
});

Deno.test("bodies that wait for their hashes are bounded by their bytes", () => {
  for (const blockBytes of [16 * 1024, 64 * 1024, 2 * MIB]) {
    const content = contentOf(2000 * blockBytes, blockBytes);
    const body = new Uint8Array(blockBytes);
    let held = 0;
    for (let index = 0; index < 2000 && content.hasRoomFor(body); index++) {
      content.unverified.set(index, { from: "a", body, spread: 1, epoch: 1 });
      held += body.length;
    }
    assert.ok(held > 0 && held <= limits.UNVERIFIED_BYTES, `${held} bytes`);
  }
});

Deno.test("a source takes so many members, and not one more", () => {
  const content = contentOf(MIB);
  const { ctx } = surroundings();
  const source = new Source(content, new Uploads(() => [content]));
  const { keys } = identityFrom(nodeCrypto.sha256(utf8("one of many")), nodeCrypto);
  const join = (number: number) => {
    const peer = number.toString(16).padStart(64, "0") as PeerId;
    return source.join(peer, keys, "10.0.0.1:1", new Lane(peer), ctx);
  };
  for (let number = 0; number < limits.MEMBERS; number++) assert.ok(join(number));
  assert.equal(join(limits.MEMBERS), false);
  assert.ok(join(7), "who is a member already stays one");
  assert.equal(source.members, limits.MEMBERS);
});
