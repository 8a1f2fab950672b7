/** The endgame: what is asked for when no relay brings anything more. */
import assert from "node:assert/strict";
import { type PeerId, Stream } from "../../../runtime/core/mod.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import { Bitmap } from "../../../runtime/protocols/swarm/bitmap.ts";
import { Lane } from "../../../runtime/protocols/swarm/lane.ts";
import { Pulls } from "../../../runtime/protocols/swarm/pulls.ts";
import type { SwarmMessage } from "../../../runtime/protocols/swarm/wire.ts";
import { contentOf } from "./contents.ts";

const BLOCKS = 200;
const MILLISECOND = 1000;

/**
 * A node with eight neighbours that have told of so many blocks, and a source of all of them that has
 * given no further ones: the blocks it asks for.
 */
function fetching(told = BLOCKS) {
  const content = contentOf(BLOCKS * 16_384, 16_384);
  const wanted: number[] = [];
  let now = 1_000_000;
  const pulls = new Pulls(content, now);
  const ctx = {
    get now() {
      return now;
    },
    random: new Stream("pulls"),
    isLinked: () => true,
    send: (_peer: PeerId, message: SwarmMessage) => {
      if (message.kind === "want") wanted.push(...message.blocks);
      return true;
    },
  } as unknown as SwarmContext;
  const neighbour = (letter: string) => {
    const lane = new Lane(letter.repeat(64) as PeerId, content.busy);
    lane.has = new Bitmap(BLOCKS);
    content.lanes.set(lane.peer, lane);
    return lane;
  };
  const lanes = Array.from({ length: 8 }, (_, at) => neighbour(`${at}`));
  // The first tells of a block first: it has promised it, as one that relays along a tree does.
  for (let block = 0; block < told; block++) lanes.forEach((lane) => pulls.heard(lane, block));
  if (told < BLOCKS) {
    const source = neighbour("f");
    source.isSource = true;
    lanes.push(source);
    for (let block = 0; block < BLOCKS; block++) pulls.heard(source, block);
  }
  const arrives = (block: number) => {
    const from = lanes.find((lane) => lane.asked.has(block)) ?? lanes[0]!;
    from.broughtAt = now;
    content.add(block);
    pulls.arrived(block, from, false, ctx);
  };
  return {
    arrives,
    /** The source plans for this node, after it has given so many blocks. */
    planned: (given: number) => pulls.planned(given),
    /** It will not, and has not told either what it has. */
    alone() {
      const source = lanes.at(-1)!;
      source.has = undefined;
      pulls.alone(source);
    },
    /** The first neighbour tells that it has got a block. */
    tells: (block: number) => pulls.heard(lanes[0]!, block),
    /** A further neighbour tells at once of these blocks: for the first time, or after its link broke. */
    comes: (blocks: readonly number[], isAgain = false) => {
      const lane = neighbour("a");
      for (const block of blocks) lane.has!.add(block);
      pulls.heardAll(lane, isAgain);
    },
    after: (milliseconds: number) => void (now += milliseconds * MILLISECOND),
    /** Blocks asked for in one look at what is missing. */
    asks: () => (pulls.tick(ctx), wanted.splice(0)),
  };
}

Deno.test("while relays come in nothing is asked for; when they stop, a few blocks are, then more", () => {
  const { arrives, after, asks } = fetching();
  for (let block = 0; block < 10; block++) {
    arrives(block);
    after(50);
    assert.deepEqual(asks(), []);
  }
  after(600);
  const first = asks();
  assert.equal(first.length, 8);
  first.forEach(arrives);
  assert.equal(asks().length, 16);
});

Deno.test("of what a new neighbour has only that is asked for which was given before the source planned for us", () => {
  for (const isAgain of [false, true]) {
    const { planned, after, asks, comes } = fetching(0);
    planned(50);
    after(50);
    comes([10, 20, 60, 70], isAgain);
    const wanted = asks().toSorted((one, other) => one - other);
    assert.deepEqual(wanted, isAgain ? [10, 20, 60, 70] : [10, 20]);
  }
});

Deno.test("nothing is asked for while a plan may come, and then what was given before the first", () => {
  const { planned, after, asks, comes } = fetching(0);
  comes([10, 20, 60, 70]);
  after(1400);
  assert.deepEqual(asks(), []);
  planned(50);
  planned(100);
  assert.deepEqual(asks().toSorted(), [10, 20]);
});

Deno.test("what was given before the source planned for us is asked for as soon as a neighbour has it", () => {
  const { planned, after, asks, tells } = fetching(0);
  planned(50);
  after(50);
  assert.deepEqual(asks(), []);
  [49, 50].forEach(tells);
  assert.deepEqual(asks(), [49], "the other one is on its way here");
});

Deno.test("where the source will not plan, all that a neighbour has is asked for", () => {
  const { alone, asks, comes } = fetching(0);
  alone();
  comes([10, 20]);
  assert.deepEqual(asks().toSorted(), [10, 20]);
});

Deno.test("one neighbour that is slow to answer does not hold up the endgame", () => {
  const { arrives, after, asks } = fetching();
  after(1600);
  const first = asks();
  assert.equal(asks().length, 0, "no more is asked for before any of it came");
  first.slice(1).forEach(arrives);
  assert.equal(asks().length, 16);
});

Deno.test("a relay that comes long after the others does not end the endgame", () => {
  const { arrives, after, asks } = fetching();
  for (let block = 0; block < 10; block++) {
    arrives(block);
    after(10);
  }
  after(2000);
  asks().forEach(arrives);
  after(100);
  arrives(BLOCKS - 1);
  assert.equal(asks().length, 16, "what is missing is still sought");
  for (let block = 100; block < 110; block++) {
    arrives(block);
    after(10);
  }
  assert.deepEqual(asks(), [], "but when relays come in again as they did, it is over");
});

Deno.test("what the source has given to nobody is asked for only when it gives nothing for long", () => {
  const { arrives, after, asks } = fetching(4);
  after(1600);
  const given = asks();
  assert.deepEqual(given.toSorted(), [0, 1, 2, 3]);
  given.forEach(arrives);
  after(1000);
  assert.deepEqual(asks(), [], "the others are on their turn");
  after(6000);
  const late = asks();
  assert.ok(late.length > 0 && late.every((block) => block > 3), `${late}`);
});
