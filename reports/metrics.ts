/** The numbers of a run that a baseline is held against: all in virtual time or counted, all lower is better. */

import type { RunResult } from "../sim/record.ts";
import { count, duration, multiple, size } from "./units.ts";

/** How far a metric may rise before it is a regression: by a part of itself, and by a fixed amount. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** One kind of metric, of which a run has one per content, or one. */
export interface Kind {
  readonly title: string;
  readonly tolerance: Tolerance;
  readonly written: (value: number) => string;
}

/** One number of one run. */
export interface Metric {
  /** Which thing of its kind: the content's name, or nothing. */
  readonly of: string;
  readonly kind: KindName;
  readonly value: number;
}

/** Virtual time is exact, but a harmless change reorders events: two in a hundred are forgiven. */
const TIME: Tolerance = { relative: 0.02, absolute: 0.001 };
const COPIES: Tolerance = { relative: 0.02, absolute: 0.02 };
/** A duplicate or two of a piece come and go with the order of arrivals. */
const WASTE: Tolerance = { relative: 0.1, absolute: 131_072 };
const NONE: Tolerance = { relative: 0, absolute: 0 };

/** All kinds, by the name that a baseline's `tolerance` uses. */
export const KINDS = {
  "contents.unfinished": kind("peers without it", NONE, count),
  "contents.p50Seconds": kind("p50", TIME, duration),
  "contents.p95Seconds": kind("p95", TIME, duration),
  "contents.lastSeconds": kind("last", TIME, duration),
  "contents.floorRatio": kind("last ÷ floor", TIME, multiple),
  "contents.sourceCopies": kind("source copies", COPIES, (copies) => copies.toFixed(3)),
  "contents.wastedBytes": kind("wasted", WASTE, size),
  "messages.lost": kind("messages lost", NONE, count),
  "messages.duplicated": kind("messages duplicated", NONE, count),
  "messages.p50Seconds": kind("messages p50", TIME, duration),
  "messages.p99Seconds": kind("messages p99", TIME, duration),
  "requests.unserved": kind("requests unserved", NONE, count),
  "requests.duplicated": kind("requests duplicated", NONE, count),
  "requests.p50Seconds": kind("requests p50", TIME, duration),
  "requests.p99Seconds": kind("requests p99", TIME, duration),
} as const satisfies Record<string, Kind>;

/** The name of a kind of metric. */
export type KindName = keyof typeof KINDS;

/** Whether a name is one of a metric. */
export function isKind(name: string): name is KindName {
  return Object.hasOwn(KINDS, name);
}

/** Everything that is compared of one run, in the order of a report. */
export function metricsOf(result: RunResult): Metric[] {
  const metrics: Metric[] = [];
  for (const content of result.contents ?? []) {
    const add = (kind: KindName, value: number | null) =>
      metrics.push(metric(content.name, kind, value));
    add("contents.unfinished", content.wanted - content.completed);
    add("contents.p50Seconds", content.p50Seconds);
    add("contents.p95Seconds", content.p95Seconds);
    add("contents.lastSeconds", content.lastSeconds);
    add("contents.floorRatio", content.floorRatio);
    add("contents.sourceCopies", content.sourceCopies);
    add("contents.wastedBytes", content.wastedBytes);
  }
  const { messages, requests } = result;
  const add = (kind: KindName, value: number | null) => metrics.push(metric("", kind, value));
  if (messages !== undefined) {
    add("messages.lost", messages.lost);
    add("messages.duplicated", messages.duplicated);
    add("messages.p50Seconds", messages.p50Seconds);
    add("messages.p99Seconds", messages.p99Seconds);
  }
  if (requests !== undefined) {
    add("requests.unserved", requests.issued - requests.served);
    add("requests.duplicated", requests.duplicated);
    add("requests.p50Seconds", requests.p50Seconds);
    add("requests.p99Seconds", requests.p99Seconds);
  }
  return metrics;
}

/** JSON has no infinity: what never happened was written as null. */
function metric(of: string, kind: KindName, value: number | null): Metric {
  return { of, kind, value: value ?? Infinity };
}

function kind(title: string, tolerance: Tolerance, written: (value: number) => string): Kind {
  return { title, tolerance, written };
}
