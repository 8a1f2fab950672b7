/** A connection that was accepted: its first byte says whether frames come, or a WebSocket's request. */
import type { Transport } from "../../core/mod.ts";
import type { Stream } from "./stream.ts";
import { acceptWebSocket } from "./websocket.ts";

/** The first byte of `GET`. No frame begins with it: that would be a head of a gigabyte. */
const REQUEST = 0x47;

export class InboundStream implements Stream {
  readonly #origins: readonly string[];
  #stream: Stream;
  #isKnown = false;

  constructor(stream: Stream, origins: readonly string[]) {
    this.#stream = stream;
    this.#origins = origins;
  }

  get transport(): Transport {
    return this.#stream.transport;
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#isKnown ? this.#stream.read(into) : this.#begin(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  finish(): Promise<void> {
    return this.#stream.finish();
  }

  close(): void {
    this.#stream.close();
  }

  async #begin(into: Uint8Array): Promise<number | null> {
    const count = await this.#stream.read(into);
    this.#isKnown = true;
    if (count === null || into[0] !== REQUEST) return count;
    this.#stream = await acceptWebSocket(this.#stream, into.slice(0, count), this.#origins);
    return this.#stream.read(into);
  }
}
