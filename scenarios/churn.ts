/** A long practical: files from a teacher and an assistant, while people come, go, and fall over. */
import { all, lab, swarm } from "../runtime/protocols/mod.ts";
import { type Actor, crash, drawnLan, type FileHandle, lan, leave } from "../sim/mod.ts";
import { poisoning, powerOff, scenario, type Stage } from "../sim/mod.ts";

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

  play(stage) {
    const { named, many, file, at, every, whenever, storm, vary, expect, expectValue } = stage;
    const { settings, random } = stage;
    const troubled = settings.faults === "drawn";
    const { teacher, assistant } = named("teacher", "assistant");
    const [walker, ...askers] = random.shuffled(many("pc", 8 + random.below(3)));
    const late = many("late", 1 + random.below(2), { startsAt: "20s" });
    const liars = many("liar", troubled ? random.below(2) : 0);
    const students = [walker!, ...askers], others = [...students, ...late];
    const honest = [assistant, ...others];
    const everyone = [teacher, ...honest, ...liars];
    const slides = file("slides.pdf", "1MiB"), data = file("data.bin", "4MiB");
    const notes = file("notes.txt", "50KB"), secret = file("secret.txt", "20KB");

    // The teacher opens, everybody joins, one of them becomes an assistant, who shares notes.
    at("0s", teacher, lab.open({ title: "Networks, practical 3", who: "Ms Ada" }));
    at("100ms", [assistant, ...students, ...liars], ({ name }) => lab.join({ who: name }));
    at("1s", teacher, lab.delegate({ peer: assistant.peer, rights: ["publish", "announce"] }));
    at("1500ms", teacher, shared(slides));
    at("15s", teacher, shared(data));
    const chosen = lab.delegated({ peer: assistant.peer });
    whenever(assistant, chosen, { of: assistant, ask: shared(notes) }, { after: "1s" });
    every("10s", askers, ({ name }) => lab.ask(`What about ${name}?`), { until: "50s" });
    whenever(teacher, lab.question(), {
      of: teacher,
      ask: (_, { peer, question }) => lab.answer({ peer, question, text: "42" }),
    });

    comingAndGoing(stage, students);
    every("5s", late, ({ name }) => lab.join({ who: name }), { from: "20100ms", until: "75s" });
    if (troubled) {
      vary(everyone);
      storm(everyone, { from: "3s", to: "60s", every: "4s", lasts: "8s" });
    }

    // When all is calm again, what was not accepted is asked again.
    at("76s", teacher, shared(slides));
    at("77s", teacher, shared(data));
    at("78s", teacher, lab.say("All is well"));
    at("79s", teacher, lab.delegate({ peer: assistant.peer, rights: ["publish"] }));
    at("110s", teacher, lab.revoke(assistant.peer));
    at("125s", assistant, shared(secret));

    expect("everyone joins the session", [...honest, ...liars], lab.welcomed());
    expect("everyone gets the slides", honest, swarm.got(slides));
    expect("everyone gets the data", honest, swarm.got(data));
    expect("everyone gets the assistant's notes", others, swarm.got(notes));
    const said = lab.said({ text: "All is well" });
    expect("everyone hears it exactly once", honest, said, { times: 1 });
    expect("whoever asks gets an answer", askers, lab.answered(), { given: lab.accepted() });
    const revoked = lab.revoked({ peer: assistant.peer });
    expect("everyone hears of the revocation", [teacher, ...honest], revoked, { from: "110s" });
    const published = lab.published({ title: secret.name });
    expect("nothing is shared without the right to", honest, published, { times: 0 });
    expectValue("nothing is told twice", (run) => run.messages?.duplicated ?? 0, { atMost: 0 });
  },
});

/** Some fall over at appointed times, and one walks out. */
function comingAndGoing(
  { at, between, every }: Pick<Stage<unknown>, "at" | "between" | "every">,
  [walker, sleeper, quitter, unlucky]: readonly Actor[],
) {
  between("8s", "18s", leave(quitter!));
  between("12s", "16s", crash(sleeper!));
  between("22s", "34s", powerOff([sleeper!, unlucky!]));
  at("10s", walker!, lab.leave());
  every("7s", walker!, lab.join({ who: "walker" }), { from: "30s", until: "75s" });
}

function shared({ name, handle, size }: FileHandle) {
  return lab.share({ title: name, handle, files: [{ path: name, bytes: size }] });
}
