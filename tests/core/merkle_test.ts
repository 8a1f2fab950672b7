/** The key log's tree: known answers, every proof of every size, and none that is false. */
import assert from "node:assert/strict";
import { noble } from "../../runtime/core/noble.ts";
import { isConsistent, isIncluded, leafOf, Tree } from "../../runtime/core/merkle.ts";

const hash = (bytes: Uint8Array) => noble.sha256(bytes);
const hex = (bytes: Uint8Array) => bytes.toHex();

/** A tree of so many leaves, each of them another. */
function treeOf(size: number, salt = 0): Tree {
  const tree = new Tree(hash);
  for (let leaf = 0; leaf < size; leaf++) tree.append(leafOf(Uint8Array.of(leaf, salt), hash));
  return tree;
}

Deno.test("the roots of Certificate Transparency's own examples", () => {
  const entries = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
  ];
  const tree = new Tree(hash);
  assert.equal(hex(tree.root()), hex(hash(new Uint8Array(0))));
  for (const entry of entries) tree.append(leafOf(Uint8Array.fromHex(entry), hash));
  const roots: Record<number, string> = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  };
  for (const [size, root] of Object.entries(roots)) {
    assert.equal(hex(tree.root(Number(size))), root, `size ${size}`);
  }
});

Deno.test("every leaf of every size is proved, at its own place alone", () => {
  const tree = treeOf(33);
  for (let size = 1; size <= 33; size++) {
    const root = tree.root(size);
    for (let index = 0; index < size; index++) {
      const proof = tree.inclusion(index, size), leaf = tree.leaf(index)!;
      assert.ok(isIncluded(leaf, index, size, proof, root, hash), `${index} of ${size}`);
      const wrong = tree.leaf((index + 1) % 33)!;
      assert.equal(isIncluded(wrong, index, size, proof, root, hash), false);
      if (size > 1) {
        assert.equal(isIncluded(leaf, (index + 1) % size, size, proof, root, hash), false);
        assert.equal(isIncluded(leaf, index, size, proof.slice(1), root, hash), false);
      }
      assert.equal(isIncluded(leaf, index, size, [...proof, leaf], root, hash), false);
      assert.equal(isIncluded(leaf, size, size, proof, root, hash), false);
    }
  }
});

Deno.test("every size is proved to begin with every smaller one, and with no other list", () => {
  const tree = treeOf(33), other = treeOf(33, 1);
  for (let to = 1; to <= 33; to++) {
    for (let from = 0; from <= to; from++) {
      const proof = tree.consistency(from, to);
      const earlier = { size: from, root: tree.root(from) };
      const later = { size: to, root: tree.root(to) };
      assert.ok(isConsistent(earlier, later, proof, hash), `${from} of ${to}`);
      if (from === 0) continue;
      const forked = { size: from, root: other.root(from) };
      assert.equal(isConsistent(forked, later, proof, hash), false, `${from} of ${to}, forked`);
      assert.equal(isConsistent(forked, later, other.consistency(from, to), hash), false);
      assert.equal(isConsistent(later, earlier, proof, hash), from === to);
      if (proof.length > 0) {
        assert.equal(isConsistent(earlier, later, proof.slice(0, -1), hash), false);
        assert.equal(isConsistent(earlier, later, [...proof, proof[0]!], hash), false);
      }
    }
  }
});
