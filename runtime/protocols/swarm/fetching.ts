/** Finding somebody who has a content, and staying in touch with them until all of it is here. */
import { type Address, type Micros, type PeerId, peerOf } from "../../core/mod.ts";
import type { Content, SwarmContext } from "./content.ts";
import type { ContentSource, SwarmEvent } from "./events.ts";
import * as limits from "./limits.ts";
import type { Halt } from "./wire.ts";

const RETRY_FIRST: Micros = 500_000;
const RETRY_MOST: Micros = 8_000_000;
/** A disk that takes nothing at all is tried less and less often: all that is sent for it is lost. */
const DISK_PAUSE_MOST: Micros = 160_000_000;

export class Fetching {
  readonly sources: ContentSource[] = [];
  /** The disk has refused something: for a while nothing more is asked for. */
  stopped = false;

  #peers: PeerId[] = [];
  #told: "nothing" | "fetching" | "completed" = "nothing";
  #retryAt: Micros = 0;
  #goOnAt: Micros = 0;
  #pause: Micros = RETRY_FIRST;
  /** How long the disk is left alone, and the blocks that were here when it last refused one. */
  #diskPause: Micros = limits.DISK_PAUSE;
  #keptAtStop = -1;
  #next = 0;
  /** Blocks that were here at the last look. */
  #counted = 0;

  constructor(readonly content: Content, readonly save: () => void) {}

  /** More places to ask; those known already are not asked twice. */
  add(sources: readonly ContentSource[], ctx: SwarmContext): void {
    for (const source of sources) {
      const peer = peerOf(source.keys, ctx.crypto);
      const known = this.#peers.indexOf(peer);
      if (peer === ctx.self || (known < 0 && this.sources.length >= limits.SOURCES)) continue;
      if (known >= 0) this.sources[known] = source;
      else {
        this.sources.push(source);
        this.#peers.push(peer);
      }
      if (ctx.isLinked(peer)) this.joined(peer, ctx);
    }
    this.#retryAt = Math.min(this.#retryAt, ctx.now);
    this.tick(ctx);
  }

  isSource(peer: PeerId): boolean {
    return this.#peers.includes(peer);
  }

  stop(why: Halt, ctx: SwarmContext): void {
    this.stopped = true;
    const isAgain = this.content.have.count <= this.#keptAtStop;
    this.#diskPause = isAgain ? Math.min(2 * this.#diskPause, DISK_PAUSE_MOST) : limits.DISK_PAUSE;
    this.#keptAtStop = this.content.have.count;
    this.#goOnAt = ctx.now + this.#diskPause;
    this.#halt(why, ctx);
  }

  #goOn(ctx: SwarmContext): void {
    this.stopped = false;
    this.#halt(undefined, ctx);
  }

  /** The sources show it to whoever waits for us. */
  #halt(why: Halt | undefined, ctx: SwarmContext): void {
    for (const peer of this.#peers) {
      ctx.send(peer, { kind: "halted", content: this.content.id, why });
    }
  }

  /** Something is missing again that was here. */
  reopen(): void {
    if (this.#told === "completed") this.#told = "fetching";
  }

  joined(peer: PeerId, ctx: SwarmContext): void {
    if (!this.isSource(peer)) return;
    this.#ask(peer, ctx);
    this.#pause = RETRY_FIRST;
  }

  left(peer: PeerId, ctx: SwarmContext): void {
    if (this.isSource(peer)) this.#retryAt = ctx.now + RETRY_FIRST;
  }

  unreachable(address: Address, ctx: SwarmContext): void {
    if (!this.sources.some((source) => source.address === address)) return;
    this.#retryAt = ctx.now + this.#pause;
    this.#pause = Math.min(RETRY_MOST, 2 * this.#pause);
  }

  /** This source does not have the content: another one may. */
  unknownTo(peer: PeerId, ctx: SwarmContext): void {
    if (this.isSource(peer)) this.#retryAt = ctx.now + this.#pause;
  }

  /** No source is needed any more, unless `isNeighbour` says that another content needs it. */
  end(isNeighbour: (peer: PeerId) => boolean, ctx: SwarmContext): void {
    for (const peer of this.#peers) if (!isNeighbour(peer)) ctx.release(peer);
  }

  /** Somebody has sent a manifest; true if it is this content's, and new. */
  offered(body: Uint8Array, from: PeerId, ctx: SwarmContext): boolean {
    const { content } = this;
    if (content.manifest !== undefined) return false;
    if (!content.learn(body, ctx.crypto)) {
      ctx.ban(from, "malformed");
      return false;
    }
    this.save();
    return true;
  }

  /** Tells what has changed since the last call. */
  report(ctx: SwarmContext): void {
    const { content } = this;
    const { manifest } = content;
    if (manifest === undefined) return;
    const about = { protocol: "swarm", content: content.key } as const;
    if (this.#told === "nothing") {
      const { title, bytes, files } = manifest;
      ctx.tell({ ...about, name: "fetching", title, bytes, files } as SwarmEvent);
      this.#told = "fetching";
    }
    if (content.blocks > 0) {
      const percent = Math.floor(100 * content.have.count / content.blocks);
      if (percent !== content.percentTold) {
        content.percentTold = percent;
        const of = manifest.bytes;
        const bytes = Math.min(of, content.have.count * manifest.blockBytes);
        ctx.tell({ ...about, name: "progress", bytes, of } as SwarmEvent);
      }
    }
    if (this.#told === "fetching" && content.complete) {
      this.#told = "completed";
      const { title, bytes } = manifest;
      ctx.tell({ ...about, name: "completed", title, bytes } as SwarmEvent);
    }
  }

  /** Asks the sources in turn while none of them is linked, and while nothing comes in. */
  tick(ctx: SwarmContext): void {
    if (this.stopped && ctx.now >= this.#goOnAt) this.#goOn(ctx);
    if (this.content.complete || ctx.now < this.#retryAt || this.sources.length === 0) return;
    const { count } = this.content.have;
    const isGrowing = count > this.#counted;
    this.#counted = count;
    if (isGrowing && this.#peers.some((peer) => ctx.isLinked(peer))) {
      this.#retryAt = ctx.now + RETRY_MOST;
      return;
    }
    const next = this.#next++ % this.sources.length;
    const { keys, address } = this.sources[next]!;
    if (ctx.isLinked(this.#peers[next]!)) this.#ask(this.#peers[next]!, ctx);
    else ctx.dial(address, keys);
    this.#retryAt = ctx.now + this.#pause;
    this.#pause = Math.min(RETRY_MOST, 2 * this.#pause);
  }

  #ask(peer: PeerId, ctx: SwarmContext): void {
    ctx.hold(peer);
    ctx.send(peer, { kind: "interest", content: this.content.id, address: ctx.address });
  }
}
