/** The record of one run: what `--json` prints, and the series that pictures are drawn from. */

export interface ClaimResult {
  readonly name: string;
  readonly ok: boolean;
  readonly target: string;
  readonly actual: string;
  /** How far inside the target, as a fraction of it; negative where the claim fails. */
  readonly margin: number;
}

export interface ContentResult {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly wanted: number;
  readonly completed: number;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
  readonly lastSeconds: number;
  /** max(F/u_source, F/min d_i, N*F/(u_source + sum u_i)): Kumar and Ross 2006, at payload rates. */
  readonly floorSeconds: number;
  readonly floorRatio: number;
  /** Bytes of bodies the source sent, as multiples of the content. */
  readonly sourceCopies: number;
  /** Bytes of bodies that arrived where they were already kept. */
  readonly wastedBytes: number;
}

export interface MessageResult {
  readonly sent: number;
  readonly delivered: number;
  readonly duplicated: number;
  readonly lost: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
}

export interface RequestResult {
  readonly issued: number;
  readonly served: number;
  readonly failed: number;
  readonly duplicated: number;
  readonly p50Seconds: number;
  readonly p99Seconds: number;
  readonly perServer: readonly number[];
}

export interface FaultCounts {
  readonly crashes: number;
  readonly partitions: number;
  readonly lostPackets: number;
  readonly corruptions: number;
}

/** What `--json` prints, version 1. Sections that a scenario does not use are left out. */
export interface RunResult {
  readonly v: 1;
  readonly scenario: string;
  readonly seed: number;
  readonly ok: boolean;
  readonly digest: string;
  readonly mode: "sim" | "live";
  readonly nodes: number;
  readonly events: number;
  readonly virtualSeconds: number;
  readonly wallSeconds: number;
  readonly claims: readonly ClaimResult[];
  readonly contents?: readonly ContentResult[];
  readonly messages?: MessageResult;
  readonly requests?: RequestResult;
  readonly faults?: FaultCounts;
  readonly replay: string;
}

/** One content, peer by peer. Times are seconds since it was published. */
export interface ContentSeries {
  readonly name: string;
  readonly floorSeconds: number;
  readonly source: string;
  /** By peer, in the order of `RunSeries.peers`; null where it never completed. */
  readonly completedAt: readonly (number | null)[];
  /** progress[peer][bucket]: the part that is kept at the end of the bucket, 0 to 1. */
  readonly progress: readonly (readonly number[])[];
  /** Copies that the source has sent by the end of each bucket. */
  readonly sourceCopies: readonly number[];
  /** Bodies that arrived at any peer within each bucket, bytes per second. */
  readonly goodput: readonly number[];
}

export interface FaultSpan {
  readonly kind: string;
  readonly who: string;
  readonly fromSeconds: number;
  /** Null where it never ends. */
  readonly toSeconds: number | null;
}

/** Series of a run, sampled in buckets of equal length of virtual time from its start. */
export interface RunSeries {
  readonly bucketSeconds: number;
  readonly peers: readonly string[];
  readonly contents: readonly ContentSeries[];
  readonly faults: readonly FaultSpan[];
  readonly options: Readonly<Record<string, string>>;
}

export interface RunRecord {
  readonly result: RunResult;
  readonly series: RunSeries;
}
