/** A teacher and fifty students: one announces a session, all get the lecture, whatever happens. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { crash, lan, poisoning, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 50,
  lasts: "10m",
  until: "claims",
  settings: {
    faults: { choices: ["all", "none"], default: "all" },
    uplinks: { choices: ["equal", "mixed"], default: "equal" },
    peers: { default: 50, atLeast: 12, atMost: 500 },
    size: { unit: "size", default: "100MiB" },
  },
  network: ({ faults }) =>
    lan({ latency: "1ms", bandwidth: "100Mbps", loss: faults === "all" ? "0.1%" : "0%" }),

  protocols({ faults }, { name }) {
    if (faults === "none" || name !== "liar1") return all();
    return all().map((each) => each.name === "swarm" ? poisoning(each, "block") : each);
  },

  play({ named, many, file, at, between, expect, expectValue, settings, random }) {
    const { teacher } = named("teacher");
    const troubled = settings.faults === "all";
    const liars = many("liar", troubled ? 1 : 0);
    const late = many("late", troubled ? 3 : 0, { startsAt: "6s" });
    const students = many("pc", settings.peers - liars.length - late.length);
    const honest = [...students, ...late];
    if (settings.uplinks === "mixed") {
      for (const student of honest) student.set({ uplink: `${10 + random.below(91)}Mbps` });
    }
    const lecture = file("lecture.mp4", settings.size);
    const { handle, name: title, size: bytes } = lecture;

    // The teacher opens a session; whoever hears of it joins.
    at("0s", teacher, lab.open({ title: "Networks, lecture 7", who: "Ms Ada" }));
    at("100ms", [...students, ...liars], ({ name }) => lab.join({ who: name }));
    at("6s", late, ({ name }) => lab.join({ who: name }));
    at("3s", teacher, lab.share({ title, handle, files: [{ path: title, bytes }] }));

    // Five crash and come back, one never does. One more sends blocks with a bit turned over.
    const [gone, ...crashing] = random.shuffled(students).slice(0, troubled ? 6 : 0);
    if (gone !== undefined) at("7s", crash(gone));
    crashing.forEach((student, nth) => between(`${4 + nth}s`, `${6 + nth}s`, crash(student)));
    const steady = students.filter((each) => each !== gone && !crashing.includes(each));

    expect("everyone joins the session", [...students, ...liars], lab.welcomed(), { by: "3s" });
    const by = `${15 + Math.ceil(bytes / 8e6)}s` as const; // twice what the slowest setting takes
    expect("every honest peer that is up gets the lecture", honest, swarm.completed, { by });
    if (bytes < 50e6) return; // the start weighs too much for a ratio to mean anything
    const isMixed = settings.uplinks === "mixed";
    if (troubled) {
      const ratio = (run: RunFacts) => run.lastOf(steady) / (run.contents[0]?.floorSeconds ?? 0);
      // Mixed uplinks have nothing to spare, nor has a small class of which half is in trouble: the
      // floor counts those that crash or lie as well.
      const atMost = isMixed || settings.peers < 20 ? 1.4 : 1.15;
      expectValue("who never crashed hardly waits", ratio, { atMost, unit: "x floor" });
    } else if (isMixed) {
      expectValue("mixed uplinks are used to the full", ratioOf, { atMost: 1.1, unit: "x floor" });
    } else {
      expectValue("the last one is done soon", ratioOf, { atMost: 1.05, unit: "x floor" });
      expectValue("the source sends one copy", copiesOf, { atMost: 1.1, unit: "copies" });
      expectValue("hardly anything is sent twice", wasteOf, { atMost: 0.005, unit: "of all" });
    }
  },
});

function ratioOf({ contents: [lecture] }: RunFacts): number {
  return lecture?.floorRatio ?? Infinity;
}

function copiesOf({ contents: [lecture] }: RunFacts): number {
  return lecture?.sourceCopies ?? Infinity;
}

function wasteOf({ contents: [lecture] }: RunFacts): number {
  return lecture === undefined ? 1 : lecture.wastedBytes / (lecture.bytes * lecture.wanted);
}
