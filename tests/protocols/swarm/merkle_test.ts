/** The tree of hashes against a slow one that is read off its definition, and against every kind of lie. */
import assert from "node:assert/strict";
import { joined, Stream } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { PAGE_LEAVES } from "../../../runtime/protocols/swarm/limits.ts";
import {
  leavesOfPage,
  pageHolds,
  pageProof,
  rootOf,
  treeOf,
} from "../../../runtime/protocols/swarm/merkle.ts";

const crypto = nodeCrypto;
const MOST = 1100;
const random = new Stream("merkle");
const LEAVES = Array.from({ length: MOST }, () => random.bytes(32));

function leavesFor(count: number): Uint8Array {
  return joined(...LEAVES.slice(0, count));
}

/**
 * As the definition has it, read from the root down: nothing at all is zeros, a leaf is itself, and
 * whatever is above is the hash of its two children. Whole subtrees are the same in larger trees.
 */
const whole = new Map<string, Uint8Array>();

function slowNode(count: number, height: number, index: number): Uint8Array {
  const span = 2 ** height, key = `${height}/${index}`;
  if (index * span >= count) return new Uint8Array(32);
  if (height === 0) return LEAVES[index]!;
  const known = whole.get(key);
  if (known !== undefined) return known;
  const left = slowNode(count, height - 1, 2 * index);
  const right = slowNode(count, height - 1, 2 * index + 1);
  const hash = crypto.sha256(Uint8Array.of(1, ...left, ...right));
  if ((index + 1) * span <= count) whole.set(key, hash);
  return hash;
}

function slowRoot(count: number): Uint8Array {
  let height = 0;
  while (2 ** height < count) height++;
  return slowNode(count, height, 0);
}

interface Paged {
  readonly root: Uint8Array;
  readonly blocks: number;
  readonly pages: readonly { readonly leaves: Uint8Array; readonly proof: readonly Uint8Array[] }[];
}

function paged(blocks: number): Paged {
  const leaves = leavesFor(blocks), tree = treeOf(leaves, crypto);
  const count = Math.ceil(blocks / PAGE_LEAVES);
  const pages = Array.from({ length: count }, (_, page) => {
    const from = page * PAGE_LEAVES * 32;
    return {
      leaves: leaves.subarray(from, from + 32 * leavesOfPage(blocks, page)),
      proof: pageProof(tree, page),
    };
  });
  return { root: rootOf(tree), blocks, pages };
}

/** Sizes at which a tree gets another level, page or half. */
const EDGES = [1, 2, 3, 4, 5, 511, 512, 513, 514, 767, 1023, 1024, 1025, 1026, 1100];

Deno.test("roots are those of the definition for every number of leaves, and all differ", () => {
  const roots = new Set<string>();
  for (let count = 1; count <= MOST; count++) {
    const root = rootOf(treeOf(leavesFor(count), crypto));
    assert.deepEqual(root, slowRoot(count), `${count} leaves`);
    roots.add(root.join());
  }
  assert.equal(roots.size, MOST);
});

Deno.test("every page holds with its own proof, and proofs are as short as they can be", () => {
  for (let blocks = 1; blocks <= MOST; blocks += blocks < 20 || EDGES.includes(blocks) ? 1 : 13) {
    const { root, pages } = paged(blocks);
    const above = pages.length === 1 ? 0 : Math.ceil(Math.log2(pages.length));
    pages.forEach(({ leaves, proof }, page) => {
      assert.equal(proof.length, above, `${blocks} blocks`);
      assert.ok(pageHolds(root, blocks, page, leaves, proof, crypto), `${blocks}, page ${page}`);
    });
  }
});

Deno.test("a page with a changed byte does not hold, wherever the byte is", () => {
  for (const blocks of [1, 2, 3, 513, 1100]) {
    const { root, pages } = paged(blocks);
    pages.forEach(({ leaves, proof }, page) => {
      const holds = (one: Uint8Array, way: readonly Uint8Array[], top = root) =>
        pageHolds(top, blocks, page, one, way, crypto);
      for (let at = 0; at < leaves.length; at += leaves.length > 2000 ? 997 : 1) {
        const wrong = leaves.slice();
        wrong[at]! ^= 1 << (at % 8);
        assert.equal(holds(wrong, proof), false, `byte ${at} of page ${page} of ${blocks}`);
      }
      proof.forEach((hash, step) => {
        for (let at = 0; at < 32; at++) {
          const wrong = hash.slice();
          wrong[at]! ^= 0x80;
          assert.equal(holds(leaves, proof.with(step, wrong)), false, `step ${step}, byte ${at}`);
        }
      });
      const top = root.slice();
      top[31]! ^= 1;
      assert.equal(holds(leaves, proof, top), false);
    });
  }
});

Deno.test("a page at another place, of another count or with another length of proof does not hold", () => {
  for (const blocks of [512, 513, 1024, 1025, 1100]) {
    const { root, pages } = paged(blocks);
    pages.forEach(({ leaves, proof }, page) => {
      const holds = (count: number, at: number, one: Uint8Array, way: readonly Uint8Array[]) =>
        pageHolds(root, count, at, one, way, crypto);
      for (const other of [0, 1, 2, 3, 127]) {
        if (other !== page) assert.equal(holds(blocks, other, leaves, proof), false, `${blocks}`);
      }
      for (const count of [0, 1, blocks - 1, blocks + 1, 2 * blocks, 65_536]) {
        // Another count may give this page as many leaves and as long a proof: then it is no lie.
        const sameShape = leavesOfPage(count, page) * 32 === leaves.length &&
          Math.ceil(count / PAGE_LEAVES) === pages.length;
        if (!sameShape) assert.equal(holds(count, page, leaves, proof), false, `count ${count}`);
      }
      assert.equal(holds(blocks, page, leaves.subarray(32), proof), false);
      assert.equal(holds(blocks, page, joined(leaves, leaves.subarray(0, 32)), proof), false);
      assert.equal(holds(blocks, page, new Uint8Array(0), proof), false);
      assert.equal(holds(blocks, page, leaves, [...proof, new Uint8Array(32)]), false);
      if (proof.length > 0) assert.equal(holds(blocks, page, leaves, proof.slice(1)), false);
    });
  }
});

Deno.test("a hash from inside the tree does not pass for a page", () => {
  const { root, blocks, pages } = paged(1024);
  const tree = treeOf(leavesFor(1024), crypto);
  // The level below the root, given as if it were the leaves of a content of two blocks.
  assert.equal(
    pageHolds(root, 2, 0, tree.at(-2)!, [], crypto),
    true,
    "only the size tells them apart",
  );
  assert.equal(
    pageHolds(root, blocks, 0, tree.at(-2)!, [], crypto),
    false,
    "and the size is fixed",
  );
  assert.equal(pageHolds(root, blocks, 0, pages[1]!.leaves, pages[1]!.proof, crypto), false);
});

Deno.test("no blocks have no leaves", () => {
  assert.equal(leavesOfPage(0, 0), 0);
  assert.equal(leavesOfPage(512, 1), 0);
  assert.equal(leavesOfPage(513, 1), 1);
  assert.equal(pageHolds(new Uint8Array(32), 0, 0, new Uint8Array(32), [], crypto), false);
});
