/** A made-up run that looks like a real one: a room of peers, a cut cable, crashes, two files. */

import type { ContentResult, ContentSeries, FaultSpan, RunRecord } from "../../sim/record.ts";
import { Stream } from "../../runtime/core/random.ts";

export interface ExampleOptions {
  readonly peers?: number;
  readonly seed?: number;
  readonly buckets?: number;
  readonly names?: readonly string[];
  readonly faults?: readonly FaultSpan[];
  /** Peers that never complete anything. */
  readonly stuck?: number;
}

interface FileStory {
  readonly name: string;
  readonly bytes: number;
  readonly publishedAt: number;
  readonly floorSeconds: number;
}

const bucketSeconds = 0.5;

/** A record of two files that spread through a room. */
export function exampleRun(options: ExampleOptions = {}): RunRecord {
  const { peers: size = 50, seed = 50, buckets = 360, stuck = 1 } = options;
  const names = options.names ?? ["lecture.mp4", "badge sheet.pdf"];
  const random = new Stream(`example/${seed}`);
  const peers = ["teacher", ...Array.from({ length: size }, (_, at) => `pc${at + 1}`)];
  const faults = options.faults ?? exampleFaults();
  const stories = names.map((name, at): FileStory => ({
    name,
    bytes: at === 0 ? 40_000_000 : 6_000_000,
    publishedAt: at * 30,
    floorSeconds: at === 0 ? 12.4 : 3.1,
  }));
  const series = stories.map((story) => spread(story, peers, { random, buckets, stuck, faults }));
  const contents = series.map((content, at) => totals(stories[at] as FileStory, content, size));
  const [lecture] = contents as [ContentResult];
  const all = lecture.completed === size;
  return {
    result: {
      v: 1,
      scenario: "lab50",
      seed,
      ok: all,
      digest: "9f2c41d07ab3e58866d1c0a94be7230f",
      mode: "sim",
      nodes: size + 1,
      events: 1_284_911,
      virtualSeconds: buckets * bucketSeconds,
      wallSeconds: 4.82,
      claims: claimsOf(lecture),
      contents,
      messages: {
        sent: 412,
        delivered: 412,
        duplicated: 0,
        lost: 0,
        p50Seconds: 0.011,
        p99Seconds: 2.4,
      },
      requests: {
        issued: 500,
        served: 498,
        failed: 2,
        duplicated: 0,
        p50Seconds: 0.041,
        p99Seconds: 0.39,
        perServer: [101, 96, 138, 84, 79],
      },
      faults: { crashes: 3, partitions: 2, lostPackets: 8_213, corruptions: 1 },
      replay: `deno task sim scenarios/lab50.ts --seed ${seed}`,
    },
    series: {
      bucketSeconds,
      peers,
      contents: series,
      faults,
      options: { fidelity: "fluid", loss: "0.1%" },
    },
  };
}

/** Faults of many kinds, with overlaps, instants and one without an end. */
export function exampleFaults(): FaultSpan[] {
  const fault = (kind: string, who: string, from: number, to: number | null): FaultSpan => ({
    kind,
    who,
    fromSeconds: from,
    toSeconds: to,
  });
  return [
    fault("partition", "pc1..pc25 | pc26..pc50", 14, 32),
    fault("partition", "switch 2", 96, 104),
    fault("power off", "pc7", 8, 61),
    fault("power off", "pc31", 20, null),
    fault("crash", "pc12", 11.2, 11.2),
    fault("crash", "pc40", 13, 16),
    fault("crash", "pc3", 44, 47.5),
    fault("corruption", "pc19", 27, 27),
    fault("slow disk", "pc22", 30, 90),
  ];
}

function claimsOf({ completed, wanted, floorRatio }: ContentResult) {
  const [got, all] = [`${completed} of ${wanted}`, `${wanted} of ${wanted}`];
  const near = `${floorRatio.toFixed(2)}x`;
  return [
    claim("the last peer is near the floor", true, "below 8x the floor", near, 1 - floorRatio / 8),
    claim("everyone gets the lecture", completed === wanted, all, got, completed / wanted - 1),
    claim("Ben hears Ana exactly once", true, "1 time by 60s", "1 time at 31.2s", 0.48),
  ];
}

function claim(name: string, ok: boolean, target: string, actual: string, margin: number) {
  return { name, ok, target, actual, margin };
}

function spread(
  story: FileStory,
  peers: readonly string[],
  world: { random: Stream; buckets: number; stuck: number; faults: readonly FaultSpan[] },
): ContentSeries {
  const { random, buckets, stuck, faults } = world;
  const goodput = new Array<number>(buckets).fill(0);
  const completedAt: (number | null)[] = [];
  const progress = peers.map((peer, at) => {
    if (at === 0) {
      completedAt.push(0);
      return new Array<number>(buckets).fill(1);
    }
    const cut = faults.filter(({ who, kind }) => who === peer || (kind === "partition" && at > 25));
    const pace = 1 / (story.floorSeconds * (1.15 + random.below(900) / 1000));
    const begin = story.publishedAt + random.below(2500) / 1000;
    const never = at > peers.length - 1 - stuck;
    let kept = 0;
    let done: number | null = null;
    const row = Array.from({ length: buckets }, (_, bucket) => {
      const now = (bucket + 1) * bucketSeconds;
      const away = cut.some((fault) => now >= fault.fromSeconds && now < (fault.toSeconds ?? 1e9));
      const step = now < begin || away || (never && kept > 0.6)
        ? 0
        : Math.min(1 - kept, pace * bucketSeconds * (0.6 + random.below(800) / 1000));
      kept = kept + step > 0.9999 ? 1 : kept + step;
      goodput[bucket] = (goodput[bucket] as number) + step * story.bytes / bucketSeconds;
      if (kept === 1 && done === null) done = now - story.publishedAt;
      return Math.round(kept * 1000) / 1000;
    });
    completedAt.push(done);
    return row;
  });
  const sourceCopies = Array.from({ length: buckets }, (_, bucket) => {
    const share = Math.max(
      0,
      ((bucket + 1) * bucketSeconds - story.publishedAt) / story.floorSeconds,
    );
    return Math.round((Math.min(1, share) * 1.24 + Math.min(0.4, share * 0.02)) * 1000) / 1000;
  });
  const { name, floorSeconds } = story;
  return {
    name,
    floorSeconds,
    source: peers[0] as string,
    completedAt,
    progress,
    sourceCopies,
    goodput,
  };
}

function totals(story: FileStory, content: ContentSeries, wanted: number): ContentResult {
  const times = content.completedAt.slice(1)
    .filter((at): at is number => at !== null).sort((one, other) => one - other);
  const at = (part: number) =>
    times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
  return {
    name: story.name,
    bytes: story.bytes,
    sha256: "b3".repeat(32),
    wanted,
    completed: times.length,
    p50Seconds: at(0.5),
    p95Seconds: at(0.95),
    lastSeconds: times.at(-1) ?? 0,
    floorSeconds: story.floorSeconds,
    floorRatio: (times.at(-1) ?? 0) / story.floorSeconds,
    sourceCopies: content.sourceCopies.at(-1) ?? 0,
    wastedBytes: 393_216,
  };
}
