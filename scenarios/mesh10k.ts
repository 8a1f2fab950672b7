/** Ten thousand peers in two hundred rooms: a fifth crashes, and in that moment somebody speaks. */
import { meet, membership } from "../runtime/protocols/membership/mod.ts";
import { heard, mesh, say } from "../runtime/protocols/mesh/mod.ts";
import { crash, lan, powerOff, scenario } from "../sim/mod.ts";

/** Links a node keeps in a network of this size. */
const DEGREE = 8;
/** One way; the same for all, so that hops can be counted. */
const LATENCY_MILLIS = 5;

/** Steps from one to all in a tree whose nodes have so many links each. */
function depthOf(peers: number): number {
  let depth = 0, reached = 1, newest = DEGREE;
  while (reached < peers) {
    reached += newest;
    newest *= DEGREE - 1;
    depth++;
  }
  return depth;
}

export default scenario({
  seed: 10,
  lasts: "7s",
  until: "claims",
  crypto: "accounted",
  settings: {
    rooms: { default: 200, atLeast: 2, atMost: 250 },
    peers: { default: 50, atLeast: 5, atMost: 250 },
    crash: { choices: ["kill", "silent"], default: "kill" },
    dead: { unit: "share", default: "20%" },
  },
  network: lan({ latency: `${LATENCY_MILLIS}ms`, router: { latency: "0ms" } }),
  protocols: () => [membership({ degree: DEGREE, contacts: 32 }), mesh()],

  play({ many, at, expect, random, settings: { rooms, peers, ...settings } }) {
    const cast = Array.from(
      { length: rooms },
      (_, room) => many(`room${room}pc`, peers, { subnet: room }),
    );
    const pcs = cast.flat();
    for (const pc of pcs) pc.set({ startsAt: `${random.below(1000)}ms` });

    // Three machines of each room know two of other rooms by address: nothing else joins the rooms.
    const doors = cast.map((room) => room.slice(0, 3));
    doors.forEach((room, nth) => {
      for (const door of room) {
        door.set({ startsAt: "0ms" });
        const others = [1, 2].map(() => doors[(nth + 1 + random.below(rooms - 1)) % rooms]!);
        at("100ms", door, meet(others.map((other) => random.pick(other).address)));
      }
    });

    const order = random.shuffled(pcs);
    const count = Math.floor(pcs.length * Number(settings.dead.slice(0, -1)) / 100);
    const fated = order.slice(0, count), [speaker, ...listeners] = order.slice(count);
    at("4s", settings.crash === "kill" ? crash(fated) : powerOff(fated));
    at("4s", speaker!, say("news", "A fifth of us is gone"));

    const perfect = depthOf(pcs.length) * LATENCY_MILLIS;
    expect(`everybody who is up hears it within 3 x ${perfect} ms`, listeners, heard("news"), {
      from: "4s",
      within: `${settings.crash === "kill" ? 3 * perfect : 2000}ms`,
      times: 1,
    });
  },
});
