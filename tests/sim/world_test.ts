/** The world as a whole: same seed, same run; and time is spent where it is spent on real machines. */
import assert from "node:assert/strict";
import type { Crypto } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { noble } from "../../runtime/core/noble.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { lan, pause } from "../../sim/mod.ts";
import { measured } from "../../sim/calibration.ts";
import { opened, sealed } from "../sealed.ts";
import { bell, dial, flood, load, ping, shout, stream, told } from "./echo.ts";
import { light, type Play, small, watched } from "./watched.ts";

const chatter: Play = ({ named, file, at }) => {
  const { ana, ben } = named("ana", "ben");
  const book = file("book.txt", "1MB");
  at("1s", ana, dial(ben.address));
  at("2s", ana, ping(3));
  at("3s", ben, stream(book.handle, 100_000, 10));
  at("4s", ana, shout("is anybody here?"));
};
const noisy = lan({ latency: "1ms..9ms", jitter: "2ms", loss: "2%", duplication: "10%" });

Deno.test("the same seed gives the same run, another seed another", () => {
  const digests = [1, 1, 2].map((seed) =>
    watched(small(chatter, { network: noisy }), { seed }).world.digest
  );
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
});

Deno.test("the digest is that of the run, whatever computes the cryptography", () => {
  const one = watched(small(chatter), { crypto: nodeCrypto }).world.digest;
  assert.equal(watched(small(chatter), { crypto: noble }).world.digest, one);
});

Deno.test("the digest sees each byte of a head that is sent", () => {
  const flipped = (sealed: Uint8Array) => {
    const bytes = sealed.slice();
    bytes[20]! ^= 1;
    return bytes;
  };
  const twisted: Crypto = {
    ...nodeCrypto,
    seal: (key, nonce, data, clear) => flipped(nodeCrypto.seal(key, nonce, data, clear)),
    open: (key, nonce, data, sealed) => nodeCrypto.open(key, nonce, data, flipped(sealed)),
  };
  const one = watched(small(chatter), { crypto: nodeCrypto }).world;
  const other = watched(small(chatter), { crypto: twisted }).world;
  assert.equal(other.steps, one.steps);
  assert.notEqual(other.digest, one.digest);
});

Deno.test("a whole run needs no clock, no chance and no host", () => {
  // Real signatures blind themselves with the system's chance, which changes nothing that is said.
  const blinding: Crypto = {
    ...noble,
    signingKey: (seed) => opened(() => noble.signingKey(seed)),
    agreementKey: (secret) => opened(() => noble.agreementKey(secret)),
  };
  const digest = () =>
    watched(small(chatter, { network: noisy }), { crypto: accounted(blinding) }).world.digest;
  assert.equal(sealed(digest), digest());
});

Deno.test("a run in slices is the same run", () => {
  const whole = watched(small(chatter, { network: noisy })).world;
  const sliced = watched(small(chatter, { network: noisy }), {}, 123_456_789).world;
  assert.equal(sliced.digest, whole.digest);
});

Deno.test("a tape gives the same decisions again, and refuses another story", () => {
  const definition = small(chatter, { network: noisy });
  const first = watched(definition, { tape: "record" }).world;
  const tape = first.oracle.tape();
  assert.ok(tape.length > 20, "loss and jitter are decided");
  assert.equal(watched(definition, { tape }).world.digest, first.digest);
  const other = tape.map((decision) => ({ ...decision }));
  other[5] = { ...other[5]!, label: "something else" };
  assert.throws(() => watched(definition, { tape: other }), /the tape says something else/);
  assert.throws(() => watched(definition, { tape: tape.slice(0, 7) }), /the tape ends/);
});

Deno.test("a decision that is changed on the tape changes the run", () => {
  const definition = small(chatter, { network: noisy });
  const first = watched(definition, { tape: "record" }).world;
  const tape = first.oracle.tape();
  const jitter = tape.findIndex(({ bound }) => bound === 2_000_001);
  tape[jitter] = { ...tape[jitter]!, value: (tape[jitter]!.value + 777_777) % 2_000_001 };
  assert.notEqual(watched(definition, { tape }).world.digest, first.digest);
});

Deno.test("what is read from a file is the same object each time", () => {
  const { inputs } = watched(small(({ named, file, at }) => {
    const { ana, ben } = named("ana", "ben");
    const book = file("book.txt", "1MB");
    at("1s", [ana, ben], stream(book.handle, 65_536, 4));
  }));
  const ana = inputs("ana", "loaded"), ben = inputs("ben", "loaded");
  assert.equal(ana.length, 4);
  ana.forEach(({ input }, at) => assert.equal(input.bytes, ben[at]!.input.bytes));
  assert.notDeepEqual(ana[0]!.input.bytes!.slice(0, 64), ana[1]!.input.bytes!.slice(0, 64));
});

Deno.test("your own bytes take the place of the first file", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4, 5);
  const { inputs } = watched(
    small(({ named, file, at }) => {
      const { ana } = named("ana");
      const book = file("book.txt", "1MB");
      at("1s", ana, stream(book.handle, book.size, 1));
    }),
    { userFile: { name: "mine.bin", bytes } },
  );
  assert.equal(inputs("ana", "loaded")[0]!.input.key, "file/mine.bin/0+5");
  assert.deepEqual(inputs("ana", "loaded")[0]!.input.bytes, bytes);
});

Deno.test("a frame takes its time: latency, bandwidth, and the processors at both ends", () => {
  const { of } = watched(small(({ named, at }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("2s", ana, flood(1, 1_000_000));
  }));
  const [block] = of("ben", "block");
  const payload = 12_500_000 * 1448 / 1514;
  const cpu = 1e6 * (measured.sealByte + measured.openByte + measured.hashByte) / 1e9;
  const expected = 2 + 1_000_000 / payload + 0.001 + cpu;
  assert.ok(Math.abs(block!.at - expected) < 0.000_2, `${block!.at} instead of ${expected}`);
});

Deno.test("a slow processor takes longer, and what waits for it keeps its order", () => {
  const lastBlock = (cpu: number) => {
    const { of } = watched(small(({ named, at }) => {
      const { ana } = named("ana");
      const { ben } = named("ben", { cpu });
      at("1s", ana, dial(ben.address));
      at("2s", ana, flood(20, 500_000));
    }));
    const blocks = of("ben", "block");
    assert.deepEqual(blocks.map(({ event }) => event.number), [...Array(20).keys()]);
    return blocks.at(-1)!.at;
  };
  const cost = 20 * 500_000 * (measured.openByte + measured.hashByte) / 1e9;
  assert.ok(lastBlock(1) < 2 + 0.85, "the network is what takes time");
  assert.ok(lastBlock(0.01) > 2 + 100 * cost, "the processor is what takes time");
});

Deno.test("a paused machine takes what was sent meanwhile when it goes on, in order", () => {
  const { of, taken } = watched(small(({ named, at, between }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    between("2s", "9s", pause(ben));
    at("3s", ana, ping(2));
    at("4s", ana, flood(3, 1000));
  }));
  assert.equal(taken.filter(({ who, at }) => who === "ben" && at > 2 && at < 9).length, 0);
  assert.equal(of("ana", "pong").length, 2);
  assert.ok(of("ana", "pong")[0]!.at > 9);
  assert.deepEqual(of("ben", "block").map(({ event }) => event.number), [0, 1, 2]);
});

Deno.test("a node is woken by the earliest of its timers, whenever they were set", () => {
  const { of } = watched(small(({ named, at }) => {
    const { ana } = named("ana");
    at("1s", ana, bell(20_000_000));
    at("2s", ana, bell(1_000_000));
    at("5s", ana, bell(2_000_000));
  }));
  const times = of("ana", "rang").map(({ at }) => Math.round(at * 1000) / 1000);
  assert.deepEqual(times, [3, 7, 21]);
});

Deno.test("each boot has a clock of its own", () => {
  const nows = new Map<string, number>();
  watched(small(({ named, at }) => at("1s", named("ana", "ben").ana, load("nothing"))), {
    watch: { stepped: (_now, machine) => nows.set(machine.name, machine.now) },
  });
  assert.ok(Math.abs(nows.get("ana")! - nows.get("ben")!) > 10_000_000);
});

Deno.test("a drifting clock is early or late by its drift, and wakes its node in time of its own", () => {
  const spans = new Map<string, number[]>();
  watched(
    small(({ named, at }) => {
      const { fast } = named("fast", { drift: "500ppm" });
      const { slow } = named("slow", { drift: "-500ppm" });
      at("0s", fast, dial(slow.address)); // a node with links looks after them once a second
    }),
    {
      watch: {
        stepped: (now, machine, input) => {
          if (input.kind !== "woke" && input.kind !== "started") return;
          const times = spans.get(machine.name) ?? [];
          spans.set(machine.name, [...times, now / 1000, machine.now]);
        },
      },
    },
  );
  for (const [name, ratio] of [["fast", 1.0005], ["slow", 0.9995]] as const) {
    const times = spans.get(name)!;
    const [world, own] = [times.at(-2)! - times[0]!, times.at(-1)! - times[1]!];
    assert.ok(times.length > 40 && Math.abs(own / world - ratio) < 1e-6, `${name}: ${own / world}`);
  }
});

Deno.test("a run stops when its claims are decided, if the scenario says so", () => {
  const { world } = watched(small(({ named, at, expect }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    expect("they meet", [ana, ben], told("joined"), { by: "20s" });
  }, { until: "claims" }));
  assert.ok(world.isOver && world.now < 1.1e9);
  assert.equal(world.story.results()[0]!.ok, true);
});

Deno.test("a node's own chance does not depend on who else is there", () => {
  const play = (extra: number): Play => ({ named, many, at }) => {
    const { ana, ben } = named("ana", "ben");
    many("extra", extra);
    at("1s", ana, dial(ben.address));
  };
  const sent = (extra: number) =>
    watched(small(play(extra)), { crypto: light() }).taken
      .filter(({ who }) => who === "ana")
      .flatMap(({ step }) => step.effects)
      .filter((effect) => effect.kind === "send")
      .map(({ frame }) => frame.head);
  assert.deepEqual(sent(0), sent(5));
});
