/** People with two devices each, linked in bad weather: what is written to one of them, or in a group, reaches both. */
import { all, chat, groups } from "../runtime/protocols/mod.ts";
import { type Actor, drawnLan, lan, type RunFacts, scenario } from "../sim/mod.ts";

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "none" ? "60s" : "300s",
  settings: {
    people: { default: 6, atLeast: 2, atMost: 60 },
    faults: { choices: ["drawn", "none"], default: "drawn" },
  },
  network: ({ faults }) =>
    faults === "none" ? lan({ latency: "2ms", bandwidth: "100Mbps" }) : drawnLan(),
  protocols: (_settings, { name }) => all({ chat: { who: name } }),

  play({ many, at, every, whenever, storm, vary, expect, expectValue, settings }) {
    const isCalm = settings.faults === "none";
    const desks = many("desk", settings.people), phones = many("phone", settings.people);
    const everybody = [...desks, ...phones];
    const next = (self: Actor) => {
      const nth = desks.includes(self) ? desks.indexOf(self) : phones.indexOf(self);
      return desks[(nth + 1) % desks.length]!;
    };
    // Whoever was down when it was to ask, or to agree, does so later.
    phones.forEach((phone, nth) => {
      const desk = desks[nth]!;
      every("10s", [phone], chat.link(desk.peer), { from: "2s", until: isCalm ? "3s" : "100s" });
      whenever([desk], isLinking, { of: desk, ask: () => chat.adopt(phone.peer) }, {
        after: "500ms",
      });
    });
    const write = (self: Actor) =>
      chat.write({ to: [next(self).peer], text: `Dear ${next(self).name}, yours ${self.name}` });
    every("7s", everybody, write, { from: "10s", until: isCalm ? "50s" : "130s" });
    for (const reader of everybody) {
      whenever([reader], chat.isReceived, {
        of: reader,
        ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
      }, { after: "1500ms" });
      whenever([reader], isCopied, {
        of: reader,
        ask: (_, { peer, letter }) => chat.read({ peer, ids: [letter] }),
      });
    }
    if (!isCalm) {
      vary(everybody);
      storm(everybody, { from: "5s", to: "100s", every: "5s", lasts: "6s" });
    }
    // A group of persons: whoever is in it says so at every start, at whatever device.
    const [founder, ...others] = desks as [Actor, ...Actor[]];
    at("3s", founder, groups.create("Room", others.map(({ peer }) => peer)));
    for (const each of everybody) {
      whenever([each], isIn, {
        of: each,
        ask: (_, { group }) => groups.write(group, `${each.name} is in`),
      }, { after: "3s" });
      whenever([each], groups.isReceived, {
        of: each,
        ask: (_, { group, id }) => groups.read(group, [id]),
      });
    }
    // Long after the storm everybody knows whose device is whose.
    const late = isCalm ? "52s" : "200s";
    at(late, desks, (self) => chat.write({ to: [next(self).peer], text: "Good night" }));
    expect("every device has the last words", everybody, isSaid("Good night"));
    expect("every device is in the group", everybody, groups.joined("Room"));
    expect("every device reads what is said there", everybody, groups.isReceived);
    expect("every other device knows that they were written", phones, isCopiedText("Good night"));

    const count = (name: "lost" | "duplicated" | "disordered" | "untrue") => (run: RunFacts) =>
      run.letters?.[name] ?? 0;
    expectValue("letters come", (run) => run.letters?.delivered ?? 0, {
      atLeast: 8 * settings.people,
    });
    expectValue("none that was accepted is lost", count("lost"), { atMost: 0 });
    expectValue("none comes twice", count("duplicated"), { atMost: 0 });
    expectValue("each pair's come in order", count("disordered"), { atMost: 0 });
    expectValue("no receipt is untrue", count("untrue"), { atMost: 0 });
  },
});

type RosterEvent = Extract<groups.GroupsEvent, { readonly name: "roster" }>;

function isIn(event: Test): event is RosterEvent {
  return groups.isGroupsEvent(event) && event.name === "roster" && event.isIn;
}

type CopiedEvent = Extract<chat.ChatEvent, { readonly name: "copied" }>;
type Test = Parameters<typeof chat.isReceived>[0];

function isLinking(event: Test): boolean {
  return chat.isChatEvent(event) && event.name === "linking";
}

function isCopied(event: Test): event is CopiedEvent {
  return chat.isChatEvent(event) && event.name === "copied";
}

const isSaid = (text: string) => (event: Test): boolean =>
  chat.isReceived(event) && event.text === text;

const isCopiedText = (text: string) => (event: Test): boolean =>
  isCopied(event) && event.text === text;
