/** People write to each other, one by one and to all, while devices fall over and cables come loose. */
import { all, chat } from "../runtime/protocols/mod.ts";
import { type Actor, drawnLan, lan, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "none" ? "20s" : "200s",
  settings: {
    people: { default: 8, atLeast: 3, atMost: 200 },
    faults: { choices: ["none", "drawn"], default: "none" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),
  protocols: (_settings, { name }) => all({ chat: { who: name } }),

  play({ named, many, at, every, whenever, storm, vary, expect, expectValue, settings, random }) {
    const troubled = settings.faults === "drawn";
    const { ada } = named("ada");
    const people = [ada, ...many("p", settings.people - 1)];
    const others = people.slice(1);
    const anybodyBut = (self: Actor) => random.pick(people.filter((each) => each !== self));

    // Whoever was down when it was to ask asks again.
    every("10s", others, chat.befriend(ada.peer), { from: "2s", until: troubled ? "80s" : "3s" });
    whenever(ada, chat.isInvited, { of: ada, ask: (_, { peer }) => chat.befriend(peer) });
    // To one, three at a time; to all; and what has come is read, if not at once.
    every("3s", people, (self) => letter([anybodyBut(self)], self), { from: "3s", until: "15s" });
    every("700ms", [ada], (self) => letter([others[0]!], self), { from: "3s", until: "15s" });
    at("9s", ada, letter(others, ada));
    for (const reader of people) {
      whenever([reader], chat.isReceived, {
        of: reader,
        ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
      }, { after: "1500ms" });
    }
    if (troubled) {
      vary(people);
      storm(people, { from: "2500ms", to: "60s", every: "3s", lasts: "8s" });
      every("5s", people, (self) => letter([anybodyBut(self)], self), {
        from: "16s",
        until: "60s",
      });
    }

    expect("ada is everybody's friend", others, chat.befriended());
    const count =
      (name: "lost" | "duplicated" | "disordered" | "untrue" | "refused") => (run: RunFacts) =>
        run.letters?.[name] ?? 0;
    expectValue("letters are written", (run) => run.letters?.delivered ?? 0, {
      atLeast: settings.people,
    });
    expectValue("none that was accepted is lost", count("lost"), { atMost: 0 });
    expectValue("none comes twice", count("duplicated"), { atMost: 0 });
    expectValue("each pair's come in order", count("disordered"), { atMost: 0 });
    expectValue("no receipt is untrue", count("untrue"), { atMost: 0 });
    expectValue("none is refused", count("refused"), { atMost: 0 });
  },
});

function letter(to: readonly Actor[], from: Actor) {
  return chat.write({ to: to.map(({ peer }) => peer), text: `Dear all, yours ${from.name}` });
}
