/** The language of scenarios: what it means, and the sentences with which it refuses. */
import assert from "node:assert/strict";
import type { AppEvent } from "../../runtime/core/mod.ts";
import {
  change,
  crash,
  crashAfter,
  cut,
  lan,
  leave,
  powerOff,
  scenario,
  wipe,
} from "../../sim/mod.ts";
import { valuesOf } from "../../sim/settings.ts";
import { nanos, partsOf, rangeOf, rateOf, sizeOf, spoken } from "../../sim/units.ts";
import { dial, type EchoEvent, ping, save, told } from "./echo.ts";
import { type Play, small, watched } from "./watched.ts";

function refuses(sentence: RegExp, play: Play, changes = {}): void {
  assert.throws(() => watched(small(play, changes)), (error: Error) => {
    assert.equal(error.name, "UsageError", error.stack);
    assert.match(error.message, sentence);
    return true;
  });
}

const results = (play: Play, changes = {}) =>
  watched(small(play, changes)).world.story.results().map(({ ok, actual }) => `${ok} ${actual}`);

Deno.test("quantities are read with their units, and nothing else is", () => {
  assert.equal(nanos("1.5ms"), 1_500_000);
  assert.equal(nanos("20m"), 1_200_000_000_000);
  assert.equal(sizeOf("64KiB"), 65_536);
  assert.equal(sizeOf("4MB"), 4_000_000);
  assert.equal(rateOf("100Mbps"), 12_500_000);
  assert.equal(rateOf("319MBps"), 319_000_000);
  assert.equal(partsOf("0.1%"), 1000);
  assert.deepEqual(rangeOf("1ms..4ms"), { least: 1_000_000, most: 4_000_000 });
  for (const wrong of ["5", "5 minutes", "-1s", "1e3ms", "", "ms"]) {
    assert.throws(() => nanos(wrong as "1s"), /Cannot read duration/);
  }
  assert.throws(() => partsOf("101%"), /0% to 100%/);
  assert.throws(() => rateOf("0Mbps"), /above zero/);
  assert.throws(() => rangeOf("4ms..1ms"), /its end is before its start/);
});

Deno.test("times are said as people say them", () => {
  assert.deepEqual([850_000, 12_300_000, 3_450_000_000, 125e9, 120e9].map(spoken), [
    "850 us",
    "12.3 ms",
    "3.45 s",
    "2 m 5 s",
    "2 m",
  ]);
});

Deno.test("settings have types, bounds and defaults", () => {
  const settings = {
    faults: { choices: ["all", "none"], default: "all" },
    peers: { default: 50, atLeast: 1, atMost: 500 },
    size: { unit: "size", default: "100MiB" },
    loud: { default: false },
  } as const;
  assert.deepEqual(valuesOf(settings, ["peers=7", "loud=true", "size=1KB"]), {
    faults: "all",
    peers: 7,
    size: "1KB",
    loud: true,
  });
  const wrong: [string, RegExp][] = [
    ["pers=7", /Unknown setting "pers": did you mean "peers"/],
    ["peers=501", /a whole number, 1 to 500/],
    ["peers=7.5", /a whole number/],
    ["faults=nine", /Unknown value of faults "nine": did you mean "none"/],
    ["size=big", /Cannot read size "big"/],
    ["loud=yes", /known: true, false/],
    ["peers", /write key=value/],
    ["toString=1", /Unknown setting/],
  ];
  for (const [text, sentence] of wrong) assert.throws(() => valuesOf(settings, [text]), sentence);
});

Deno.test("options that do not exist are refused, with the nearest that does", () => {
  assert.throws(() => lan({ bandwith: "1Mbps" } as never), /did you mean "bandwidth"/);
  assert.throws(() => lan({ loss: "30%" }), /20% at most/);
  assert.throws(() => lan({ router: { delay: "1ms" } } as never), /Unknown router option "delay"/);
  assert.throws(() => scenario({ sed: 1 } as never), /did you mean "seed"/);
  assert.throws(() => scenario({ ...small(() => {}), seed: -1 }), /a whole number from 0/);
  assert.throws(() => scenario({ ...small(() => {}), until: "claim" as never }), /"claims"/);
  refuses(
    /did you mean "uplink"/,
    ({ named }) => void named("ana").ana.set({ uplnk: "1Mbps" } as never),
  );
  refuses(
    /Unknown disk option "speed"/,
    ({ many }) => void many("pc", 2, { disk: { speed: 1 } as never }),
  );
  refuses(
    /Unknown claim option/,
    ({ named, expect }) => expect("x", named("ana").ana, told("joined"), { until: "1s" } as never),
  );
});

Deno.test("what can never be is refused before the run", () => {
  refuses(/names no machine/, () => {});
  refuses(/two machines "ana"/, ({ named }) => void named("ana", "ana"));
  refuses(/two machines "pc1"/, ({ named, many }) => void [named("pc1"), many("pc", 3)]);
  refuses(/Cannot name a machine "a b"/, ({ named }) => void named("a b"));
  refuses(
    /Cannot reach at 31s: the run lasts 30.00 s/,
    ({ named, at }) => at("31s", named("ana").ana, ping()),
  );
  refuses(/Cannot start ana at 40s/, ({ named }) => void named("ana", { startsAt: "40s" }));
  refuses(
    /Cannot end crash at 2s: it begins at 3s/,
    ({ named, between }) => between("3s", "2s", crash(named("ana").ana)),
  );
  refuses(/Cannot mend wipe/, ({ named, between }) => between("1s", "2s", wipe(named("ana").ana)));
  refuses(/Cannot part ana from itself/, ({ named }) => {
    const { ana, ben } = named("ana", "ben");
    cut([ana, ben], ana);
  });
  refuses(/Cannot use cpu 0/, ({ named }) => void named("ana", { cpu: 0 }));
  refuses(/Cannot use subnet 300/, ({ named }) => void named("ana", { subnet: 300 }));
  refuses(/Cannot crash after -1 orders/, ({ named }) => void crashAfter(named("ana").ana, -1));
  refuses(
    /Cannot ask chat: the scenario runs echo/,
    ({ named, at }) => at("1s", named("ana").ana, { protocol: "chat", name: "say" }),
  );
  refuses(/Cannot ask nothing/, ({ named, at }) => at("1s", named("ana").ana, undefined as never));
  refuses(/addresses were asked for before/, ({ named }) => {
    const { ana, ben } = named("ana", "ben");
    void ben.address;
    ana.set({ subnet: 2 });
  });
  refuses(/Cannot open two files called "a"/, ({ named, file }) => {
    named("ana");
    file("a", "1KB");
    file("a", "2KB");
  });
});

Deno.test("claims that cannot be true or false are refused", () => {
  const stranger = { name: "zoe", index: 0 } as never;
  refuses(/Unknown machine "zoe"/, ({ named, expect }) => {
    named("ana");
    expect("x", stranger, told("joined"));
  });
  refuses(/Cannot claim "x": nobody is named/, ({ named, expect }) => {
    named("ana");
    expect("x", [], told("joined"));
  });
  const claim = (options: object): Play => ({ named, expect }) =>
    expect("x", named("ana").ana, told("joined"), options);
  refuses(/Cannot reach claim "x" by 31s/, claim({ by: "31s" }));
  refuses(/within 20s: the run is over by then/, claim({ from: "15s", within: "20s" }));
  refuses(/say by or within, not both/, claim({ by: "1s", within: "1s" }));
  refuses(/it counts from later/, claim({ from: "9s", by: "8s" }));
  refuses(/a whole number from 0/, claim({ times: 1.5 }));
  refuses(/of 2 machines: 1 are named/, claim({ enough: 2 }));
  refuses(/say atMost or atLeast/, ({ named, expectValue }) => {
    named("ana");
    expectValue("x", () => 1, {});
  });
});

Deno.test("a file asked for with --file needs a place", () => {
  const userFile = { name: "mine", bytes: new Uint8Array(3) };
  assert.throws(
    () => watched(small(({ named }) => void named("ana")), { userFile }),
    /this scenario has no file/,
  );
});

Deno.test("claims: in time, too late, too often, never, by enough machines", () => {
  const meeting: Play = ({ named, at, expect }) => {
    const { ana, ben, eve } = named("ana", "ben", "eve");
    at("1s", ana, dial(ben.address));
    at("5s", ana, ping(3));
    expect("in time", [ana, ben], told("joined"), { by: "2s" });
    expect("not eve", [ana, ben, eve], told("joined"), { by: "2s" });
    expect("enough", [ana, ben, eve], told("joined"), { by: "2s", enough: 2 });
    expect("too late", ana, told("pong"), { by: "2s" });
    expect("within", ana, told("pong"), { from: "5s", within: "1s" });
    expect("three times", ana, told("pong"), { times: 3 });
    expect("once", ana, told("pong"), { times: 1 });
    expect("never", eve, told("pong"), { times: 0 });
    expect("never, but", ana, told("pong"), { times: 0 });
  };
  assert.deepEqual(results(meeting), [
    "true 2 of 2, last: ana at 1.01 s",
    "false 2 of 3, last: ana at 1.01 s, missing: eve",
    "true 2 of 3, last: ana at 1.01 s",
    "false missing: ana, late at 5.00 s",
    "true at 5.00 s",
    "true at 5.00 s",
    "false ana 3x",
    "true holds",
    "false ana 3x",
  ]);
});

Deno.test("a machine that is down at the deadline is excused, unless the claim says otherwise", () => {
  const play = (evenIfDown: boolean): Play => ({ named, at, between, expect }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, ping());
    between("4s", "8s", powerOff(ben));
    expect("started again", [ana, ben], told("joined"), {
      by: "5s",
      evenIfDown,
    });
    expect("back by then", ben, told("joined"), { by: "9s" });
  };
  assert.deepEqual(results(play(false)).map((text) => text.slice(0, 20)), [
    "false 0 of 2, 1 down",
    "false missing: ben",
  ]);
  assert.match(results(play(true))[0]!, /missing: ana and ben/);
});

Deno.test("a claim may be about those only who have told something else", () => {
  const play: Play = ({ named, at, expect }) => {
    const { ana, ben, eve } = named("ana", "ben", "eve");
    at("1s", ana, dial(ben.address));
    at("2s", ben, ping());
    expect("of who met", [ana, ben, eve], told("joined"), { given: told("joined") });
    expect("of who met, all", [ana, ben, eve], told("pong"), { given: told("joined") });
    expect("of nobody", eve, told("pong"), { given: told("joined") });
  };
  assert.deepEqual(results(play), [
    "true 2 of 3, last: ana at 1.01 s, 1 not concerned",
    "false 1 of 3, last: ben at 2.00 s, 1 not concerned, missing: ana",
    "true 1 not concerned",
  ]);
});

Deno.test("a cue answers the first event, or each, by what was told", () => {
  const { of } = watched(small(({ named, at, when, whenever }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("2s", ana, ping(2));
    const pong = told("pong") as (event: AppEvent) => event is EchoEvent;
    when(ana, pong, { of: ben, ask: (_, { number }) => save(`first/${number}`, "") });
    whenever(ana, pong, { of: ben, ask: (_, { number }) => save(`each/${number}`, "") });
  }));
  const saved = of("ben", "saved").map(({ event }) => event.key);
  assert.deepEqual(saved, ["first/0", "each/0", "each/1"]);
});

Deno.test("machines start late, leave, and change; cues answer events; tallies count them", () => {
  const { of, world } = watched(small(({ named, many, at, when, tally, expectValue, every }) => {
    const { ana } = named("ana");
    const late = many("late", 3, { startsAt: "5s" });
    at("6s", late, () => dial(ana.address));
    when(ana, told("joined"), { ask: ping(2), of: ana }, { after: "1s" });
    when(late, told("left"), change(ana, { uplink: "1Mbps" }));
    every("1s", ana, ping(), { from: "20s", until: "25s" });
    at("10s", leave(late[0]!));
    const pongs = tally(ana, told("pong"));
    expectValue("pongs", () => pongs.count, { atLeast: 6 + 10, atMost: 6 + 10 });
    expectValue("crashes", (run) => run.faults.crashes, { atMost: 0 });
  }));
  assert.ok(of("late3", "started")[0]!.at >= 5);
  assert.equal(of("ana", "pong").length, 16);
  assert.equal(world.machines[1]!.power, "dead");
});

Deno.test("who an actor is, is known before the run", () => {
  let expected: string[] = [];
  const { world, of } = watched(small(({ named, at }) => {
    const { ana, ben } = named("ana", "ben");
    expected = [ana.peer, ben.peer, ana.address];
    at("1s", ana, dial(ben.address));
  }));
  assert.equal(of("ben", "joined")[0]!.event.peer, expected[0]);
  assert.equal(of("ana", "joined")[0]!.event.peer, expected[1]);
  assert.equal(world.machines[0]!.address, expected[2]);
});
