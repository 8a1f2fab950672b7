/** Making a content of files: every block is read once, hashed, and forgotten. */
import { type Context, fileKey } from "../../core/mod.ts";
import { blockBytesFor, blockLength, blocksOf, type FileEntry, type Manifest } from "./manifest.ts";
import { rootOf, treeOf } from "./merkle.ts";

/** Blocks that are read ahead of the one that is hashed. */
const READ_AHEAD = 8;

export class Sharing {
  readonly leaves: Uint8Array;
  readonly blocks: number;
  #draft: Manifest;
  #hashed = 0;
  #asked = 0;
  #indexOf = new Map<string, number>();

  constructor(
    readonly title: string,
    /** The host's name for the opened files, one after another. */
    readonly handle: string,
    files: readonly FileEntry[],
    readonly priority: number,
  ) {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const blockBytes = blockBytesFor(bytes);
    this.#draft = { title, files, bytes, blockBytes, root: new Uint8Array(32) };
    this.blocks = blocksOf(this.#draft);
    this.leaves = new Uint8Array(32 * this.blocks);
  }

  /** The manifest as far as it is known: without its root until `done`. */
  get draft(): Manifest {
    return this.#draft;
  }

  get done(): boolean {
    return this.#hashed === this.blocks;
  }

  read(ctx: Context): void {
    const until = Math.min(this.blocks, this.#hashed + READ_AHEAD);
    for (; this.#asked < until; this.#asked++) {
      const offset = this.#asked * this.#draft.blockBytes;
      const length = blockLength(this.#draft, this.#asked);
      this.#indexOf.set(fileKey(this.handle, offset, length), this.#asked);
      ctx.read(this.handle, offset, length);
    }
  }

  /** Takes a block that was read; false where the key is not one of this file's. */
  take(key: string, bytes: Uint8Array, ctx: Context): boolean {
    const index = this.#indexOf.get(key);
    if (index === undefined) return false;
    this.#indexOf.delete(key);
    this.leaves.set(ctx.crypto.sha256(bytes), 32 * index);
    this.#hashed++;
    this.read(ctx);
    return true;
  }

  owns(key: string): boolean {
    return this.#indexOf.has(key);
  }

  manifest(ctx: Context): Manifest {
    const root = this.blocks === 0 ? new Uint8Array(32) : rootOf(treeOf(this.leaves, ctx.crypto));
    return { ...this.#draft, root };
  }
}
