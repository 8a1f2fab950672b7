/** A machine keeps the order contract: in sequence, saves first, and a crash cuts between two orders. */
import assert from "node:assert/strict";
import type { AppEvent, Command, Context, PeerId, Protocol } from "../../runtime/core/mod.ts";
import { struct, upTo, utf8, wire } from "../../runtime/core/mod.ts";
import {
  crash,
  crashAfter,
  diskFails,
  diskFull,
  powerOff,
  rot,
  type Stage,
  wipe,
} from "../../sim/mod.ts";
import { dial, keep, load, save, saveBoth } from "./echo.ts";
import { small, watched } from "./watched.ts";

const noteWire = wire({ note: struct({ number: upTo(1e9) }), ack: struct({ number: upTo(1e9) }) });
type Note = { kind: "note" | "ack"; number: number };

/**
 * Notes that must arrive: written down before they are sent, sent until they are acknowledged,
 * written down before they are told. `wrong` acknowledges at once, and writes down later.
 */
function notes(wrong = false): Protocol<Note> {
  const outbox = new Map<string, number>();
  const seen = new Set<string>();
  const unwritten: number[] = [];
  let peer: PeerId | undefined;

  function writeDown(number: number, ctx: Context<Note>): void {
    const key = `in/${number}`;
    if (seen.has(key)) return;
    seen.add(key);
    ctx.save(key, utf8("read"));
    tell(ctx, "read", number);
  }

  return {
    name: "notes",
    code: 9,
    wire: noteWire,

    started(saved, ctx) {
      for (const key of saved.records.keys()) {
        if (key.startsWith("out/")) outbox.set(key, Number(key.slice(4)));
        if (key.startsWith("in/")) {
          seen.add(key);
          tell(ctx, "read", Number(key.slice(3))); // nobody has confirmed the notice: tell it again
        }
      }
      ctx.wake("again", 500_000);
    },

    joined(other, ctx) {
      peer = other;
      ctx.hold(other);
    },

    left() {
      peer = undefined;
    },

    woke(_timer, ctx) {
      for (const number of unwritten.splice(0)) writeDown(number, ctx);
      if (peer === undefined) ctx.dial("10.0.0.2:45454");
      else for (const number of outbox.values()) ctx.send(peer, { kind: "note", number });
      ctx.wake("again", 500_000);
    },

    received({ kind, number }, from, _body, ctx) {
      if (kind === "ack") {
        ctx.save(`out/${number}`, undefined);
        outbox.delete(`out/${number}`);
        return;
      }
      if (wrong) unwritten.push(number);
      else writeDown(number, ctx);
      ctx.send(from, { kind: "ack", number });
    },

    asked(command, ctx) {
      const { number } = command as Command & { number: number };
      ctx.save(`out/${number}`, utf8("unsent"));
      outbox.set(`out/${number}`, number);
      tell(ctx, "accepted", number);
      if (peer !== undefined) ctx.send(peer, { kind: "note", number });
    },
  };
}

function tell(ctx: { tell(event: AppEvent): void }, name: string, number: number): void {
  ctx.tell({ protocol: "notes", name, number } as AppEvent);
}

const write = (number: number): Command =>
  ({ protocol: "notes", name: "write", number }) as Command;

function exchange(victim: "ana" | "ben", orders: number, wrong: boolean) {
  const { told, world } = watched(small(({ named, at }) => {
    const { ana, ben } = named("ana", "ben");
    at("0s", crashAfter({ ana, ben }[victim], orders));
    at("3s", ana, write(1));
    at("3500ms", ana, write(2));
  }, { lasts: "20s", protocols: () => [notes(wrong)] }));
  const numbers = (who: string, name: string) =>
    told.filter((each) => each.who === who && each.event.name === name)
      .map(({ event }) => event.number!);
  const accepted = numbers("ana", "accepted"), read = numbers("ben", "read");
  return { lost: accepted.filter((number) => !read.includes(number)), crashes: world.fate.crashes };
}

Deno.test("a queue of orders cut at every index loses nothing that was accepted", () => {
  for (const victim of ["ana", "ben"] as const) {
    let cuts = 0;
    for (let orders = 0;; orders++) {
      const { lost, crashes } = exchange(victim, orders, false);
      assert.deepEqual(lost, [], `${victim} cut after ${orders} orders`);
      if (crashes === 0) break;
      cuts++;
    }
    assert.ok(cuts >= 10, `${victim}: ${cuts} places to cut`);
  }
});

Deno.test("the same cuts find a node that acknowledges before it has saved", () => {
  let lost = 0;
  for (let orders = 0; orders < 40; orders++) lost += exchange("ben", orders, true).lost.length;
  assert.ok(lost > 0);
});

Deno.test("what follows a save waits until it is durable, and is not overtaken", () => {
  const { of, inputs } = watched(small(({ named, at }) => {
    const { ana } = named("ana", { disk: { sync: "100ms" } });
    at("1s", ana, save("one", "first"));
    at("1010ms", ana, save("two", "second"));
    at("1020ms", ana, load("nothing"));
  }));
  const saved = of("ana", "saved").map(({ at }) => at);
  assert.ok(saved[0]! > 1.1 && saved[0]! < 1.101);
  assert.ok(saved[1]! > 1.2 && saved[1]! < 1.201, "one sync after another");
  assert.ok(inputs("ana", "asked").every(({ at }) => at < 1.03), "steps do not wait for orders");
  assert.ok(of("ana", "loaded")[0]!.at > 1.2, "orders behind a save wait for it");
});

Deno.test("a crash keeps what was synced, and of what was not some first part", () => {
  const had = (time: "1050ms" | "1150ms", seed: number) =>
    watched(
      small(({ named, at, between }) => {
        const { ana } = named("ana", { disk: { sync: "100ms" } });
        at("1s", ana, save("one", "first"));
        between(time, "3s", crash(ana));
      }),
      { seed },
    ).of("ana", "had").length;
  const seeds = [...Array(20).keys()];
  assert.ok(seeds.every((seed) => had("1150ms", seed) === 1));
  const during = seeds.map((seed) => had("1050ms", seed));
  assert.ok(during.includes(0) && during.includes(1), "chance decides while it is being written");
});

Deno.test("a crash can fall between two records of one step", () => {
  const had = (orders: number) =>
    watched(small(({ named, at }) => {
      const { ana } = named("ana");
      at("1s", crashAfter(ana, orders));
      at("2s", ana, saveBoth("one", "two"));
    })).of("ana", "had").map(({ event }) => event.key);
  assert.deepEqual([0, 1, 2].map(had), [[], ["one"], ["one", "two"]]);
});

const pieces = (play: (stage: Stage<never>) => void, seed = 1) =>
  watched(small((stage) => play(stage as never)), { seed }).of("ana", "kept")
    .map(({ event }) => event.key);

Deno.test("a piece is kept once it is on the medium, by reference", () => {
  const { of, inputs } = watched(small(({ named, at }) => {
    const { ana } = named("ana", { disk: { bandwidth: "1MBps", latency: "1ms" } });
    at("1s", ana, keep("a", 500_000));
    at("2s", ana, load("a"));
    at("4s", ana, load("b"));
  }));
  const [a, b] = of("ana", "loaded");
  assert.ok(Math.abs(a!.at - 2.501) < 0.001, "a read takes latency and bandwidth");
  assert.equal(b!.event.text, "nothing");
  const effects = inputs("ana", "asked").flatMap(({ step }) => step.effects);
  const kept = effects.find((effect) => effect.kind === "keep")!;
  assert.equal(inputs("ana", "loaded")[0]!.input.bytes, kept.bytes);
});

Deno.test("a crash loses pieces that were not yet written, or tears them", () => {
  const story = (time: "1200ms" | "1800ms") => ({ named, at, between }: Stage<never>) => {
    const { ana } = named("ana", { disk: { bandwidth: "1MBps" } });
    at("1s", ana, keep("a", 500_000));
    at("1s", ana, keep("b", 500_000));
    between(time, "5s", crash(ana));
  };
  for (let seed = 0; seed < 8; seed++) {
    assert.deepEqual(pieces(story("1200ms"), seed), []);
    assert.deepEqual(pieces(story("1800ms"), seed), ["a"]);
  }
});

Deno.test("a power cut also loses what the system had not flushed", () => {
  const story =
    (fault: typeof crash, flush: "2s" | "4s") => ({ named, at, between }: Stage<never>) => {
      const { ana } = named("ana", { disk: { flush } });
      at("1s", ana, keep("a", 1000));
      between("4s", "5s", fault(ana));
    };
  assert.deepEqual(pieces(story(powerOff, "4s")), []);
  assert.deepEqual(pieces(story(powerOff, "2s")), ["a"]);
  assert.deepEqual(pieces(story(crash, "4s")), ["a"]);
});

Deno.test("a rotten piece is not reported, a wiped disk has none", () => {
  assert.deepEqual(
    pieces(({ named, at, between }) => {
      const { ana } = named("ana");
      at("1s", ana, keep("a", 1000));
      at("2s", rot(ana));
      between("3s", "4s", crash(ana));
      at("5s", ana, keep("b", 1000));
      between("6s", "7s", crash(ana));
    }),
    ["b"],
  );
  assert.deepEqual(
    pieces(({ named, at, between }) => {
      const { ana } = named("ana");
      at("1s", ana, keep("a", 1000));
      between("3s", "5s", crash(ana));
      at("4s", wipe(ana));
    }),
    [],
  );
});

Deno.test("a full or failing disk refuses, and says so; later it takes again", () => {
  for (const [fault, why] of [[diskFull, "disk-full"], [diskFails, "disk-error"]] as const) {
    const { of } = watched(small(({ named, at, between }) => {
      const { ana } = named("ana");
      between("1s", "3s", fault(ana));
      at("2s", ana, keep("a", 1000));
      at("2s", ana, save("b", "text"));
      at("4s", ana, keep("c", 1000));
    }));
    const refused = of("ana", "refused").map(({ event }) => [event.key, event.text]);
    assert.deepEqual(refused, [["a", why], ["b", why]]);
  }
});

Deno.test("nothing leaves behind a save that was refused", () => {
  const { told, inputs } = watched(small(({ named, at }) => {
    const { ana } = named("ana", { disk: { capacity: "2B" } });
    named("ben");
    at("3s", ana, write(1));
  }, { protocols: () => [notes()], lasts: "4s" }));
  assert.ok(!told.some(({ event }) => event.name === "accepted"), "it was not accepted");
  assert.equal(inputs("ben", "received").filter(({ at }) => at > 3 && at < 3.4).length, 0);
  assert.equal(inputs("ana", "refused")[0]!.input.why, "disk-full");
  assert.equal(inputs("ana", "unlinked")[0]!.input.why, "disk-full", "its sequence is broken");
});

Deno.test("a capacity is what fits", () => {
  const { of } = watched(small(({ named, at }) => {
    const { ana } = named("ana", { disk: { capacity: "1KB" } });
    at("1s", ana, keep("a", 600));
    at("2s", ana, keep("b", 600));
    at("3s", ana, dial("10.0.0.9:1"));
    at("4s", ana, keep("c", 400));
  }));
  assert.deepEqual(of("ana", "refused").map(({ event }) => event.key), ["b"]);
});
