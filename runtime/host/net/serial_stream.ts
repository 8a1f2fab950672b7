/** One session of a serial line as a stream: whole, or broken. */
import type { Reason } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { Broken, type Stream } from "./stream.ts";

/** The line that it runs on. */
export interface SerialChannel {
  /** How many of the bytes the device has taken. */
  send(bytes: Uint8Array): Promise<number>;
  /** Nothing more will be said. */
  end(): void;
}

export class SerialStream implements Stream {
  readonly transport = "serial";
  readonly #channel: SerialChannel;
  #chunks: Uint8Array[] = [];
  #unread = 0;
  #why: Reason | undefined;
  #wake: (() => void) | undefined;
  #resume: (() => void) | undefined;

  constructor(channel: SerialChannel) {
    this.#channel = channel;
  }

  /** Bytes have come. */
  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#unread += bytes.length;
    this.#wake?.();
  }

  /** What to wait for where nobody reads. */
  pause(): Promise<void> | undefined {
    if (this.#unread < limits.SERIAL_UNREAD_BYTES) return undefined;
    return new Promise((resolve) => this.#resume = resolve);
  }

  /** Nobody waits any more. */
  resume(): void {
    this.#resume?.();
    this.#resume = undefined;
  }

  /** Nothing more will come. */
  end(why: Reason): void {
    this.#why ??= why;
    this.#wake?.();
    this.resume();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#chunks.length === 0) {
      if (this.#why === "closed") return null;
      if (this.#why !== undefined) throw new Broken(this.#why);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    const chunk = this.#chunks[0]!, count = Math.min(chunk.length, into.length);
    into.set(chunk.subarray(0, count));
    if (count === chunk.length) this.#chunks.shift();
    else this.#chunks[0] = chunk.subarray(count);
    this.#unread -= count;
    if (this.#unread < limits.SERIAL_UNREAD_BYTES) this.resume();
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.#why !== undefined) return Promise.reject(new Broken(this.#why));
    return this.#channel.send(bytes);
  }

  /** Both directions end together. */
  finish(): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  close(): void {
    this.#channel.end();
    this.end("closed");
  }
}
