/** What the page draws: a run's series, thinned to what a screen can show, with names made safe. */

import type { ContentResult, ContentSeries, RunRecord } from "../sim/record.ts";
import { shortened, visible } from "./escape.ts";

/** [x, y] with x in seconds. */
export type Point = readonly [number, number];

/** One peer of a heat map, or a group of peers that finished one after the other. */
export interface HeatRow {
  readonly label: string;
  /** How many peers the row stands for. */
  readonly peers: number;
  /** Mean progress of those peers at the end of each column, in whole percent. */
  readonly percent: readonly number[];
  /** When the last of them completed, seconds since it was published; null where one never did. */
  readonly completedAt: number | null;
}

/** The pictures of one content. */
export interface ContentView {
  readonly name: string;
  readonly wanted: number;
  readonly completed: number;
  readonly floorSeconds: number;
  /** Percent of the peers who wanted it that are complete, at each completion. */
  readonly completion: readonly Point[];
  readonly sourceCopies: readonly Point[];
  /** Bytes per second, at the same seconds for all contents of a run. */
  readonly goodput: readonly Point[];
  readonly heat: HeatMap;
}

/** Who held how much of a content, when. */
export interface HeatMap {
  /** Where the first column begins: before that nobody had anything. */
  readonly fromSeconds: number;
  readonly columnSeconds: number;
  readonly rows: readonly HeatRow[];
}

/** One fault, and the time in which it lasted. */
export interface FaultView {
  readonly kind: string;
  readonly who: string;
  readonly fromSeconds: number;
  readonly toSeconds: number | null;
}

/** Everything that a page draws. */
export interface View {
  readonly scenario: string;
  readonly seed: number;
  readonly endSeconds: number;
  readonly contents: readonly ContentView[];
  /** Contents that are in the tables only: more lines than these no one can tell apart. */
  readonly contentsNotDrawn: number;
  readonly faults: readonly FaultView[];
  readonly faultsNotDrawn: number;
  readonly perServer: readonly number[];
  /** By peer: when it completed each of `contents`, seconds since published. */
  readonly peers: readonly { readonly name: string; readonly completedAt: readonly Completion[] }[];
}

/** Seconds; null: it never completed; "source": it published the content. */
export type Completion = number | null | "source";

const MOST_CONTENTS = 8;
const MOST_FAULTS = 2000;
const MOST_ROWS = 60;
const MOST_COLUMNS = 240;
const MOST_POINTS = 600;
const LONGEST_NAME = 48;

/** The view of one run. What is thinned keeps its extremes: a peak is never dropped. */
export function view(record: RunRecord): View {
  const { result, series } = record;
  const peers = series.peers.map(named);
  const drawn = slowest(series.contents, result.contents ?? []);
  const moments = telling(drawn);
  return {
    scenario: visible(result.scenario),
    seed: result.seed,
    endSeconds: Math.max(
      result.virtualSeconds,
      ...drawn.map(({ goodput }) => goodput.length * series.bucketSeconds),
    ),
    contents: drawn.map((content) => {
      const totals = result.contents?.find(({ name }) => name === content.name);
      const wanted = totals?.wanted ?? content.completedAt.length;
      return {
        name: named(content.name),
        wanted,
        completed: totals?.completed ?? content.completedAt.filter((at) => at !== null).length,
        floorSeconds: rounded(content.floorSeconds),
        completion: completion(content, series.peers, wanted),
        sourceCopies: steps(content.sourceCopies, series.bucketSeconds),
        goodput: moments.map((at): Point => [
          rounded((at + 1) * series.bucketSeconds),
          Math.round(content.goodput[at] ?? 0),
        ]),
        heat: heat(content, series.peers, wanted, series.bucketSeconds),
      };
    }),
    contentsNotDrawn: series.contents.length - drawn.length,
    faults: series.faults.slice(0, MOST_FAULTS).map((fault) => ({
      kind: named(fault.kind),
      who: named(fault.who),
      fromSeconds: rounded(fault.fromSeconds),
      toSeconds: fault.toSeconds === null ? null : rounded(fault.toSeconds),
    })),
    faultsNotDrawn: Math.max(0, series.faults.length - MOST_FAULTS),
    perServer: result.requests?.perServer ?? [],
    peers: peers.map((name, at) => ({
      name,
      completedAt: drawn.map((content): Completion => {
        if (content.source === series.peers[at]) return "source";
        const seconds = content.completedAt[at] ?? null;
        return seconds === null ? null : rounded(seconds);
      }),
    })),
  };
}

/** The contents worth a line each, in the record's order: the unfinished, then the slowest. */
function slowest(
  contents: readonly ContentSeries[],
  results: readonly ContentResult[],
): ContentSeries[] {
  const trouble = (content: ContentSeries) => {
    const totals = results.find(({ name }) => name === content.name);
    if (totals === undefined) return 0;
    return (totals.wanted - totals.completed) * 1e9 + totals.lastSeconds;
  };
  const chosen = new Set(
    contents.map((content, at) => ({ at, trouble: trouble(content) }))
      .sort((one, other) => other.trouble - one.trouble || one.at - other.at)
      .slice(0, MOST_CONTENTS).map(({ at }) => at),
  );
  return contents.filter((_, at) => chosen.has(at));
}

/** A step for each completion, from zero, in the order of time. */
function completion(content: ContentSeries, peers: readonly string[], wanted: number): Point[] {
  const times = content.completedAt
    .filter((at, peer): at is number => at !== null && peers[peer] !== content.source)
    .sort((one, other) => one - other);
  const points = times.map((at, before): Point => [
    rounded(at),
    rounded(Math.min(100, (before + 1) * 100 / Math.max(1, wanted))),
  ]);
  const every = Math.ceil(points.length / MOST_POINTS);
  const kept = points.filter((_, at) => (at + 1) % every === 0 || at === points.length - 1);
  return [[0, 0], ...kept];
}

/** A running total at the end of each bucket; where it is thinned, the later value stands. */
function steps(totals: readonly number[], bucketSeconds: number): Point[] {
  const every = Math.ceil(totals.length / MOST_POINTS);
  const points: Point[] = [[0, 0]];
  totals.forEach((total, at) => {
    if ((at + 1) % every === 0 || at === totals.length - 1) {
      points.push([rounded((at + 1) * bucketSeconds), rounded(total)]);
    }
  });
  return points;
}

/**
 * The buckets to draw goodput at: all, or of each group the one with the highest and the one with the
 * lowest total. The contents are stacked, so they must share their moments.
 */
function telling(contents: readonly ContentSeries[]): number[] {
  const length = contents.reduce((most, { goodput }) => Math.max(most, goodput.length), 0);
  const total = (at: number) => contents.reduce((sum, { goodput }) => sum + (goodput[at] ?? 0), 0);
  const group = Math.ceil(length / (MOST_POINTS / 2));
  if (length <= MOST_POINTS) return Array.from({ length }, (_, at) => at);
  const moments: number[] = [];
  for (let from = 0; from < length; from += group) {
    let low = from, high = from;
    for (let at = from; at < Math.min(length, from + group); at++) {
      if (total(at) < total(low)) low = at;
      if (total(at) > total(high)) high = at;
    }
    moments.push(...new Set([Math.min(low, high), Math.max(low, high)]));
  }
  return moments;
}

/** One row per peer, or per group of like peers where there are many; the first to finish on top. */
function heat(
  content: ContentSeries,
  peers: readonly string[],
  wanted: number,
  bucketSeconds: number,
): HeatMap {
  const order = peers.map((_, at) => at)
    .filter((at) => peers[at] !== content.source)
    .sort((one, other) => finish(content, one) - finish(content, other) || one - other)
    // Whoever did not want the content never began: those are last, after the ones who failed.
    .slice(0, wanted);
  const lively = busyBuckets(order.map((at) => content.progress[at] ?? []));
  const perColumn = Math.max(1, Math.ceil((lively.to - lively.from) / MOST_COLUMNS));
  const perRow = Math.max(1, Math.ceil(order.length / MOST_ROWS));
  const rows: HeatRow[] = [];
  for (let from = 0; from < order.length; from += perRow) {
    const members = order.slice(from, from + perRow);
    const times = members.map((at) => content.completedAt[at] ?? null);
    const first = named(peers[members[0] as number] as string);
    rows.push({
      label: perRow === 1 ? first : `${from + 1}-${from + members.length}`,
      peers: members.length,
      percent: columns(members.map((at) => content.progress[at] ?? []), lively, perColumn),
      completedAt: times.includes(null) ? null : rounded(Math.max(...times as number[])),
    });
  }
  return {
    fromSeconds: rounded(lively.from * bucketSeconds),
    columnSeconds: perColumn * bucketSeconds,
    rows,
  };
}

/**
 * The buckets in which anything changed, with some air around them; all of them where that is most of
 * the run, so that the map stands in line with the other pictures. A lecture that is through in one of
 * twenty minutes would otherwise be a thin edge beside nineteen minutes of one colour.
 */
function busyBuckets(rows: readonly (readonly number[])[]): { from: number; to: number } {
  const buckets = rows.reduce((most, row) => Math.max(most, row.length), 0);
  let first = buckets, last = 0;
  for (const row of rows) {
    row.forEach((kept, at) => {
      if (kept === (row[at - 1] ?? 0)) return;
      first = Math.min(first, at);
      last = Math.max(last, at);
    });
  }
  const air = Math.max(1, Math.ceil((last - first) * 0.04));
  const from = Math.max(0, first - air);
  const to = Math.min(buckets, last + 1 + air);
  return to <= from || (to - from) > 0.6 * buckets ? { from: 0, to: buckets } : { from, to };
}

/** Completion time, then the ones who never completed by how little they kept. */
function finish(content: ContentSeries, peer: number): number {
  const at = content.completedAt[peer] ?? null;
  if (at !== null) return at;
  const kept = content.progress[peer]?.at(-1) ?? 0;
  return Number.MAX_SAFE_INTEGER * (kept > 0 ? 1 - kept / 2 : 1);
}

function columns(
  rows: readonly (readonly number[])[],
  buckets: { from: number; to: number },
  every: number,
): number[] {
  const percent: number[] = [];
  for (let from = buckets.from; from < buckets.to; from += every) {
    const at = Math.min(buckets.to, from + every) - 1;
    const sum = rows.reduce((total, row) => total + (row[at] ?? row.at(-1) ?? 0), 0);
    percent.push(Math.max(0, Math.min(100, Math.floor(sum * 100 / Math.max(1, rows.length)))));
  }
  return percent;
}

function named(name: string): string {
  return shortened(visible(name), LONGEST_NAME);
}

/** Four decimals: a tenth of a millisecond, which no screen shows. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
