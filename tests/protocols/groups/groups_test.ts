/** Groups as people see them: who reads what, from when to when. */
import assert from "node:assert/strict";
import { accounted } from "../../../runtime/core/accounted.ts";
import type { AppEvent, PeerId } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { all, chat, groups } from "../../../runtime/protocols/mod.ts";
import {
  type Actor,
  backUp,
  crash,
  isolate,
  lan,
  restore,
  scenario,
  type Stage,
  wipe,
} from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";

type Cast = Record<"ana" | "ben" | "cleo" | "dan", Actor>;

/** Plays a story; `group` names the first one that anybody was in. */
function told(
  seconds: number,
  play: (stage: Stage<never>, cast: Cast, group: () => string) => void,
) {
  const said: { who: string; event: groups.GroupsEvent }[] = [];
  let group = "";
  const story = scenario({
    seed: 1,
    lasts: `${seconds}s`,
    network: () => lan({ latency: "1ms", bandwidth: "100Mbps" }),
    protocols: (_settings, { name }) => all({ chat: { who: name } }),
    play(stage) {
      play(
        stage as unknown as Stage<never>,
        stage.named("ana", "ben", "cleo", "dan"),
        () => group,
      );
    },
  });
  new World({
    scenario: story,
    crypto: accounted(nodeCrypto),
    watch: {
      told(_now, { name: who }: Actor, event: AppEvent) {
        if (!groups.isGroupsEvent(event)) return;
        group ||= event.group;
        said.push({ who, event });
      },
    },
  }).run();
  const of = (name: string) => said.filter(({ who }) => who === name).map(({ event }) => event);
  return {
    of,
    texts: (name: string) =>
      of(name).filter(groups.isReceived).map(({ text, again }) => again ? `again ${text}` : text),
    roster(name: string): readonly PeerId[] | undefined {
      const last = of(name).findLast((event) => event.name === "roster");
      return last?.name === "roster" && last.isIn ? last.members : undefined;
    },
    names: (name: string) => of(name).map((event) => event.name),
  };
}

const write = (group: () => string, text: string) => () => groups.write(group(), text);

Deno.test("everybody in a group reads what is said, once", () => {
  const { texts, names } = told(20, ({ at }, { ana, ben, cleo }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", ana, write(group, "from Ana"));
    at("6s", ben, write(group, "from Ben"));
  });
  assert.deepEqual(texts("ana"), ["from Ben"]);
  assert.deepEqual(texts("ben"), ["from Ana"]);
  assert.deepEqual(texts("cleo"), ["from Ana", "from Ben"]);
  assert.deepEqual(texts("dan"), []);
  assert.ok(names("ana").includes("accepted"));
});

Deno.test("who comes later reads nothing earlier; who is put out reads nothing later, and says no more", () => {
  const { texts, of } = told(40, ({ at }, { ana, ben, cleo, dan }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", ana, write(group, "early"));
    at("6s", ana, () => groups.add(group(), dan.peer));
    at("8s", ana, write(group, "with Dan"));
    at("9s", ben, write(group, "Ben to Dan"));
    at("12s", ana, () => groups.remove(group(), cleo.peer));
    at("14s", ana, write(group, "without Cleo"));
    at("14s", ben, write(group, "Ben without Cleo"));
    at("16s", cleo, write(group, "Cleo again"));
  });
  assert.deepEqual(texts("dan"), ["with Dan", "Ben to Dan", "without Cleo", "Ben without Cleo"]);
  assert.deepEqual(texts("cleo"), ["early", "with Dan", "Ben to Dan"]);
  assert.ok(of("cleo").some((event) => event.name === "roster" && !event.isIn));
  assert.ok(of("cleo").some((event) => event.name === "refused"));
  for (const name of ["ana", "ben", "dan"]) {
    assert.equal(texts(name).includes("Cleo again"), false, name);
  }
});

Deno.test("two admins change it at once, out of each other's sight: all see one roster in the end", () => {
  const { roster } = told(60, ({ at, between }, { ana, ben, cleo, dan }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer]));
    at("4s", ana, () => groups.promote(group(), ben.peer));
    between("6s", "12s", isolate(ben));
    at("8s", ana, () => groups.add(group(), cleo.peer));
    at("8s", ben, () => groups.add(group(), dan.peer));
  });
  const rosters = ["ana", "ben", "cleo", "dan"].map((name) => roster(name)!.toSorted().join());
  assert.equal(new Set(rosters).size, 1);
  assert.equal(roster("ana")!.length, 4, "what lost was made again");
});

Deno.test("a group outlives restarts of everybody, and what nobody has read is told again", () => {
  const { texts } = told(40, ({ at, between }, { ana, ben, cleo }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", ana, write(group, "one"));
    between("8s", "9s", crash([ana, ben, cleo]));
    at("12s", ben, write(group, "two"));
    at("14s", ana, write(group, "three"));
  });
  assert.deepEqual(texts("cleo"), ["one", "again one", "two", "three"]);
});

Deno.test("a member who has lost everything asks, and reads again", () => {
  const { texts } = told(60, ({ at, between }, { ana, ben, cleo }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", ana, write(group, "one"));
    between("8s", "9s", crash(cleo));
    at("8500ms", wipe(cleo));
    at("12s", ana, () => groups.promote(group(), ben.peer));
    at("20s", ana, write(group, "two"));
    at("30s", ana, write(group, "three"));
  });
  assert.equal(texts("ben").at(-1), "three");
  assert.equal(texts("cleo")[0], "one");
});

Deno.test("who leaves is gone, and the others go on with other keys", () => {
  const { texts, of } = told(30, ({ at }, { ana, ben, cleo }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", cleo, write(group, "goodbye"));
    at("6s", cleo, () => groups.leave(group()));
    at("10s", ana, write(group, "she has left"));
  });
  assert.deepEqual(texts("ben"), ["goodbye", "she has left"]);
  assert.deepEqual(texts("cleo"), []);
  assert.equal(of("ben").findLast((event) => event.name === "roster")!.words, "Room: 2 members");
});

Deno.test("what a group cannot be is refused in words", () => {
  const { of } = told(10, ({ at }, { ana, ben }, group) => {
    at("1s", ana, groups.create("", [ben.peer]));
    at("2s", ana, groups.create("Room", [ben.peer]));
    at("3s", ana, write(group, ""));
    at("4s", ben, () => groups.remove(group(), ana.peer));
    at("5s", ana, groups.write("00".repeat(16), "nowhere"));
  });
  const refused = (name: string) => of(name).filter((event) => event.name === "refused").length;
  assert.equal(refused("ana"), 3);
  assert.equal(refused("ben"), 1);
});

Deno.test("a message of a group is answered, changed and taken back, and may be as long as one may", () => {
  const longest = "x".repeat(groups.TEXT_BYTES);
  let id = "";
  const { of } = told(20, ({ at, whenever }, { ana, ben }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer]));
    whenever([ana], (event) => groups.isGroupsEvent(event) && event.name === "accepted", {
      of: ana,
      ask: (_, event) => {
        id ||= (event as unknown as { id: string }).id;
        return groups.read(group(), []);
      },
    });
    at("4s", ana, write(group, "at nine"));
    at("6s", ben, () => groups.write(group(), longest, { about: id }));
    at("7s", ana, () => groups.edit(group(), id, "at ten"));
    at("8s", ana, () => groups.unsend(group(), id));
    at("9s", ana, () => groups.unsend(group(), "no id"));
  });
  const heard = (name: string) =>
    of(name).filter(groups.isReceived).map(({ deed, about, text }) => [deed, about, text]);
  assert.deepEqual(heard("ana"), [["says", id, longest]]);
  assert.deepEqual(heard("ben"), [
    ["says", undefined, "at nine"],
    ["edits", id, "at ten"],
    ["deletes", id, ""],
  ]);
  assert.equal(of("ana").filter(({ name }) => name === "refused").length, 1);
});

Deno.test("a member whose disk is an earlier one again is read by all, and reads them", () => {
  const { texts } = told(80, ({ at, between }, { ana, ben, cleo }, group) => {
    at("2s", ana, groups.create("Room", [ben.peer, cleo.peer]));
    at("4s", ben, write(group, "first"));
    at("5s", backUp([ben]));
    // Another start, another key, which the copy knows nothing of.
    between("6s", "8s", crash(ben));
    at("10s", ben, write(group, "second"));
    at("12s", ana, write(group, "seen"));
    between("20s", "24s", crash(ben));
    at("22s", restore([ben]));
    at("30s", ben, write(group, "from the copy"));
    at("32s", ana, write(group, "to the copy"));
    at("34s", ben, write(group, "and once more"));
  });
  const said = ["first", "second", "from the copy", "and once more"];
  assert.deepEqual(texts("cleo").filter((text) => said.includes(text)), said);
  assert.deepEqual(texts("ana"), said);
  assert.ok(texts("ben").includes("to the copy"));
});

Deno.test("a person is in a group on every device, also on one that is linked later", () => {
  const { texts, of, roster } = told(70, ({ at, between, whenever }, cast, group) => {
    const { ana, ben, cleo: phone, dan } = cast;
    at("2s", ana, groups.create("Room", [ben.peer, dan.peer]));
    at("4s", ana, write(group, "before the phone"));
    at("6s", phone, chat.link(ben.peer));
    at("7s", ben, chat.adopt(phone.peer));
    at("10s", ana, write(group, "to both of Ben"));
    at("14s", phone, write(group, "from the phone"));
    at("18s", ben, write(group, "from the desk"));
    at("20s", phone, () => groups.leave(group()));
    // Both start anew, and are still Ben.
    between("25s", "27s", crash([ben, phone]));
    at("30s", phone, write(group, "still here"));
    at("34s", ana, write(group, "and we"));
    at("40s", ben, chat.unlink(phone.peer));
    at("45s", ana, write(group, "without the phone"));
    whenever([phone], groups.isReceived, {
      of: phone,
      ask: (_, { group: room, id }) => groups.read(room, [id]),
    });
  });
  const phones = ["to both of Ben", "from the desk", "and we"];
  assert.deepEqual(texts("cleo").filter((text) => !text.startsWith("again ")), phones);
  const all = ["from the phone", "from the desk", "still here"];
  assert.deepEqual(texts("ana"), all);
  assert.deepEqual(texts("dan"), [
    "before the phone",
    "to both of Ben",
    ...all,
    "and we",
    "without the phone",
  ]);
  const refused = of("cleo").filter((event) => event.name === "refused");
  assert.match(refused[0]!.words, /at your first device/);
  assert.equal(roster("ana")!.length, 3, "the phone is no member of its own");
});
