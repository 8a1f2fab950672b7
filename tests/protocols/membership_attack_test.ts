/** Strangers and members who lie to membership: floods, forgeries, replays, false obituaries. */
import assert from "node:assert/strict";
import {
  identityFrom,
  type PeerId,
  type Protocol,
  Stream,
  struct,
  wire,
} from "../../runtime/core/mod.ts";
import {
  datagramWire,
  membership,
  type MembershipMessage,
} from "../../runtime/protocols/membership/mod.ts";
import { mesh, say } from "../../runtime/protocols/mesh/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import type { Duration } from "../../sim/mod.ts";
import {
  beacon,
  cardOf,
  hole,
  liar,
  lie,
  strange,
  stranger,
  toAll,
  twisted,
} from "./mesh_liars.ts";
import { islands, Room } from "./mesh_room.ts";

/** One of the peers lies; the others are honest. */
const onlyLiar = (actor: Actor) => actor.name === "mallory" ? [liar(membership())] : [];

/** Says of all of them, as of one of their lives, that they are dead. */
const allDead = (pcs: readonly Actor[], incarnation: number) =>
  lie((ctx) => {
    const obituaries = pcs.map(({ peer }) => ({ peer, incarnation }));
    toAll<MembershipMessage>(ctx, { kind: "rumours", obituaries, cards: [] });
  });

Deno.test("a hundred thousand invented peers do not part twenty real ones, nor keep one out", () => {
  const fakes = 100_000, perStep = 500;
  const lab = new Room({
    lasts: "32s",
    network: { latency: "1ms" },
    protocols: onlyLiar,
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      const pcs = many("pc", 20);
      pcs[19]!.set({ startsAt: "20s" });
      for (let step = 0; step < fakes / perStep; step++) {
        at(
          `${10_000 + 100 * step}ms`,
          mallory!,
          lie((ctx) => {
            for (let n = 0; n < perStep; n++) {
              const number = step * perStep + n;
              const fake = identityFrom(new Stream(`fake ${number}`).bytes(32), fastKeys);
              const address = `10.0.0.${100 + number % 150}:${1024 + number % 60_000}`;
              ctx.cast("everyone", beacon(cardOf(fake, address, 0, fastKeys)));
            }
          }),
        );
      }
      at("29s", pcs[19]!, say("test", "I am in"));
    },
  }).run();
  const lost = lab.events("membership.down").filter(({ at, event }) =>
    at > 10 && lab.nameOf(event.peer).startsWith("pc") && event.why !== "released"
  );
  assert.deepEqual(lost, [], "no honest link is given up");
  assert.equal(islands(lab.neighbours()).length, 1);
  const [sent] = lab.events("mesh.sent");
  assert.equal(lab.hearersOf(sent!.event.id!).size, 20);
  for (let n = 1; n <= 20; n++) {
    const found = lab.events("membership.found", `pc${n}`);
    assert.ok(found.length < 150 + 32 * 22, `pc${n} checked ${found.length} at most`);
    assert.ok(lab.dialsOf(`pc${n}`) < 30 * 22, `${lab.dialsOf(`pc${n}`)} dials`);
  }
  const beacons = lab.casts.filter(({ at, to, who }) =>
    who === "pc1" && to === "everyone" && at > 10
  );
  assert.ok(beacons.length <= 30, "still at most one beacon a second");
});

/** Invented keys need not be points of a curve here; making real ones would take most of the test. */
const fastKeys = { ...strange, signingKey: strange.sha256, agreementKey: strange.sha256 };

Deno.test("forged, altered, cloned and replayed beacons change nothing", () => {
  const friend = stranger("friend");
  const here = "10.0.0.99:45454", there = "10.0.0.66:45454";
  const genuine = beacon(cardOf(friend, here, 5));
  const moved = cardOf(friend, there, 6);
  const forged = [
    // Another address, or a later life, under another signature.
    beacon({ ...moved, signature: cardOf(friend, here, 5).signature }),
    beacon({ ...moved, signature: cardOf(stranger("other"), there, 6).signature }),
    beacon({ ...moved, signature: twisted(moved.signature) }),
    beacon({ ...moved, statement: { ...moved.statement, incarnation: 7 } }),
    genuine.subarray(0, genuine.length - 1),
    Uint8Array.of(...genuine, 0),
  ];
  // Real, but of an earlier life; and the same again.
  const stale = [beacon(cardOf(friend, there, 4)), genuine];
  const stolen: Uint8Array[] = [];
  const lab = new Room({
    lasts: "20s",
    protocols: (actor) =>
      actor.name !== "mallory" ? [] : [liar<MembershipMessage>({
        ...membership(),
        overheard: (bytes) => void stolen.push(bytes.slice()),
      })],
    play({ named, at }) {
      const { mallory } = named("mallory", "ana", "ben");
      const all = [...forged, genuine, ...forged, ...stale];
      all.forEach((bytes, n) =>
        at(`${5000 + 500 * n}ms`, mallory!, lie((ctx) => ctx.cast("everyone", bytes)))
      );
      at("18s", mallory!, lie((ctx) => stolen.forEach((bytes) => ctx.cast("everyone", bytes))));
    },
  }).run();
  const found = lab.events("membership.found", "ana");
  const ofFriend = found.filter(({ event }) => event.peer === friend.peer);
  assert.deepEqual(ofFriend.map(({ event }) => event.address), [here]);
  assert.ok(ofFriend[0]!.at > 8, "from the genuine one");
  assert.deepEqual(lab.dials.filter(({ address }) => address === there), []);
  assert.ok(lab.dials.some(({ address }) => address === here));
  assert.ok(found.every(({ event }) => lab.nameOf(event.peer) !== "ana"), "nobody finds itself");
});

Deno.test("a beacon that is played back by somebody else leads to its signer, or nowhere", () => {
  let stolen: Uint8Array | undefined;
  const lab = new Room({
    lasts: "20s",
    protocols: (actor) =>
      actor.name !== "mallory" ? [] : [{
        ...membership(),
        overheard: (bytes: Uint8Array) => void (stolen ??= bytes.slice()),
        asked: (_command: unknown, ctx: { cast(to: "everyone", bytes: Uint8Array): void }) =>
          ctx.cast("everyone", stolen!),
      }],
    play({ named, at, every }) {
      const { mallory, ana } = named("mallory", "ana", "ben");
      at("8s", { kind: "fault", name: "x", who: "", begin: (d) => d.powerOff(ana!) });
      every("500ms", mallory!, lie(() => {}), { from: "12s" });
    },
  }).run();
  assert.equal(
    lab.events("membership.gone", "ben").filter(({ event }) => lab.nameOf(event.peer) === "ana")
      .length,
    1,
  );
  assert.deepEqual(
    lab.events("membership.found", "ben").filter(({ at, event }) =>
      at > 11 && lab.nameOf(event.peer) === "ana"
    ),
    [],
    "the dead is not alive again",
  );
});

Deno.test("whatever datagrams come, no more bytes go out than came in, and few", () => {
  const random = new Stream("amplification");
  const card = cardOf(stranger("caller"), "10.0.0.66:45454", 0);
  const call = datagramWire.encode({ kind: "call", card, padding: new Uint8Array(96) });
  const lab = new Room({
    lasts: "30s",
    protocols: onlyLiar,
    play({ named, at }) {
      const { mallory, ana } = named("mallory", "ana");
      ana!.set({ startsAt: "0s" });
      for (let n = 0; n < 1000; n++) {
        at(
          `${5000 + 20 * n}ms`,
          mallory!,
          lie((ctx) => {
            ctx.cast(ana!.address, call);
            ctx.cast(ana!.address, datagramWire.encode({ kind: "probe", nonce: random.bytes(8) }));
            for (let more = 0; more < 18; more++) {
              const bytes = random.bytes(1 + random.below(300));
              bytes[0] = random.below(5);
              ctx.cast(ana!.address, bytes);
            }
          }),
        );
      }
    },
  }).run();
  const answers = lab.casts.filter(({ at, who, to }) =>
    who === "ana" && to !== "everyone" && at > 5
  );
  const out = answers.reduce((sum, { bytes }) => sum + bytes.length, 0);
  assert.ok(answers.length > 0, "it does answer");
  const beacons = answers.filter(({ bytes }) => bytes.length > 64);
  assert.ok(beacons.length <= 4 + 21, `${beacons.length}: one a second to one host`);
  const echoes = answers.length - beacons.length;
  assert.ok(echoes <= 4 + 21 + 16 + 8 * 21, `${echoes}: eight more a second where a peer is`);
  assert.ok(out <= lab.overheard.get("ana")!);
  for (const { bytes } of answers) assert.ok(bytes.length <= call.length + 14);
});

Deno.test("a member who says that everybody is dead harms nobody for long", () => {
  const lab = new Room({
    lasts: "30s",
    protocols: onlyLiar,
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      const pcs = many("pc", 20);
      at(
        "10s",
        mallory!,
        allDead(pcs, 0),
      );
      at(
        "15s",
        mallory!,
        // Of lives that nobody has lived.
        allDead(pcs, 5 * (1 << 20)),
      );
      at("12s", pcs[0]!, say("test", "I live"));
      at("25s", pcs[0]!, say("test", "still"));
    },
  }).run();
  const lost = lab.events("membership.down").filter(({ event }) => event.why !== "released");
  assert.deepEqual(lost, [], "no link is given up for what somebody says");
  for (const { event } of lab.events("mesh.sent")) {
    assert.equal(lab.hearersOf(event.id!).size, 20);
  }
  const alive = new Map<string, boolean>();
  for (const { who, at, event } of lab.told) {
    if (at < 14 && event.name === "found") alive.set(`${who} ${event.peer}`, true);
    if (at < 14 && event.name === "gone") alive.set(`${who} ${event.peer}`, false);
  }
  assert.ok([...alive.values()].every((each) => each), "the living have refuted it within 4 s");
});

Deno.test("nobody is buried for what others say who has just spoken, or answers, over any link", () => {
  // Links to all, of which membership looks after few.
  const clingy = {
    name: "clingy",
    code: 200,
    wire: wire({ nothing: struct({}) }),
    received: () => {},
    joined: (peer, ctx) => ctx.hold(peer),
    heard(event, ctx) {
      if (event.name === "found") ctx.dial((event as unknown as { address: string }).address);
    },
  } satisfies Protocol<{ kind: "nothing" }>;
  const lab = new Room({
    lasts: "20s",
    protocols: ({ name }: Actor) => {
      const few = membership({ degree: 3 });
      return [clingy, name === "mallory" ? liar(few) : few];
    },
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      const pcs = many("pc", 12);
      at(
        "10s",
        mallory!,
        allDead(pcs, 0),
      );
    },
  }).run();
  assert.ok(lab.events("membership.found").length >= 12 * 12, "all know all");
  assert.deepEqual(lab.events("membership.gone"), []);
});

Deno.test("who says ten times a second that all are dead parts no neighbours, though packets are lost", () => {
  const lies = Array.from({ length: 300 }, (_, n): Duration => `${10_000 + 100 * n}ms`);
  for (const loss of ["0%", "10%"] as const) {
    const lab = new Room({
      lasts: "40s",
      network: { latency: "5ms", loss },
      protocols: onlyLiar,
      play({ named, many, at }) {
        const { mallory } = named("mallory");
        const pcs = many("pc", 40);
        // Of the life that each is in: those who hear it refute it, and so on.
        const lives = new Map(pcs.map(({ peer }) => [peer, 1 << 20]));
        for (const time of lies) {
          at(
            time,
            mallory!,
            lie((ctx) => {
              const obituaries = [...lives].map(([peer, incarnation]) => ({ peer, incarnation }));
              for (const peer of lives.keys()) lives.set(peer, lives.get(peer)! + 1);
              toAll<MembershipMessage>(ctx, { kind: "rumours", obituaries, cards: [] });
            }),
          );
        }
      },
    }).run();
    const lost = lab.events("membership.down").filter(({ event }) => event.why === "silent");
    assert.deepEqual(lost, [], `${loss}: whoever answers stays a neighbour`);
    assert.ok(
      lab.events("membership.gone").length > 1000,
      "the lies were news to those further off",
    );
  }
});

Deno.test("a third of all take messages and pass none on: the others hear everything", () => {
  const lab = new Room({
    lasts: "20s",
    protocols: ({ name }) => name.startsWith("hole") ? [hole(mesh())] : [],
    play({ many, at }) {
      const pcs = many("pc", 35);
      many("hole", 15);
      for (let n = 0; n < 50; n++) at(`${8000 + 100 * n}ms`, pcs[n % 35]!, say("test", `${n}`));
    },
  }).run();
  const sent = lab.events("mesh.sent");
  const heard = lab.events("mesh.heard").filter(({ who }) => who.startsWith("pc"));
  assert.equal(heard.length, sent.length * 34);
});

Deno.test("who asks again and again to be a neighbour drives nobody out of the places of choice", () => {
  const asks: Duration[] = Array.from({ length: 400 }, (_, n) => `${8000 + 20 * n}ms` as const);
  const lab = new Room({
    lasts: "20s",
    protocols: ({ name }) => name.startsWith("liar") ? [liar(membership()), hole(mesh())] : [],
    play({ many, at }) {
      const pcs = many("pc", 30), liars = many("liar", 15);
      for (const time of asks) {
        at(
          time,
          liars,
          lie((ctx) =>
            toAll<MembershipMessage>(ctx, { kind: "ask", incarnation: 0, degree: 0, urgent: true })
          ),
        );
      }
      for (let n = 0; n < 20; n++) at(`${14_000 + 100 * n}ms`, pcs[n]!, say("test", `${n}`));
    },
  }).run();
  const honest = [...lab.neighbours()].filter(([name]) => name.startsWith("pc"))
    .map(([name, others]): [string, Set<string>] => [
      name,
      new Set([...others].filter((other) => other.startsWith("pc"))),
    ]);
  assert.equal(islands(new Map(honest)).length, 1, "the honest reach each other without liars");
  const sent = lab.events("mesh.sent").map(({ event }) => event.id!);
  for (const id of sent) {
    const hearers = [...lab.hearersOf(id).keys()].filter((name) => name.startsWith("pc"));
    assert.equal(hearers.length, 29);
  }
});

Deno.test("walks and looks that never end cost a neighbour little", () => {
  const victims = new Map<string, number>();
  const lab = new Room({
    lasts: "20s",
    protocols: onlyLiar,
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      many("pc", 10);
      for (let n = 0; n < 500; n++) {
        at(
          `${8000 + 20 * n}ms`,
          mallory!,
          lie((ctx) => {
            const peer = stranger(`victim ${n}`).peer as PeerId;
            const contact = { peer, address: `192.0.2.${n % 250}:80` };
            toAll<MembershipMessage>(ctx, { kind: "walk", contact, hops: 255 });
            toAll<MembershipMessage>(ctx, { kind: "walk", contact, hops: 0 });
            toAll<MembershipMessage>(ctx, { kind: "look", contact });
          }),
        );
      }
    },
  }).run();
  for (const { who, to, at } of lab.casts) {
    if (at > 8 && to.startsWith("192.0.2.")) victims.set(who, (victims.get(who) ?? 0) + 1);
  }
  for (const [who, probes] of victims) assert.ok(probes <= 16 + 8 * 12, `${who} probed ${probes}`);
  for (const { name } of lab.actors) assert.ok(lab.dialsOf(name) <= 30 + 16 + 8 * 12, name);
});
