/** Sentences about what went wrong, with the devices that are the reason. */
import { type PeerId, type Reason, reasons } from "../../core/mod.ts";

/** A device, and what became of it. */
export interface Told {
  readonly device: PeerId;
  readonly why: Reason;
}

/** Digits of a device's name that people are shown. */
const SHOWN = 8;

/** `Cannot lock "x": why (device: reason; device: reason)`. */
export function wordsOf(what: string, why: string, devices: readonly Told[]): string {
  const each = devices.map(({ device, why: reason }) =>
    `${device.slice(0, SHOWN)}: ${reasons[reason]}`
  );
  return `${what}: ${why}${each.length === 0 ? "" : ` (${each.join("; ")})`}`;
}
