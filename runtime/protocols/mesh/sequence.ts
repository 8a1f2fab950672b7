/** Numbers for a node's own messages: never the same twice in one boot count, whatever crashes. */
import { Reader, type Saved, Writer } from "../../core/mod.ts";
import type { MeshContext } from "./spread.ts";

/** Numbers that are reserved on disk at a time; a crash leaves a gap of at most so many. */
const RESERVED = 64;
const LARGEST = 0xffff_ffff_ffff;

export class Sequence {
  #next = 0;
  #ceiling = 0;

  start(saved: Saved): void {
    const record = saved.records.get("ceiling");
    if (record === undefined) return;
    const ceiling = new Reader(record).varint(LARGEST);
    this.#next = this.#ceiling = ceiling;
  }

  /** The next number; what is reserved is durable before anything that is sent after. */
  next(ctx: MeshContext): number {
    if (this.#next === this.#ceiling) {
      this.#ceiling += RESERVED;
      const writer = new Writer();
      writer.varint(this.#ceiling);
      ctx.save("ceiling", writer.take());
    }
    return this.#next++;
  }
}
