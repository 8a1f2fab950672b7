/** Links as TCP gives them: ordered, reliable, silent when nobody is there to say a word. */
import assert from "node:assert/strict";
import type { Actor } from "../../sim/mod.ts";
import {
  change,
  clog,
  crash,
  cut,
  hold,
  isolate,
  lan,
  leave,
  pause,
  powerOff,
  restart,
} from "../../sim/mod.ts";
import { dial, flood, hangUp, ping } from "./echo.ts";
import { small, watched } from "./watched.ts";

/** Ana and Ben are linked from the first second on. */
const pair = (
  play: (stage: Parameters<Parameters<typeof small>[0]>[0], ana: never, ben: never) => void,
  changes = {},
  options = {},
) =>
  watched(
    small((stage) => {
      const { ana, ben } = stage.named("ana", "ben");
      stage.at("1s", ana, dial(ben.address));
      play(stage, ana as never, ben as never);
    }, changes),
    options,
  );

Deno.test("a dial takes a round trip, the listener hears of it half a round trip later", () => {
  const { inputs } = pair(() => {});
  const [dialled] = inputs("ana", "linked"), [accepted] = inputs("ben", "linked");
  assert.ok(Math.abs(dialled!.at - 1.002) < 0.000_1);
  assert.ok(Math.abs(accepted!.at - 1.003) < 0.000_1);
  assert.equal(dialled!.input.dialled, "10.0.0.2:45454");
  assert.equal(accepted!.input.dialled, undefined);
  assert.match(accepted!.input.from, /^10\.0\.0\.1:(49|5\d|6\d)\d{3}$/);
});

Deno.test("nobody answers: a dead process refuses at once, a dark or unknown host after the timeout", () => {
  const { of } = watched(small(({ named, at }) => {
    const { ana, dead, dark } = named("ana", "dead", "dark");
    at("1s", dead, { protocol: "echo", name: "ping" });
    at("2s", crash(dead));
    at("2s", powerOff(dark));
    at("3s", ana, dial(dead.address));
    at("3s", ana, dial(dark.address));
    at("3s", ana, dial("10.9.9.9:1"));
  }));
  const failures = of("ana", "unreachable").map(({ at, event }) => [event.key, event.text, at]);
  assert.deepEqual(failures.map(([key, text]) => [key, text]), [
    ["10.0.0.2:45454", "unreachable"],
    ["10.0.0.3:45454", "unreachable"],
    ["10.9.9.9:1", "unreachable"],
  ]);
  assert.ok((failures[0]![2] as number) < 3.01);
  assert.ok((failures[1]![2] as number) >= 8);
});

Deno.test("a dial into a cut succeeds when a later SYN gets through", () => {
  const { of } = watched(small(({ named, at, between }) => {
    const { ana, ben } = named("ana", "ben");
    between("0s", "3s", cut(ana, ben));
    at("1s", ana, dial(ben.address));
  }));
  const joined = of("ana", "joined")[0]!.at; // SYNs at 1 s, 2 s, 4 s
  assert.ok(joined > 4 && joined < 4.1, String(joined));
});

Deno.test("who falls over while dialling has dialled in vain: nobody is linked to the dead", () => {
  const { inputs } = watched(small(({ named, at }) => {
    const { ana, ben } = named("ana", "ben");
    at("1s", ana, dial(ben.address));
    at("1001ms", crash(ana)); // the answer is on its way
    at("5s", restart(ana));
    at("6s", ben, dial(ana.address));
  }));
  assert.deepEqual(inputs("ben", "linked").map(({ at }) => Math.floor(at)), [6]);
  assert.deepEqual(inputs("ben", "unlinked"), []);
});

Deno.test("drained is told for each body that has left, with what is still queued", () => {
  const { inputs } = pair(({ at }, ana) => {
    at("2s", ana, flood(3, 100_000));
    at("5s", ana, ping(4));
  });
  const drained = inputs("ana", "drained");
  assert.equal(drained.length, 3, "heads alone are not told of");
  const queued = drained.map(({ input }) => input.queued);
  assert.ok(queued[0]! > 200_000 && queued[0]! < 200_300);
  assert.ok(queued[1]! > 100_000 && queued[1]! < 100_200);
  assert.equal(queued[2], 0);
  const rate = 12_500_000 * 1448 / 1514;
  assert.ok(Math.abs(drained[2]!.at - drained[1]!.at - 100_060 / rate) < 0.000_1);
});

Deno.test("frames arrive once and in order, whatever loss and jitter do", () => {
  const network = lan({ latency: "1ms", jitter: "30ms", loss: "10%" });
  const { of, world } = pair(({ at }, ana) => at("12s", ana, flood(200, 20_000)), { network });
  assert.deepEqual(of("ben", "block").map(({ event }) => event.number), [...Array(200).keys()]);
  assert.ok(world.network.losses > 100);
  assert.deepEqual(world.checkers.results(), []);
});

Deno.test("each frame takes its own jitter, or as long as the one before it", () => {
  const network = lan({ latency: "1ms", jitter: "30ms" });
  const { inputs, world } = pair(({ at }, ana) => at("2s", ana, flood(100, 20_000)), {
    network,
  }, { tape: "record" });
  const jitters = world.oracle.tape().filter(({ label }) => label === "ana>ben/0/dialled").slice(
    -100,
  );
  const left = inputs("ana", "drained").map(({ at }) => at);
  const arrived = inputs("ben", "received").filter(({ input }) => input.frame.body).map(({ at }) =>
    at
  );
  let last = 0;
  jitters.forEach(({ value }, frame) => {
    last = Math.max(last, left[frame]! + 0.001 + value / 1e9);
    assert.ok(Math.abs(arrived[frame]! - last) < 0.002, `frame ${frame}`);
  });
});

Deno.test("a hang-up does not overtake what jitter has delayed", () => {
  for (let seed = 0; seed < 10; seed++) {
    const { of } = pair(({ at }, ana) => {
      at("2s", ana, flood(3, 1000));
      at("2s", ana, hangUp());
    }, { network: lan({ latency: "1ms", jitter: "30ms" }), seed });
    assert.equal(of("ben", "block").length, 3);
  }
});

Deno.test("small frames take their share of the bandwidth, where it is short", () => {
  const last = (pings: boolean) => {
    const { of } = pair(({ named, at, every }, ana, ben) => {
      const { eve } = named("eve");
      at("1s", ana, dial(eve.address));
      if (pings) every("1ms", ana, ping(1, eve.peer), { from: "5s", until: "10s" });
      at("10s", ana, flood(40, 50_000, (ben as Actor).peer));
      if (pings) every("1ms", ana, ping(1, eve.peer), { from: "10s", until: "14s" });
    }, { network: lan({ latency: "1ms", bandwidth: "10Mbps" }) });
    assert.equal(of("ana", "pong").length, pings ? 9000 : 0);
    return of("ben", "block").at(-1)!.at - 10;
  };
  const rate = 1_250_000 * 1448 / 1514, alone = 40 * 50_045 / rate;
  assert.ok(Math.abs(last(false) - alone) < 0.01);
  const together = last(true) / alone; // 1000 frames of some 30 bytes in each second
  assert.ok(together > 1.015 && together < 1.05, String(together));
});

Deno.test("a lone frame that is lost waits for the probe, others for a round trip", () => {
  const network = lan({ latency: "1ms", loss: "20%" });
  const { inputs } = pair(({ every }, ana) => {
    every("1s", ana, ping(), { from: "10s", until: "29s" });
  }, { network });
  const late = inputs("ben", "received").map(({ at }) => at % 1).filter((part) => part > 0.01);
  assert.ok(late.length > 0 && late.every((part) => part > 0.2 && part < 0.23), String(late));
});

Deno.test("loss costs capacity and time, never a frame", () => {
  const last = (loss: "0%" | "10%") =>
    pair(({ at }, ana) => at("12s", ana, flood(100, 100_000)), {
      network: lan({ latency: "1ms", loss }),
    }).of("ben", "block").at(-1)!.at - 12;
  const ratio = last("10%") / last("0%");
  assert.ok(ratio > 1.1 && ratio < 1.2, String(ratio));
});

Deno.test("a killed process is seen to have crashed, behind what was on its way", () => {
  const { of } = pair(({ at }, ana) => {
    at("2s", ana, flood(5, 1_000_000));
    at("2200ms", crash(ana));
  });
  const [left] = of("ben", "left");
  assert.equal(left!.event.text, "crashed");
  assert.ok(left!.at >= 2.2 && left!.at < 2.21);
  assert.equal(of("ben", "block").length, 2, "what had not left is lost");
});

Deno.test("a machine without power is silent, and resets the link when it is on again", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("5s", "15s", powerOff(ana));
    at("6s", ben, ping(1));
    at("20s", ben, ping(1));
  });
  const [left] = of("ben", "left");
  assert.equal(left!.event.text, "crashed");
  assert.ok(left!.at > 15 && left!.at < 15.5, String(left!.at));
});

Deno.test("silence until something is sent: then the restarted machine resets the link", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("5s", "6s", powerOff(ana));
    at("10s", ben, ping(1));
  });
  const [left] = of("ben", "left");
  assert.ok(left!.at > 10 && left!.at < 10.1, String(left!.at));
});

Deno.test("a hang-up arrives behind what was sent before it", () => {
  const { of, inputs } = pair(({ at }, ana) => {
    at("2s", ana, flood(10, 100_000));
    at("2s", ana, hangUp());
  });
  assert.equal(of("ben", "block").length, 10);
  const ended = inputs("ben", "unlinked");
  assert.equal(ended[0]!.input.why, "closed");
  assert.ok(ended[0]!.at >= of("ben", "block").at(-1)!.at);
  assert.equal(inputs("ana", "unlinked").length, 0, "who hangs up is not told of it");
});

Deno.test("a person who leaves has said what was sent before", () => {
  const { of, world } = pair(({ at }, ana) => {
    at("2s", ana, flood(10, 100_000));
    at("2010ms", leave(ana));
  });
  assert.equal(of("ben", "block").length, 10);
  assert.equal(of("ben", "left")[0]!.event.text, "closed");
  assert.equal(world.fate.crashes, 0);
});

Deno.test("a cut holds what is sent, and the link goes on afterwards", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("2s", "8s", cut(ana, ben));
    at("3s", ana, ping(2));
    at("4s", ben, flood(2, 1000));
  });
  assert.equal(of("ana", "left").length, 0);
  assert.ok(of("ana", "pong")[0]!.at > 8);
  assert.deepEqual(of("ana", "block").map(({ event }) => event.number), [0, 1]);
});

Deno.test("a cut one way stops both directions of a link, since nothing is acknowledged", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("2s", "8s", cut(ana, ben, { oneWay: true }));
    at("3s", ben, ping(1));
  });
  assert.ok(of("ben", "pong")[0]!.at > 8);
});

Deno.test("a crash behind a cut is heard of when the cut is mended", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("2s", "8s", cut(ana, ben));
    at("3s", crash(ana));
  });
  const [left] = of("ben", "left");
  assert.ok(left!.at > 8 && left!.at < 8.1);
});

Deno.test("hold and clog keep what is sent for later; isolate parts one from all", () => {
  for (const fault of [hold, clog, isolate] as const) {
    const { of } = pair(({ at, between }, ana, ben) => {
      between("2s", "8s", (fault as typeof hold)(ana, ben));
      at("3s", ana, ping(1));
    });
    assert.ok(of("ana", "pong")[0]!.at > 8, fault.name);
  }
});

Deno.test("overlapping cuts end when the last of them does", () => {
  const { of } = pair(({ at, between }, ana, ben) => {
    between("2s", "8s", cut(ana, ben));
    between("4s", "12s", isolate(ben));
    at("3s", ana, ping(1));
  });
  assert.ok(of("ana", "pong")[0]!.at > 12);
});

Deno.test("a receiver that does not read stops its sender", () => {
  const { inputs } = pair(({ at, between }, ana, ben) => {
    between("2s", "20s", pause(ben));
    at("3s", ana, flood(30, 500_000));
  }, { network: lan({ latency: "1ms", bandwidth: "1Gbps" }) });
  const before = inputs("ana", "drained").filter(({ at }) => at < 20).length;
  assert.ok(before >= 8 && before <= 10, `${before} bodies left: 4 MB fit the window`);
  assert.equal(inputs("ben", "received").filter(({ input }) => input.frame.body).length, 30);
});

Deno.test("a restart is a new life with new links", () => {
  const { inputs, of } = pair(({ at }, ana, ben) => {
    at("5s", restart(ben));
    at("6s", ana, dial("10.0.0.2:45454"));
  });
  assert.deepEqual(inputs("ben", "started").map(({ input }) => input.boot), [0, 1]);
  assert.equal(of("ana", "left").length, 1);
  assert.equal(of("ana", "joined").length, 2);
});

Deno.test("bandwidth can change while a machine runs", () => {
  const { of } = pair(({ at, between }, ana) => {
    between("2s", "3s", change(ana, { uplink: "8Mbps" }));
    at("2s", ana, flood(10, 500_000));
  });
  const blocks = of("ben", "block");
  const slow = 1_000_000 * 1448 / 1514;
  assert.ok(Math.abs(blocks[0]!.at - (2 + 500_000 / slow)) < 0.01);
  assert.ok(blocks.at(-1)!.at < 3.5, "the rest goes at the old rate");
});

Deno.test("subnets are apart for broadcasts, and further away", () => {
  const { inputs, of } = watched(small(({ named, at }) => {
    const { ana, ben, far } = named("ana", "ben", "far");
    far.set({ subnet: 3 });
    at("1s", ana, dial(far.address));
    at("2s", ana, { protocol: "echo", name: "shout", text: "hello out there" } as never);
    void ben;
  }, { network: lan({ latency: "1ms", router: { latency: "4ms", bandwidth: "10Mbps" } }) }));
  assert.ok(Math.abs(inputs("ana", "linked")[0]!.at - 1.010) < 0.000_1);
  assert.equal(inputs("ana", "linked")[0]!.input.dialled, "10.3.0.1:45454");
  assert.equal(of("ben", "overheard").length, 1);
  assert.equal(of("far", "overheard").length, 0);
});
