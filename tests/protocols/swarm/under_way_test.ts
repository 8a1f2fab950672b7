/** How many bodies may be on their way from one node. */
import assert from "node:assert/strict";
import type { PeerId } from "../../../runtime/core/mod.ts";
import { UnderWay } from "../../../runtime/protocols/swarm/under_way.ts";

const BODY = 32 * 1024, SECOND = 1_000_000;
const peer = "a".repeat(64) as PeerId;

/** Sends for so many seconds over an uplink of so many bodies a second that always has something to do. */
function sending(underWay: UnderWay, perSecond: number, seconds: number): void {
  for (let nth = 0; nth < perSecond * seconds; nth++) {
    underWay.add(peer, BODY, Math.floor(nth * SECOND / perSecond));
    if (nth > 0) underWay.drained(peer, 1, Math.floor(nth * SECOND / perSecond));
  }
  underWay.remove(peer, 1);
}

/** How many more there is room for. */
function room(underWay: UnderWay): number {
  let count = 0;
  for (; underWay.hasRoom; count++) underWay.add(peer, BODY, 1000 * SECOND);
  return count;
}

Deno.test("no more are on their way than leave within a quarter of a second, once that is known", () => {
  for (const [perSecond, bodies] of [[4, 8], [100, 25], [5000, 128]] as const) {
    const underWay = new UnderWay();
    sending(underWay, perSecond, 10);
    assert.ok(Math.abs(underWay.bytesPerSecond / (perSecond * BODY) - 1) < 0.1);
    assert.ok(Math.abs(room(underWay) - bodies) <= 1, `${perSecond} a second`);
  }
  assert.equal(room(new UnderWay()), 128, "of an uplink of which nothing is known");
});

Deno.test("a source keeps all its lanes busy, however slow its uplink is", () => {
  const underWay = new UnderWay();
  underWay.isSource = true;
  sending(underWay, 100, 10);
  assert.equal(room(underWay), 128);
});

Deno.test("what is loaded takes a place, and one that has left, or will not leave, gives its back", () => {
  const underWay = new UnderWay();
  underWay.add(peer, 0, 0);
  underWay.add(peer, BODY, 0);
  assert.deepEqual([underWay.total, underWay.countTo(peer)], [2, 2]);
  assert.deepEqual(underWay.remove(peer, 1), [0]);
  underWay.drained(peer, 1, SECOND);
  assert.deepEqual([underWay.total, underWay.countTo(peer)], [0, 0]);
  assert.deepEqual(underWay.remove(peer, 1), [], "nothing is on its way");
});
