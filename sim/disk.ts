/**
 * One machine's disk: small records, and the pieces it keeps. It outlives the machine's crashes.
 *
 * 1. A record is written and synced before anything after it happens; records that are next to each
 *    other in the orders share one sync. A crash in the middle keeps some first part of them.
 * 2. A piece is written at the disk's bandwidth, and flushed to the medium some time later. A killed
 *    process loses what it had not yet written, a power cut also what was not yet flushed: gone, or
 *    torn. A torn or rotten piece fails its checksum at the next start and is not reported.
 * 3. What is kept is the very object that was given: pieces are shared, never copied.
 */
import { assert, type Reason, type Saved } from "../runtime/core/mod.ts";
import {
  type Duration,
  type Nanos,
  nanos,
  onlyKnown,
  type Rate,
  rateOf,
  type Size,
  sizeOf,
} from "./units.ts";

/** A disk as a person describes it. */
export interface DiskOptions {
  /** Before the first byte of a read or a write. Default "100us": a SATA solid-state disk. */
  readonly latency?: Duration;
  /** Default "319MBps": measured on the VM of calibration.ts. */
  readonly bandwidth?: Rate;
  /** Until a record is on the medium. Default "260us": 3.8 k syncs/s, measured there too. */
  readonly sync?: Duration;
  /** Until a written piece is flushed by the system. Default "5s": ext4's commit interval. */
  readonly flush?: Duration;
  readonly capacity?: Size;
}

export const diskOptions = ["latency", "bandwidth", "sync", "flush", "capacity"] as const;

interface Piece {
  readonly bytes: Uint8Array;
  /** In the system's hands from this time on. */
  readonly writtenAt: Nanos;
  /** On the medium from this time on. */
  flushedAt: Nanos;
  /** False where a byte has changed on the medium: the checksum stored beside it tells. */
  intact: boolean;
}

/** What a crash makes of a piece that is being written. */
export type Unsynced = "lost" | "torn";

export class Disk {
  readonly #records = new Map<string, Uint8Array>();
  readonly #kept = new Map<string, Piece>();
  #used = 0;
  #freeAt: Nanos = 0;
  #latency: Nanos;
  #nanosPerByte: number;
  #flush: Nanos;
  /** In bytes. */
  capacity: number;
  /** A disk that fails refuses every write; what it holds can still be read. */
  failing = false;
  #copy: ReadonlyMap<string, Uint8Array> | undefined;
  /** It has refused a piece, or let one rot. */
  isSpoilt = false;
  readonly syncTime: Nanos;

  constructor(options: DiskOptions = {}) {
    onlyKnown(options, diskOptions, "disk option");
    this.#latency = nanos(options.latency ?? "100us");
    this.#nanosPerByte = 1e9 / rateOf(options.bandwidth ?? "319MBps");
    this.#flush = nanos(options.flush ?? "5s");
    this.syncTime = nanos(options.sync ?? "260us");
    this.capacity = options.capacity === undefined ? Infinity : sizeOf(options.capacity);
  }

  get used(): number {
    return this.#used;
  }

  /** Why a record of this length cannot be written, if it cannot. */
  refusal(key: string, length: number): Reason | undefined {
    if (this.failing) return "disk-error";
    const freed = this.#records.get(key)?.length ?? 0;
    return this.#used + length - freed > this.capacity ? "disk-full" : undefined;
  }

  /** The record is durable from now on. Undefined removes it. */
  write(key: string, bytes: Uint8Array | undefined): void {
    this.#used += (bytes?.length ?? 0) - (this.#records.get(key)?.length ?? 0);
    if (bytes === undefined) this.#records.delete(key);
    else this.#records.set(key, bytes);
  }

  /** Starts to write a piece; it is safe later. Says why it is refused, if it is. */
  keep(key: string, bytes: Uint8Array, now: Nanos): Reason | undefined {
    const freed = this.#kept.get(key)?.bytes.length ?? 0;
    const isFull = this.#used + bytes.length - freed > this.capacity;
    if (this.failing || isFull) {
      this.isSpoilt = true;
      return this.failing ? "disk-error" : "disk-full";
    }
    this.#used += bytes.length - freed;
    const writtenAt = this.#transfer(bytes.length, now);
    this.#kept.set(key, { bytes, writtenAt, flushedAt: writtenAt + this.#flush, intact: true });
    return undefined;
  }

  /** Brings the pieces of one name to the medium: when they are there. A disk that fails does not. */
  settle(name: string, now: Nanos): Nanos {
    const settledAt = Math.max(now, this.#freeAt) + this.syncTime;
    if (this.failing) return settledAt;
    for (const [key, piece] of this.#kept) {
      if (key.startsWith(`${name}/`)) piece.flushedAt = Math.min(piece.flushedAt, settledAt);
    }
    return settledAt;
  }

  drop(key: string): void {
    const piece = this.#kept.get(key);
    if (piece === undefined) return;
    this.#used -= piece.bytes.length;
    this.#kept.delete(key);
  }

  /** A kept piece; undefined where there is none, or its checksum does not fit any more. */
  kept(key: string): Uint8Array | undefined {
    const piece = this.#kept.get(key);
    return piece?.intact ? piece.bytes : undefined;
  }

  /** When so many bytes have been read. */
  readBy(length: number, now: Nanos): Nanos {
    return this.#transfer(length, now);
  }

  /** The process is killed, or the power is gone: what was not yet safe from that is lost, or torn. */
  crash(power: "dead" | "off", now: Nanos, fate: (key: string) => Unsynced): void {
    this.#freeAt = now;
    for (const [key, piece] of this.#kept) {
      if ((power === "dead" ? piece.writtenAt : piece.flushedAt) <= now) continue;
      if (fate(key) === "lost") this.drop(key);
      else piece.intact = false;
    }
  }

  /** Every piece that is as it was given, by key. */
  *intact(): Iterable<readonly [string, Uint8Array]> {
    for (const [key, { bytes, intact }] of this.#kept) if (intact) yield [key, bytes];
  }

  /** Keys of the pieces on this disk, in the order in which they were kept. */
  pieces(): string[] {
    return [...this.#kept.keys()];
  }

  /** Changes a byte of a kept piece on the medium. */
  rot(key: string): void {
    const piece = this.#kept.get(key);
    assert(piece !== undefined, `a piece ${key} is there to rot`);
    piece.intact = false;
    this.isSpoilt = true;
  }

  /** A new, empty disk in the same machine. */
  wipe(): void {
    this.#records.clear();
    this.#kept.clear();
    this.#used = 0;
  }

  /** Remembers its records, as a person does who makes a copy. */
  backUp(): void {
    this.#copy = new Map(this.#records);
  }

  /** The records are again as in that copy, and what was written since is gone. False without one. */
  restore(): boolean {
    if (this.#copy === undefined) return false;
    for (const key of [...this.#records.keys()]) this.write(key, undefined);
    for (const [key, bytes] of this.#copy) this.write(key, bytes);
    return true;
  }

  /** What a starting node is told: the records, and the pieces found intact. Others are removed. */
  saved(): Saved {
    const kept: string[] = [];
    for (const [key, piece] of this.#kept) {
      if (piece.intact) kept.push(key);
      else this.drop(key);
    }
    return { records: new Map(this.#records), kept };
  }

  /** When the disk has moved so many bytes more; it moves one piece after another. */
  #transfer(length: number, now: Nanos): Nanos {
    const start = Math.max(now, this.#freeAt);
    // Requests that wait for each other overlap their latencies, as command queues do.
    const latency = start > now ? 0 : this.#latency;
    this.#freeAt = start + latency + Math.ceil(length * this.#nanosPerByte);
    return this.#freeAt;
  }
}
