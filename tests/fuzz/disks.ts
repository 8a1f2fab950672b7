/** Records as nodes of this version leave them, to be damaged. */
import type { AnyProtocol, Crypto, Saved } from "../../runtime/core/mod.ts";
import { all, chat, directory, lab, mesh } from "../../runtime/protocols/mod.ts";
import { isolate, lan, scenario } from "../../sim/mod.ts";
import { World } from "../../sim/world.ts";

/** A disk, and the secret of the node that has written it. */
export interface UsedDisk {
  readonly saved: Saved;
  readonly seed: Uint8Array;
}

/** What a teacher, an assistant and students have on their disks in the middle of a lesson. */
export function disksInUse(crypto: Crypto): readonly UsedDisk[] {
  const lesson = scenario({
    seed: 1,
    lasts: "2m",
    network: lan({ latency: "1ms" }),
    protocols: (_settings, { name }): AnyProtocol[] =>
      all({
        mailbox: { serves: name.startsWith("pc") },
        directory: {
          cost: directory.TOY,
          modifier: 0,
          ...(name === "pc1" ? { serves: "records" } as const : {}),
        },
      }),
    play({ named, many, file, at }) {
      const { teacher, assistant } = named("teacher", "assistant");
      const pcs = [assistant, ...many("pc", 2)];
      const lecture = file("lecture", "100KB");
      at("0s", teacher, lab.open({ title: "Networks", who: "Ms Ada" }));
      at("500ms", pcs, (actor) => lab.join({ who: actor.name }));
      at("2s", teacher, lab.delegate({ peer: assistant.peer, rights: ["publish", "announce"] }));
      at(
        "3s",
        teacher,
        lab.share({
          title: lecture.name,
          handle: lecture.handle,
          files: [{ path: lecture.name, bytes: lecture.size }],
        }),
      );
      at("4s", pcs, lab.ask("Why is that so?"));
      at("5s", teacher, lab.say("Good morning everybody"));
      at("5s", assistant, chat.befriend(teacher.peer));
      at(
        "6s",
        teacher,
        chat.write({ to: [teacher, ...pcs].map(({ peer }) => peer), text: "Hello" }),
      );
      at("1s", [teacher, ...pcs], directory.use(pcs[1]!.address));
      at("7s", isolate(assistant)); // what is for it waits
      at("8s", teacher, chat.write({ to: [assistant.peer], text: "Are you there?" }));
      at("6s", pcs, mesh.say("talk", new Uint8Array(40)));
    },
  });
  const world = new World({ scenario: lesson, crypto });
  world.run();
  return world.machines.map(({ disk, name }) => ({
    saved: disk.saved(),
    seed: world.stage.secretOf(name),
  }));
}
