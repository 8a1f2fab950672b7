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
    notes: { unit: "size", default: "2MB" },
    slow: { default: 1, atLeast: 1, atMost: 1000 }, // the peers' processors, not the source's, so many times
    faults: { choices: ["none", "unplug", "kill"], default: "none" },
  },
  network: ({ rate }) => lan({ latency: "200us", bandwidth: rate }),
  protocols: () => all(),

  play({ named, many, file, at, between, expect, expectValue, settings, random }) {
    const { source } = named("source");
    const peers = many("peer", settings.peers, { cpu: 1 / settings.slow });
    const lecture = file("lecture.bin", settings.size), { name: title, size: bytes } = lecture;
    const notes = file("notes.bin", settings.notes);
    const share = ({ handle, name, size }: typeof lecture) =>
      lab.share({ title: name, handle, files: [{ path: name, bytes: size }] });
    at("0s", source, lab.open({ title: "A swarm", who: "Ada" }));
    at("300ms", peers, ({ name }) => lab.join({ who: name }));
    // The clock starts when all are there and have done it once: fifty programs that begin at once on two
    // processors are mostly busy with compiling themselves.
    const joined = 3 + Math.floor(settings.peers / 5);
    if (notes.size > 0) at(`${joined}s`, source, share(notes));
    const ready = notes.size > 0 ? joined + 3 + Math.floor(settings.peers / 5) : joined;
    at(`${ready}s`, source, share(lecture));

    const [unlucky, ...others] = random.shuffled(peers);
    if (settings.faults === "unplug") at(`${ready + 5}s`, powerOff(unlucky!));
    const crashing = settings.faults === "kill"
      ? others.slice(0, Math.ceil(peers.length / 10))
      : [];
    crashing.forEach((peer) => between(`${ready * 1000 + 500}ms`, `${ready + 2}s`, crash(peer)));
    const staying = settings.faults === "unplug" ? others : peers;
    const steady = staying.filter((peer) => !crashing.includes(peer));

    expect("every peer that is there gets the file", staying, swarm.got(lecture));
    if (bytes < 5e6) return; // the start weighs too much for a ratio to mean anything
    const ratio = (run: RunFacts) =>
      run.lastOf(steady, title) / (run.content(title)?.floorSeconds ?? 0);
    const atMost = settings.peers > 8 ? 1.6 : settings.faults === "none" ? 1.2 : 1.25;
    expectValue("the last one is done soon", ratio, {
      atMost,
      unit: "x floor",
      needsRates: true,
    });
  },
});
