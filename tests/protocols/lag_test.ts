/** How busy a node takes its machine to be. */
import assert from "node:assert/strict";
import { millisecond, second } from "../../runtime/core/mod.ts";
import { Lag } from "../../runtime/protocols/membership/lag.ts";

Deno.test("one stall, however long, is no sign of a busy machine", () => {
  const lag = new Lag();
  for (let pulse = 0; pulse < 20; pulse++) {
    if (pulse === 5) lag.late(2 * second);
    lag.pulsed();
    assert.equal(lag.micros, 0);
  }
});

Deno.test("whoever is late twice in four seconds is as late as the second time, until that is over", () => {
  const lag = new Lag();
  lag.late(700 * millisecond);
  lag.pulsed();
  lag.late(200 * millisecond);
  lag.late(100 * millisecond);
  lag.pulsed();
  assert.equal(lag.micros, 300 * millisecond);
  for (let pulse = 0; pulse < 6; pulse++) lag.pulsed();
  assert.equal(lag.micros, 300 * millisecond);
  lag.pulsed();
  assert.equal(lag.micros, 0);
});

Deno.test("nobody counts on more than two seconds", () => {
  const lag = new Lag();
  for (let pulse = 0; pulse < 3; pulse++) {
    lag.late(3 * second);
    lag.late(3 * second);
    lag.pulsed();
  }
  assert.equal(lag.micros, 2 * second);
});
