/** A session in small: a lecture, a line to everybody, a question and its answer. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { drawnLan, lan, poisoning, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "none" ? "10s" : "2m",
  until: "claims",
  settings: {
    faults: { choices: ["none", "drawn"], default: "none" },
    size: { unit: "size", default: "2MiB" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),

  protocols(_settings, { name }) {
    const protocols = all();
    if (name !== "liar1") return protocols;
    return protocols.map((each) => each.name === "swarm" ? poisoning(each, "block") : each);
  },

  play({ named, many, file, at, every, whenever, storm, vary, expect, settings, random }) {
    const troubled = settings.faults === "drawn";
    const { teacher } = named("teacher");
    const liars = many("liar", troubled ? random.below(2) : 0);
    const late = many("late", troubled ? random.below(2) : 0, { startsAt: "3s" });
    const students = many("pc", 4 - liars.length - late.length);
    const honest = [...students, ...late];
    const everyone = [teacher, ...honest, ...liars];
    const lecture = file("lecture.mp4", settings.size);

    at("0s", teacher, lab.open({ title: "Networks, lecture 1", who: "Ms Ada" }));
    at("100ms", [...students, ...liars], (actor) => lab.join({ who: actor.name }));
    every("4s", late, (actor) => lab.join({ who: actor.name }), { from: "3100ms", until: "25s" });
    at(
      "1s",
      teacher,
      lab.share({
        title: lecture.name,
        handle: lecture.handle,
        files: [{ path: lecture.name, bytes: lecture.size }],
      }),
    );
    at("2s", teacher, lab.say("Who knows why packets get lost?"));
    at("2500ms", students, (actor) => lab.ask(`May ${actor.name} go to the whiteboard?`));
    whenever(teacher, lab.question(), {
      of: teacher,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "Please do" }),
    });

    if (troubled) {
      vary(everyone);
      storm(everyone, { from: "1100ms", to: "20s", every: "2s", lasts: "4s" });
      at("30s", teacher, lab.say("Now that the storm is over"));
    }
    const calm = troubled ? "2m" : "5s";
    const last = troubled ? "Now that the storm is over" : "Who knows why packets get lost?";

    expect("everyone joins the session", everyone.slice(1), lab.welcomed(), { by: calm });
    expect("everyone gets the lecture", honest, swarm.completed, { by: calm });
    expect("everyone hears it exactly once", honest, lab.said({ text: last }), {
      by: calm,
      times: 1,
    });
    expect("whoever asks gets an answer", students, lab.answered(), {
      by: calm,
      given: lab.accepted(),
    });
  },
});
