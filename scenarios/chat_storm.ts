/**
 * People write to each other and in groups, through mailboxes too, while packets are lost, the network
 * parts, devices fall over, and some come back as they were before.
 */
import { all, chat, groups } from "../runtime/protocols/mod.ts";
import {
  type Actor,
  backUp,
  crash,
  cut,
  drawnLan,
  lan,
  restore,
  type RunFacts,
  scenario,
} from "../sim/mod.ts";

const ROOM = 12;

export default scenario({
  seed: 1,
  lasts: ({ faults }) => faults === "drawn" ? "600s" : "400s",
  settings: {
    people: { default: 200, atLeast: 6, atMost: 250 },
    faults: { choices: ["storm", "drawn", "none"], default: "storm" },
  },
  network: ({ faults }) =>
    faults === "drawn" ? drawnLan() : lan({
      latency: "2ms",
      bandwidth: "50Mbps",
      ...(faults === "storm" ? { loss: "5%" } : {}),
    }),
  protocols: (_settings, { name }) =>
    all({ chat: { who: name }, mailbox: { serves: name.startsWith("box") } }),
  crypto: "accounted",

  play({ many, at, every, between, whenever, storm, vary, expect, expectValue, settings }) {
    const troubled = settings.faults !== "none";
    const boxes = many("box", 2), people = many("p", settings.people);
    const rooms: Actor[][] = [];
    for (let from = 0; from + 3 <= people.length; from += ROOM) {
      rooms.push(people.slice(from, from + ROOM));
    }
    const next = (self: Actor) => people[(people.indexOf(self) + 7) % people.length]!;

    // Whoever makes a group is not one of those that come back from a copy.
    rooms.forEach((room, nth) => {
      const [founder, ...others] = room as [Actor, ...Actor[]];
      at("5s", founder, groups.create(`room ${nth}`, others.slice(0, -1).map(peerOf)));
      whenever([founder], groups.joined(`room ${nth}`), {
        of: founder,
        ask: (_, event) => {
          const late = others.at(-1)!;
          const { group, members } = event as unknown as { group: string; members: string[] };
          return members.includes(late.peer)
            ? groups.write(group, "Everybody is here")
            : groups.add(group, late.peer);
        },
      }, { after: "3s" });
      expect(`room ${nth} meets`, room, groups.joined(`room ${nth}`));
      for (const member of room) {
        whenever([member], groups.isReceived, {
          of: member,
          ask: (_, { group, id }) => groups.read(group, [id]),
        });
        // Everybody answers what the founder says.
        whenever([member], groups.isReceived, {
          of: member,
          ask: (_, { group, id, text }) =>
            text.startsWith("Everybody")
              ? groups.write(group, `Yes, says ${member.name}`)
              : groups.read(group, [id]),
        }, { after: "2s" });
      }
    });
    every("15s", people, (self) => letter(next(self), self), { from: "10s", until: "60s" });
    for (const reader of people) {
      whenever([reader], chat.isReceived, {
        of: reader,
        ask: (_, { peer, id }) => chat.read({ peer, ids: [id] }),
      }, { after: "1500ms" });
    }
    if (troubled) {
      if (settings.faults === "drawn") vary(people);
      storm([...people, ...boxes], { from: "20s", to: "150s", every: "10s", lasts: "8s" });
      const half = people.slice(0, people.length >> 1);
      between("70s", "90s", cut(half, people.slice(people.length >> 1)));
      // Nobody of these writes between the copy and its return: what they wrote would be forgotten.
      const restored = people.filter((_, nth) => nth % ROOM === 5);
      at("200s", backUp(restored));
      every("5s", people, (self) => letter(next(self), self), { from: "160s", until: "195s" });
      const others = people.filter((each) => !restored.includes(each));
      every("5s", others, (self) => letter(next(self), self), { from: "205s", until: "225s" });
      between("230s", "240s", crash(restored));
      at("235s", restore(restored));
      every("5s", people, (self) => letter(next(self), self), { from: "245s", until: "275s" });
    }

    const count =
      (name: "lost" | "duplicated" | "disordered" | "untrue" | "refused") => (run: RunFacts) =>
        run.letters?.[name] ?? 0;
    expectValue("letters come", (run) => run.letters?.delivered ?? 0, {
      atLeast: settings.people,
    });
    expectValue("none that was accepted is lost", count("lost"), { atMost: 0 });
    expectValue("none comes twice", count("duplicated"), { atMost: 0 });
    expectValue("each conversation's come in order", count("disordered"), { atMost: 0 });
    expectValue("no receipt is untrue", count("untrue"), { atMost: 0 });
  },
});

function letter(to: Actor, from: Actor) {
  return chat.write({ to: [to.peer], text: `Dear ${to.name}, yours ${from.name}` });
}

function peerOf({ peer }: Actor) {
  return peer;
}
