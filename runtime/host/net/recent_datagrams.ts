/** What was heard a moment ago: the same bytes of the same source came by another way as well. */
import { type Address, sameBytes } from "../../core/mod.ts";
import * as limits from "./limits.ts";

export class RecentDatagrams {
  /** The latest of each source, those that spoke last at the end. */
  readonly #of = new Map<Address, { readonly bytes: Uint8Array; readonly at: number }>();

  /** True if it was heard already; remembers it if not. */
  isTwice(from: Address, bytes: Uint8Array, now: number): boolean {
    const latest = this.#of.get(from);
    const isRecent = latest !== undefined &&
      now - latest.at < limits.TWICE_MILLIS * MICROS_PER_MILLI;
    if (isRecent && sameBytes(latest.bytes, bytes)) return true;
    this.#of.delete(from);
    this.#of.set(from, { bytes, at: now });
    if (this.#of.size > limits.TWICE_REMEMBERED) this.#of.delete(this.#of.keys().next().value!);
    return false;
  }
}

const MICROS_PER_MILLI = 1_000;
