/** What was published, as the world knows it: for telling whether what a node keeps is that. */
import { type AppEvent, sameBytes } from "../runtime/core/mod.ts";
import type { Files } from "./files.ts";

/** A content, as its source has shared it. */
export interface Publication {
  readonly title: string;
  readonly handle: string;
  readonly bytes: number;
}

/** The only place that knows how a swarm names contents and their pieces. */
export class Published {
  readonly #files: Files;
  readonly #byContent = new Map<string, Publication>();
  /** Pieces found true before: what is shared by reference is compared once. */
  readonly #known = new WeakMap<Uint8Array, string>();

  constructor(files: Files) {
    this.#files = files;
  }

  told(event: AppEvent): void {
    if (event.protocol !== "swarm" || event.name !== "shared") return;
    const { content, title, handle, bytes } = event as AppEvent & {
      readonly content: string;
      readonly title: string;
      readonly handle: string;
      readonly bytes: number;
    };
    // Somebody who shares the same content again has not changed it.
    if (!this.#byContent.has(content)) this.#byContent.set(content, { title, handle, bytes });
  }

  get(content: string): Publication | undefined {
    return this.#byContent.get(content);
  }

  /** Whether all of a content is among what is kept: true pieces of different places fill it. */
  isWhole(content: string, kept: Iterable<readonly [string, Uint8Array]>): boolean {
    const prefix = `swarm/${content}/`;
    let length = 0;
    for (const [key, piece] of kept) {
      if (!key.startsWith(prefix)) continue;
      if (!this.isTrue(key, piece)) return false;
      length += piece.length;
    }
    return length === this.#byContent.get(content)?.bytes;
  }

  /** False where a piece `swarm/CONTENT/OFFSET` is not what the file has there. */
  isTrue(key: string, piece: Uint8Array): boolean {
    if (this.#known.get(piece) === key) return true;
    const [protocol, content, offset] = key.split("/");
    const published = protocol === "swarm" ? this.#byContent.get(content!) : undefined;
    if (published === undefined || offset === undefined) return true;
    const { handle } = published;
    const expected = this.#files.read(handle, Number(offset), piece.length);
    const isThere = expected === piece || (expected !== undefined && sameBytes(expected, piece));
    if (this.#files.has(handle) && !isThere) return false;
    this.#known.set(piece, key);
    return true;
  }
}
