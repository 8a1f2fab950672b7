/** How far one member is with what this node shares: for the person who waits for it. */
import type { PeerId } from "../../core/mod.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { SwarmEvent } from "./events.ts";
import type { Lane } from "./lane.ts";
import type { Halt } from "./wire.ts";

export class Headway {
  #percent = -1;
  #why: Halt | undefined;
  #isNews = false;

  constructor(readonly peer: PeerId, readonly content: Content) {}

  get isHalted(): boolean {
    return this.#why !== undefined;
  }

  /** It has everything, and that was told. */
  get isDone(): boolean {
    return this.content.blocks === 0 || this.#percent === 100;
  }

  /** What keeps the member from going on, by its own word; undefined once nothing does. */
  halted(why: Halt | undefined): void {
    this.#isNews ||= why !== this.#why;
    this.#why = why;
  }

  /** Tells where the member is, if that is a further percent, or something else about it is new. */
  report({ has }: Lane, ctx: SwarmContext): void {
    const { manifest, blocks, key } = this.content;
    if (has === undefined || manifest === undefined || blocks === 0) return;
    const percent = Math.floor(100 * has.count / blocks);
    if (percent === this.#percent && !this.#isNews) return;
    this.#percent = percent;
    this.#isNews = false;
    const bytes = Math.min(manifest.bytes, has.count * manifest.blockBytes);
    ctx.tell(
      {
        protocol: "swarm",
        name: "reached",
        content: key,
        peer: this.peer,
        bytes,
        of: manifest.bytes,
        ...(this.#why === undefined ? {} : { why: this.#why }),
      } as SwarmEvent,
    );
  }
}
