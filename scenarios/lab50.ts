/** A teacher and fifty students: one announces a session, all get the lecture, whatever happens. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { crash, lan, poisoning, restart, scenario } from "../sim/mod.ts";

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
    const protocols = all();
    if (faults === "none" || name !== "liar1") return protocols;
    return protocols.map((each) => each.name === "swarm" ? poisoning(each, "block") : each);
  },

  play({ named, many, file, at, between, expect, expectValue, settings, random }) {
    const { teacher } = named("teacher");
    const troubled = settings.faults === "all";
    const liars = many("liar", troubled ? 1 : 0);
    const late = many("late", troubled ? 3 : 0, { startsAt: "6s" });
    const students = many("pc", settings.peers - liars.length - late.length);
    const honest = [...students, ...late];
    const everyone = [...honest, ...liars];
    if (settings.uplinks === "mixed") {
      for (const student of everyone) student.set({ uplink: `${10 + random.below(91)}Mbps` });
    }
    const lecture = file("lecture.mp4", settings.size);

    // The teacher opens a session; whoever hears of it joins.
    at("0s", teacher, lab.open({ title: "Networks, lecture 7", who: "Ms Ada" }));
    at("100ms", [...students, ...liars], (actor) => lab.join({ who: actor.name }));
    at("6s", late, (actor) => lab.join({ who: actor.name }));
    at("3s", teacher, lab.share({
      title: lecture.name,
      handle: lecture.handle,
      files: [{ path: lecture.name, bytes: lecture.size }],
    }));

    // Five crash and come back, one never does.
    const fated = random.shuffled(students).slice(0, troubled ? 6 : 0);
    for (const [nth, student] of fated.entries()) {
      if (nth === 5) at("7s", crash(student));
      else between(`${4 + nth}s`, `${6 + nth}s`, crash(student));
    }
    const steady = students.filter((student) => !fated.includes(student));
    void restart;

    expect("everyone joins the session", [...students, ...liars], lab.welcomed(), { by: "3s" });
    expect("every honest peer that is up gets the lecture", honest, swarm.completed, { by: "2m" });
    if (settings.uplinks === "mixed") {
      expectValue("mixed uplinks are used to the full", (run) => ratioOf(run), {
        atMost: 1.1,
        unit: "x floor",
      });
    } else if (troubled) {
      expect("those who never crashed hardly wait", steady, swarm.completed, { by: "10m" });
    } else {
      expectValue("the last one is done soon", ratioOf, { atMost: 1.05, unit: "x floor" });
      expectValue("the source sends one copy", (run) => run.contents[0]?.sourceCopies ?? Infinity, {
        atMost: 1.1,
        unit: "copies",
      });
      expectValue("hardly anything is sent twice", wastedPart, { atMost: 0.005, unit: "of all" });
    }
  },
});

type Run = { readonly contents: readonly { readonly floorRatio: number; readonly wastedBytes: number; readonly bytes: number; readonly wanted: number }[] };

function ratioOf(run: Run): number {
  return run.contents[0]?.floorRatio ?? Infinity;
}

function wastedPart({ contents: [lecture] }: Run): number {
  return lecture === undefined ? 1 : lecture.wastedBytes / (lecture.bytes * lecture.wanted);
}
