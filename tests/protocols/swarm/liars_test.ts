/** Members that lie about bytes, about what they have, and about what they have done. */
import assert from "node:assert/strict";
import { poisoning } from "../../../sim/mod.ts";
import { swarm, type SwarmMessage } from "../../../runtime/protocols/swarm/mod.ts";
import { encodeManifest } from "../../../runtime/protocols/swarm/manifest.ts";
import type { AnyProtocol } from "../../../runtime/core/mod.ts";
import { BLOCK, lesson, type Options, type Played, played } from "./classroom.ts";
import { boaster, freeRider, scripted, twisted } from "./liars.ts";

const STUDENTS = 10;
const NAMES = Array.from({ length: STUDENTS }, (_, at) => `pc${at + 1}`);

/** The first few of the class do as they are told here; all others are honest, and get everything. */
function survived(liars: number, lie: () => AnyProtocol, options: Options = {}): Played {
  const instead = Object.fromEntries(NAMES.slice(0, liars).map((name) => [name, lie]));
  const run = lesson(STUDENTS, "1MiB", { lasts: "60s", instead, ...options });
  const honest = NAMES.slice(liars);
  assert.deepEqual(run.who("completed").filter((name) => honest.includes(name)), honest);
  for (const name of honest) assert.equal(run.pieces(name, "lecture"), 64);
  return run;
}

/** When the last honest one had everything, in seconds. */
function lastOf(run: Played, liars: number): number {
  return Math.max(...NAMES.slice(liars).map((name) => run.of(name, "completed")[0]!.at));
}

Deno.test("a poisoner is refused after one wrong block, by each victim, and everybody completes", () => {
  const run = survived(1, () => poisoning(swarm(), "block"));
  const liar = run.peerOf("pc1");
  const told = run.told.filter(({ event }) => event.name === "poisoned");
  assert.ok(told.length > 0);
  for (const { event } of told) assert.equal(event.peer, liar, "only the liar is blamed");
  for (const name of NAMES) {
    assert.ok(told.filter(({ who }) => who === name).length <= 1, `${name} was poisoned once`);
  }
  assert.equal(run.links("pc1"), 0, "nobody keeps a link to the poisoner");
  assert.ok(lastOf(run, 1) < 4);
});

Deno.test("four poisoners of ten hinder nobody for long, and waste little", () => {
  const run = survived(4, () => poisoning(swarm(), "block"));
  const wasted = run.told.filter(({ event }) => event.name === "wasted");
  assert.ok(wasted.length < 64 * 6 / 4, `${wasted.length} blocks came twice, of ${64 * 6}`);
  assert.ok(lastOf(run, 4) < 10, `${lastOf(run, 4)} s`);
});

Deno.test("hashes of another content are refused with who sent them, whoever relays them", () => {
  let refused = 0;
  for (const liar of NAMES) {
    const instead = { [liar]: () => poisoning(swarm(), "page") };
    const run = lesson(STUDENTS, "1MiB", { lasts: "60s", instead });
    const honest = NAMES.filter((name) => name !== liar);
    assert.deepEqual(run.who("completed").filter((name) => name !== liar), honest);
    for (const name of honest) assert.ok(run.of(name, "completed")[0]!.at < 10);
    for (const { event } of run.told.filter(({ event }) => event.name === "poisoned")) {
      assert.equal(event.peer, run.peerOf(liar), "only the liar is blamed");
      refused++;
    }
  }
  assert.ok(refused > 0, "somebody has relayed them");
});

Deno.test("a source whose every byte is wrong gives nobody anything, and nobody believes it", () => {
  const run = lesson(4, "200KB", {
    lasts: "20s",
    instead: { teacher: () => poisoning(poisoning(swarm(), "block"), "page") },
  });
  assert.deepEqual(run.who("completed"), []);
  for (const name of NAMES.slice(0, 4)) assert.equal(run.pieces(name, "lecture"), 0);
});

Deno.test("free riders take without giving: the others still get everything from each other", () => {
  assert.ok(lastOf(survived(1, freeRider), 1) < 15);
  assert.ok(lastOf(survived(4, freeRider), 4) < 20);
});

Deno.test("who claims to have relayed what nobody has got keeps no block from anybody", () => {
  assert.ok(lastOf(survived(1, boaster), 1) < 20);
  assert.ok(lastOf(survived(2, boaster), 2) < 30);
});

Deno.test("who says it has everything, and gives nothing, is asked in vain only for a while", () => {
  const bragging = () =>
    twisted((message, body) => {
      if (message.kind === "block") return undefined;
      if (message.kind !== "has") return { message, body };
      const blocks = new Uint8Array(message.blocks.length).fill(0xff);
      return { message: { ...message, blocks } };
    });
  assert.ok(lastOf(survived(1, bragging), 1) < 15);
  assert.ok(lastOf(survived(3, bragging), 3) < 20);
});

Deno.test("one member's accusation throws nobody out", () => {
  const accuser = (): AnyProtocol => {
    const honest = swarm();
    return {
      ...honest,
      received(message: SwarmMessage, from, body, ctx) {
        if (message.kind === "plan") {
          for (const { add } of message.dimensions) {
            for (const { sign, agree } of add) {
              const peer = ctx.crypto.sha256(new Uint8Array([...sign, ...agree]));
              ctx.send(from, { kind: "accuse", content: message.content, peer });
            }
          }
          for (const peer of ctx.peers) {
            const accused = new Uint8Array(peer.match(/../g)!.map((byte) => parseInt(byte, 16)));
            ctx.send(from, { kind: "accuse", content: message.content, peer: accused });
          }
        }
        honest.received(message, from, body, ctx);
      },
    };
  };
  const run = survived(1, accuser);
  for (const name of NAMES.slice(1)) {
    assert.ok(run.links(name) > 0 || run.of(name, "completed").length === 1);
  }
  assert.ok(lastOf(run, 1) < 5);
});

/** A source that answers whoever is interested with a manifest of its own choice. */
function forger(body: (content: Uint8Array) => Uint8Array): AnyProtocol {
  return scripted({
    joined: (peer, ctx) => ctx.hold(peer),
    received(message, from, _body, ctx) {
      if (message.kind !== "interest") return;
      const { content } = message;
      ctx.send(from, { kind: "offer", content }, body(content));
      ctx.send(from, { kind: "has", content, blocks: Uint8Array.of(0xff) });
    },
  });
}

Deno.test("a forged manifest is refused with who sent it, and the next source is asked", () => {
  const forgeries: ((content: Uint8Array) => Uint8Array)[] = [
    () => new Uint8Array(0),
    () => new Uint8Array(100),
    (content) =>
      encodeManifest({
        title: "lecture",
        blockBytes: BLOCK,
        bytes: 5,
        root: content,
        files: [{ path: "lecture", bytes: 5 }],
      }),
  ];
  for (const body of forgeries) {
    const run = played(({ named, many, file }, desk) => {
      const { teacher, forged } = named("teacher", "forged");
      const lecture = file("lecture", "100KB");
      desk.share("0s", teacher, lecture);
      desk.fetch("1s", many("pc", 3), lecture, [forged, teacher]);
    }, { lasts: "20s", instead: { forged: () => forger(body) } });
    assert.deepEqual(run.who("completed"), ["pc1", "pc2", "pc3"]);
    for (const name of ["pc1", "pc2", "pc3"]) {
      assert.equal(run.of(name, "fetching").length, 1, "only the true manifest is told");
    }
    assert.equal(run.links("forged"), 0);
  }
});

Deno.test("a source that knows nothing, or says nothing, does not keep anybody from the next one", () => {
  for (const mute of [scripted({}), swarm()]) {
    const run = played(({ named, many, file }, desk) => {
      const { teacher, empty } = named("teacher", "empty");
      const lecture = file("lecture", "100KB");
      desk.share("0s", teacher, lecture);
      desk.fetch("1s", many("pc", 2), lecture, [empty, teacher]);
    }, { lasts: "60s", instead: { empty: () => mute } });
    assert.deepEqual(run.who("completed"), ["pc1", "pc2"], mute.joined ? "knows nothing" : "mute");
  }
});
