/** A long practical: files from a teacher and an assistant, while people come, go, and fall over. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import {
  crash,
  drawnLan,
  type FileHandle,
  lan,
  leave,
  poisoning,
  powerOff,
  scenario,
} from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: "150s",
  until: "claims",
  settings: { faults: { choices: ["none", "drawn"], default: "none" } },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),

  protocols(_settings, { name }) {
    const protocols = all();
    if (name !== "liar1") return protocols;
    return protocols.map((each) => each.name === "swarm" ? poisoning(each, "block") : each);
  },

  play(
    { named, many, file, at, between, every, whenever, storm, vary, expect, expectValue, ...stage },
  ) {
    const { settings, random } = stage;
    const troubled = settings.faults === "drawn";
    const { teacher, assistant } = named("teacher", "assistant");
    const students = many("pc", 8 + random.below(3));
    const late = many("late", 1 + random.below(2), { startsAt: "20s" });
    const liars = many("liar", troubled ? random.below(2) : 0);
    const guests = [assistant, ...students, ...liars];
    const honest = [assistant, ...students, ...late];
    const [walker, sleeper, quitter, ...others] = random.shuffled(students);
    const slides = file("slides.pdf", "1MiB");
    const data = file("data.bin", "4MiB");
    const notes = file("notes.txt", "50KB");
    const hints = file("hints.txt", "300KB");
    const secret = file("secret.txt", "20KB");

    // The teacher opens, everybody joins, one of them becomes an assistant.
    at("0s", teacher, lab.open({ title: "Networks, practical 3", who: "Ms Ada" }));
    at("100ms", guests, (actor) => lab.join({ who: actor.name }));
    every("5s", late, (actor) => lab.join({ who: actor.name }), { from: "20100ms", until: "75s" });
    at("1s", teacher, lab.delegate({ peer: assistant.peer, rights: ["publish", "announce"] }));

    // Files are shared before, while and after things go wrong.
    at("1500ms", teacher, shared(slides));
    at("2s", assistant, shared(notes));
    at("15s", teacher, shared(data));
    at("25s", assistant, shared(hints));
    every("10s", students, (actor) => lab.ask(`What is the answer to ${actor.name}?`), {
      from: "5s",
      until: "50s",
    });
    whenever(teacher, lab.question(), {
      of: teacher,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "42" }),
    });

    // People come and go.
    between("8s", "18s", leave(quitter!));
    between("12s", "16s", crash(sleeper!));
    between("22s", "34s", powerOff([sleeper!, others[0]!]));
    at("10s", walker!, lab.leave());
    every("7s", walker!, lab.join({ who: "walker" }), { from: "30s", until: "75s" });
    if (troubled) {
      vary([teacher, ...honest, ...liars]);
      storm([teacher, ...honest, ...liars], { from: "3s", to: "60s", every: "4s", lasts: "8s" });
    }

    // When all is calm again, what was not accepted is asked again.
    every("1s", teacher, shared(slides), { from: "76s", until: "77s" });
    at("77s", teacher, shared(data));
    at("78s", teacher, lab.say("All is well"));
    at("79s", teacher, lab.delegate({ peer: assistant.peer, rights: ["publish"] }));
    at("81s", assistant, shared(notes));
    at("82s", assistant, shared(hints));
    at("85s", teacher, lab.revoke(assistant.peer));
    at("90s", assistant, shared(secret));

    for (const each of [slides, data, notes, hints]) {
      expect(
        `everyone gets ${each.name}`,
        honest.filter((actor) => actor !== assistant || each === slides || each === data),
        swarm.got(each),
      );
    }
    expect("everyone joins the session", [...honest, ...liars], lab.welcomed());
    expect("everyone hears it exactly once", honest, lab.said({ text: "All is well" }), {
      times: 1,
    });
    expect("whoever asks gets an answer", students, lab.answered(), { given: lab.accepted() });
    expect("everyone knows who is no assistant any more", [teacher, ...honest], lab.revoked(), {
      from: "85s",
    });
    expect(
      "nobody sees what is shared without the right to",
      [teacher, ...honest],
      lab.published({ title: secret.name }),
      { times: 0 },
    );
    expectValue("nothing is told twice", (run) => run.messages?.duplicated ?? 0, { atMost: 0 });
  },
});

function shared({ name, handle, size }: FileHandle) {
  return lab.share({ title: name, handle, files: [{ path: name, bytes: size }] });
}
