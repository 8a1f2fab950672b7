/**
 * What waits to be written to one link: frames in their order, by one writer, as few writes as possible.
 *
 * Frames are copied side by side into one large buffer, bodies as well: a copy costs less than a further
 * call of the system. A frame with a body is `drained` once the other side has read it: the system takes
 * far more than the network carries, and who believed it would send to everybody at once, into a queue
 * that overflows.
 */
import { encodeFrame, encodeReceipt, frameBytes, RECEIPT_BODIES } from "../../core/framing.ts";
import type { Frame } from "../../core/mod.ts";
import type { Buffers } from "./buffers.ts";
import * as limits from "./limits.ts";
import type { Receipts } from "./receipts.ts";
import type { Stream } from "./stream.ts";

/** What becomes of it. */
export interface OutgoingOwner {
  /** So many bytes more wait, or fewer. */
  waits(bytes: number): void;
  /** A frame with a body has been read; so many bytes after it are still to be. */
  drained(queued: number): void;
  /** Nothing waits any more. */
  emptied(): void;
  broke(error: unknown): void;
}

export class Outgoing {
  readonly #stream: Stream;
  readonly #buffers: Buffers;
  readonly #receipts: Receipts;
  readonly #owner: OutgoingOwner;
  /** What is not copied yet, from `#part` on, and how much of the first is. */
  #parts: Uint8Array[] = [];
  #part = 0;
  #offset = 0;
  /** Where frames with a body end, counted from the first byte of the link; those from `#mark` on are not read. */
  #marks: number[] = [];
  #mark = 0;
  #pushed = 0;
  #left = 0;
  /** Up to where the other side has surely read. */
  #read = 0;
  /** Bodies that were read, of which the other side has not been told. */
  #owed = 0;
  #isWriting = false;
  #isClosed = false;

  constructor(stream: Stream, buffers: Buffers, receipts: Receipts, owner: OutgoingOwner) {
    this.#stream = stream;
    this.#buffers = buffers;
    this.#receipts = receipts;
    this.#owner = owner;
  }

  /** Bytes that have not left. */
  get queued(): number {
    return this.#pushed - this.#left;
  }

  /** Bytes that have left. */
  get left(): number {
    return this.#left;
  }

  /** Grows as bytes leave, and as they are read. */
  get headway(): number {
    return this.#left + this.#read;
  }

  /** Whether it should grow. */
  get isOwed(): boolean {
    return this.queued > 0 || this.#mark < this.#marks.length;
  }

  push(frame: Frame): void {
    if (this.#isClosed) return;
    this.giveReceipts();
    this.#add(encodeFrame(frame), frameBytes(frame));
    if (frame.body !== undefined) this.#marks.push(this.#pushed);
  }

  /** So many more of the other side's bodies were read, as it will be told. */
  acknowledge(bodies: number): void {
    if (this.#isClosed) return;
    this.#owed += bodies;
    if (this.#owed >= limits.BODIES_PER_RECEIPT) this.giveReceipts();
    else this.#receipts.later(this.giveReceipts);
  }

  /** Tells of what was read now: a link that ends has no later. */
  readonly giveReceipts = (): void => {
    if (this.#owed === 0) return;
    this.#receipts.forget(this.giveReceipts);
    for (; this.#owed > 0; this.#owed -= Math.min(this.#owed, RECEIPT_BODIES)) {
      const receipt = encodeReceipt(Math.min(this.#owed, RECEIPT_BODIES));
      this.#add([receipt], receipt.length);
    }
  };

  /** The other side has read so many more bodies. False where it cannot have. */
  confirmed(bodies: number): boolean {
    for (let nth = 0; nth < bodies && !this.#isClosed; nth++) {
      const end = this.#marks[this.#mark];
      if (end === undefined || end > this.#left) return false;
      this.#mark++;
      this.#read = end;
      this.#owner.drained(this.#pushed - end);
    }
    if (this.#mark === this.#marks.length || this.#mark >= COMPACTED) {
      this.#marks.splice(0, this.#mark);
      this.#mark = 0;
    }
    return true;
  }

  /** Nothing leaves any more. */
  close(): void {
    this.#isClosed = true;
    this.#receipts.forget(this.giveReceipts);
    this.#owed = 0;
    this.#parts = [];
    this.#marks = [];
    this.#part = this.#mark = this.#offset = 0;
    this.#owner.waits(-this.queued);
    this.#pushed = this.#left;
  }

  #add(parts: readonly Uint8Array[], bytes: number): void {
    for (const part of parts) this.#parts.push(part);
    this.#pushed += bytes;
    this.#owner.waits(bytes);
    if (!this.#isWriting) this.#begin();
  }

  /** What is sent in the same turn goes with it. */
  #begin(): void {
    this.#isWriting = true;
    queueMicrotask(() => void this.#write());
  }

  async #write(): Promise<void> {
    // Most of the time a few bytes wait: a large buffer for each link would cost more than the write.
    const isMuch = this.queued > limits.MEDIUM_BUFFER_BYTES;
    const borrowed = isMuch ? this.#buffers.borrow() : undefined;
    const length = isMuch ? limits.SMALL_BUFFER_BYTES : this.queued;
    const buffer = borrowed ?? new Uint8Array(length);
    const isDone = await this.#writeBy(buffer);
    if (borrowed !== undefined) this.#buffers.giveBack(borrowed);
    this.#isWriting = false;
    if (!isDone || this.#isClosed) return;
    if (this.queued === 0) this.#owner.emptied();
    else this.#begin(); // pushed a moment ago
  }

  /** Writes as much as the buffer holds; what was pushed meanwhile may need a larger one. */
  async #writeBy(buffer: Uint8Array): Promise<boolean> {
    const filled = this.#fill(buffer);
    for (let at = 0; at < filled;) {
      const count = await this.#stream.write(buffer.subarray(at, filled))
        .catch((error) => this.#owner.broke(error));
      if (count === undefined || this.#isClosed) return false;
      at += count;
      this.#leave(count);
    }
    return true;
  }

  /** Copies what waits, as far as there is room. */
  #fill(buffer: Uint8Array): number {
    let filled = 0;
    while (this.#part < this.#parts.length && filled < buffer.length) {
      const part = this.#parts[this.#part]!;
      const end = Math.min(part.length, this.#offset + buffer.length - filled);
      buffer.set(
        this.#offset === 0 && end === part.length ? part : part.subarray(this.#offset, end),
        filled,
      );
      filled += end - this.#offset;
      this.#offset = end;
      if (end < part.length) break;
      this.#part++;
      this.#offset = 0;
    }
    if (this.#part === this.#parts.length) {
      this.#parts = [];
      this.#part = 0;
    } else if (this.#part >= COMPACTED) {
      this.#parts.splice(0, this.#part);
      this.#part = 0;
    }
    return filled;
  }

  #leave(count: number): void {
    this.#left += count;
    this.#owner.waits(-count);
  }
}

/** So many entries are dropped at once from the front of a list. */
const COMPACTED = 64;
