/** How long members that come together wait for each other. */
import assert from "node:assert/strict";
import { Crowd } from "../../../runtime/protocols/swarm/crowd.ts";

const MILLI = 1_000;

Deno.test("who comes waits until nobody has come for 5 ms", () => {
  const crowd = new Crowd();
  assert.equal(crowd.waits(0), undefined);
  assert.ok(crowd.changed(0));
  assert.ok(!crowd.changed(3 * MILLI), "one wait for all of them");
  assert.equal(crowd.waits(5 * MILLI), 3 * MILLI);
  assert.equal(crowd.waits(8 * MILLI), 0);
  assert.equal(crowd.waits(8 * MILLI), undefined, "planned for");
});

Deno.test("nobody waits for more than 60 ms, however many come", () => {
  const crowd = new Crowd();
  for (let at = 0; at < 60; at++) {
    crowd.changed(at * MILLI);
    assert.notEqual(crowd.waits(at * MILLI), 0);
  }
  crowd.changed(60 * MILLI);
  assert.equal(crowd.waits(60 * MILLI), 0);
});
