/** Networks and machines that chance describes: others for each seed, the same for the same seed. */
import assert from "node:assert/strict";
import { drawnLan, lan } from "../../sim/mod.ts";
import { lanOf, natureOf } from "../../sim/nature.ts";
import { Oracle } from "../../sim/oracle.ts";
import { dial, ping } from "./echo.ts";
import { small, watched } from "./watched.ts";

const names = ["ana", "ben", "eve", "joe"];
const natures = (seed: number) => names.map((name) => natureOf(new Oracle({ seed }), name));

Deno.test("a network that is described is taken as it is", () => {
  const quiet = lan({ latency: "1ms" });
  assert.equal(lanOf(quiet, new Oracle({ seed: 1 })), quiet);
});

Deno.test("a drawn network is another for each seed, and each knob is left alone in half of them", () => {
  const drawn = Array.from({ length: 200 }, (_, seed) => lanOf(drawnLan(), new Oracle({ seed })));
  assert.deepEqual(lanOf(drawnLan(), new Oracle({ seed: 7 })), drawn[7]);
  const usual = lan();
  for (const knob of ["latency", "jitter", "bandwidth", "loss", "corruption"] as const) {
    const same = drawn.filter((each) => JSON.stringify(each[knob]) === JSON.stringify(usual[knob]));
    assert.ok(same.length > 60 && same.length < 140, `${knob} ${same.length}`);
  }
});

Deno.test("machines differ within a run, in what differs at all in that run", () => {
  assert.deepEqual(natures(3), natures(3));
  let differing = 0, kinds = 0;
  for (let seed = 0; seed < 100; seed++) {
    const cast = natures(seed);
    if (new Set(cast.map((each) => JSON.stringify(each))).size > 1) differing++;
    kinds += new Set(cast.flatMap((each) => Object.keys(each))).size;
  }
  assert.ok(differing > 90, `${differing}`);
  assert.ok(kinds > 200 && kinds < 350, `of six knobs, three in the middle: ${kinds / 100}`);
});

Deno.test("a world with drawn machines is on the tape, and comes back from it", () => {
  const definition = small(({ named, at, vary }) => {
    const { ana, ben } = named("ana", "ben");
    vary([ana, ben]);
    at("1s", ana, dial(ben.address));
    at("5s", ana, ping(3));
  }, { network: drawnLan() });
  const first = watched(definition, { seed: 5, tape: "record" }).world;
  const tape = first.oracle.tape();
  assert.ok(tape.some(({ label }) => label === "nature/network"));
  assert.equal(watched(definition, { seed: 5, tape }).world.digest, first.digest);
});
