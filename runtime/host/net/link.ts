/**
 * One link: frames over a stream, from when it is accepted or dialled until neither side needs it.
 *
 * 1. The node hears, in this order: `linked`, then what is received, then `unlinked`. It hears nothing
 *    after it has hung up, and of an inbound connection nothing before its first frame is complete.
 * 2. A hang-up lets what was sent before leave, if it does so soon, and then takes and forgets what still
 *    comes: a connection that is closed with bytes unread is reset, and what was on its way is lost.
 */
import { Deframer } from "../../core/framing.ts";
import type { Address, Frame, LinkId, Reason } from "../../core/mod.ts";
import { type Buffers, ReadBuffer } from "./buffers.ts";
import * as limits from "./limits.ts";
import { Outgoing } from "./outgoing.ts";
import type { Receipts } from "./receipts.ts";
import { reasonOfBreak, type Stream } from "./stream.ts";

/** What a link tells. */
export interface LinkOwner {
  /** The first frame of an inbound connection is complete: names it; false where there is no room. */
  admit(link: Link): boolean;
  received(id: LinkId, frame: Frame): void;
  drained(id: LinkId, queued: number): void;
  /** It has ended, and not because the node has hung up. */
  unlinked(id: LinkId, why: Reason): void;
  /** So many bytes more wait to be sent, or fewer. */
  waits(bytes: number): void;
  /** Its stream is closed. */
  closed(link: Link): void;
  /** What to wait for where the node has more to read than it can. */
  pause(): Promise<void> | undefined;
}

/** What all links of a node have in common. */
export interface Shared {
  readonly buffers: Buffers;
  readonly receipts: Receipts;
}

/** `waiting`: inbound, no frame yet. `ending`: hung up, while what was sent before leaves. */
type State = "waiting" | "open" | "ending" | "closed";

export class Link {
  /** Set once the node knows it. */
  id: LinkId | undefined;
  receivedBytes = 0;
  readonly #stream: Stream;
  readonly #owner: LinkOwner;
  readonly #outgoing: Outgoing;
  readonly #incoming: ReadBuffer;
  readonly #deframer = new Deframer();
  #state: State = "waiting";
  #ending: ReturnType<typeof setTimeout> | undefined;
  /** Frames that have come. */
  #frames = 0;
  /** What was seen when, since it last went on as it should. */
  #guard = { at: 0, frames: -1, begun: 0, headway: 0, stalledSince: 0 };

  constructor(
    stream: Stream,
    /** Where its bytes come from. */
    readonly from: Address,
    /** Of that address, what is counted for limits. */
    readonly host: string,
    { buffers, receipts }: Shared,
    owner: LinkOwner,
  ) {
    this.#stream = stream;
    this.#owner = owner;
    this.#incoming = new ReadBuffer(buffers);
    this.#outgoing = new Outgoing(stream, buffers, receipts, {
      waits: (bytes) => owner.waits(bytes),
      drained: (queued) => this.#state === "open" && owner.drained(this.id!, queued),
      emptied: () => this.#state === "ending" && this.#finish(),
      broke: (error) => this.#broke(error),
    });
  }

  get transport(): Stream["transport"] {
    return this.#stream.transport;
  }

  get queued(): number {
    return this.#outgoing.queued;
  }

  get sentBytes(): number {
    return this.#outgoing.left;
  }

  /** Reads from now on. A dialled link is open at once. */
  start(isDialled: boolean): void {
    if (isDialled) this.#state = "open";
    void this.#read();
  }

  send(frame: Frame): void {
    if (this.#state === "open") this.#outgoing.push(frame);
  }

  /** The node has hung up: rule 2. Hard: at once, whatever is lost. */
  hangUp(isHard = false): void {
    if (this.#state !== "open" || isHard) return this.#close();
    this.#state = "ending";
    clearTimeout(this.#ending);
    this.#ending = setTimeout(() => this.#close(), limits.FLUSH_MILLIS);
    this.#outgoing.giveReceipts(); // one that came after the end would break the stream
    if (this.#outgoing.queued === 0) this.#finish();
  }

  /** Ends it at once; the node hears why, if it knows the link. */
  cut(why: Reason): void {
    const { id } = this;
    const isHeard = this.#state === "open";
    this.#close();
    if (isHeard) this.#owner.unlinked(id!, why);
  }

  /** Begins to measure anew: whatever was late, was so because of us. */
  forgive(now: number): void {
    this.#guard.frames = -1;
    this.#guard.stalledSince = now;
  }

  /** Cuts a link whose peer has begun a frame and sends too little of it, or takes nothing of what waits. */
  look(now: number): void {
    if (this.#state !== "open") return;
    if (this.#isStalled(now)) this.cut("silent");
    else if (this.#isTrickling(now)) this.cut("timed-out");
  }

  #isStalled(now: number): boolean {
    const guard = this.#guard, { headway, isOwed } = this.#outgoing;
    if (isOwed && headway === guard.headway) {
      return now - guard.stalledSince >= limits.STALL_MILLIS;
    }
    guard.headway = headway;
    guard.stalledSince = now;
    return false;
  }

  #isTrickling(now: number): boolean {
    const guard = this.#guard, age = now - guard.at, { begun } = this.#deframer;
    const isSameFrame = begun > 0 && this.#frames === guard.frames;
    if (isSameFrame && age < limits.FRAME_MILLIS) return false;
    const least = limits.FRAME_BYTES_PER_SECOND * age / MILLIS_PER_SECOND;
    if (isSameFrame && begun - guard.begun < least) return true;
    guard.at = now;
    guard.frames = this.#frames;
    guard.begun = begun;
    return false;
  }

  async #read(): Promise<void> {
    for (;;) {
      const buffer = this.#incoming.bytes;
      const count = await this.#stream.read(buffer).catch(reasonOfBreak);
      if (this.#state === "closed") break;
      if (typeof count !== "number") {
        this.cut(count ?? (this.#deframer.begun === 0 ? "closed" : "crashed"));
        break;
      }
      this.receivedBytes += count;
      if (this.#state !== "ending" && !this.#take(buffer.subarray(0, count))) break;
      this.#incoming.filled(count);
      await undefined; // a node that keeps up has read this by then
      const pause = this.#owner.pause();
      if (pause !== undefined) {
        await pause;
        this.#guard.frames = -1; // what came meanwhile was not looked at
      }
    }
    this.#incoming.release();
  }

  /** False where the link has ended. */
  #take(bytes: Uint8Array): boolean {
    let bodies = 0;
    for (const frame of this.#deframer.push(bytes)) {
      this.#frames++;
      if (frame.body !== undefined) bodies++;
      if (this.#state === "waiting" && !this.#admit()) return false;
      this.#owner.received(this.id!, frame);
    }
    if (bodies > 0) this.#outgoing.acknowledge(bodies);
    const isTrue = this.#outgoing.confirmed(this.#deframer.takeReceipts());
    if (isTrue && !this.#deframer.tooLarge) return true;
    this.cut(isTrue ? "too-large" : "malformed");
    return false;
  }

  #admit(): boolean {
    this.#state = "open";
    if (this.#owner.admit(this)) return true;
    this.#close();
    return false;
  }

  /** A write failed. What the peer had sent before is read to its end, which says why. */
  #broke(error: unknown): void {
    if (this.#state === "ending") return this.#close();
    this.#outgoing.close();
    this.#ending ??= setTimeout(() => this.cut(reasonOfBreak(error)), limits.FLUSH_MILLIS);
  }

  #finish(): void {
    this.#stream.finish().catch(() => this.#close());
  }

  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    clearTimeout(this.#ending);
    this.#outgoing.close();
    this.#stream.close();
    this.#owner.closed(this);
  }
}

const MILLIS_PER_SECOND = 1_000;
