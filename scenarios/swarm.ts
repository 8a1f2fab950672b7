/** One peer has a file, the others want it, and all uplinks are alike: the plainest of all swarms. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { crash, lan, powerOff, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 8,
  lasts: "10m",
  until: "claims",
  settings: {
    peers: { default: 8, atLeast: 1, atMost: 200 },
    rate: { unit: "rate", default: "20Mbps" },
    size: { unit: "size", default: "25MB" },
    faults: { choices: ["none", "unplug", "kill"], default: "none" },
  },
  network: ({ rate }) => lan({ latency: "200us", bandwidth: rate }),
  protocols: () => all(),

  play({ named, many, file, at, between, expect, expectValue, settings, random }) {
    const { source } = named("source");
    const peers = many("peer", settings.peers);
    const { handle, name: title, size: bytes } = file("lecture.bin", settings.size);
    at("0s", source, lab.open({ title: "A swarm", who: "Ada" }));
    at("300ms", peers, ({ name }) => lab.join({ who: name }));
    // The clock starts when all are there: fifty that join at once on two processors take their time.
    const ready = 3 + Math.floor(settings.peers / 10);
    at(`${ready}s`, source, lab.share({ title, handle, files: [{ path: title, bytes }] }));

    const [unlucky, ...others] = random.shuffled(peers);
    if (settings.faults === "unplug") at(`${ready + 5}s`, powerOff(unlucky!));
    const crashing = settings.faults === "kill"
      ? others.slice(0, Math.ceil(peers.length / 10))
      : [];
    crashing.forEach((peer) => between(`${ready * 1000 + 500}ms`, `${ready + 2}s`, crash(peer)));
    const staying = settings.faults === "unplug" ? others : peers;
    const steady = staying.filter((peer) => !crashing.includes(peer));

    expect("every peer that is there gets the file", staying, swarm.completed);
    if (bytes < 5e6) return; // the start weighs too much for a ratio to mean anything
    const ratio = (run: RunFacts) => run.lastOf(steady) / (run.contents[0]?.floorSeconds ?? 0);
    const atMost = settings.peers > 8 ? 1.6 : settings.faults === "none" ? 1.2 : 1.25;
    expectValue("the last one is done soon", ratio, {
      atMost,
      unit: "x floor",
      needsRates: true,
    });
  },
});
