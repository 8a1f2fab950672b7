/** Crashes and restarts: what was kept is not fetched again, and no crash at any point leaves a lie behind. */
import assert from "node:assert/strict";
import { crash, crashAfter, lan, powerOff, restart, rot, wipe } from "../../../sim/mod.ts";
import { BLOCK, type Options, type Played, played } from "./classroom.ts";

const SIZE = 2 * 1024 * 1024;

/** Pieces that a machine found intact at its last start. */
function keptAtStart(who: string): { readonly kept: () => number; readonly options: Options } {
  let kept = 0;
  return {
    kept: () => kept,
    options: {
      stepped(_seconds, machine, input) {
        if (machine.name === who && input.kind === "started") kept = input.saved.kept.length;
      },
    },
  };
}

Deno.test("a fetch resumes from the pieces already saved", () => {
  for (const fault of [crash, powerOff]) {
    const start = keptAtStart("pc1");
    const run = played(({ named, many, file, between }, desk) => {
      const { teacher } = named("teacher");
      const pcs = many("pc", 4, { disk: { flush: "300ms" } });
      const lecture = file("lecture", `${SIZE}B`);
      desk.share("0s", teacher, lecture);
      desk.fetch("1s", pcs, lecture, teacher);
      between("2500ms", "4s", fault(pcs[0]!));
    }, { ...start.options, lasts: "40s", network: lan({ latency: "1ms", bandwidth: "10Mbps" }) });
    assert.deepEqual(run.who("completed"), ["pc1", "pc2", "pc3", "pc4"]);
    run.assertTruthful();
    const missing = SIZE - start.kept() * BLOCK;
    assert.ok(start.kept() > 20 && missing > 20 * BLOCK, `${start.kept()} pieces were kept`);
    // Hashes once more, and a piece too many of each neighbour; two of those who took it for alive.
    const most = missing + (fault === crash ? 4 : 9) * BLOCK + 4 * 1024;
    assert.ok(
      run.received("pc1", 4) <= most,
      `${run.received("pc1", 4)} bytes, ${missing} missing`,
    );
  }
});

Deno.test("whoever has it all gives it on after a restart, though the source is gone for ever", () => {
  // Found over real sockets: the hashes were not kept, so nobody could verify what was given on.
  const run = played(({ named, many, file, at }, desk) => {
    const { teacher, late } = named("teacher", "late");
    const pcs = many("pc", 1);
    const lecture = file("lecture", "2MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    at("8s", crash(teacher));
    at("8s", restart(pcs[0]!));
    desk.fetch("10s", late, lecture, pcs[0]!);
  }, { lasts: "30s" });
  const [done] = run.of("late", "completed");
  assert.ok(done !== undefined && done.at < 13, `${done?.at}`);
  run.assertTruthful();
});

Deno.test("whoever has it all fetches nothing after a restart, and says again that it has it all", () => {
  const run = played(({ named, many, file, at }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 3);
    const lecture = file("lecture", "500KB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    at("10s", restart(pcs[0]!));
  }, { lasts: "20s" });
  assert.equal(run.machine("pc1").boots, 2);
  assert.equal(run.received("pc1", 10), 0);
  assert.equal(run.of("pc1", "completed").length, 2, "a notice is told again after a restart");
});

Deno.test("a rotten piece and a new disk are made good", () => {
  const run = played(({ named, many, file, at }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 4);
    const lecture = file("lecture", "500KB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    at("8s", rot(pcs[0]!));
    at("8s", restart(pcs[0]!));
    at("9s", crash(pcs[1]!));
    at("10s", wipe(pcs[1]!));
    at("11s", { ...crash(pcs[1]!), begin: (director) => director.start(pcs[1]!) });
    desk.fetch("12s", pcs[1]!, lecture, teacher);
  }, { lasts: "40s" });
  assert.equal(run.pieces("pc1", "lecture"), Math.ceil(500_000 / BLOCK));
  assert.ok(run.received("pc1", 8) >= BLOCK, "the rotten piece was fetched again");
  assert.ok(run.received("pc1", 8) < 4 * BLOCK, "and no other");
  assert.equal(run.pieces("pc2", "lecture"), Math.ceil(500_000 / BLOCK));
  run.assertTruthful();
});

/** A teacher and two students, and a crash of one of them between two orders. */
function cutAt(who: "teacher" | "pc1", orders: number, keys = new Map<string, string>()): Played {
  return played(({ named, many, file, at }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 2);
    const lecture = file("lecture", `${4 * BLOCK + 5}B`);
    desk.share("100ms", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    at(
      who === "teacher" ? "99ms" : "999ms",
      crashAfter(who === "teacher" ? teacher : pcs[0]!, orders),
    );
    // A command that was not accepted before the crash is given again.
    desk.share("5s", teacher, lecture);
    desk.fetch("6s", pcs, lecture, teacher);
  }, { lasts: "20s", keys });
}

Deno.test("a fetcher that crashes before any one of its orders completes all the same", () => {
  for (let orders = 0;; orders++) {
    const run = cutAt("pc1", orders);
    assert.deepEqual(run.who("completed"), ["pc1", "pc2"], `crash before order ${orders}`);
    run.assertTruthful();
    if (run.machine("pc1").boots > 1) continue;
    assert.ok(orders > 20, `${orders} orders were cut`);
    break;
  }
});

Deno.test("a source that crashes before any one of its orders serves everybody all the same", () => {
  const { keys } = cutAt("teacher", 1_000_000);
  for (let orders = 0;; orders++) {
    const run = cutAt("teacher", orders, new Map(keys));
    assert.deepEqual(run.who("completed"), ["pc1", "pc2"], `crash before order ${orders}`);
    run.assertTruthful();
    if (run.machine("teacher").boots > 1) continue;
    assert.ok(orders > 20, `${orders} orders were cut`);
    break;
  }
});

Deno.test("half the class crashes again and again, and everybody completes", () => {
  const run = played(({ named, many, file, between }, desk) => {
    const { teacher } = named("teacher");
    const pcs = many("pc", 8);
    const lecture = file("lecture", "1MiB");
    desk.share("0s", teacher, lecture);
    desk.fetch("1s", pcs, lecture, teacher);
    for (const [nth, pc] of pcs.slice(0, 4).entries()) {
      for (let turn = 0; turn < 4; turn++) {
        const from = 1100 + 137 * nth + 1500 * turn;
        between(`${from}ms`, `${from + 700}ms`, turn % 2 === 0 ? crash(pc) : powerOff(pc));
      }
    }
  }, { lasts: "60s", network: lan({ latency: "1ms", bandwidth: "8Mbps" }) });
  assert.equal(run.who("completed").length, 8);
  run.assertTruthful();
});
