/** A lecture hall: five hundred students get the same file in the same moment. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { crash, lan, poisoning, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 500,
  lasts: "5m",
  until: "claims",
  crypto: "accounted",
  settings: {
    faults: { choices: ["none", "all"], default: "none" },
    size: { unit: "size", default: "50MiB" },
  },
  network: ({ faults }) =>
    lan({ latency: "1ms", bandwidth: "100Mbps", loss: faults === "all" ? "0.1%" : "0%" }),

  protocols({ faults }, { name }) {
    if (faults === "none" || !name.startsWith("liar")) return all();
    return all().map((each) => each.name === "swarm" ? poisoning(each, "block") : each);
  },

  play({ named, many, file, at, between, expect, expectValue, settings, random }) {
    const { teacher } = named("teacher");
    const troubled = settings.faults === "all";
    const liars = many("liar", troubled ? 5 : 0);
    const late = many("late", troubled ? 20 : 0, { startsAt: "6s" });
    const students = many("pc", 500 - liars.length - late.length);
    const honest = [...students, ...late];
    const { handle, name: title, size: bytes } = file("lecture.mp4", settings.size);

    at("0s", teacher, lab.open({ title: "Networks, first lecture", who: "Ms Ada" }));
    at("100ms", [...students, ...liars], ({ name }) => lab.join({ who: name }));
    at("6s", late, ({ name }) => lab.join({ who: name }));
    at("3s", teacher, lab.share({ title, handle, files: [{ path: title, bytes }] }));

    // One in ten crashes and comes back, one in a hundred never does.
    const fated = random.shuffled(students).slice(0, troubled ? 55 : 0);
    at("5s", crash(fated.slice(0, 5)));
    fated.slice(5).forEach((student, nth) =>
      between(`${4 + nth % 5}s`, `${6 + nth % 5}s`, crash(student))
    );

    expect("everyone joins the session", [...students, ...liars], lab.welcomed(), { by: "3s" });
    expect("every honest peer that is up gets the lecture", honest, swarm.completed, { by: "1m" });
    if (bytes < 5e6) return; // a few blocks say nothing about copies
    const copies = (run: RunFacts) => run.contents[0]?.sourceCopies ?? Infinity;
    expectValue("the source sends hardly more than one copy", copies, {
      atMost: troubled ? 4 : 1.2,
      unit: "copies",
    });
  },
});
