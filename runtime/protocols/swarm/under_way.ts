/**
 * Bodies on their way from this node: how many there may be at once, and how fast they leave.
 *
 * 1. As many as a slow uplink carries in a moment: what is under way holds up everything that is said after
 *    it, and so much more on a busy machine.
 * 2. A source keeps a lane to every owner busy, however slow its uplink is: its flows meet those of all the
 *    relays in the owners' downlinks, so that few of them do not fill it. (No more than 48 for 50 owners cost
 *    13 % at 100 Mbit/s.)
 */
import type { Micros, PeerId } from "../../core/mod.ts";

/** Bodies on their way at once, in all and to one peer: bounds what a slow network holds up. */
const SLOTS = 128;
export const SLOTS_PER_PEER = 2;
/** What is on its way takes a slow uplink no longer than this. */
const TIME: Micros = 250_000;
const LEAST = 8;
/** Each span of measuring takes the place of so much of the past: bodies leave in bursts. */
const SPAN: Micros = 500_000;
const FADE = 8;
/** The rate counts as known after so much measuring. */
const KNOWN_AFTER: Micros = 3_000_000;

export class UnderWay {
  /** This node gives contents to owners: rule 2. */
  isSource = false;
  /** Of uplink, measured while there was always something to send; 0 while that is not known. */
  bytesPerSecond = 0;

  /** Their sizes, to each peer, in the order of sending. */
  #to = new Map<PeerId, number[]>();
  #total = 0;
  #slots = SLOTS;
  #bodyBytes = 0;
  #measuredAt: Micros = 0;
  #drainedBytes = 0;
  #busy: Micros = 0;
  #pastBytes = 0;
  #pastBusy: Micros = 0;

  /** How many there are. */
  get total(): number {
    return this.#total;
  }

  get hasRoom(): boolean {
    return this.#total < (this.isSource ? SLOTS : this.#slots);
  }

  /** How many there are to a peer. */
  countTo(peer: PeerId): number {
    return this.#to.get(peer)?.length ?? 0;
  }

  /** A body goes out, or one of 0 bytes is about to be loaded. */
  add(peer: PeerId, bytes: number, now: Micros): void {
    if (bytes > 0) this.#bodyBytes = bytes;
    const bodies = this.#to.get(peer);
    if (bodies === undefined) this.#to.set(peer, [bytes]);
    else bodies.push(bytes);
    this.#passTime(now);
    this.#total++;
  }

  /** So many of the oldest to a peer have left this machine. */
  drained(peer: PeerId, count: number, now: Micros): void {
    this.#passTime(now);
    for (const bytes of this.remove(peer, count)) this.#drainedBytes += bytes;
    this.#measure(now);
  }

  /** So many of the oldest to a peer are on their way no more: their sizes. */
  remove(peer: PeerId, count: number): readonly number[] {
    const bodies = this.#to.get(peer);
    if (bodies === undefined) return [];
    if (count === bodies.length) this.#to.delete(peer);
    this.#total -= count;
    return bodies.splice(0, count);
  }

  /** Bytes that left over the time in which anything was on its way, the past counting less. */
  #measure(now: Micros): void {
    if (this.#busy < SPAN) return;
    this.#pastBytes += this.#drainedBytes - this.#pastBytes / FADE;
    this.#pastBusy += this.#busy - this.#pastBusy / FADE;
    this.#drainedBytes = this.#busy = 0;
    this.#measuredAt = now;
    if (this.#pastBusy < KNOWN_AFTER) return;
    this.bytesPerSecond = Math.floor(this.#pastBytes * 1_000_000 / this.#pastBusy);
    this.#slots = Math.max(LEAST, Math.min(SLOTS, this.#carriedIn(TIME)));
  }

  /** Bodies, of the size of late, that the uplink carries in a time. */
  #carriedIn(time: Micros): number {
    return Math.floor(this.bytesPerSecond * (time / 1_000_000) / Math.max(1, this.#bodyBytes));
  }

  #passTime(now: Micros): void {
    if (this.#total > 0) this.#busy += now - this.#measuredAt;
    this.#measuredAt = now;
  }
}
