/** Storms: another one for each seed, the same for the same seed, and calm afterwards. */
import assert from "node:assert/strict";
import { lan } from "../../sim/mod.ts";
import { change, crash, lossy } from "../../sim/mod.ts";
import { Oracle } from "../../sim/oracle.ts";
import { squalls, stormKinds } from "../../sim/storm.ts";
import { dial, ping, told } from "./echo.ts";
import { type Play, small, watched } from "./watched.ts";

const actors = Array.from({ length: 6 }, (_, index) => ({ name: `pc${index}`, index }) as never);
const weather = (seed: number) =>
  squalls(new Oracle({ seed }), actors, { from: "10s", to: "60s" })
    .map(({ from, to, fault }) => `${from} ${to} ${fault.name} ${fault.who}`);

Deno.test("a storm is the same for a seed, and another for another", () => {
  assert.deepEqual(weather(1), weather(1));
  assert.notDeepEqual(weather(1), weather(2));
});

Deno.test("each kind happens in about half of all runs, within its time", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 200; seed++) {
    const found = squalls(new Oracle({ seed }), actors, { from: "10s", to: "60s" });
    assert.ok(found.every(({ from, to }) => from >= 10e9 && to > from && to <= 60e9));
    for (const name of new Set(found.map(({ fault }) => fault.name))) {
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, stormKinds.length);
  // A cut with nobody on the other side isolates, so that this happens more often.
  for (const [name, count] of counts) {
    assert.ok(count > 60 && count < (name === "isolate" ? 160 : 130), `${name} ${count}`);
  }
});

const stormy: Play = ({ many, storm, every, expect }) => {
  const [first, ...rest] = many("pc", 6);
  every("2s", rest, dial(first!.address));
  storm([first!, ...rest], { from: "5s", to: "40s", every: "3s" });
  every("1s", rest, ping(), { from: "50s" });
  expect("all is well afterwards", rest, told("pong"), {
    from: "50s",
    by: "59s",
    evenIfDown: true,
  });
};

Deno.test("after a storm everything is mended: links come back, and nothing was violated", () => {
  const network = lan({ latency: "1ms..5ms", jitter: "1ms", loss: "1%" });
  for (let seed = 0; seed < 25; seed++) {
    const { world } = watched(small(stormy, { lasts: "1m", network }), { seed });
    const [claim] = world.story.results();
    assert.ok(claim!.ok, `seed ${seed}: ${claim!.actual}`);
    assert.deepEqual(world.checkers.results(), [], `seed ${seed}`);
    assert.ok(world.machines.every(({ power, paused }) => power === "on" && !paused));
  }
});

Deno.test("a storm is on the tape, and comes back from it", () => {
  const definition = small(stormy, { lasts: "1m" });
  const first = watched(definition, { seed: 4, tape: "record" }).world;
  const tape = first.oracle.tape();
  assert.ok(tape.some(({ label }) => label.startsWith("storm/")));
  assert.equal(watched(definition, { seed: 4, tape }).world.digest, first.digest);
});

Deno.test("changes that overlap leave nothing behind", () => {
  const { world } = watched(small(({ named, between }) => {
    const { ana } = named("ana", "ben");
    between("1s", "5s", lossy(ana, "10%"));
    between("2s", "8s", lossy(ana, "5%"));
    between("3s", "6s", change(ana, { uplink: "1Mbps", cpu: 0.5 }));
    between("4s", "5s", crash(ana));
  }));
  const [host] = world.network.paths.hosts;
  assert.deepEqual([host!.loss, host!.uplink, world.machines[0]!.cpu], [0, 12_500_000, 1]);
});
