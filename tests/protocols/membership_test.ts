/** Membership keeps its promises: who is there, who is next to whom, who has gone. */
import assert from "node:assert/strict";
import { millisecond, type PeerId, type Protocol, second } from "../../runtime/core/mod.ts";
import { depart, meet, membership, sweep } from "../../runtime/protocols/membership/mod.ts";
import type { MembershipMessage } from "../../runtime/protocols/membership/wire.ts";
import { say } from "../../runtime/protocols/mesh/mod.ts";
import { crash, cut, pause, powerOff, restart } from "../../sim/mod.ts";
import { islands, Room, room } from "./mesh_room.ts";

Deno.test("fifty peers that start within a second all see each other within two", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const lab = room(50, { lasts: "2s", seed }).run();
    const found = lab.events("membership.found");
    assert.equal(found.length, 50 * 49);
    assert.equal(new Set(found.map(({ who, event }) => `${who} ${event.peer}`)).size, 50 * 49);
    assert.ok(found.every(({ event }) => event.address?.startsWith("10.0.0.")));
  }
});

Deno.test("fifty peers see each other although a tenth of all datagrams is lost", () => {
  const lab = room(50, { lasts: "5s", network: { latency: "1ms", loss: "10%" } }).run();
  assert.equal(lab.events("membership.found").length, 50 * 49);
});

Deno.test("beacons come once a second at most, and seldom once there are neighbours enough", () => {
  const lab = room(50, { lasts: "70s" }).run();
  const perPeerAndSecond = (from: number, to: number) =>
    lab.casts.filter(({ at }) => at >= from && at < to).length / 50 / (to - from);
  assert.ok(perPeerAndSecond(0, 10) <= 1.8, "8 in a burst, and one a second");
  assert.ok(perPeerAndSecond(10, 70) <= 0.2, `${perPeerAndSecond(10, 70)}`);
});

Deno.test("neighbours are mutual, about eleven of fifty, and no island is left", () => {
  const lab = room(50, { lasts: "20s" }).run();
  const neighbours = lab.neighbours();
  for (const [name, others] of neighbours) {
    assert.ok(others.size >= 10 && others.size <= 15, `${name} has ${others.size}`);
    for (const other of others) assert.ok(neighbours.get(other)!.has(name));
  }
  assert.equal(islands(neighbours).length, 1);
});

Deno.test("two peers alone find each other, and nobody finds itself", () => {
  const lab = room(2, { lasts: "3s" }).run();
  assert.deepEqual(lab.events("membership.up").map(({ who }) => who).sort(), ["pc1", "pc2"]);
  assert.equal(lab.events("membership.found").length, 2);
});

Deno.test("networks without a common broadcast meet by one typed address, and mix", () => {
  const lab = new Room({
    lasts: "20s",
    play({ many, at }) {
      const here = many("here", 30), there = many("there", 30, { subnet: 1 });
      at("1s", here[0]!, meet([there[0]!.address]));
    },
  }).run();
  const neighbours = lab.neighbours();
  assert.equal(islands(neighbours).length, 1);
  const mixed = [...neighbours].filter(([name, others]) =>
    [...others].some((other) => other.slice(0, 4) !== name.slice(0, 4))
  );
  assert.ok(mixed.length >= 55, `${mixed.length} of 60 have a neighbour in the other network`);
});

Deno.test("a typed address is dialled until it answers, also after a restart", () => {
  const lab = new Room({
    lasts: "40s",
    membership: { beacons: false },
    play({ named, at }) {
      const { ana, ben } = named("ana", "ben");
      ben.set({ startsAt: "9s" });
      at("1s", ana, meet([ben.address]));
      at("25s", restart(ana));
    },
  }).run();
  const ups = lab.events("membership.up", "ana").map(({ at }) => at);
  assert.equal(ups.length, 2);
  assert.ok(ups[0]! > 9 && ups[0]! < 25 && ups[1]! > 25 && ups[1]! < 30, `${ups}`);
});

Deno.test("too many typed addresses are refused in one piece", () => {
  const lab = room(2, { lasts: "3s" }, ([ana], { at }) => {
    at("2s", ana!, meet(Array.from({ length: 65 }, (_, n) => `10.1.0.${n}:45454`)));
  }).run();
  const [refused] = lab.events("membership.refused", "pc1");
  assert.equal(refused?.event.why, "too-many");
  assert.ok(lab.dialsOf("pc1") <= 1);
});

Deno.test("a sweep finds peers where beacons are not passed on, a hundred calls a second", () => {
  const lab = new Room({
    lasts: "10s",
    membership: { beacons: false },
    play({ many, at }) {
      const [ana] = many("pc", 20);
      at("1s", ana!, sweep("10.0.0.0/24"));
      at("1s", ana!, sweep("10.0.0.0/16"));
    },
  }).run();
  assert.equal(lab.events("membership.refused", "pc1").length, 1, "65,536 hosts are too many");
  assert.equal(lab.events("membership.swept", "pc1").length, 1);
  const calls = lab.casts.filter(({ who, to }) => who === "pc1" && to !== "everyone");
  assert.ok(calls.length >= 250 && calls.length <= 300);
  assert.ok(calls.at(-1)!.at - calls[0]!.at >= 2.5);
  assert.ok(lab.events("membership.found", "pc1").length === 19);
});

Deno.test("in quiet times a node tells its four watchers twice a second that it lives, the others seldom", () => {
  const lab = room(50, { lasts: "40s" }).run();
  const perPeerAndSecond = lab.sends.filter((at) => at >= 20).length / 50 / 20;
  assert.ok(perPeerAndSecond > 8 && perPeerAndSecond < 16, `${perPeerAndSecond} frames`);
  assert.deepEqual(lab.events("membership.wavering"), []);
});

Deno.test("whatever comes by a link is a sign of life, whichever protocol says it", () => {
  const lab = new Room({
    lasts: "30s",
    play: ({ many }) => void many("pc", 12),
    protocols: ({ name }) => name === "pc1" ? [withoutBeats(), chatter] : [chatter],
  }).run();
  assert.ok(lab.neighbours().get("pc1")!.size > 8);
  assert.deepEqual(lab.events("membership.wavering"), []);
});

/** Membership whose messages are what `change` makes of them; undefined: not sent. */
function changed(
  change: (message: MembershipMessage, to: PeerId) => MembershipMessage | undefined,
): Protocol<MembershipMessage> {
  const own = membership();
  return {
    ...own,
    woke(timer, ctx) {
      const send: typeof ctx.send = (to, message) => {
        const instead = change(message, to);
        return instead === undefined || ctx.send(to, instead);
      };
      own.woke!(timer, Object.create(ctx, { send: { value: send } }));
    },
  };
}

/** Membership that never says that it lives. */
const withoutBeats = () => changed((message) => message.kind === "beat" ? undefined : message);

/** Says something to all neighbours three times a second. */
const chatter: Protocol<Uint8Array> = {
  name: "chatter",
  code: 200,
  wire: { kinds: [], encode: (bytes) => bytes, decode: (bytes) => bytes },
  started: (_saved, ctx) => ctx.wake("chat", 300 * millisecond),
  woke(_timer, ctx) {
    for (const peer of ctx.peers) ctx.send(peer, Uint8Array.of(1));
    ctx.wake("chat", 300 * millisecond);
  },
  received() {},
};

Deno.test("frames that came while a neighbour was given up count, although they have not been looked at", () => {
  const lab = new Room({
    lasts: "60s",
    play({ many, between }) {
      const [mute] = many("pc", 12);
      for (let from = 10_000; from < 55_000; from += 4100) {
        between(`${from}ms`, `${from + 2450}ms`, pause(mute!));
      }
    },
    // Neither beats nor answers to probes: only what another protocol says shows that it lives.
    protocols: ({ name }) =>
      name === "pc1" ? [{ ...withoutBeats(), overheard() {} }, chatter] : [chatter],
  }).run();
  assert.ok(lab.events("membership.wavering").length > 50, "it was doubted");
  assert.deepEqual(lab.events("membership.down").filter(({ event }) => event.why === "silent"), []);
});

Deno.test("however much else is said, neighbours hear now and then how many neighbours a node has", () => {
  const beats = new Map<PeerId, number>();
  const lab = new Room({
    lasts: "50s",
    play: ({ many }) => void many("pc", 12),
    protocols: ({ name }) =>
      name !== "pc1" ? [chatter] : [
        changed((message, to) => {
          if (message.kind === "beat") beats.set(to, (beats.get(to) ?? 0) + 1);
          return message;
        }),
        chatter,
      ],
  });
  lab.run(10);
  beats.clear();
  lab.run();
  assert.equal(beats.size, lab.neighbours().get("pc1")!.size);
  const counts = [...beats.values()].sort((one, other) => one - other);
  assert.ok(counts[0]! >= 4, `${counts}: after four paces of 2 s`);
  assert.ok(counts[4]! <= 6, `${counts}: but for its watchers no more often`);
});

Deno.test("where there are few, all of them miss one that is silent at once", () => {
  const lab = room(6, { lasts: "14s" }, ([ana], { at }) => at("10s", powerOff(ana!))).run();
  const doubts = lab.events("membership.wavering");
  assert.equal(doubts.length, 5);
  assert.ok(doubts.every(({ at }) => at < 11.5), "a beat, a late one, and a pulse");
});

Deno.test("who promises to be silent for long is missed two seconds later than others", () => {
  const lab = new Room({
    lasts: "20s",
    play({ many, at }) {
      const [ana] = many("pc", 12);
      at("10s", powerOff(ana!));
    },
    protocols: ({ name }) =>
      name !== "pc1"
        ? []
        : [changed((message) => message.kind === "beat" ? { ...message, pace: 255 } : message)],
  }).run();
  const gone = lab.events("membership.gone");
  assert.equal(gone.length, 11);
  assert.ok(gone.every(({ at }) => at < 10 + 4 + 2.3 + 0.5), `${gone.map(({ at }) => at)}`);
});

Deno.test("a process that is killed is noticed by all within half a second", () => {
  const lab = room(50, { lasts: "12s" }, ([ana], { at }) => at("10s", crash(ana!))).run();
  const gone = lab.events("membership.gone");
  assert.equal(gone.length, 49);
  assert.ok(gone.every(({ at }) => at <= 10.5));
  const down = lab.events("membership.down").filter(({ event }) => event.why === "crashed");
  assert.ok(
    down.length >= 10 && down.every(({ at }) => at <= 10.01),
    "its neighbours see it at once",
  );
});

Deno.test("a machine without power is noticed by all within three seconds", () => {
  const lab = room(50, { lasts: "15s" }, ([ana], { at }) => at("10s", powerOff(ana!))).run();
  const gone = lab.events("membership.gone");
  assert.equal(gone.length, 49);
  assert.ok(gone.every(({ at, event }) => at > 12 && at <= 13 && event.why === "silent"));
});

Deno.test("whoever stands still for two seconds is not taken for dead, nor takes others for dead", () => {
  const lab = room(50, { lasts: "60s" }, (pcs, { between, random }) => {
    for (let at = 10_000; at < 56_000; at += 400) {
      const pc = pcs[(at / 400) % 50]!;
      const from = at + random.below(300);
      between(`${from}ms`, `${from + 2000}ms`, pause(pc));
    }
  }).run();
  assert.ok(lab.events("membership.wavering").length > 500, "it was doubted");
  assert.deepEqual(lab.events("membership.gone"), []);
  assert.deepEqual(
    lab.events("membership.down").filter(({ event }) => event.why !== "released"),
    [],
  );
});

Deno.test("a link that nobody needs ends while its peer stands still: nobody takes that for a death", () => {
  // Found by quiet_hour, seed 60: the end of any link was suspicious, and a stalled peer could not answer.
  const lab = room(50, { lasts: "30s" }, (pcs, { at, between }) => {
    at("10s", pcs[0]!, meet(pcs.slice(1).map(({ address }) => address)));
    for (let from = 18_000; from < 26_000; from += 2500) {
      between(`${from}ms`, `${from + 2000}ms`, pause(pcs.slice(1)));
    }
  }).run();
  assert.deepEqual(lab.events("membership.gone"), []);
});

Deno.test("a laptop that slept for a minute blames nobody, and is back in seconds", () => {
  const lab = room(12, { lasts: "90s" }, ([ana], { between }) => {
    between("10s", "70s", pause(ana!));
  }).run();
  assert.deepEqual(lab.events("membership.gone", "pc1"), []);
  assert.equal(lab.neighbours().get("pc1")!.size >= 8, true);
  const foundAgain = lab.events("membership.found").filter(({ at, event }) =>
    at > 70 && lab.nameOf(event.peer) === "pc1"
  );
  assert.equal(foundAgain.length, 11);
});

Deno.test("a goodbye needs no silence", () => {
  const lab = room(20, { lasts: "11s" }, ([ana], { at }) => at("10s", ana!, depart())).run();
  const gone = lab.events("membership.gone");
  assert.equal(gone.length, 19);
  assert.ok(gone.every(({ at, event }) => at <= 10.3 && event.peer !== undefined));
});

Deno.test("a network that was cut in two is one again soon after", () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const lab = room(50, { lasts: "60s", seed }, (pcs, { between, at }) => {
      between("10s", "30s", cut(pcs.slice(0, 25), pcs.slice(25)));
      at("29s", pcs[0]!, say("test", "while we are apart"));
      at("36s", pcs[49]!, say("test", "together again"));
    });
    lab.run(29);
    assert.equal(islands(lab.neighbours()).length, 2, "apart");
    lab.run(35);
    assert.equal(islands(lab.neighbours()).length, 1, "together after 5 s");
    lab.run();
    for (const { event } of lab.events("mesh.sent")) {
      const hearers = lab.hearersOf(event.id!);
      assert.equal(hearers.size, 49);
      assert.ok([...hearers.values()].every((times) => times === 1));
    }
    const alive = new Map<string, boolean>();
    for (const { who, event } of lab.told) {
      if (event.name === "found") alive.set(`${who} ${lab.nameOf(event.peer)}`, true);
      if (event.name === "gone") alive.set(`${who} ${lab.nameOf(event.peer)}`, false);
    }
    assert.ok([...alive.values()].every((each) => each), "everybody is found again");
  }
});

Deno.test("half of all crash and come back: everybody is found again, in a new life", () => {
  const lab = room(40, { lasts: "40s" }, (pcs, { between }) => {
    between("10s", "20s", crash(pcs.slice(0, 20)));
  }).run();
  assert.equal(islands(lab.neighbours()).length, 1);
  const found = lab.events("membership.found", "pc40").filter(({ at }) => at > 20);
  assert.equal(found.length, 20);
});

Deno.test("a peer of whom nothing is seen is evicted if people want that, until it is active again", () => {
  const lab = room(
    6,
    { lasts: "40s", membership: { inactiveAfter: 10 * second } },
    (pcs, { every, at }) => {
      every("3s", pcs.slice(0, 4), say("test", "I am here"), { from: "2s" });
      at("30s", pcs[4]!, say("test", "back"));
    },
  ).run(29);
  const evicted = lab.events("membership.gone", "pc1");
  assert.deepEqual(evicted.map(({ event }) => lab.nameOf(event.peer)).sort(), ["pc5", "pc6"]);
  assert.ok(evicted.every(({ at, event }) => event.why === "inactive" && at > 10 && at < 14));
});

Deno.test("without that wish nobody is evicted", () => {
  const lab = room(6, { lasts: "700s" }).run();
  assert.deepEqual(lab.events("membership.gone"), []);
});

Deno.test("a restarted node dials its last neighbours, where nobody beacons", () => {
  const lab = new Room({
    lasts: "100s",
    membership: { beacons: false },
    play({ many, at }) {
      const [ana, ...others] = many("pc", 10);
      at("1s", others, meet([ana!.address]));
      at("70s", restart(others[3]!));
    },
  }).run();
  const ups = lab.events("membership.up", "pc5").filter(({ at }) => at > 70);
  assert.ok(ups.length >= 5 && ups[0]!.at < 71);
});
