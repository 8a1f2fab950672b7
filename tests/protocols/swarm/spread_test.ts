/** From one to many: everybody gets all of it, whatever its size, and whoever comes or goes meanwhile. */
import assert from "node:assert/strict";
import { crash, lan, leave, pause } from "../../../sim/mod.ts";
import { BLOCK, lesson, played } from "./classroom.ts";

const names = (count: number) => Array.from({ length: count }, (_, at) => `pc${at + 1}`);

Deno.test("one source, and everybody has all of it: one, two, eight and twenty students", () => {
  for (const students of [1, 2, 8, 20]) {
    const run = lesson(students, "512KiB", { lasts: "10s" });
    assert.deepEqual(run.who("completed"), names(students));
    run.assertTruthful();
    assert.deepEqual(run.told.filter(({ event }) => event.name === "refused"), []);
    for (const name of names(students)) assert.equal(run.of(name, "completed").length, 1);
  }
});

Deno.test("the source sends little more than one copy, and nobody gets much of anything twice", () => {
  const run = lesson(20, "2MiB", { lasts: "20s" });
  const size = 2 * 1024 * 1024;
  assert.deepEqual(run.who("completed"), names(20));
  const [lecture] = run.world.recorder.contents.results();
  assert.ok(lecture!.sourceCopies < 1.02, `${lecture!.sourceCopies} copies`);
  assert.ok(lecture!.wastedBytes < 0.02 * 20 * size, `${lecture!.wastedBytes} bytes twice`);
});

Deno.test("where news of what has spread is old, the source gives no block twice before each once", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 6);
    const lecture = file("lecture", "4MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
  }, { lasts: "120s", network: lan({ latency: "1500ms", bandwidth: "2Mbps" }) });
  assert.deepEqual(run.who("completed"), names(6));
  const [lecture] = run.world.recorder.contents.results();
  assert.ok(lecture!.sourceCopies < 1.3, `${lecture!.sourceCopies} copies`);
});

Deno.test("every size arrives: nothing, one byte, and all around the ends of blocks", () => {
  for (
    const size of [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, 7 * BLOCK + 13]
  ) {
    const run = lesson(3, `${size}B`, { lasts: "6s" });
    assert.deepEqual(run.who("completed"), names(3), `${size} bytes`);
    run.assertTruthful();
    const kept = run.machine("pc1").disk.pieces().reduce(
      (sum, key) => sum + run.machine("pc1").disk.kept(key)!.length,
      0,
    );
    assert.equal(kept, size);
  }
});

Deno.test("a folder of many files is one content, described in full to whoever fetches it", () => {
  const sizes = [0, 1, 5, BLOCK, 3 * BLOCK + 7, 0, 100_000];
  const files = sizes.map((bytes, at) => ({ path: `folder/${at % 2}/file ${at}.bin`, bytes }));
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 4);
    const folder = file("folder", `${sizes.reduce((sum, bytes) => sum + bytes, 0)}B`);
    desk.share("0s", teacher, folder, { files });
    desk.fetch("1s", pcs, folder, teacher);
  }, { lasts: "10s" });
  assert.deepEqual(run.who("completed"), names(4));
  const [fetching] = run.of("pc3", "fetching");
  assert.deepEqual((fetching!.event as { files: unknown }).files, files);
});

Deno.test("the source may leave once a copy is out: the others complete from each other", () => {
  for (const fault of [leave, crash]) {
    const run = played(({ named, many, file, when }, desk) => {
      const { teacher } = named("teacher");
      const pcs = many("pc", 6);
      const lecture = file("lecture", "1MiB");
      desk.share("0s", teacher, lecture);
      desk.fetch("1s", pcs, lecture, teacher);
      when(pcs, (event) => event.name === "completed", fault(teacher));
    }, { lasts: "60s", network: lan({ latency: "1ms", bandwidth: "10Mbps" }) });
    assert.deepEqual(run.who("completed"), names(6));
    run.assertTruthful();
  }
});

Deno.test("where the source dies before a copy is out, nobody says that it has all", () => {
  const run = played(({ named, many, file, at }, desk) => {
    const { teacher } = named("teacher", { uplink: "2Mbps" });
    const pcs = many("pc", 6);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    at("3s", crash(teacher));
  }, { lasts: "60s" });
  assert.deepEqual(run.who("completed"), []);
  const counts = names(6).map((name) => run.pieces(name, "lecture"));
  assert.ok(Math.min(...counts) > 5, `${counts}: something had come`);
  assert.ok(Math.max(...counts) === Math.min(...counts), `${counts}: what came has spread to all`);
});

Deno.test("a source that comes back finishes what it began", () => {
  const run = played(({ named, many, file, between }, desk) => {
    const { teacher } = named("teacher", { uplink: "4Mbps" });
    const pcs = many("pc", 5);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    between("2s", "5s", crash(teacher));
  }, { lasts: "40s" });
  assert.deepEqual(run.who("completed"), names(5));
  run.assertTruthful();
});

Deno.test("whoever comes late gets it too: while others fetch, after all have it, after the source has left", () => {
  const run = played(({ named, many, file, at }, desk) => {
    const { teacher, early, late, last } = named("teacher", "early", "late", "last");
    const pcs = many("pc", 4);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    desk.fetch("1200ms", early, lecture, teacher);
    desk.fetch("10s", late, lecture, teacher);
    at("20s", leave(teacher));
    desk.fetch("21s", last, lecture, [teacher, pcs[0]!, pcs[1]!]);
  }, { lasts: "40s", network: lan({ latency: "1ms", bandwidth: "20Mbps" }) });
  assert.deepEqual(run.who("completed"), ["early", "late", "last", ...names(4)]);
  run.assertTruthful();
});

Deno.test("lost packets, jitter and unlike uplinks delay, and harm nothing", () => {
  const run = played(({ named, many, file }, desk) => {
    const { teacher } = named("teacher");
    const pcs = [
      ...many("fast", 3, { uplink: "50Mbps" }),
      ...many("slow", 3, { uplink: "2Mbps", downlink: "20Mbps" }),
    ];
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
  }, { lasts: "40s", network: lan({ latency: "1ms..30ms", jitter: "5ms", loss: "1%" }) });
  assert.equal(run.who("completed").length, 6);
  run.assertTruthful();
});

Deno.test("whoever stood still for a while reads what came meanwhile before it asks for anything", () => {
  const run = played(({ named, many, file, between }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 8);
    const lecture = file("lecture", "8MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    for (let from = 2000; from < 8000; from += 1000) {
      between(`${from}ms`, `${from + 900}ms`, pause(pcs[(from / 1000) % 8]!));
    }
  }, { lasts: "60s", network: lan({ latency: "50ms", bandwidth: "10Mbps" }) });
  assert.deepEqual(run.who("completed"), names(8));
  const twice = run.told.filter(({ event }) => event.name === "wasted").length;
  assert.ok(twice < 10, `${twice} blocks came twice: 16 where it asks first`);
});
