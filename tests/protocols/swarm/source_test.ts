/** What a source gives, and when it gives it once more. */
import assert from "node:assert/strict";
import { identityFrom, type PeerId, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { Lane, SERVE } from "../../../runtime/protocols/swarm/lane.ts";
import { Source } from "../../../runtime/protocols/swarm/source.ts";
import type { SwarmMessage } from "../../../runtime/protocols/swarm/wire.ts";
import { Uploads } from "../../../runtime/protocols/swarm/uploads.ts";
import { contentOf } from "./contents.ts";

const BLOCKS = 16, BLOCK = 16 * 1024;
const SECOND = 1_000_000;

/** Names begin with a letter each: a, b, c ... */
function nameOf(at: number): PeerId {
  return String.fromCharCode("a".charCodeAt(0) + at).repeat(64) as PeerId;
}

/** A source with so many members, which take at once what they are sent. */
function giving(members = 4) {
  const content = contentOf(BLOCKS * BLOCK, BLOCK);
  content.handle = "a";
  content.learnLeaves(new Uint8Array(32 * BLOCKS), nodeCrypto);
  const uploads = new Uploads(() => [content]);
  const given: number[] = [], reads: number[] = [];
  const plans: { readonly to: string; readonly given: number }[] = [];
  uploads.add = (_lane, _urgency, { index, isPage }) => {
    if (isPage !== true) given.push(index);
  };
  let now = SECOND;
  const ctx = {
    crypto: nodeCrypto,
    get now() {
      return now;
    },
    random: new Stream("source"),
    isLinked: () => true,
    send(to: PeerId, message: SwarmMessage) {
      if (message.kind === "plan") plans.push({ to: to[0]!, given: message.given });
      return true;
    },
    read: (_handle: string, offset: number) => reads.push(offset / BLOCK),
    wake: () => {},
    tell: () => {},
  } as unknown as SwarmContext;
  const source = new Source(content, uploads);
  const { keys } = identityFrom(nodeCrypto.sha256(utf8("one of four")), nodeCrypto);
  const peers = Array.from({ length: members }, (_, at) => nameOf(at));
  let joined = 0;
  const join = (peer: PeerId) => {
    const lane = new Lane(peer, content.busy);
    content.lanes.set(peer, lane);
    assert.ok(source.join(peer, keys, "10.0.0.1:1", lane, ctx));
  };
  const gather = () => {
    now += SECOND;
    source.gathered(ctx);
  };
  peers.forEach(join);
  gather();
  const about = { content: content.id, bytesPerSecond: 0, waiting: 0 };
  return {
    content,
    given,
    /** To whom plans went, and how many blocks were given before, as they say. */
    plans,
    /** A fifth member comes. */
    comes: () => {
      join(nameOf(members));
      gather();
    },
    /** One more comes, for whom nothing is planned yet. */
    joins: () => join(nameOf(members + joined++)),
    /** So many bodies are on their way, to others. */
    sends: (bodies: number) => {
      for (let nth = 0; nth < bodies; nth++) uploads.underWay.add(nameOf(25), BLOCK, now);
    },
    /** Members report how fast their uplinks are. */
    rated: (rates: readonly number[]) => {
      rates.forEach((bytesPerSecond, at) =>
        source.received({ kind: "relayed", ...about, blocks: [], bytesPerSecond }, peers[at]!, ctx)
      );
    },
    /** Blocks that are read to be sent to those who asked. */
    reads,
    /** Every member asks for a block. */
    ask: (index: number) => {
      for (const lane of content.lanes.values()) {
        const about = { isPage: false, spread: 0, epoch: 0, turn: 0, owned: undefined };
        lane.uploads[SERVE].push({ index, ...about });
        content.busy.add(lane);
      }
    },
    pass: (seconds: number) => void (now += seconds * SECOND),
    give: () => source.give(ctx),
    /** As a swarm does it: sources look, and then what waits goes. */
    tick: () => {
      source.tick(ctx);
      uploads.pump(ctx);
    },
    /** Their owners say that they have relayed these blocks. */
    relayed: (blocks: readonly number[]) => {
      for (const peer of peers) source.received({ kind: "relayed", ...about, blocks }, peer, ctx);
    },
    /** So many members say that they have a block. */
    spread: (block: number, members: number) => {
      for (let count = 0; count < members; count++) content.availability.gained(block);
    },
    now: () => now,
  };
}

Deno.test("a block that nobody has is given again once later ones have overtaken it, however long that takes", () => {
  const { given, give, tick, pass, relayed, spread } = giving();
  for (let block = 0; block < 4; block++) assert.ok(give());
  relayed([0, 1, 2, 3]);
  pass(6);
  tick();
  give();
  assert.deepEqual(given, [0, 1, 2, 3, 4], "all are late alike: the network is slow");
  relayed([4]);
  spread(4, 3);
  spread(1, 1);
  pass(1);
  tick();
  while (give());
  assert.deepEqual(given.slice(5, 8).toSorted(), [0, 2, 3], "one has the other: it will go on");
});

Deno.test("without any sign of life a block is given again after long", () => {
  const { given, give, tick, pass, relayed } = giving();
  give();
  relayed([0]);
  pass(9);
  tick();
  give();
  assert.deepEqual(given, [0, 0]);
});

Deno.test("whoever asks waits for a source while it has new blocks to give", () => {
  const { content, give, now, relayed } = giving();
  for (let block = 0; block < BLOCKS; block++) {
    assert.ok(give());
    assert.equal(content.givenAt, block < BLOCKS - 1 ? now() : -Infinity);
    relayed([block]);
  }
});

Deno.test("members that have asked for blocks and wait get new ones all the same", () => {
  const { given, give, ask } = giving();
  ask(9);
  assert.ok(give());
  assert.deepEqual(given, [0]);
});

Deno.test("once a source has given nothing for a second it serves those who wait", () => {
  const { reads, give, ask, pass, tick } = giving();
  while (give());
  ask(9);
  pass(0.5);
  tick();
  assert.equal(reads.length, 0, "its members will soon have relayed what they owe");
  pass(0.6);
  tick();
  assert.ok(reads.includes(9));
});

Deno.test("a plan says how many blocks were given before it: nobody relays those to who comes late", () => {
  const { plans, give, comes } = giving();
  assert.deepEqual(plans.map(({ given }) => given), [0, 0, 0, 0]);
  for (let block = 0; block < 3; block++) assert.ok(give());
  comes();
  assert.deepEqual(plans.find(({ to }) => to === "e"), { to: "e", given: 3 });
});

Deno.test("while members are coming few blocks are under way, then as many as there is room for", () => {
  const { give, sends, joins, pass, relayed } = giving();
  assert.ok(give());
  relayed([0]);
  sends(9);
  joins();
  assert.ok(give());
  sends(1);
  assert.ok(!give(), "its plan would wait behind blocks that are not for it");
  pass(0.06);
  assert.ok(give());
});

Deno.test("until a first block has been relayed few are under way, then as many as there is room for", () => {
  const { give, sends, relayed } = giving();
  sends(9);
  assert.ok(give());
  sends(1);
  relayed([]);
  assert.ok(!give(), "it has said how fast it is, and relayed nothing");
  relayed([0]);
  assert.ok(give());
});

Deno.test("where relaying a first block takes long, as many are under way as there is room for", () => {
  const { give, sends, pass } = giving();
  pass(20);
  assert.ok(give());
  sends(10);
  pass(2.9);
  assert.ok(!give());
  pass(0.2);
  assert.ok(give());
});

Deno.test("members of a crowd are expected for twice the longest pause between two of them", () => {
  const { give, sends, joins, pass, relayed } = giving();
  assert.ok(give());
  relayed([0]);
  sends(10);
  joins();
  for (const [pause, expected] of [[0.2, 0.4], [0.1, 0.4], [10, 0.4]] as const) {
    pass(pause);
    joins();
    pass(expected - 0.01);
    assert.ok(!give(), `${pause} s`);
    pass(0.02);
    assert.ok(give(), `${pause} s`);
    pass(-expected - 0.01);
  }
});

Deno.test("members of unlike uplinks are planned for anew, not those that seem so on a busy machine", () => {
  const seeming = [212, 303, 374, 437, 466, 492, 497, 518, 557, 585, 604, 625, 649, 668, 689, 741];
  const cases: readonly [boolean, (at: number) => number][] = [
    [false, (at) => seeming[at % 16]! * 1000],
    [false, (at) => at === 3 ? 1e12 : 1e6], // one that boasts
    [true, (at) => at % 2 === 0 ? 1e6 : 2e6],
    [true, (at) => at % 5 === 0 ? 1e6 : 4e6],
  ];
  for (const [isUnlike, rateOf] of cases) {
    const { plans, rated, tick, pass } = giving(25);
    plans.length = 0;
    rated(Array.from({ length: 25 }, (_, at) => rateOf(at)));
    pass(1);
    tick();
    assert.equal(plans.length > 0, isUnlike, `${rateOf}`);
  }
});
