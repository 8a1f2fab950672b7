/** What a link runs on: bytes in order, both ways, however they are carried. */
import type { Reason, Transport } from "../../core/mod.ts";

export interface Stream {
  readonly transport: Transport;
  /** How many bytes came, at least one; null once the other side has ended its own. Throws where it broke. */
  read(into: Uint8Array): Promise<number | null>;
  /** How many bytes the system took, at least one of those given. Throws where it broke. */
  write(bytes: Uint8Array): Promise<number>;
  /** Nothing more will be written; the other side reads to the end. */
  finish(): Promise<void>;
  /** What waits is lost; a read or a write that waits throws. */
  close(): void;
}

/** A TCP connection. */
export class TcpStream implements Stream {
  readonly transport = "tcp";
  readonly #conn: Deno.TcpConn;
  #isClosed = false;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    try {
      conn.setNoDelay(true); // frames that belong together are written together already
      conn.setKeepAlive(true);
    } catch {
      // It is broken already, as the first read will tell.
    }
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  finish(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }
}

/** Writes all of the bytes. */
export async function writeAll(stream: Stream, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}

/** A link ends for a reason of our own, and not because the system says so. */
export class Broken extends Error {
  constructor(readonly why: Reason) {
    super(`Cannot go on: ${why}`);
  }
}

/** Why a stream that was open has ended. */
export function reasonOfBreak(error: unknown): Reason {
  if (error instanceof Broken) return error.why;
  // Nobody has acknowledged anything for as long as the system is patient.
  if (error instanceof Deno.errors.TimedOut) return "silent";
  return "crashed";
}
