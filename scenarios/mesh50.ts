/** Fifty peers talk, and half of them crash at once: whoever is left hears everything, exactly once. */
import { membership } from "../runtime/protocols/membership/mod.ts";
import { heard, isMeshEvent, mesh, repeated, say } from "../runtime/protocols/mesh/mod.ts";
import { crash, type Duration, lan, powerOff, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 50,
  lasts: "30s",
  crypto: "accounted",
  settings: {
    crash: { choices: ["kill", "silent", "none"], default: "kill" },
    dead: { default: 25, atMost: 40 },
    loss: { unit: "share", default: "0%" },
  },
  network: ({ loss }) => lan({ latency: "2ms", loss }),
  protocols: () => [membership(), mesh()],

  play({ many, at, expect, expectValue, tally, random, settings }) {
    const pcs = many("pc", 50);
    for (const pc of pcs) pc.set({ startsAt: `${random.below(1000)}ms` });
    const { loss } = settings;
    const fated = settings.crash === "none" ? [] : random.shuffled(pcs).slice(0, settings.dead);
    const alive = pcs.filter((pc) => !fated.includes(pc));

    // Everybody says something twice, so that trees grow; then they are measured.
    for (let n = 0; n < 100; n++) at(`${5000 + 40 * n}ms`, pcs[n % 50]!, say("early", `${n}`));
    for (let n = 0; n < 100; n++) at(`${10_000 + 40 * n}ms`, pcs[n % 50]!, say("calm", `${n}`));

    if (settings.crash === "kill") at("15s", crash(fated));
    if (settings.crash === "silent") at("15s", powerOff(fated));

    // The worst moments: at once, and until the dead are known to be dead.
    const moments = [1, 10, 30, 100, 300, 500, 700, 1000, 1300, 1600, 2000, 2500, 2900, 3100];
    moments.forEach((moment, nth) => {
      const from: Duration = `${15_000 + moment}ms`;
      at(from, alive[nth % alive.length]!, say(`after ${moment}`, "who is there?"));
      const others = alive.filter((pc) => pc !== alive[nth % alive.length]);
      const within = settings.dead > 25 ? "5s" : "2s";
      expect(`heard by all, said ${moment} ms after the crash`, others, heard(`after ${moment}`), {
        from,
        within,
        times: 1,
      });
    });
    for (let n = 0; n < 50; n++) at(`${20_000 + 100 * n}ms`, alive[n % 10]!, say("late", `${n}`));

    expectValue("nothing is lost", (run) => run.messages?.lost ?? 1, { atMost: 0 });
    expectValue("nothing is heard twice", (run) => run.messages?.duplicated ?? 1, { atMost: 0 });
    expectValue("99 % is heard soon", (run) => run.messages?.p99Seconds ?? Infinity, {
      // The first words of each peer travel along somebody else's tree.
      atMost: loss === "0%" && settings.crash === "none" ? 0.0125 : 0.5,
      unit: "s",
    });
    if (loss !== "0%") return;
    const calm = tally(pcs, heard("calm")), again = tally(pcs, repeated("calm"));
    const near = tally(
      pcs,
      (event) =>
        isMeshEvent(event) && event.name === "heard" && event.topic === "calm" && event.hops <= 3,
    );
    expectValue("each payload comes once", () => 1 + again.count / calm.count, {
      atMost: 1.05,
      unit: "copies a node",
    });
    expectValue("over three links at most", () => 100 * near.count / calm.count, {
      atLeast: 99,
      unit: "%",
    });
  },
});
