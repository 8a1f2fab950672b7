/** Disks that fill, people who change their mind, and several contents at once. */
import assert from "node:assert/strict";
import { completed, fetch, share, type SwarmEvent } from "../../../runtime/protocols/swarm/mod.ts";
import * as limits from "../../../runtime/protocols/swarm/limits.ts";
import { diskFails, diskFull, lan, leave, type Rate } from "../../../sim/mod.ts";
import { World } from "../../../sim/world.ts";
import { BLOCK, played } from "./classroom.ts";

const whyOf = (event: SwarmEvent) => (event as { readonly why?: string }).why;

Deno.test("a disk that is too small stops its own fetch, in words, and nobody else's", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = [...many("small", 1, { disk: { capacity: "400KB" } }), ...many("pc", 5)];
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
  }, { lasts: "40s" });
  assert.deepEqual(run.who("completed"), ["pc1", "pc2", "pc3", "pc4", "pc5"]);
  const refused = run.of("small1", "refused");
  assert.ok(refused.length > 0 && refused.length < 10, `${refused.length} complaints`);
  for (const { event } of refused) assert.equal(whyOf(event), 'Cannot keep "lecture": disk-full');
  assert.ok(run.pieces("small1", "lecture") > 0);
  for (const name of ["pc1", "pc5"]) assert.ok(run.of(name, "completed")[0]!.at < 4);
});

/** Four fetch; the disk of the first is in trouble for a while. */
const troubled = (fault: typeof diskFull) =>
  played(({ named, many, file, between }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 4);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    between("1050ms", "5s", fault(pcs[0]!));
  }, { lasts: "30s" });

Deno.test("who shares sees how far everybody is, and what keeps them from going on", () => {
  const run = troubled(diskFull);
  const reached = run.of("teacher", "reached").map(({ at, event }) => ({ at, ...event }));
  for (const { peer, name } of run.world.stage.actors.slice(1)) {
    const steps = reached.filter((each) => each.peer === peer) as unknown as readonly {
      readonly at: number;
      readonly bytes: number;
      readonly of: number;
      readonly why?: string;
    }[];
    const whys = steps.map(({ why }) => why);
    assert.equal(whys.includes("disk-full"), name === "pc1", name);
    assert.equal(whys.at(-1), undefined);
    assert.equal(steps.at(-1)!.bytes, 1024 * 1024);
    assert.ok(steps.every(({ of }) => of === 1024 * 1024) && steps.length <= 101 + 2);
  }
});

Deno.test("who goes as soon as all is here is known to have it", () => {
  const run = played(({ named, many, file, whenever }, desk) => {
    const { teacher } = named("teacher");
    const [pc] = many("pc", 1);
    const lecture = file("lecture", "20MB"); // more blocks than one message tells of
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pc!, lecture, teacher);
    whenever(pc!, completed, leave(pc!));
  }, { lasts: "10s" });
  assert.deepEqual(run.who("completed"), ["pc1"]);
  const last = run.of("teacher", "reached").at(-1)!.event as { readonly bytes?: number };
  assert.equal(last.bytes, 20_000_000);
});

Deno.test("a class whose disks take no more is not sent the file over and over", () => {
  for (const count of [2, 4]) {
    const run = played(({ named, many, file }, desk) => {
      const { teacher } = named("teacher");
      const pcs = many("pc", count, { disk: { capacity: "100KB" } });
      const lecture = file("lecture", "1MB");
      desk.share("0s", teacher, lecture);
      desk.fetch("1s", pcs, lecture, teacher);
    }, { lasts: "1m" });
    assert.deepEqual(run.who("completed"), []);
    const bytes = run.received("pc1");
    assert.ok(bytes < 1e6, `one of ${count} was sent ${bytes} bytes`);
  }
});

Deno.test("when there is room again the fetch goes on by itself", () => {
  for (const fault of [diskFull, diskFails]) {
    const run = troubled(fault);
    assert.deepEqual(run.who("completed"), ["pc1", "pc2", "pc3", "pc4"]);
    assert.ok(run.of("pc1", "refused").length > 0);
    run.assertTruthful();
  }
});

Deno.test("a content whose record cannot be saved is not shared, and is when it is asked for again", () => {
  const run = played(({ named, many, file, between }, desk) => {
    const { teacher } = named("teacher");
    const lecture = file("lecture", "100KB");
    between("0s", "5s", diskFails(teacher));
    desk.share("1s", teacher, lecture);
    desk.share("6s", teacher, lecture);
    desk.fetch("7s", many("pc", 2), lecture, teacher);
  }, { lasts: "20s" });
  const shared = run.of("teacher", "shared");
  assert.ok(shared.every(({ at }) => at > 5), "only what is saved is told");
  assert.ok(run.of("teacher", "refused").length > 0);
  assert.deepEqual(run.who("completed"), ["pc1", "pc2"]);
});

Deno.test("a cancelled fetch frees everything it held, hinders nobody, and can be begun again", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 4);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    desk.cancel("1500ms", pcs[0]!, lecture);
    desk.cancel("10s", pcs[1]!, lecture);
    desk.fetch("40s", pcs[1]!, lecture, teacher);
  }, { lasts: "50s", network: lan({ latency: "1ms", bandwidth: "10Mbps" }) });
  assert.deepEqual(run.who("completed"), ["pc2", "pc3", "pc4"]);
  assert.deepEqual(run.who("cancelled"), ["pc1", "pc2"]);
  assert.equal(run.of("pc2", "completed").length, 2);
  const { disk } = run.machine("pc1");
  assert.deepEqual(disk.pieces(), []);
  assert.equal(disk.saved().records.size, 0);
  assert.equal(disk.used, 0);
  assert.equal(run.links("pc1"), 0, "links that nobody needs are hung up");
  assert.equal(run.pieces("pc2", "lecture"), 64);
});

Deno.test("a fetch from somebody who does not have it leaves nothing open when it is cancelled", () => {
  const run = played(({ named, file }, desk) => {
    const { teacher, other, pc } = named("teacher", "other", "pc");
    const lecture = file("lecture", "100KB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pc, lecture, other);
    desk.cancel("5s", pc, lecture);
  }, { lasts: "40s" });
  assert.deepEqual([run.links("pc"), run.links("other")], [0, 0]);
});

Deno.test("a source that cancels lets go of everybody; they keep what they have", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher", { uplink: "4Mbps" });
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", many("pc", 3), lecture, teacher);
    desk.cancel("2s", teacher, lecture);
  }, { lasts: "60s" });
  assert.deepEqual(run.who("completed"), []);
  assert.equal(run.machine("teacher").disk.used, 0);
  for (const name of ["pc1", "pc2", "pc3"]) assert.ok(run.pieces(name, "lecture") > 10);
});

Deno.test("one of two contents may be cancelled: the other goes on over the same links", () => {
  let linked = 0;
  const run = played(({ named, file }, desk) => {
    const { teacher } = named("teacher", { uplink: "2Mbps" });
    const { pc } = named("pc");
    const small = file("small", "100KB"), large = file("large", "6MB");
    for (const each of [small, large]) {
      desk.share("0s", teacher, each);
      desk.fetch("1s", pc, each, teacher);
    }
    desk.cancel("2s", pc, small);
  }, {
    lasts: "60s",
    stepped: (_seconds, machine, input) => {
      if (machine.name === "pc" && input.kind === "linked") linked++;
    },
  });
  assert.deepEqual(run.who("completed", "large"), ["pc"]);
  assert.equal(linked, 1, "nobody hung up in between");
});

/** How far `pc2` was with one content when it had so many percent of the other, to reach with four. */
function paces(contents: readonly (readonly [string, number])[], uplink: Rate) {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher", { uplink });
    const pcs = many("pc", 4);
    for (const [name, priority] of contents) {
      const each = file(name, uplink === "8Mbps" ? "2MB" : "15MB");
      desk.share("0s", teacher, each, { priority });
      desk.fetch("2s", pcs, each, teacher, { priority });
    }
  }, { lasts: "20s" });
  for (const [name] of contents) assert.equal(run.who("completed", name).length, 4);
  return (title: string, percent: number) =>
    run.told.find(({ who, event }) =>
      who === "pc2" && event.name === "progress" && event.content === run.keys.get(title) &&
      event.bytes >= event.of * percent / 100
    )!.at - 2;
}

Deno.test("two contents share an uplink by their priority, whichever was shared first", () => {
  for (const uplink of ["8Mbps", "100Mbps"] as const) {
    for (const order of [[["urgent", 3], ["other", 1]], [["other", 1], ["urgent", 3]]] as const) {
      const at = paces(order, uplink);
      // When the urgent one is at 90 percent, the other is at 30: it was given a third as much.
      const ratio = at("other", 30) / at("urgent", 90);
      assert.ok(ratio > 0.8 && ratio < 1.25, `${ratio}`);
    }
    const at = paces([["one", 1], ["two", 1]], uplink);
    const ratio = at("one", 60) / at("two", 60);
    assert.ok(ratio > 0.8 && ratio < 1.25, `${ratio}`);
  }
});

Deno.test("a content that was idle for long does not hold up the others when it wakes", () => {
  const run = played(({ named, file }, desk) => {
    const { teacher } = named("teacher", { uplink: "16Mbps" });
    const { pc } = named("pc");
    const idle = file("idle", "4MB"), busy = file("busy", "20MB");
    for (const each of [idle, busy]) desk.share("0s", teacher, each);
    desk.fetch("1s", pc, busy, teacher);
    desk.fetch("8s", pc, idle, teacher);
  }, { lasts: "20s" });
  const progress = run.of("pc", "progress")
    .filter(({ event }) => event.content === run.keys.get("busy")).map(({ at }) => at);
  const pauses = progress.map((at, nth) => at - (progress[nth - 1] ?? at));
  assert.deepEqual(run.who("completed", "idle"), ["pc"]);
  assert.ok(Math.max(...pauses) < 1, `${Math.max(...pauses)} s without anything`);
});

/** A world in which somebody changes the teacher's file after it was shared. */
class Edited extends World {
  override file(key: string): Uint8Array | undefined {
    const bytes = super.file(key);
    return this.now < 1.5e9 ? bytes : bytes?.map((byte) => byte ^ 1);
  }
}

Deno.test("nobody is blamed for a file that was changed after it was shared", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher", { uplink: "8Mbps" });
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", many("pc", 3), lecture, teacher);
  }, { lasts: "20s", world: (options) => new Edited(options) });
  assert.deepEqual(run.who("poisoned"), []);
  assert.deepEqual(run.who("completed"), []);
  const [refused, ...others] = run.of("teacher", "refused");
  assert.equal(whyOf(refused!.event), 'Cannot pass on "lecture": its files have changed');
  assert.deepEqual(others, []);
  assert.ok(run.links("teacher") >= 3, "and everybody stays linked");
});

Deno.test("what cannot be done is refused in words", () => {
  const run = played(({ named, at, file }) => {
    const { ana } = named("ana");
    const short = file("short", "10B");
    const shared = (files: { path: string; bytes: number }[], title = "it") =>
      at("1s", ana, share({ title, handle: "short", files }));
    shared([]);
    shared([{ path: "a", bytes: 1 }, { path: "A", bytes: 1 }]);
    shared([{ path: "long", bytes: short.size + 1 }]);
    shared([{ path: "a", bytes: 1 }], "t".repeat(256));
    at("1s", ana, share({ title: "none", handle: "missing", files: [{ path: "a", bytes: 1 }] }));
    at("1s", ana, fetch({ content: "0123", sources: [] }));
    at("1s", ana, fetch({ content: "z".repeat(64), sources: [] }));
    shared([{ path: "../con", bytes: 5 }], "made portable");
  }, { lasts: "3s" });
  const refused = run.of("ana", "refused").map(({ event }) => whyOf(event)!);
  const expected = [
    /^Cannot share "it": it has no files$/,
    /^Cannot share "it": two files are both called "A" on some systems$/,
    /^Cannot share "it": it cannot be read$/,
    /^Cannot share "t+": its title is too long$/,
    /^Cannot share "none": it cannot be read$/,
    /^Cannot fetch "0123": no such content$/,
    /^Cannot fetch "z+": no such content$/,
  ];
  assert.equal(refused.length, expected.length, refused.join("\n"));
  for (const each of expected) assert.ok(refused.some((why) => each.test(why)), `${each}`);
  assert.equal(run.of("ana", "shared").length, 1);
});

Deno.test("there is a most of contents at once, said in words, and room again after a cancel", () => {
  const keyOf = (at: number) => at.toString(16).padStart(64, "0");
  const run = played(({ named, at }) => {
    const { ana } = named("ana");
    for (let number = 0; number <= limits.CONTENTS; number++) {
      at("1s", ana, fetch({ content: keyOf(number), sources: [] }));
    }
    at("2s", ana, { protocol: "swarm", name: "cancel", content: keyOf(5) } as never);
    at("3s", ana, fetch({ content: keyOf(1000), sources: [] }));
  }, { lasts: "5s" });
  assert.equal(run.of("ana", "wanted").length, limits.CONTENTS + 1);
  const [refused, ...others] = run.of("ana", "refused");
  assert.deepEqual(others, []);
  assert.match(whyOf(refused!.event)!, /^Cannot fetch "0+40": 64 contents are the most at once$/);
});

Deno.test("a block is never kept twice, nor counted twice", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 6);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    desk.fetch("1s", pcs, lecture, teacher);
    desk.share("5s", teacher, lecture);
  }, { lasts: "10s" });
  for (const { event, who } of run.told) {
    if (event.name !== "progress") continue;
    assert.ok(event.bytes <= event.of && event.bytes % BLOCK === 0, `${who}: ${event.bytes}`);
  }
  assert.equal(run.of("teacher", "shared").length, 2, "shared again, it is the same content");
  assert.equal(run.keys.size, 1);
});
