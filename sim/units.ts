/** Quantities as people write them ("10ms", "64KiB", "100Mbps", "0.1%"), and the numbers they mean. */
import { nearest } from "../runtime/core/nearest.ts";
import type { Nanos } from "./clock.ts";

export type Duration = `${number}${"us" | "ms" | "s" | "m" | "h"}`;
export type Size = `${number}${"B" | "KB" | "MB" | "GB" | "KiB" | "MiB" | "GiB"}`;
export type Rate = `${number}${"bps" | "Kbps" | "Mbps" | "Gbps" | "MBps"}`;
export type Share = `${number}%`;
/** Of a clock: faster, or with a minus slower. */
export type Drift = `${number}ppm`;
/** One value, or a range of which each use draws its own: "1ms..4ms". */
export type Spread = Duration | `${Duration}..${Duration}`;

export type { Nanos };

/** What a person got wrong: said in plain words by the command line, exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

const NANOS: Record<string, number> = { us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const BYTES: Record<string, number> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 * 1024,
  GiB: 1024 * 1024 * 1024,
};
const BYTES_PER_SECOND: Record<string, number> = {
  bps: 1 / 8,
  Kbps: 1e3 / 8,
  Mbps: 1e6 / 8,
  Gbps: 1e9 / 8,
  MBps: 1e6,
};

function quantity(text: string, units: Record<string, number>, what: string): number {
  const found = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text);
  const scale = found === null ? undefined : units[found[2]!];
  if (found === null || scale === undefined) {
    throw new UsageError(
      `Cannot read ${what} "${text}": a number and one of ${Object.keys(units).join(" ")}`,
    );
  }
  return Number(found[1]) * scale;
}

/** Integer nanoseconds. */
export function nanos(text: Duration): Nanos {
  const value = Math.round(quantity(text, NANOS, "duration"));
  // Beyond this, nanoseconds are no longer exact in a double.
  if (value > Number.MAX_SAFE_INTEGER) throw new UsageError(`Duration "${text}" is too long`);
  return value;
}

/** Whole bytes. */
export function sizeOf(text: Size): number {
  return Math.round(quantity(text, BYTES, "size"));
}

/** Bytes per second. */
export function rateOf(text: Rate): number {
  const value = quantity(text, BYTES_PER_SECOND, "rate");
  if (value <= 0) throw new UsageError(`Rate "${text}" must be above zero: cut() stops a network`);
  return value;
}

/** Parts per million, an integer: no float decides anything. */
export function partsOf(text: Share): number {
  const found = /^(\d+(?:\.\d+)?)%$/.exec(text);
  const parts = found === null ? NaN : Math.round(Number(found[1]) * 10_000);
  if (!(parts <= 1_000_000)) throw new UsageError(`Cannot read share "${text}": 0% to 100%`);
  return parts;
}

/** Parts per million; a thousand are more than any clock that still works. */
export function driftOf(text: Drift): number {
  const found = /^(-?\d+(?:\.\d+)?)ppm$/.exec(text);
  const parts = found === null ? NaN : Number(found[1]);
  if (!(Math.abs(parts) <= 1000)) {
    throw new UsageError(`Cannot read drift "${text}": -1000ppm to 1000ppm`);
  }
  return parts;
}

/** What a spread reaches from and to. */
export interface NanosRange {
  readonly least: Nanos;
  readonly most: Nanos;
}

/** Least and most of a spread; equal where it is one value. */
export function rangeOf(text: Spread): NanosRange {
  const [least, most = least, more] = text.split("..") as Duration[];
  if (more !== undefined) {
    throw new UsageError(`Cannot read range "${text}": two durations at most`);
  }
  const range = { least: nanos(least!), most: nanos(most!) };
  if (range.most < range.least) {
    throw new UsageError(`Cannot read range "${text}": its end is before its start`);
  }
  return range;
}

/** A length of time for people: "850 us", "12.3 ms", "3.45 s", "2 m 5 s". */
export function spoken(time: Nanos): string {
  if (time < 1e6) return `${Math.round(time / 1e3)} us`;
  if (time < 1e9) return `${(time / 1e6).toFixed(1)} ms`;
  if (time < 120e9) return `${(time / 1e9).toFixed(2)} s`;
  const seconds = Math.round(time / 1e9);
  const minutes = Math.floor(seconds / 60);
  return seconds % 60 === 0 ? `${minutes} m` : `${minutes} m ${seconds % 60} s`;
}

/** "Unknown X "y": did you mean "z"? One of ...". Thrown: a knob is refused, never ignored. */
export function unknown(what: string, written: string, words: readonly string[]): UsageError {
  const near = nearest(written, words);
  const hint = near === undefined ? "" : ` did you mean "${near}"?`;
  return new UsageError(
    `Unknown ${what} "${written}":${hint} known: ${words.join(", ") || "none"}`,
  );
}

/** Refuses the first key of an options object that is not known. */
export function onlyKnown(options: object, words: readonly string[], what: string): void {
  for (const key of Object.keys(options)) if (!words.includes(key)) throw unknown(what, key, words);
}
