/** All links of this host: their names, their number, what waits on them, and who has been too slow. */
import type { Address, Frame, LinkId, Reason } from "../../core/mod.ts";
import type { Post } from "../ports.ts";
import { Buffers } from "./buffers.ts";
import * as limits from "./limits.ts";
import { Receipts } from "./receipts.ts";
import { Link, type LinkOwner } from "./link.ts";
import type { Stream } from "./stream.ts";
import { WaitingRoom } from "./waiting_room.ts";

interface LinksOptions {
  readonly post: Post;
  /** True while the node has more facts than it can take: nothing is read meanwhile. */
  readonly isBehind: () => boolean;
}

/** Where the bytes of a link come from, and what of it is counted. */
export interface Origin {
  readonly from: Address;
  readonly host: string;
}

export class Links {
  readonly #options: LinksOptions;
  readonly #shared = { buffers: new Buffers(), receipts: new Receipts() };
  /** Those that the node knows. */
  readonly #byId = new Map<LinkId, Link>();
  /** Every link whose stream is not closed. */
  readonly #all = new Set<Link>();
  readonly #ofHost = new Map<string, number>();
  readonly #waiting = new WaitingRoom();
  readonly #owner: LinkOwner;
  #named = 0;
  #lookedAt = 0;
  #queuedBytes = 0;
  /** Of links that are closed. */
  #sentBytes = 0;
  #receivedBytes = 0;
  #emptied: (() => void) | undefined;
  #pausing: Promise<void> | undefined;

  constructor(options: LinksOptions) {
    this.#options = options;
    const { post } = options;
    this.#owner = {
      admit: (link) => this.#admit(link),
      received: (link, frame) => post({ kind: "received", link, frame }),
      drained: (link, queued) => post({ kind: "drained", link, queued }),
      unlinked: (link, why) => post({ kind: "unlinked", link, why }),
      waits: (bytes) => this.#queuedBytes += bytes,
      closed: (link) => this.#forget(link),
      pause: () => options.isBehind() ? this.#pausing ??= this.#pause() : undefined,
    };
  }

  get stats() {
    let sentBytes = this.#sentBytes, receivedBytes = this.#receivedBytes;
    for (const link of this.#all) {
      sentBytes += link.sentBytes;
      receivedBytes += link.receivedBytes;
    }
    const links = this.#byId.size, waiting = this.#waiting.size;
    return { links, waiting, sentBytes, receivedBytes, queuedBytes: this.#queuedBytes };
  }

  /** A connection was made for a dial of ours. */
  dialled(address: Address, stream: Stream, host: string): void {
    const link = this.#make(stream, { from: address, host });
    link.start(true);
    const id = this.#name(link);
    const { transport } = stream;
    this.#options.post({ kind: "linked", link: id, dialled: address, from: address, transport });
  }

  /** A connection was accepted: the node hears of it with its first frame. */
  accepted(stream: Stream, origin: Origin, now: number): void {
    if ((this.#ofHost.get(origin.host) ?? 0) >= limits.LINKS_PER_HOST) return stream.close();
    const link = this.#make(stream, origin);
    this.#waiting.add(link, now);
    link.start(false);
  }

  send(id: LinkId, frame: Frame): void {
    const link = this.#byId.get(id);
    if (link === undefined) return; // it has ended; the node is about to hear of it
    link.send(frame);
    if (link.queued > limits.QUEUED_BYTES) this.#cutLater(link);
    else if (this.#queuedBytes > limits.ALL_QUEUED_BYTES) this.#cutLater(this.#slowest());
  }

  hangUp(id: LinkId): void {
    const link = this.#byId.get(id);
    this.#byId.delete(id);
    link?.hangUp();
  }

  /** Looks after deadlines; a look that comes late, or while the node is behind, blames nobody. */
  look(now: number): void {
    const isLate = now - this.#lookedAt > limits.LATE_MILLIS || this.#options.isBehind();
    this.#lookedAt = now;
    for (const link of this.#all) {
      if (isLate) link.forgive(now);
      else link.look(now);
    }
    if (!isLate) this.#waiting.look(now);
  }

  /** Resolves when all streams are closed; softly, what was sent before may leave. */
  async close(isHard: boolean): Promise<void> {
    this.#byId.clear();
    for (const link of this.#all) link.hangUp(isHard);
    if (this.#all.size > 0) await new Promise<void>((resolve) => this.#emptied = resolve);
  }

  #make(stream: Stream, { from, host }: Origin): Link {
    const link = new Link(stream, from, host, this.#shared, this.#owner);
    this.#all.add(link);
    this.#ofHost.set(host, (this.#ofHost.get(host) ?? 0) + 1);
    return link;
  }

  #name(link: Link): LinkId {
    const id = link.id = this.#named++;
    this.#byId.set(id, link);
    return id;
  }

  #admit(link: Link): boolean {
    this.#waiting.delete(link);
    if (this.#byId.size >= limits.LINKS) return false;
    const { from, transport } = link;
    const id = this.#name(link);
    this.#options.post({ kind: "linked", link: id, from, transport });
    return true;
  }

  #forget(link: Link): void {
    if (!this.#all.delete(link)) return;
    this.#sentBytes += link.sentBytes;
    this.#receivedBytes += link.receivedBytes;
    this.#waiting.delete(link);
    if (link.id !== undefined) this.#byId.delete(link.id);
    const left = this.#ofHost.get(link.host)! - 1;
    if (left === 0) this.#ofHost.delete(link.host);
    else this.#ofHost.set(link.host, left);
    if (this.#all.size === 0) this.#emptied?.();
  }

  /** Waits until the node has caught up: all links together. */
  async #pause(): Promise<void> {
    while (this.#options.isBehind()) await new Promise((resolve) => setTimeout(resolve));
    this.#pausing = undefined;
  }

  #slowest(): Link {
    let slowest: Link | undefined;
    for (const link of this.#all) {
      if (slowest === undefined || link.queued > slowest.queued) slowest = link;
    }
    return slowest!;
  }

  /** After the order that is being performed. */
  #cutLater(link: Link): void {
    queueMicrotask(() => link.cut("timed-out" satisfies Reason));
  }
}
