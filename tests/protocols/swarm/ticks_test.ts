/** When a swarm looks at what has not come, on a machine that is too busy to do it in time. */
import assert from "node:assert/strict";
import {
  fileKey,
  identityFrom,
  type Micros,
  millisecond,
  type PeerId,
  second,
  Stream,
  unhex,
} from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { fetch, share, swarm, type SwarmEvent } from "../../../runtime/protocols/swarm/mod.ts";
import type { SwarmMessage } from "../../../runtime/protocols/swarm/wire.ts";

/** A node that wants a content of somebody who cannot be reached: its looks are counted by its dials. */
function seeking() {
  const { keys } = identityFrom(new Stream("nobody").bytes(32), nodeCrypto);
  let now: Micros = 0, wakesAt: Micros = Infinity, dials = 0;
  const ctx = {
    crypto: nodeCrypto,
    get now() {
      return now;
    },
    random: new Stream("ticks"),
    isLinked: () => false,
    dial: () => dials++,
    save: () => {},
    tell: () => {},
    wake: (_timer: string, after: Micros) => void (wakesAt = now + after),
  } as unknown as SwarmContext;
  const node = swarm();
  node.started!({ records: new Map(), kept: [] } as never, ctx);
  const sources = [{ keys, address: "10.0.0.1:1" }];
  node.asked!(fetch({ content: "a".repeat(64), sources }), ctx);
  return {
    /** Its timer comes so late; how long it waits for the next one, and whether it dialled. */
    wakes(late: number) {
      const before = dials;
      now = wakesAt + late * millisecond;
      node.woke!("tick", ctx);
      return { waits: (wakesAt - now) / millisecond, looked: dials > before };
    },
  };
}

Deno.test("a look that comes late waits once for what lies unread, and not again however late it is", () => {
  const { wakes } = seeking();
  assert.equal(wakes(0).waits, 100);
  assert.deepEqual(wakes(20_000), { waits: 10, looked: false });
  assert.deepEqual(wakes(20_000), { waits: 100, looked: true });
  assert.deepEqual(wakes(20_000), { waits: 10, looked: false });
  assert.deepEqual(wakes(0), { waits: 100, looked: true });
});

Deno.test("a look that is a little late is taken at once", () => {
  const { wakes } = seeking();
  assert.equal(wakes(0).waits, 100);
  assert.equal(wakes(40).waits, 100);
});

/** A node that shares some blocks, with a member that takes them and relays none, and somebody who asks. */
function sharing(blocks = 8) {
  const BLOCK = 16 * 1024;
  const { keys } = identityFrom(new Stream("member").bytes(32), nodeCrypto);
  const member = "a".repeat(64) as PeerId, asker = "b".repeat(64) as PeerId;
  const reads: string[] = [], drains: PeerId[] = [], given: PeerId[] = [];
  const timers = new Map<string, Micros>();
  let now: Micros = second, key = "";
  const ctx = {
    crypto: nodeCrypto,
    get now() {
      return now;
    },
    random: new Stream("ticks"),
    isLinked: () => true,
    keysOf: () => keys,
    hold: () => {},
    release: () => {},
    save: () => {},
    tell: (event: SwarmEvent) => key = event.content!,
    read: (handle: string, offset: number, length: number) =>
      reads.push(fileKey(handle, offset, length)),
    wake: (timer: string, after: Micros) => timers.set(timer, now + after),
    send(to: PeerId, message: SwarmMessage) {
      if (message.kind === "block") given.push(to);
      if (message.kind === "block" || message.kind === "page") drains.push(to);
      return true;
    },
  } as unknown as SwarmContext;
  const node = swarm();
  node.started!({ records: new Map(), kept: [] } as never, ctx);
  const settle = () => {
    while (reads.length + drains.length > 0) {
      if (reads.length > 0) node.loaded!(reads.shift()!, new Uint8Array(BLOCK), ctx);
      if (drains.length > 0) node.drained!(drains.shift()!, 0, ctx);
    }
  };
  const wakes = (timer: string) => {
    now = timers.get(timer)!;
    node.woke!(timer, ctx);
  };
  node.asked!(
    share({ title: "a", handle: "h", files: [{ path: "a", bytes: blocks * BLOCK }] }),
    ctx,
  );
  settle();
  const content = unhex(key)!;
  node.received({ kind: "interest", content, address: "10.0.0.1:1" }, member, undefined, ctx);
  wakes(`plan/${key}`);
  settle();
  return {
    given,
    member,
    asker,
    asks() {
      node.received({ kind: "has", content, blocks: new Uint8Array(1) }, asker, undefined, ctx);
      node.received({ kind: "want", content, blocks: [0] }, asker, undefined, ctx);
      settle();
    },
    looks: (times: number) => {
      for (let nth = 0; nth < times; nth++) wakes("tick");
      settle();
    },
    completes: () =>
      node.received({ kind: "has", content, blocks: Uint8Array.of(255) }, member, undefined, ctx),
    parts: () => node.left!(asker, "closed", ctx),
    refuses: () => node.refused!(`content/${key}`, "disk-full", ctx),
    waits: () => (timers.get("tick")! - now) / millisecond,
  };
}

Deno.test("who waits for a source that was giving is served by its next look, though nothing else happens", () => {
  const { given, member, asker, asks, looks } = sharing();
  assert.deepEqual(given, [member, member, member], "more than three it may not owe");
  asks();
  looks(5);
  assert.equal(given.length, 3, "it may go on giving at any moment");
  looks(10);
  assert.deepEqual(given.slice(3), [asker]);
});

Deno.test("a source looks once a second after all have got everything, and soon once anything happens", () => {
  const { completes, looks, waits, asks, parts } = sharing();
  looks(5);
  assert.equal(waits(), 100);
  completes();
  assert.equal(waits(), 100, "somebody waits to be told of it");
  looks(4);
  assert.equal(waits(), 1000);
  looks(1);
  assert.equal(waits(), 1000);
  asks();
  assert.equal(waits(), 100);
  looks(20); // whoever asks may be one more member: it is served, and its block is told of
  assert.equal(waits(), 1000);
  parts();
  assert.equal(waits(), 100);
});

Deno.test("who waits for a source that was giving has it look soon, though all others have got everything", () => {
  const { completes, looks, waits, asks } = sharing();
  completes();
  while (waits() < 1000) looks(1);
  asks();
  looks(1);
  assert.equal(waits(), 100);
});

Deno.test("a record that the disk has refused is looked after as often as what is missing", () => {
  const { completes, looks, waits, refuses } = sharing();
  completes();
  looks(4);
  assert.equal(waits(), 1000);
  refuses();
  assert.equal(waits(), 100);
  looks(1);
  assert.equal(waits(), 100);
});

Deno.test("a source of an empty file looks once a second: whoever wants it has everything", () => {
  const { looks, waits } = sharing(0);
  looks(1);
  assert.equal(waits(), 1000);
});
