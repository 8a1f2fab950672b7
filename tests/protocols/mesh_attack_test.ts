/** Members who lie to the mesh: altered and unsigned messages, replays, floods, empty promises. */
import assert from "node:assert/strict";
import { type Context, Stream, utf8 } from "../../runtime/core/mod.ts";
import { mesh, type MeshMessage, say } from "../../runtime/protocols/mesh/mod.ts";
import type { Actor } from "../../sim/cast.ts";
import type { Stage } from "../../sim/stage.ts";
import { liar, lie, messageOf, recorder, stranger, toAll, twisted } from "./mesh_liars.ts";
import { Room } from "./mesh_room.ts";

const onlyLiar = (actor: Actor) => actor.name === "mallory" ? [liar(mesh())] : [];

/** Twenty honest peers and a liar who says one thing to all its neighbours at 8 s. */
function after(message: MeshMessage, body?: Uint8Array): Room {
  return new Room({
    lasts: "12s",
    protocols: onlyLiar,
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      many("pc", 20);
      at("8s", mallory!, lie("mesh", (ctx) => toAll(ctx, message, body)));
    },
  }).run();
}

const bans = (lab: Room, why: string) =>
  lab.events("membership.down").filter(({ event }) =>
    event.why === why && lab.nameOf(event.peer) === "mallory"
  );

const real = messageOf(stranger("origin"), 7, "hello");

Deno.test("a message of somebody else is passed on as it was signed", () => {
  const lab = after(real);
  assert.equal(lab.events("mesh.heard").length, 21, "by all, and by the liar too");
  assert.ok(lab.events("mesh.heard").every(({ event }) => event.peer === stranger("origin").peer));
});

const altered: Record<string, MeshMessage> = {
  payload: { ...real, payload: utf8("hallo") },
  topic: { ...real, heading: { ...real.heading, topic: "tent" } },
  sequence: { ...real, heading: { ...real.heading, sequence: 8 } },
  boot: { ...real, heading: { ...real.heading, boot: 1 } },
  "signing key": { ...real, heading: { ...real.heading, sign: stranger("x").keys.sign } },
  "agreement key": { ...real, heading: { ...real.heading, agree: stranger("x").keys.agree } },
  signature: { ...real, signature: twisted(real.signature) },
  "whole signature": { ...real, signature: new Uint8Array(64) },
};

for (const [what, message] of Object.entries(altered)) {
  Deno.test(`a message with another ${what} is told to nobody, and bans who says it`, () => {
    const lab = after(message);
    assert.deepEqual(lab.events("mesh.heard"), []);
    assert.ok(bans(lab, "tampered").length >= 8);
  });
}

Deno.test("a payload over the limit, or in the wrong place, bans who sends it", () => {
  const { heading, signature, hops, age } = real;
  const parcel: MeshMessage = { kind: "parcel", heading, signature, hops, age };
  const random = new Stream("bodies");
  assert.ok(bans(after(parcel, random.bytes(32 * 1024 + 1)), "too-large").length >= 8);
  assert.ok(bans(after(parcel, random.bytes(1024)), "malformed").length >= 8, "it fits inside");
  assert.ok(bans(after(parcel), "malformed").length >= 8, "nothing at all");
  assert.ok(bans(after(parcel, random.bytes(2000)), "tampered").length >= 8);
});

Deno.test("hops and age that are lies change nothing but how far it goes", () => {
  const lab = after({ ...real, hops: 255, age: 600_000 });
  const heard = lab.events("mesh.heard");
  assert.ok(heard.length >= 8 && heard.every(({ event }) => event.hops === 65));
});

Deno.test("what was said once is never heard again, however often and late it is played back", () => {
  const recorded: MeshMessage[] = [];
  const isMessage = (message: MeshMessage) => message.kind === "message";
  const lab = new Room({
    lasts: "700s",
    protocols: ({ name }) => name === "mallory" ? [recorder(mesh(), recorded)] : [],
    play({ named, many, at, every }) {
      const { mallory } = named("mallory");
      const pcs = many("pc", 6);
      for (let n = 0; n < 40; n++) at(`${5000 + 100 * n}ms`, pcs[n % 6]!, say("test", `${n}`));
      const again = (ctx: Context<MeshMessage>) => {
        for (const message of recorded.filter(isMessage)) toAll(ctx, message);
      };
      every("50s", mallory!, lie("mesh", again), { from: "20s" });
    },
  }).run();
  for (const { event } of lab.events("mesh.sent")) {
    const hearers = [...lab.hearersOf(event.id!).values()];
    assert.deepEqual(hearers, [1, 1, 1, 1, 1, 1], "also when nobody keeps it any more");
  }
});

/** Fifty messages of honest peers while `deed` is done ten times a second: all of them are heard. */
function undisturbed(deed: (ctx: Context<MeshMessage>, turn: number) => void): Room {
  const play = ({ named, many, at }: Stage<unknown>) => {
    const { mallory } = named("mallory");
    const pcs = many("pc", 20);
    for (let n = 0; n < 100; n++) {
      at(`${8000 + 100 * n}ms`, mallory!, lie("mesh", (ctx) => deed(ctx, n)));
    }
    for (let n = 0; n < 50; n++) at(`${8050 + 200 * n}ms`, pcs[n % 20]!, say("test", `${n}`));
  };
  const lab = new Room({ lasts: "22s", protocols: onlyLiar, play }).run();
  const honest = lab.events("mesh.heard").filter(({ who, event }) =>
    who !== "mallory" && lab.nameOf(event.peer).startsWith("pc")
  );
  assert.equal(honest.length, 50 * 19);
  const sentAt = new Map(lab.events("mesh.sent").map(({ at, event }) => [event.id, at]));
  const longest = Math.max(...honest.map(({ at, event }) => at - sentAt.get(event.id)!));
  assert.ok(longest < 1, `the last one took ${longest} s`);
  return lab;
}

Deno.test("announcements of what does not exist disturb nobody", () => {
  const random = new Stream("ids");
  undisturbed((ctx) => {
    const messages = Array.from({ length: 512 }, () => ({ id: random.bytes(16), hops: 0 }));
    toAll(ctx, { kind: "announce", all: false, messages });
    toAll(ctx, { kind: "announce", all: true, messages });
  });
});

Deno.test("requests for everything, again and again, are served within bounds", () => {
  const ids: Uint8Array[] = [];
  let served = 0;
  const inner = mesh();
  const lab = new Room({
    lasts: "20s",
    protocols: ({ name }) =>
      name !== "mallory" ? [] : [liar<MeshMessage>({
        ...inner,
        received(message, from, body, ctx) {
          if (message.kind === "announce") {
            for (const { id } of message.messages) ids.push(id.slice());
          }
          if (message.kind === "message" && ctx.now > 0) served++;
          inner.received(message, from, body, ctx);
        },
      })],
    play({ named, many, at }) {
      const { mallory } = named("mallory");
      const [ana] = many("pc", 2);
      for (let n = 0; n < 20; n++) at(`${5000 + 10 * n}ms`, ana!, say("test", `${n}`));
      for (let n = 0; n < 1000; n++) {
        at(
          `${8000 + 10 * n}ms`,
          mallory!,
          lie("mesh", (ctx) => {
            const wanted = Array.from({ length: 128 }, (_, at) => ids[at % ids.length]!);
            toAll(ctx, {
              kind: "graft",
              ids: ids.length > 0 ? wanted : [],
              origins: [],
              all: true,
            });
          }),
        );
      }
    },
  }).run();
  assert.ok(lab.events("mesh.heard").length === 40);
  assert.ok(served <= 2 * (1024 + 256 * 12), `${served} of 256,000`);
});

Deno.test("whoever prunes and grafts wildly harms only itself", () => {
  undisturbed((ctx, turn) => {
    const origins = [...ctx.peers].slice(0, 8);
    toAll(ctx, { kind: "prune", origins });
    if (turn % 2 === 0) toAll(ctx, { kind: "graft", ids: [], origins, all: true });
    toAll(ctx, { kind: "digest", count: 512, folded: new Uint8Array(16) });
  });
});

Deno.test("a flood of well signed messages of invented origins is passed on at a bounded rate", () => {
  let number = 0;
  const lab = undisturbed((ctx) => {
    for (let n = 0; n < 100; n++) {
      number++;
      toAll(ctx, messageOf(stranger(`sybil ${number % 500}`), number, "spam"));
    }
  });
  const spam = lab.events("mesh.heard", "pc20").filter(({ event }) =>
    event.peer !== undefined && lab.nameOf(event.peer) === "a stranger"
  );
  assert.ok(spam.length > 1000, "what is well signed is passed on");
  assert.ok(spam.length <= 10_000);
});
