/**
 * A list that only grows, and proofs of it: a Merkle tree as in Certificate Transparency (RFC 9162,
 * section 2.1). One short proof shows that an entry is in it, another that a later list begins with an
 * earlier one.
 *
 *     leaf = SHA-256(0x00, entry)        node = SHA-256(0x01, left, right)
 */
import { joined, sameBytes } from "./bytes.ts";

export const HASH_BYTES = 32;
const LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1);

/** SHA-256, by whichever provider. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** The hash of one entry. */
export function leafOf(entry: Uint8Array, hash: Hash): Uint8Array {
  return hash(joined(LEAF, entry));
}

function nodeOf(left: Uint8Array, right: Uint8Array, hash: Hash): Uint8Array {
  return hash(joined(NODE, left, right));
}

/** Leaves, and the hashes of all whole subtrees: so that every proof costs a few hashes at most. */
export class Tree {
  /** `levels[n]` are the roots of the subtrees of 2^n leaves that are whole. */
  readonly #levels: Uint8Array[][] = [[]];

  constructor(readonly hash: Hash) {}

  get size(): number {
    return this.#levels[0]!.length;
  }

  append(leaf: Uint8Array): void {
    let level = 0, hash = leaf;
    for (;;) {
      const row = this.#levels[level] ??= [];
      row.push(hash);
      if (row.length % 2 === 1) return;
      hash = nodeOf(row.at(-2)!, hash, this.hash);
      level++;
    }
  }

  leaf(index: number): Uint8Array | undefined {
    return this.#levels[0]![index];
  }

  /** Of the first `size` leaves. */
  root(size = this.size): Uint8Array {
    return size === 0 ? this.hash(new Uint8Array(0)) : this.#range(0, size);
  }

  /** That a leaf is among the first `size` (section 2.1.3.1). */
  inclusion(index: number, size = this.size): Uint8Array[] {
    return this.#path(index, 0, size);
  }

  /** That the first `size` leaves begin with the first `from` (section 2.1.4.1). */
  consistency(from: number, size = this.size): Uint8Array[] {
    return from === 0 || from === size ? [] : this.#subproof(from, 0, size, true);
  }

  #range(from: number, to: number): Uint8Array {
    const count = to - from;
    const level = 31 - Math.clz32(count);
    if (count === 1 << level && from % count === 0) return this.#levels[level]![from / count]!;
    const middle = from + largestPowerBelow(count);
    return nodeOf(this.#range(from, middle), this.#range(middle, to), this.hash);
  }

  #path(index: number, from: number, to: number): Uint8Array[] {
    if (to - from === 1) return [];
    const middle = from + largestPowerBelow(to - from);
    return index < middle
      ? [...this.#path(index, from, middle), this.#range(middle, to)]
      : [...this.#path(index, middle, to), this.#range(from, middle)];
  }

  #subproof(count: number, from: number, to: number, isWhole: boolean): Uint8Array[] {
    if (from + count === to) return isWhole ? [] : [this.#range(from, to)];
    const middle = from + largestPowerBelow(to - from);
    return from + count <= middle
      ? [...this.#subproof(count, from, middle, isWhole), this.#range(middle, to)]
      : [
        ...this.#subproof(count - (middle - from), middle, to, false),
        this.#range(from, middle),
      ];
  }
}

/** The largest power of two below a count of at least two. */
function largestPowerBelow(count: number): number {
  return 1 << (31 - Math.clz32(count - 1));
}

/** Whether a leaf is at this place of a list with this root (section 2.1.3.2). */
export function isIncluded(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
  hash: Hash,
): boolean {
  const found = rootFrom(leaf, index, size, proof, hash);
  return found !== undefined && sameBytes(found, root);
}

/** The root that a proof leads to; undefined where it is none of this place and size. */
export function rootFrom(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  hash: Hash,
): Uint8Array | undefined {
  if (index >= size) return undefined;
  let place = index, last = size - 1, found = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (place % 2 === 1 || place === last) {
      found = nodeOf(sibling, found, hash);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else found = nodeOf(found, sibling, hash);
    place = half(place);
    last = half(last);
  }
  return last === 0 ? found : undefined;
}

/** Whether the later of two lists begins with the earlier (section 2.1.4.2). */
export function isConsistent(
  from: { readonly size: number; readonly root: Uint8Array },
  to: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
  hash: Hash,
): boolean {
  if (from.size > to.size) return false;
  if (from.size === to.size) return proof.length === 0 && sameBytes(from.root, to.root);
  if (from.size === 0) return proof.length === 0;
  const isPower = (from.size & (from.size - 1)) === 0;
  const path = isPower ? [from.root, ...proof] : [...proof];
  let place = from.size - 1, last = to.size - 1;
  while (place % 2 === 1) {
    place = half(place);
    last = half(last);
  }
  const [first, ...rest] = path;
  if (first === undefined) return false;
  let earlier = first, later = first;
  for (const node of rest) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      earlier = nodeOf(node, earlier, hash);
      later = nodeOf(node, later, hash);
      while (place % 2 === 0 && place !== 0) {
        place = half(place);
        last = half(last);
      }
    } else later = nodeOf(later, node, hash);
    place = half(place);
    last = half(last);
  }
  return last === 0 && sameBytes(earlier, from.root) && sameBytes(later, to.root);
}

function half(value: number): number {
  return Math.floor(value / 2);
}
