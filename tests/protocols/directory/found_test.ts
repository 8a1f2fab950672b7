/** People who know each other's fifteen digits, and nothing else. */
import assert from "node:assert/strict";
import { accounted } from "../../../runtime/core/accounted.ts";
import type { AppEvent } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { all, chat, directory } from "../../../runtime/protocols/mod.ts";
import { type Actor, crash, lan, scenario, type Stage } from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";

type Cast = Record<"ana" | "ben" | "box" | "directory", Actor>;

const numberOf = ({ keys }: Actor) => directory.claimed(keys, directory.TOY);

/** Plays a story: what each was told by chat and directory. */
function told(seconds: number, play: (stage: Stage<never>, cast: Cast) => void) {
  const said: { who: string; event: AppEvent }[] = [];
  const story = scenario({
    seed: 1,
    lasts: `${seconds}s`,
    network: () => lan({ latency: "1ms", bandwidth: "100Mbps" }),
    protocols: (_settings, actor) =>
      all({
        chat: { who: actor.name },
        mailbox: { serves: actor.name === "box" },
        directory: {
          who: actor.name,
          cost: directory.TOY,
          modifier: numberOf(actor).modifier,
          ...(actor.name === "directory" ? { serves: "records" } as const : {}),
        },
      }),
    play(stage) {
      play(stage as unknown as Stage<never>, stage.named("ana", "ben", "box", "directory"));
    },
  });
  new World({
    scenario: story,
    crypto: accounted(nodeCrypto),
    watch: { told: (_now, { name: who }, event) => void said.push({ who, event }) },
  }).run();
  return (name: string) =>
    said.filter(({ who }) => who === name).map(({ event }) => event).filter((event) =>
      directory.isDirectoryEvent(event) || (chat.isChatEvent(event) && event.name !== "named")
    ).map((event) => "text" in event ? `${event.name} ${event.text}` : event.name);
}

Deno.test("without any directory, somebody near is found by their number and written to", () => {
  const words = told(20, ({ at, when }, { ana, ben }) => {
    at("3s", ana, directory.find(numberOf(ben).id));
    when(ana, directory.found(), {
      of: ana,
      ask: () => chat.write({ to: [ben.peer], text: "hello" }),
    });
  });
  assert.deepEqual(words("ana"), ["found", "accepted hello", "delivered"]);
  assert.deepEqual(words("ben"), ["received hello"]);
});

Deno.test("a number that nobody has is said to be nobody's, after a while", () => {
  const words = told(40, ({ at }, { ana }) => {
    at("3s", ana, directory.find("123456789012345" as directory.Id));
  });
  assert.deepEqual(words("ana"), ["nobody"]);
});

Deno.test("who was never met, and is away, is found in the directory and written to by mailbox", () => {
  const words = told(80, ({ at, when, between }, { ana, ben, directory: office }) => {
    at("1s", [ana, ben], directory.use(office.address));
    between("5s", "6s", crash(ana)); // so that they do not know each other from the room
    between("8s", "40s", crash(ben));
    at("20s", ana, directory.find(numberOf(ben).id));
    when(ana, directory.found(), {
      of: ana,
      ask: () => chat.write({ to: [ben.peer], text: "you do not know me" }),
    });
    between("35s", "70s", crash(ana));
  });
  assert.ok(words("ana").includes("found"));
  assert.ok(words("ana").includes("held"));
  const ofBen = words("ben");
  assert.ok(ofBen.includes("received you do not know me"), ofBen.join());
});

Deno.test("a directory that restarts keeps everybody, and is not accused", () => {
  const words = told(120, ({ at, between }, { ana, ben, directory: office }) => {
    at("1s", [ana, ben], directory.use(office.address));
    between("10s", "15s", crash(office));
    at("60s", ana, directory.find(numberOf(ben).id));
  });
  assert.ok(words("ana").includes("found"));
  for (const name of ["ana", "ben"]) assert.equal(words(name).includes("lied"), false, name);
});
