/** The record of a run that is over. */
import { type ClaimResult, type FaultCounts, type RunRecord, type RunResult } from "./record.ts";
import type { RunFacts } from "./recorder.ts";
import { valueResult } from "./claims.ts";
import { roundBucket } from "./series.ts";
import type { World } from "./world.ts";

/** What the world itself cannot know. */
export interface Circumstances {
  /** The scenario's name. */
  readonly name: string;
  readonly wallSeconds: number;
  /** The command that repeats the run. */
  readonly replay: string;
}

/** Points in time of a picture. */
const MOST_BUCKETS = 200;

/** What `--json` prints, and what pictures are drawn from. */
export function recordOf(world: World, { name, wallSeconds, replay }: Circumstances): RunRecord {
  const facts = factsOf(world);
  const claims: ClaimResult[] = [
    ...world.story.results(),
    ...world.stage.values.map((claim) => valueResult(claim, facts)),
    ...world.holdings.results(),
    ...world.checkers.results(),
  ];
  const result: RunResult = {
    v: 1,
    scenario: name,
    seed: world.seed,
    ok: claims.every((claim) => claim.ok),
    digest: world.digest,
    mode: "sim",
    nodes: world.machines.length,
    events: world.steps,
    virtualSeconds: facts.seconds,
    wallSeconds,
    claims,
    ...(facts.contents.length === 0 ? {} : { contents: facts.contents }),
    ...(facts.messages === undefined ? {} : { messages: facts.messages }),
    ...(Object.values(facts.faults).every((count) => count === 0) ? {} : { faults: facts.faults }),
    replay,
  };
  const bucket = roundBucket(Math.max(1, world.now), MOST_BUCKETS);
  const count = Math.max(1, Math.ceil(world.now / bucket));
  const goodput = world.recorder.goodput.in(bucket, count).map((bytes) => bytes / (bucket / 1e9));
  const options = Object.entries(world.settings).map(([key, value]) => [key, String(value)]);
  return {
    result,
    series: {
      bucketSeconds: bucket / 1e9,
      peers: world.machines.map((machine) => machine.name),
      contents: world.recorder.contents.series(bucket, count, goodput),
      faults: world.recorder.spans,
      options: { ...Object.fromEntries(options), crypto: world.cryptoName },
    },
  };
}

function factsOf(world: World): RunFacts {
  const contents = world.recorder.contents.results();
  const seconds = world.now / 1e9;
  const faults: FaultCounts = {
    crashes: world.fate.crashes,
    partitions: world.recorder.partitions,
    lostPackets: world.network.losses,
    corruptions: world.network.corruptions + world.fate.corruptions,
  };
  return {
    seconds,
    steps: world.steps,
    contents,
    content: (name) => contents.find((content) => content.name === name),
    lastOf: (actors) => world.recorder.contents.lastOf(actors),
    messages: world.recorder.messages.result(),
    faults,
    busy: ({ index }) => world.machines[index]!.busyFor / Math.max(1, world.now),
  };
}
