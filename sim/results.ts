/** The record of a run that is over. */
import type { Actor } from "./cast.ts";
import { valueResult } from "./claims.ts";
import type { ClaimResult, FaultCounts, RunRecord, RunResult } from "./record.ts";
import type { Recorder, RunFacts } from "./recorder.ts";
import { roundBucket } from "./series.ts";
import type { Stage } from "./stage.ts";
import type { Story } from "./story.ts";
import type { Nanos } from "./units.ts";

/** A run that is over, in whatever world it was. */
export interface Run {
  readonly mode: "sim" | "live";
  /** The network keeps to the rates of the scenario. */
  readonly hasRates: boolean;
  readonly seed: number;
  readonly digest: string;
  readonly steps: number;
  readonly now: Nanos;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly stage: Stage<unknown>;
  readonly story: Story;
  readonly recorder: Recorder;
  /** What is claimed of every run, whatever its scenario says. */
  always(): readonly ClaimResult[];
  faults(): FaultCounts;
  /** The part of the run for which a machine's processor was busy. */
  busy(actor: Actor): number;
  /** What else the report says of the run. */
  options(): Readonly<Record<string, string>>;
}

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
export function recordOf(run: Run, { name, wallSeconds, replay }: Circumstances): RunRecord {
  const facts = factsOf(run);
  const claims: ClaimResult[] = [
    ...run.story.results(),
    ...run.stage.values
      .filter(({ needsRates }) => run.hasRates || !needsRates)
      .map((claim) => valueResult(claim, facts)),
    ...run.always(),
  ];
  const result: RunResult = {
    v: 1,
    scenario: name,
    seed: run.seed,
    ok: claims.every((claim) => claim.ok),
    digest: run.digest,
    mode: run.mode,
    nodes: run.stage.actors.length,
    events: run.steps,
    virtualSeconds: facts.seconds,
    wallSeconds,
    claims,
    ...(facts.contents.length === 0 ? {} : { contents: facts.contents }),
    ...(facts.messages === undefined ? {} : { messages: facts.messages }),
    ...(Object.values(facts.faults).every((count) => count === 0) ? {} : { faults: facts.faults }),
    replay,
  };
  const bucket = roundBucket(Math.max(1, run.now), MOST_BUCKETS);
  const count = Math.max(1, Math.ceil(run.now / bucket));
  const goodput = run.recorder.goodput.in(bucket, count).map((bytes) => bytes / (bucket / 1e9));
  const options = Object.entries(run.settings).map(([key, value]) => [key, String(value)]);
  return {
    result,
    series: {
      bucketSeconds: bucket / 1e9,
      peers: run.stage.actors.map(({ name }) => name),
      contents: run.recorder.contents.series(bucket, count, goodput),
      faults: run.recorder.spans,
      options: { ...Object.fromEntries(options), ...run.options() },
    },
  };
}

function factsOf(run: Run): RunFacts {
  const contents = run.recorder.contents.results();
  const letters = run.recorder.letters.result();
  return {
    seconds: run.now / 1e9,
    steps: run.steps,
    contents,
    content: (name) => contents.find((content) => content.name === name),
    lastOf: (actors, name) => run.recorder.contents.lastOf(actors, name),
    messages: run.recorder.messages.result() ?? letters,
    letters,
    faults: run.faults(),
    busy: (actor) => run.busy(actor),
  };
}
