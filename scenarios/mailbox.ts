/** Two who are never there at the same time write to each other, through mailboxes that others keep. */
import { all, chat, mailbox } from "../runtime/protocols/mod.ts";
import { type Actor, crash, drawnLan, lan, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "none" ? "120s" : "600s",
  settings: {
    pairs: { default: 3, atLeast: 1, atMost: 50 },
    boxes: { default: 2, atLeast: 1, atMost: 8 },
    faults: { choices: ["none", "drawn"], default: "none" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "1ms", bandwidth: "100Mbps" }) : drawnLan(),
  protocols: (_settings, { name }) =>
    all({ chat: { who: name }, mailbox: { serves: name.startsWith("box") } }),

  play({ many, at, every, whenever, between, storm, vary, expectValue, settings }) {
    const troubled = settings.faults === "drawn";
    const keepers = many("box", settings.boxes);
    const days = many("day", settings.pairs), nights = many("night", settings.pairs);
    const friend = (self: Actor) =>
      (self.name.startsWith("day") ? nights : days)[
        (self.name.startsWith("day") ? days : nights).indexOf(self)
      ]!;
    // They meet once; then one is there by day and the other by night, four times.
    const end = troubled ? 300 : 100;
    for (let from = 10, isDay = true; from < end; from += 15, isDay = !isDay) {
      const away = isDay ? nights : days;
      between(`${from}s`, `${from + 15}s`, crash(away));
      const there = isDay ? days : nights;
      every("4s", there, (self) => letter(friend(self), self), {
        from: `${from + 2}s`,
        until: `${from + 12}s`,
      });
    }
    every("1s", [...days, ...nights], (self) => letter(friend(self), self), {
      from: "3s",
      until: "4s",
    });
    for (const reader of [...days, ...nights]) {
      whenever([reader], chat.isReceived, {
        of: reader,
        ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
      }, { after: "1500ms" });
    }
    at("1s", keepers, mailbox.serve(true));
    if (troubled) {
      vary([...keepers, ...days, ...nights]);
      storm(keepers, { from: "20s", to: `${end}s`, every: "10s", lasts: "8s" });
    }

    const count =
      (name: "lost" | "duplicated" | "disordered" | "untrue" | "refused") => (run: RunFacts) =>
        run.letters?.[name] ?? 0;
    expectValue("letters come", (run) => run.letters?.delivered ?? 0, { atLeast: settings.pairs });
    // They are never there together before the end: what came earlier came by a mailbox.
    if (!troubled) {
      expectValue("half come with the next shift", (run) => run.letters?.p50Seconds ?? Infinity, {
        atMost: 16,
      });
    }
    expectValue("none that was accepted is lost", count("lost"), { atMost: 0 });
    expectValue("none comes twice", count("duplicated"), { atMost: 0 });
    expectValue("each pair's come in order", count("disordered"), { atMost: 0 });
    expectValue("no receipt is untrue", count("untrue"), { atMost: 0 });
    expectValue("none is refused", count("refused"), { atMost: 0 });
  },
});

function letter(to: Actor, from: Actor) {
  return chat.write({ to: [to.peer], text: `Dear ${to.name}, yours ${from.name}` });
}
