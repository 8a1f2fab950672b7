/** The stories whose transcripts lie beside this file. */
import { all, lab } from "../../runtime/protocols/mod.ts";
import { membership } from "../../runtime/protocols/membership/mod.ts";
import { mesh, say } from "../../runtime/protocols/mesh/mod.ts";
import { fetch, share, swarm } from "../../runtime/protocols/swarm/mod.ts";
import { crash } from "../../sim/mod.ts";
import type { Tale } from "./transcript.ts";

const KIBIBYTES_40 = "40KiB", BYTES_40 = 40 * 1024;

/** By the name of their file. */
export const tales: Readonly<Record<string, Tale>> = {
  meeting: {
    about: "Two peers hear each other's beacons, link, and become neighbours; one says goodbye.",
    lasts: "2s",
    protocols: () => [membership()],
    of: ["membership"],
    without: ["membership.beat"],
    play({ named, at }) {
      const { ana } = named("ana", "ben");
      at("1500ms", ana, { protocol: "membership", name: "depart" });
    },
  },

  words: {
    about: "Four neighbours: the payload travels along a tree, its name over the other links.",
    lasts: "4s",
    protocols: () => [membership(), mesh()],
    of: ["mesh"],
    play({ named, at }) {
      const { ana } = named("ana", "ben", "cid", "dan");
      at("2s", ana, say("news", "first, to everybody"));
      at("3s", ana, say("news", "then along the tree"));
    },
  },

  session: {
    about: "A teacher opens a session; a student joins, asks, and gets an answer.",
    lasts: "3s",
    protocols: all,
    of: ["lab"],
    play({ named, at, whenever }) {
      const { teacher, ana } = named("teacher", "ana");
      at("0s", teacher, lab.open({ title: "Physics", who: "Ms Ada" }));
      at("200ms", ana, lab.join({ who: "Ana" }));
      at("1s", ana, lab.ask("Why is the sky blue?"));
      whenever(teacher, lab.question(), {
        of: teacher,
        ask: (_, { peer, question }) => lab.answer({ peer, question, text: "Rayleigh" }),
      });
      at("2s", teacher, lab.say("Good morning"));
    },
  },

  swarm: {
    about: "One source, two who fetch: each block leaves the source once, and is relayed.",
    lasts: "2s",
    protocols: () => [swarm()],
    of: ["swarm"],
    without: ["swarm.progress", "swarm.served", "swarm.reached"],
    play({ named, file, at, when }) {
      const { teacher, ana, ben } = named("teacher", "ana", "ben");
      const { handle } = file("notes", KIBIBYTES_40);
      const files = [{ path: "notes.txt", bytes: BYTES_40 }];
      at("0s", teacher, share({ title: "notes", handle, files }));
      const sources = [{ keys: teacher.keys, address: teacher.address }];
      when(teacher, (event) => event.protocol === "swarm" && event.name === "shared", {
        of: [ana, ben],
        ask: (_, event) => fetch({ content: (event as never as Shared).content, sources }),
      });
    },
  },

  resume: {
    about: "Whoever fetches crashes half way: what was kept is not fetched again.",
    lasts: "4s",
    protocols: () => [swarm()],
    of: ["swarm"],
    without: ["swarm.progress", "swarm.served", "swarm.reached"],
    play({ named, file, at, when, between }) {
      const { teacher, ana } = named("teacher", "ana");
      teacher.set({ uplink: "1Mbps" });
      const { handle } = file("notes", "100KiB");
      const files = [{ path: "notes.txt", bytes: 100 * 1024 }];
      at("0s", teacher, share({ title: "notes", handle, files }));
      const sources = [{ keys: teacher.keys, address: teacher.address }];
      when(teacher, (event) => event.protocol === "swarm" && event.name === "shared", {
        of: ana,
        ask: (_, event) => fetch({ content: (event as never as Shared).content, sources }),
      });
      between("500ms", "1500ms", crash(ana));
    },
  },
};

interface Shared {
  readonly content: string;
}
