/**
 * Frames of WebSocket (RFC 6455), as far as links use them: binary messages of at most 64 KiB, pieces of one
 * stream, and the control frames. Whatever else the standard allows, no peer of ours says.
 *
 *     FIN RSV×3 opcode×4 | MASK length×7 | length u16 or u64, if 126 or 127 | mask u32, from clients | payload
 */
import type { Reason } from "../../core/mod.ts";

/** The longest payload of one frame; a longer one is `too-large`. */
export const PAYLOAD_BYTES = 64 * 1024;
/** The longest head: two bytes, a length of eight, a mask of four. */
export const HEAD_BYTES = 14;
const CONTROL_BYTES = 125;

export const CONTINUATION = 0, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const FIN = 0x80, MASKED = 0x80;

/** Writes the head of a frame at the front of `into`: its length. Masks the payload where there is a mask. */
export function encodeHead(
  into: Uint8Array,
  opcode: number,
  length: number,
  mask: Uint8Array | undefined,
): number {
  const flag = mask === undefined ? 0 : MASKED;
  into[0] = FIN | opcode;
  let at = 2;
  if (length < 126) into[1] = flag | length;
  else {
    const isShort = length < 0x1_0000;
    into[1] = flag | (isShort ? 126 : 127);
    at = isShort ? 4 : 10;
    for (let byte = 2; byte < at; byte++) {
      const shift = 8 * (at - 1 - byte);
      into[byte] = shift > 24 ? 0 : length >>> shift;
    }
  }
  if (mask !== undefined) into.set(mask, at);
  return mask === undefined ? at : at + 4;
}

/** Applies a mask, or takes it away; `offset` is where in the payload the bytes lie. */
export function applyMask(bytes: Uint8Array, mask: Uint8Array, offset = 0): void {
  // Word by word, where words may lie: four times as fast.
  const start = Math.min(-bytes.byteOffset & 3, bytes.length);
  const end = bytes.length - ((bytes.length - start) & 3);
  for (let at = 0; at < start; at++) bytes[at]! ^= mask[(at + offset) & 3]!;
  if (start < end) {
    const turned = mask.map((_, at) => mask[(at + start + offset) & 3]!);
    const [word] = new Uint32Array(turned.buffer);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset + start, (end - start) / 4);
    for (let at = 0; at < words.length; at++) words[at]! ^= word!;
  }
  for (let at = end; at < bytes.length; at++) bytes[at]! ^= mask[(at + offset) & 3]!;
}

/** The payloads out of a stream of frames, however it was cut. */
export class WebSocketDecoder {
  /** Why nothing more is decoded: the bytes before that are good. */
  failed: Reason | undefined;
  /** The other side has said that it will say nothing more. */
  isClosed = false;
  /** The payload of the latest ping that has not been answered. */
  ping: Uint8Array | undefined;
  readonly #isMasked: boolean;
  readonly #head = new Uint8Array(HEAD_BYTES);
  #have = 0;
  #opcode = CONTINUATION;
  #mask: Uint8Array | undefined;
  #length = 0;
  /** Bytes of the payload that are still to come; undefined between frames. */
  #left: number | undefined;
  #control = new Uint8Array(0);
  #isInMessage = false;

  /** `isMasked`: the other side is the client. */
  constructor(isMasked: boolean) {
    this.#isMasked = isMasked;
  }

  /** True within a frame, and within a message. */
  get isWithin(): boolean {
    return this.#have > 0 || this.#isInMessage;
  }

  /** Moves the payload of messages to the front of these bytes, and answers how much that is. */
  decode(bytes: Uint8Array): number {
    let out = 0;
    for (let at = 0; at < bytes.length && this.failed === undefined && !this.isClosed;) {
      if (this.#left === undefined) {
        this.#head[this.#have++] = bytes[at++]!;
        this.#readHead();
      } else {
        const payload = bytes.subarray(at, at + this.#left);
        at += payload.length;
        if (this.#mask !== undefined) applyMask(payload, this.#mask, this.#length - this.#left);
        this.#left -= payload.length;
        if (this.#opcode < CLOSE) {
          bytes.set(payload, out); // never ahead of what is read
          out += payload.length;
        } else this.#control.set(payload, this.#length - this.#left - payload.length);
      }
      if (this.#left === 0) this.#finish();
    }
    return out;
  }

  /** Whether the head is complete, and whether it may be so. */
  #readHead(): void {
    const head = this.#head, have = this.#have;
    if (have < 2) return;
    const code = head[1]! & 0x7f;
    const lengthEnd = code < 126 ? 2 : code === 126 ? 4 : 10;
    if (have === 2) this.failed = this.#objection(head[0]!, head[1]!);
    if (have < lengthEnd + (this.#isMasked ? 4 : 0) || this.failed !== undefined) return;
    let length = code < 126 ? code : 0;
    for (let at = 2; at < lengthEnd; at++) length = length * 256 + head[at]!;
    if (length > PAYLOAD_BYTES) this.failed = "too-large";
    // A length is written as short as it can be.
    else if (length < (lengthEnd === 2 ? 0 : lengthEnd === 4 ? 126 : 0x1_0000)) {
      this.failed = "malformed";
    } else this.#begin(length, lengthEnd);
  }

  /** What is wrong with the first two bytes. */
  #objection(first: number, second: number): Reason | undefined {
    const opcode = first & 0x0f, isWhole = first >= FIN, length = second & 0x7f;
    if ((first & 0x70) !== 0 || (second >= MASKED) !== this.#isMasked) return "malformed";
    switch (opcode) {
      case CONTINUATION:
        return this.#isInMessage ? undefined : "malformed";
      case BINARY:
        return this.#isInMessage ? "malformed" : undefined;
      case CLOSE:
      case PING:
      case PONG:
        return isWhole && length <= CONTROL_BYTES ? undefined : "malformed";
      default:
        return "malformed";
    }
  }

  #begin(length: number, lengthEnd: number): void {
    this.#opcode = this.#head[0]! & 0x0f;
    this.#mask = this.#isMasked ? this.#head.slice(lengthEnd, lengthEnd + 4) : undefined;
    this.#length = this.#left = length;
    if (this.#opcode < CLOSE) this.#isInMessage = this.#head[0]! < FIN;
    else this.#control = new Uint8Array(length);
  }

  #finish(): void {
    this.#left = undefined;
    this.#have = 0;
    if (this.#opcode === PING) this.ping = this.#control;
    if (this.#opcode !== CLOSE) return;
    // A reason has a code of two bytes.
    if (this.#length === 1) this.failed = "malformed";
    this.isClosed = true;
  }
}
