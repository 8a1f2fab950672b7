/** What a node makes of its neighbours' words, and what it tells them, of one content. */
import assert from "node:assert/strict";
import {
  identityFrom,
  type PeerId,
  type PeerKeys,
  peerOf,
  Stream,
  unhex,
} from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { Bitmap } from "../../../runtime/protocols/swarm/bitmap.ts";
import type { SwarmContext } from "../../../runtime/protocols/swarm/content.ts";
import type { Fetching } from "../../../runtime/protocols/swarm/fetching.ts";
import { rootOf, treeOf } from "../../../runtime/protocols/swarm/merkle.ts";
import { Trade } from "../../../runtime/protocols/swarm/trade.ts";
import { Uploads } from "../../../runtime/protocols/swarm/uploads.ts";
import type { SwarmMessage } from "../../../runtime/protocols/swarm/wire.ts";
import { contentOf } from "./contents.ts";

const BLOCKS = 8, BLOCK = 16 * 1024;

/** Neighbour number so and so. */
const peer = (number: number) => number.toString(16).padStart(64, "0") as PeerId;
const SOURCE = peer(0xffff);

/** A node that fetches a content of eight blocks, knows its hashes, and is linked with everybody. */
function fetching() {
  const bodies = Array.from({ length: BLOCKS }, (_, at) => new Uint8Array(BLOCK).fill(at));
  const leaves = new Uint8Array(32 * BLOCKS);
  bodies.forEach((body, at) => leaves.set(nodeCrypto.sha256(body), 32 * at));
  const content = contentOf(BLOCKS * BLOCK, BLOCK, rootOf(treeOf(leaves, nodeCrypto)));
  content.learnLeaves(leaves, nodeCrypto);
  const sent: { readonly to: PeerId; readonly message: SwarmMessage }[] = [];
  let now = 1_000_000;
  const ctx = {
    crypto: nodeCrypto,
    get now() {
      return now;
    },
    random: new Stream("trade"),
    isLinked: () => true,
    send: (to: PeerId, message: SwarmMessage) => sent.push({ to, message }) > 0,
    keep: () => {},
    hold: () => {},
    release: () => {},
    tell: () => {},
  } as unknown as SwarmContext;
  const trade = new Trade(content, new Uploads(() => [content]), ctx);
  trade.fetching = {
    stopped: false,
    isSource: (peer: PeerId) => peer === SOURCE,
    report: () => {},
  } as unknown as Fetching;
  const about = { content: content.id };
  return {
    /** A neighbour says all that it has. */
    has(from: PeerId, blocks: readonly number[]) {
      const bitmap = new Bitmap(BLOCKS);
      for (const block of blocks) bitmap.add(block);
      trade.received({ kind: "has", ...about, blocks: bitmap.bytes }, from, undefined);
    },
    /** A neighbour relays a block. */
    relays(from: PeerId, index: number) {
      const message = { kind: "block", ...about, index, spread: 0, epoch: 0, haves: [] } as const;
      trade.received(message, from, bodies[index]!);
    },
    /** The source plans: whom to relay to besides, and no longer. */
    plans(epoch: number, add: readonly number[], drop: readonly number[] = []) {
      const dimensions = [{
        drop: drop.map((number) => unhex(peerOf(keysOf(number), nodeCrypto))!),
        add: add.map((number) => ({ ...keysOf(number), address: "10.0.0.1:1", dial: false })),
      }];
      trade.received({ kind: "plan", ...about, epoch, given: 0, dimensions }, SOURCE, undefined);
    },
    /** The link to the source ends, and there is a new one. */
    relinks() {
      trade.left(SOURCE);
      trade.joined(SOURCE);
    },
    /** Whom it would relay a block of this epoch to. */
    relaysTo: (epoch: number) => content.planOf(epoch)?.relays[0],
    /** What is said at the next look, so many milliseconds later. */
    after(millis: number) {
      now += millis * 1000;
      sent.length = 0;
      trade.tick();
      return sent;
    },
  };
}

function keysOf(number: number): PeerKeys {
  return identityFrom(new Stream(`peer ${number}`).bytes(32), nodeCrypto).keys;
}

/** The blocks that are asked for, in order. */
function wanted(sent: readonly { readonly message: SwarmMessage }[]): number[] {
  return sent.flatMap(({ message }) => message.kind === "want" ? message.blocks : []).sort();
}

Deno.test("what a neighbour has got while its link was broken is asked for: its relays went nowhere", () => {
  const { has, relays, after } = fetching();
  relays(peer(1), 0);
  has(peer(2), [3]);
  assert.deepEqual(wanted(after(100)), [], "it is on its way");
  has(peer(2), [3, 4, 5]);
  assert.deepEqual(wanted(after(100)), [3, 4, 5]);
});

Deno.test("the source is told at once what has come here, however many neighbours there are", () => {
  const { has, relays, after } = fetching();
  const many = Array.from({ length: 40 }, (_, at) => peer(2 + at));
  for (const neighbour of [SOURCE, ...many]) has(neighbour, []);
  after(100);
  relays(peer(1), 0);
  const told = (millis: number) =>
    after(millis).filter(({ message }) => message.kind === "haves").map(({ to }) => to);
  assert.deepEqual(told(600), [SOURCE]);
  assert.equal(told(4000).length, 41, "and the others when their turn has come");
});

Deno.test("a plan changes the one before it, and the first over a link counts from nobody", () => {
  const { plans, relinks, relaysTo } = fetching();
  const named = (numbers: readonly number[]) =>
    numbers.map((number) => peerOf(keysOf(number), nodeCrypto));
  plans(3, [1, 2]);
  plans(4, [3], [1]);
  assert.deepEqual(relaysTo(4), named([2, 3]));
  plans(4, [5]);
  assert.deepEqual(relaysTo(4), named([2, 3]), "heard already");
  relinks();
  plans(6, [4, 5]);
  assert.deepEqual(relaysTo(6), named([4, 5]), "it may have planned otherwise since");
  relinks();
  plans(1, [6]);
  assert.deepEqual(relaysTo(1), named([6]), "it has started anew, and counts from one again");
});
