/**
 * An hour in which nothing much happens: at any moment a twentieth of all nodes stands still for two
 * seconds. Nobody is taken for dead but the four that are.
 */
import { down, gone, isMembershipEvent, membership } from "../runtime/protocols/membership/mod.ts";
import { heard, mesh, say } from "../runtime/protocols/mesh/mod.ts";
import { crash, type Duration, lan, pause, powerOff, scenario } from "../sim/mod.ts";

const STALL_MILLIS = 2000;
const HOUR_MILLIS = 3_600_000;

export default scenario({
  seed: 60,
  lasts: "1h",
  crypto: "accounted",
  settings: { peers: { default: 50, atLeast: 20 }, stalled: { unit: "share", default: "5%" } },
  network: lan({ latency: "1ms..4ms" }),
  protocols: () => [membership(), mesh()],

  play({ many, at, between, expect, random, settings }) {
    const pcs = many("pc", settings.peers);
    for (const pc of pcs) pc.set({ startsAt: `${random.below(1000)}ms` });
    const fated = pcs.slice(0, 4), alive = pcs.slice(4);

    const parts = Number(settings.stalled.slice(0, -1)) / 100;
    const every = STALL_MILLIS / (parts * settings.peers);
    const stalledAt = new Map(alive.map((pc) => [pc, -Infinity]));
    const last = parts === 0 ? 0 : HOUR_MILLIS - 10_000;
    for (let time = 10_000; time < last; time += every) {
      const from = Math.floor(time + random.below(Math.floor(every)));
      const pc = random.pick(alive);
      // Two stalls on end would be one of four seconds.
      if (from - stalledAt.get(pc)! < 2 * STALL_MILLIS) continue;
      stalledAt.set(pc, from);
      between(`${from}ms`, `${from + STALL_MILLIS}ms`, pause(pc));
    }

    const quarter = HOUR_MILLIS / 5;
    fated.forEach((pc, nth) => {
      const from: Duration = `${(nth + 1) * quarter}ms`;
      const isKilled = nth % 2 === 0;
      at(from, isKilled ? crash(pc) : powerOff(pc));
      const what = isKilled ? "killed" : "without power";
      // Who stands still itself in that moment notices afterwards.
      const enough = Math.floor(alive.length * (1 - 2 * parts));
      const within = isKilled ? "500ms" : "3s";
      expect(`${pc.name} is ${what}: noticed`, alive, gone(pc.peer), { from, within, enough });
      expect(`${pc.name} is ${what}: noticed by all`, alive, gone(pc.peer), { from, within: "6s" });
    });
    const ofTheLiving = new Set(alive.map(({ peer }) => peer));
    expect(
      "nobody who lives is taken for dead",
      alive,
      (event) => gone()(event) && ofTheLiving.has(event.peer!),
      { times: 0 },
    );
    expect(
      "nobody who lives is given up as a neighbour",
      alive,
      (event) =>
        down()(event) && isMembershipEvent(event) && event.name === "down" &&
        event.why !== "released" && ofTheLiving.has(event.peer),
      { times: 0 },
    );
    for (let minute = 1; minute < 60; minute++) {
      at(`${minute}m`, alive[minute % alive.length]!, say(`minute ${minute}`, "still here"));
    }
    expect(
      "the last message is heard",
      alive.filter((pc) => pc !== alive[59 % alive.length]),
      heard("minute 59"),
    );
  },
});
