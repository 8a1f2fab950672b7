/**
 * A WebSocket as a stream: what browsers can speak, at the same port as everything else.
 *
 * 1. Each binary message is a piece of one stream of bytes; where messages begin and end means nothing.
 * 2. A page of the web may only connect where its origin is on the list: browsers say who asks.
 * 3. A ping is answered, the latest one only, and none while the answer to another waits.
 */
import { Broken, type Stream, writeAll } from "./stream.ts";
import {
  applyMask,
  BINARY,
  CLOSE,
  encodeHead,
  HEAD_BYTES,
  PAYLOAD_BYTES,
  PONG,
  WebSocketDecoder,
} from "./websocket_frames.ts";
import { acceptanceOf, readHeaders, requestOf, responseOf } from "./websocket_handshake.ts";

const NORMAL = Uint8Array.of(1_000 >> 8, 1_000 & 255);

/** Answers the request of a client, of which `begun` has come. Throws where it may not have a link. */
export async function acceptWebSocket(
  stream: Stream,
  begun: Uint8Array,
  origins: readonly string[],
): Promise<Stream> {
  const { lines, rest } = await readHeaders(stream, begun);
  const { status, bytes } = responseOf(lines, origins);
  await writeAll(stream, bytes);
  // A client says nothing more before it is answered.
  if (status !== 101 || rest.length > 0) throw new Broken("malformed");
  return new WebSocketStream(stream, "server", rest);
}

/** Asks the server at the other end for a WebSocket. Throws where it has none. */
export async function requestWebSocket(stream: Stream, host: string): Promise<Stream> {
  const { key, bytes } = requestOf(host);
  await writeAll(stream, bytes);
  const { lines, rest } = await readHeaders(stream, new Uint8Array(0));
  if (!acceptanceOf(lines, key)) throw new Broken("malformed");
  return new WebSocketStream(stream, "client", rest);
}

class WebSocketStream implements Stream {
  readonly transport = "websocket";
  readonly #stream: Stream;
  readonly #isClient: boolean;
  readonly #decoder: WebSocketDecoder;
  #begun: Uint8Array;
  /** As large as the largest frame so far. */
  #out = new Uint8Array(0);
  /** One frame after another: a frame that has begun is written to its end. */
  #writing: Promise<unknown> = Promise.resolve();
  #isPonging = false;

  constructor(stream: Stream, side: "client" | "server", begun: Uint8Array) {
    this.#stream = stream;
    this.#isClient = side === "client";
    this.#decoder = new WebSocketDecoder(side === "server");
    this.#begun = begun;
  }

  async read(into: Uint8Array): Promise<number | null> {
    const decoder = this.#decoder;
    for (;;) {
      if (decoder.failed !== undefined) throw new Broken(decoder.failed);
      if (decoder.isClosed) return null;
      const came = await this.#readRaw(into);
      if (came === null) {
        if (decoder.isWithin) throw new Broken("crashed");
        return null;
      }
      const count = decoder.decode(into.subarray(0, came));
      if (decoder.ping !== undefined) this.#pong(decoder.ping);
      if (count > 0) return count;
    }
  }

  async write(bytes: Uint8Array): Promise<number> {
    const chunk = bytes.subarray(0, PAYLOAD_BYTES);
    await this.#writeFrame(BINARY, chunk);
    return chunk.length;
  }

  async finish(): Promise<void> {
    await this.#writeFrame(CLOSE, NORMAL);
    await this.#stream.finish();
  }

  close(): void {
    this.#stream.close();
  }

  #readRaw(into: Uint8Array): Promise<number | null> {
    if (this.#begun.length === 0) return this.#stream.read(into);
    const taken = this.#begun.subarray(0, into.length);
    into.set(taken);
    this.#begun = this.#begun.subarray(taken.length);
    return Promise.resolve(taken.length);
  }

  #writeFrame(opcode: number, payload: Uint8Array): Promise<void> {
    const written = this.#writing.then(() => writeAll(this.#stream, this.#frame(opcode, payload)));
    this.#writing = written.catch(() => {}); // whoever writes next fails by itself
    return written;
  }

  #frame(opcode: number, payload: Uint8Array): Uint8Array {
    const mask = this.#isClient ? crypto.getRandomValues(new Uint8Array(4)) : undefined;
    const room = HEAD_BYTES + payload.length;
    if (this.#out.length < room) this.#out = new Uint8Array(room);
    const start = encodeHead(this.#out, opcode, payload.length, mask);
    const frame = this.#out.subarray(0, start + payload.length);
    frame.set(payload, start);
    if (mask !== undefined) applyMask(frame.subarray(start), mask);
    return frame;
  }

  #pong(payload: Uint8Array): void {
    this.#decoder.ping = undefined;
    if (this.#isPonging) return;
    this.#isPonging = true;
    this.#writeFrame(PONG, payload).catch(() => {}).finally(() => this.#isPonging = false);
  }
}
