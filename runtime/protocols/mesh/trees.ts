/**
 * Who passes what to whom: a spanning tree for each origin, as it has grown (Plumtree, Leitao 2007).
 *
 * 1. Every neighbour is sent a message at once, unless it is lazy for this origin: then it is only told.
 * 2. Who gets a message twice prunes the later way; who misses one grafts a way; so a tree remains.
 * 3. A new origin starts with the tree that was used last, since any tree reaches all.
 */
import type { PeerId } from "../../core/mod.ts";
import * as limits from "./limits.ts";

export interface Tree {
  /** From whom this node gets the origin's messages. */
  parent: PeerId | undefined;
  /** Somebody else who is no farther from the origin, and so does not depend on this node. */
  spare: PeerId | undefined;
  readonly lazy: Set<PeerId>;
}

export class Trees {
  /** The one used last comes last. */
  readonly #byOrigin = new Map<PeerId, Tree>();
  #latest: Tree | undefined;

  of(origin: PeerId): Tree {
    let tree = this.#byOrigin.get(origin);
    if (tree === undefined) {
      tree = { parent: undefined, spare: undefined, lazy: new Set(this.#latest?.lazy) };
    } else this.#byOrigin.delete(origin);
    this.#byOrigin.set(origin, tree);
    this.#latest = tree;
    if (this.#byOrigin.size > limits.TREES) this.#forgetOldest();
    return tree;
  }

  get(origin: PeerId): Tree | undefined {
    return this.#byOrigin.get(origin);
  }

  /** A new neighbour: lazy, so that it does not close a circle in every tree. */
  add(peer: PeerId): void {
    for (const tree of this.#byOrigin.values()) tree.lazy.add(peer);
  }

  remove(peer: PeerId): void {
    for (const tree of this.#byOrigin.values()) {
      tree.lazy.delete(peer);
      if (tree.parent === peer) tree.parent = undefined;
      if (tree.spare === peer) tree.spare = undefined;
    }
  }

  /** The origins whose messages come by way of this neighbour. */
  originsBy(peer: PeerId): readonly PeerId[] {
    const origins: PeerId[] = [];
    for (const [origin, tree] of this.#byOrigin) if (tree.parent === peer) origins.push(origin);
    return origins;
  }

  /** Puts the spare in the place of a parent that is about to go: by spare, for which origins. */
  replaceParent(peer: PeerId): ReadonlyMap<PeerId, PeerId[]> {
    const originsOf = new Map<PeerId, PeerId[]>();
    for (const [origin, tree] of this.#byOrigin) {
      const { spare } = tree;
      if (tree.parent !== peer || spare === undefined) continue;
      tree.parent = spare;
      tree.spare = undefined;
      tree.lazy.delete(spare);
      const origins = originsOf.get(spare) ?? [];
      originsOf.set(spare, origins);
      origins.push(origin);
    }
    return originsOf;
  }

  /** The neighbour wants everything at once. */
  graftAll(peer: PeerId): void {
    for (const tree of this.#byOrigin.values()) tree.lazy.delete(peer);
  }

  #forgetOldest(): void {
    for (const oldest of this.#byOrigin.keys()) {
      this.#byOrigin.delete(oldest);
      return;
    }
  }
}
