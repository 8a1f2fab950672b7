/** When a swarm looks at what has not come, on a machine that is too busy to do it in time. */
import assert from "node:assert/strict";
import { identityFrom, type Micros, millisecond, Stream } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { fetch, swarm } from "../../../runtime/protocols/swarm/mod.ts";

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
