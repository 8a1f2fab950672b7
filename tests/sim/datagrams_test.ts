/** Datagrams are lost, doubled, overtaken and changed, as the network is told to. */
import assert from "node:assert/strict";
import { cut, hold, lan, pause, powerOff } from "../../sim/mod.ts";
import { shout } from "./echo.ts";
import { type Play, small, watched } from "./watched.ts";

const SHOUTS = 400;
const shouting: Play = ({ named, at, every }) => {
  const { ana } = named("ana", "ben");
  let count = 0;
  every("10ms", ana, () => shout(`number ${1000 + count++}`), { from: "1s", until: "5s" });
  at("20s", ana, shout("the last one"));
};

const heard = (play: Play, options: Parameters<typeof lan>[0] = {}) =>
  watched(small(play, { network: lan({ latency: "1ms", ...options }) }));

Deno.test("datagrams arrive once, in order, a latency later, but not at their sender", () => {
  const { of } = heard(shouting);
  const texts = of("ben", "overheard").map(({ event }) => event.text!);
  assert.equal(texts.length, SHOUTS + 1);
  assert.deepEqual(texts.slice(0, -1), texts.slice(0, -1).toSorted());
  assert.equal(of("ana", "overheard").length, 0);
});

Deno.test("some are lost", () => {
  const { of, world } = heard(shouting, { loss: "20%" });
  const lost = SHOUTS + 1 - of("ben", "overheard").length;
  assert.ok(lost > 50 && lost < 110, String(lost));
  assert.equal(world.network.losses, lost);
});

Deno.test("some arrive twice", () => {
  const doubled = heard(shouting, { duplication: "25%" }).of("ben", "overheard").length - SHOUTS -
    1;
  assert.ok(doubled > 65 && doubled < 140, String(doubled));
});

Deno.test("some are overtaken", () => {
  const play: Play = ({ named, every }) => {
    const { ana } = named("ana", "ben");
    let count = 0;
    every("1ms", ana, () => shout(`number ${1000 + count++}`), { from: "1s", until: "2s" });
  };
  const texts = heard(play, { reordering: "10%" }).of("ben", "overheard").map(({ event }) =>
    event.text!
  );
  assert.equal(texts.length, 1000);
  const overtaken = texts.filter((text, at) => at > 0 && text < texts[at - 1]!).length;
  assert.ok(overtaken > 30 && overtaken < 200, String(overtaken));
});

Deno.test("some are changed by one byte", () => {
  const { inputs, world } = heard(shouting, { corruption: "10%" });
  const sent = inputs("ana", "asked").flatMap(({ step }) => step.effects)
    .filter((effect) => effect.kind === "cast").map((effect) => String(effect.bytes));
  const changed = inputs("ben", "overheard").filter(({ input }) =>
    !sent.includes(String(input.bytes))
  );
  assert.ok(changed.length > 15 && changed.length < 80, String(changed.length));
  assert.equal(world.network.corruptions, changed.length);
});

Deno.test("a cut loses them, one way or both", () => {
  const play = (oneWay: boolean): Play => ({ named, at, between }) => {
    const { ana, ben } = named("ana", "ben");
    between("2s", "4s", cut(ana, ben, { oneWay }));
    at("3s", ana, shout("can you hear me?"));
    at("3s", ben, shout("can you hear me?"));
  };
  for (const oneWay of [true, false]) {
    const { of } = heard(play(oneWay));
    assert.equal(of("ben", "overheard").length, 0);
    assert.equal(of("ana", "overheard").length, oneWay ? 1 : 0);
  }
});

Deno.test("a hold keeps them for later", () => {
  const { of } = heard(({ named, at, between }) => {
    const { ana, ben } = named("ana", "ben");
    between("2s", "4s", hold(ana, ben));
    at("3s", ana, shout("can you hear me?"));
  });
  assert.ok(of("ben", "overheard")[0]!.at > 4);
});

Deno.test("a machine without power hears nothing", () => {
  const { of } = heard(({ named, at, between }) => {
    const { ana, ben } = named("ana", "ben");
    between("2s", "4s", powerOff(ben));
    at("3s", ana, shout("can you hear me?"));
  });
  assert.equal(of("ben", "overheard").length, 0);
});

Deno.test("a machine that does not read loses what its socket cannot hold", () => {
  const { of } = heard((stage) => {
    shouting(stage);
    stage.between("1s", "6s", pause(stage.actors[1]!));
  });
  assert.equal(of("ben", "overheard").length, 256 + 1);
});
