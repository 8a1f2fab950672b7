/** Devices that give other shards than they were given: found by their hashes, before anything is decoded. */
import assert from "node:assert/strict";
import { vault } from "../../../runtime/protocols/mod.ts";
import { type Lie, saying } from "../../../sim/mod.ts";
import { locking, opensLater, played } from "./room.ts";

type Change = (body: Uint8Array) => Uint8Array | undefined;

/** What a device may make of a shard on its way. */
const CHANGES: Readonly<Record<string, Change>> = {
  "with one bit turned over": (body) => body.with(body.length >> 1, body[body.length >> 1]! ^ 1),
  "truncated": (body) => body.subarray(0, body.length - 1),
  "extended": (body) => new Uint8Array([...body, 0]),
  "empty": () => new Uint8Array(0),
  "missing": () => undefined,
};

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`a shard that is ${what} is found, at each place, and another one takes its place`, () => {
    for (const liar of [1, 2, 3, 4]) {
      const { of, wrong } = played(30, (room) => {
        const { stage, owner } = room;
        const shape = { count: 4, enough: 3 };
        stage.at("8s", owner, locking(stage.file("badge.png", "60KB"), shape));
        opensLater(room, "5s");
      }, {
        change: (each, name) =>
          name !== `device${liar}` ? each : saying(each, (message, body) => ({
            message,
            body: message.kind === "shard" && body !== undefined ? change(body) : body,
          })),
      });
      assert.deepEqual(wrong, []);
      assert.equal(of("owner", "opened").length, 1);
    }
  });
}

Deno.test("a shard of another place, another share or another file is none of this one", () => {
  const kept: { readonly message: unknown; readonly body: Uint8Array }[] = [];
  const { of, wrong } = played(60, (room) => {
    const { stage, owner } = room, shape = { count: 4, enough: 3 };
    stage.at("8s", owner, locking(stage.file("one.png", "2500KB"), shape));
    stage.at("20s", owner, locking(stage.file("two.png", "2500KB"), shape));
    opensLater(room, "5s");
  }, {
    // Two devices give each other's shards, of whatever was asked for before, under the names that are asked for.
    change: (each, name) =>
      name !== "device1" ? each : saying(each, (message, body) => {
        if (message.kind !== "shard" || body === undefined) return { message, body };
        kept.push({ message, body });
        const { body: other } = kept[Math.max(0, kept.length - 2)]!;
        return { message, body: other };
      }),
  });
  assert.deepEqual(wrong, []);
  assert.equal(of("owner", "opened").length, 2);
});

/** Locks a file, has it verified, and gives what was found of the share at the device that lies. */
function verifiedWith(lie: Lie): string {
  const { of, wrong, world } = played(60, ({ stage, owner }) => {
    stage.at("8s", owner, locking(stage.file("badge.png", "60KB"), { count: 4, enough: 3 }));
    stage.whenever(owner, vault.isLocked, {
      of: owner,
      ask: (_, { content }) => vault.verify(content),
    }, { after: "5s" });
  }, { change: (each, name) => name === "device1" ? saying(each, lie) : each });
  assert.deepEqual(wrong, []);
  const liar = world.stage.actors.find(({ name }) => name === "device1")!.peer;
  const { shares } = of("owner", "verified")[0]!;
  const honest = shares.filter(({ device }) => device !== liar);
  assert.deepEqual(honest.map(({ state }) => state), ["good", "good", "good"]);
  return shares.find(({ device }) => device === liar)!.state;
}

for (const [what, change] of Object.entries(CHANGES)) {
  Deno.test(`a proof whose block is ${what} proves nothing`, () => {
    const lie: Lie = (message, body) => ({
      message,
      body: message.kind === "proof" ? change(body!) : body,
    });
    assert.equal(verifiedWith(lie), "wrong");
  });
}
