/**
 * What a step costs a processor, so that a slow machine is slow in the simulated world too.
 *
 * Measured on a 2-core x86-64 Linux VM, Deno 2.9.6 (V8 15.0), node:crypto provider, 2026-11: bulk
 * ChaCha20-Poly1305 1650 MB/s and SHA-256 1700 MB/s on 64 KiB; 64-byte seals 330 k/s; X25519 16 k/s;
 * Ed25519 55 k signatures/s and 27 k checks/s. The shared VM makes each figure good to about 15 %.
 */
import type { Effect, Input } from "../runtime/core/mod.ts";
import type { Nanos } from "./units.ts";

/** Nanoseconds on the machine named above, for a processor of speed 1. */
export interface Calibration {
  /** Any step: routing, decoding, timers. Measured: about 290 k small steps/s. */
  readonly step: Nanos;
  /** Sealing or opening a head. */
  readonly head: Nanos;
  /** One frame of a handshake: two X25519 agreements, one key pair, hashes. */
  readonly handshake: Nanos;
  readonly datagram: Nanos;
  readonly sealByte: Nanos;
  readonly openByte: Nanos;
  readonly hashByte: Nanos;
}

export const measured: Calibration = {
  step: 3_500,
  head: 3_000,
  handshake: 190_000,
  // A signed beacon is checked: one Ed25519 verification.
  datagram: 37_000,
  sealByte: 0.61,
  openByte: 0.61,
  hashByte: 0.59,
};

/** A processor that takes no time: for tests of order alone. */
export const free: Calibration = {
  step: 0,
  head: 0,
  handshake: 0,
  datagram: 0,
  sealByte: 0,
  openByte: 0,
  hashByte: 0,
};

/** Frames of a link's start, each way, that belong to its handshake. */
export const HANDSHAKE_FRAMES = 2;

/** What one step took: by the fact it was given and the orders it gave. */
export function cost(
  table: Calibration,
  input: Input,
  inputGreets: boolean,
  effects: readonly Effect[],
  effectGreets: (link: number) => boolean,
): Nanos {
  let sum = table.step;
  if (input.kind === "received") {
    sum += inputGreets ? table.handshake : table.head;
    const { body } = input.frame;
    if (body !== undefined) sum += body.length * (table.openByte + table.hashByte);
  } else if (input.kind === "overheard") sum += table.datagram;
  for (let at = 0; at < effects.length; at++) {
    const effect = effects[at]!;
    if (effect.kind === "send") {
      sum += effectGreets(effect.link) ? table.handshake : table.head;
      if (effect.frame.body !== undefined) sum += effect.frame.body.length * table.sealByte;
    } else if (effect.kind === "cast") sum += table.datagram;
  }
  return sum;
}
