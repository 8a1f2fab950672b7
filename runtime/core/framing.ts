/**
 * Frames on a stream of bytes, for links that carry only that.
 *
 *     head length  u32, big endian; the top bit says that a body follows
 *     body length  u32, only with a body
 *     head, body   as long as said
 *
 * Between frames stand receipts, a word each: so many more bodies were read. A system takes megabytes
 * that a slow network has not carried yet; only the other side knows what has arrived.
 *
 *     receipt      u32: 0x20000000 + bodies, at least one
 */
import { assert } from "./assert.ts";
import type { Frame } from "./io.ts";
import { BODY_BYTES, HEAD_BYTES } from "./limits.ts";

const HAS_BODY = 0x8000_0000;
const RECEIPT = 0x2000_0000;
const LENGTH_BYTES = 4;
const EMPTY = new Uint8Array(0);

/** Bodies that one receipt is for, at most. */
export const RECEIPT_BODIES = 0xffff;

type Part = "head length" | "body length" | "head" | "body";

/** The bytes of a frame, to be sent one after another; the body is handed on, not copied. */
export function encodeFrame(frame: Frame): Uint8Array[] {
  const { head, body } = frame;
  assert(head.length <= HEAD_BYTES, "a head keeps to its limit");
  assert(body === undefined || body.length <= BODY_BYTES, "a body keeps to its limit");
  const start = body === undefined ? LENGTH_BYTES : 2 * LENGTH_BYTES;
  const opening = new Uint8Array(start + head.length);
  putU32(opening, 0, body === undefined ? head.length : HAS_BODY + head.length);
  if (body !== undefined) putU32(opening, LENGTH_BYTES, body.length);
  opening.set(head, start);
  return body === undefined ? [opening] : [opening, body];
}

/** Says that so many more bodies were read: from 1 to `RECEIPT_BODIES`. */
export function encodeReceipt(bodies: number): Uint8Array {
  assert(bodies > 0 && bodies <= RECEIPT_BODIES, "a receipt keeps to its limit");
  const word = new Uint8Array(LENGTH_BYTES);
  putU32(word, 0, RECEIPT + bodies);
  return word;
}

/** How many bytes a frame takes on the stream. */
export function frameBytes(frame: Frame): number {
  const { head, body } = frame;
  return LENGTH_BYTES + head.length + (body === undefined ? 0 : LENGTH_BYTES + body.length);
}

/**
 * Frames out of a stream, however it was cut. Memory grows with what was received, never with what was
 * promised; the bytes pushed may be used again by the caller.
 */
export class Deframer {
  /** What is being collected. */
  #part: Part = "head length";
  #wanted = LENGTH_BYTES;
  #held = new Uint8Array(LENGTH_BYTES);
  #have = 0;

  #begun = 0;
  #receipts = 0;
  #bodyLength: number | undefined;
  #headLength = 0;
  #head: Uint8Array = EMPTY;
  #tooLarge = false;

  /** True for ever once a length was over its limit; the frames before it are good. */
  get tooLarge(): boolean {
    return this.#tooLarge;
  }

  /** Bytes that have come of a frame that is not whole yet. */
  get begun(): number {
    return this.#begun;
  }

  /** Bodies that the other side has read since this was asked last. */
  takeReceipts(): number {
    const bodies = this.#receipts;
    this.#receipts = 0;
    return bodies;
  }

  /** Memory set aside for an unfinished frame: at most twice the bytes that came, and a length. */
  get reserved(): number {
    return this.#held.length + this.#head.length;
  }

  /** The frames that these bytes complete. After a length over its limit, none any more. */
  push(bytes: Uint8Array): readonly Frame[] {
    const frames: Frame[] = [];
    let at = 0;
    while (!this.#tooLarge) {
      const taken = Math.min(this.#wanted - this.#have, bytes.length - at);
      if (taken > 0) this.#hold(bytes.subarray(at, at + taken));
      at += taken;
      if (this.#have < this.#wanted) break;
      const frame = this.#finishPart();
      if (frame !== undefined) frames.push(frame);
      if (this.#part === "head length") this.#begun = 0;
    }
    return frames;
  }

  #hold(bytes: Uint8Array): void {
    const needed = this.#have + bytes.length;
    if (needed > this.#held.length) {
      // Twice what has come, at most what is wanted: a whole part at once is copied exactly once.
      const larger = new Uint8Array(Math.min(this.#wanted, Math.max(needed, 2 * this.#have)));
      larger.set(this.#held.subarray(0, this.#have));
      this.#held = larger;
    }
    this.#held.set(bytes, this.#have);
    this.#have = needed;
    this.#begun += bytes.length;
  }

  /** Moves on to the next part; the last one gives a frame. */
  #finishPart(): Frame | undefined {
    const held = this.#held;
    switch (this.#part) {
      case "head length": {
        const word = u32At(held);
        this.#bodyLength = undefined;
        this.#headLength = word % HAS_BODY;
        if (word > RECEIPT && word <= RECEIPT + RECEIPT_BODIES) this.#receive(word - RECEIPT);
        else if (this.#headLength > HEAD_BYTES) this.#refuse();
        else if (word >= HAS_BODY) this.#start("body length", LENGTH_BYTES);
        else this.#start("head", this.#headLength);
        return undefined;
      }
      case "body length":
        this.#bodyLength = u32At(held);
        if (this.#bodyLength > BODY_BYTES) this.#refuse();
        else this.#start("head", this.#headLength);
        return undefined;
      case "head":
        this.#start("head length", LENGTH_BYTES);
        if (this.#bodyLength === undefined) return { head: held };
        this.#head = held;
        this.#start("body", this.#bodyLength);
        return undefined;
      case "body": {
        const head = this.#head;
        this.#head = EMPTY;
        this.#start("head length", LENGTH_BYTES);
        return { head, body: held };
      }
    }
  }

  #receive(bodies: number): void {
    this.#receipts += bodies;
    this.#start("head length", LENGTH_BYTES);
  }

  #start(part: Part, wanted: number): void {
    this.#part = part;
    this.#wanted = wanted;
    this.#held = EMPTY;
    this.#have = 0;
  }

  #refuse(): void {
    this.#tooLarge = true;
    this.#start("head length", LENGTH_BYTES);
  }
}

function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function u32At(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}
