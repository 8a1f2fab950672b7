/** A session in small: a lecture, words to everybody, questions and their answers. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { drawnLan, lan, poisoning, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "none" ? "5s" : "90s",
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

  play(
    { named, many, file, at, every, whenever, storm, vary, expect, expectValue, settings, random },
  ) {
    const troubled = settings.faults === "drawn";
    const { teacher } = named("teacher");
    const liars = many("liar", troubled ? random.below(2) : 0);
    const late = many("late", troubled ? random.below(2) : 0, { startsAt: "3s" });
    const students = many("pc", 4 - liars.length - late.length);
    const honest = [...students, ...late];
    const everyone = [teacher, ...honest, ...liars];
    const lecture = file("lecture.mp4", settings.size);
    const shared = lab.share({
      title: lecture.name,
      handle: lecture.handle,
      files: [{ path: lecture.name, bytes: lecture.size }],
    });

    at("0s", teacher, lab.open({ title: "Networks, lecture 1", who: "Ms Ada" }));
    at("100ms", [...students, ...liars], (actor) => lab.join({ who: actor.name }));
    at("1s", teacher, shared);
    at("1500ms", students, (actor) => lab.ask(`May ${actor.name} go to the whiteboard?`));
    whenever(teacher, lab.question(), {
      of: teacher,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "Please do" }),
    });

    // Whatever goes wrong is over after twenty seconds. What was not accepted is asked again.
    if (troubled) {
      vary(everyone);
      storm(everyone, { from: "1100ms", to: "20s", every: "2s", lasts: "4s" });
      every("4s", late, (actor) => lab.join({ who: actor.name }), { from: "3100ms", until: "29s" });
      at("30s", teacher, shared);
    }
    const then = troubled ? "30s" : "2s";
    at(then, teacher, lab.say("Who knows why packets get lost?"));
    at(then, students, (actor) => lab.say(`${actor.name} knows`));

    expect("everyone joins the session", everyone.slice(1), lab.welcomed());
    expect("everyone gets the lecture", honest, swarm.got(lecture));
    expect(
      "everyone hears the teacher exactly once",
      honest,
      lab.said({ peer: teacher.peer, text: "Who knows why packets get lost?" }),
      { times: 1 },
    );
    for (const student of students) {
      const said = lab.said({ peer: student.peer, text: `${student.name} knows` });
      expect(`everyone hears ${student.name} exactly once`, [teacher, ...honest], said, {
        times: 1,
      });
    }
    expect("whoever asks gets an answer", students, lab.answered(), { given: lab.accepted() });
    expectValue("nothing is told twice", (run) => run.messages?.duplicated ?? 0, { atMost: 0 });
  },
});
