/**
 * Bad weather: faults that chance chooses, of kinds that chance chooses (swarm testing: Groce and
 * others 2012). Each run first decides which kinds happen at all, since some bugs need the absence of
 * others. All is mended when the storm is over: what should finally happen can be claimed for later.
 */
import { assert, type Stream } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import {
  change,
  clog,
  crash,
  crashAfter,
  cut,
  diskFails,
  diskFull,
  type Fault,
  hold,
  isolate,
  leave,
  lossy,
  pause,
  powerOff,
  restart,
  rot,
} from "./faults.ts";
import type { Oracle } from "./oracle.ts";
import { type Duration, type Nanos, nanos, onlyKnown } from "./units.ts";

/** What can go wrong in a storm. */
export type StormKind = keyof typeof KINDS;

export interface StormOptions {
  readonly from: Duration;
  readonly to: Duration;
  /** Each happens in every second run. Default: all. */
  readonly kinds?: readonly StormKind[];
  /**
   * Between two faults of one kind, on average. Each kind draws a pace of its own: this one, or
   * twice or four times as slow. Default "5s".
   */
  readonly every?: Duration;
  /** How long a fault lasts, at most. Default "5s". */
  readonly lasts?: Duration;
}

const KINDS = {
  crash: ({ some }: Victims) => crash(some),
  midway: ({ some, draw }: Victims) => crashAfter(some, draw(MOST_ORDERS)),
  restart: ({ some }: Victims) => restart(some),
  leave: ({ some }: Victims) => leave(some),
  powerOff: ({ some }: Victims) => powerOff(some),
  pause: ({ some }: Victims) => pause(some),
  isolate: ({ some }: Victims) => isolate(some),
  cut: ({ some, others }: Victims) => others.length === 0 ? isolate(some) : cut(some, others),
  oneWay: ({ some, others }: Victims) =>
    others.length === 0 ? isolate(some) : cut(some, others, { oneWay: true }),
  clog: ({ some }: Victims) => clog(some),
  hold: ({ some, others }: Victims) => others.length === 0 ? clog(some) : hold(some, others),
  lossy: ({ some }: Victims) => lossy(some, "10%"),
  slow: ({ some }: Victims) => change(some, { uplink: "1Mbps", downlink: "1Mbps", cpu: 0.1 }),
  diskFull: ({ some }: Victims) => diskFull(some),
  diskFails: ({ some }: Victims) => diskFails(some),
  rot: ({ some }: Victims) => rot(some),
} as const;

export const stormKinds = Object.keys(KINDS) as readonly StormKind[];

/** Orders that a machine still performs before it crashes midway. */
const MOST_ORDERS = 100;
/** Multiples of the pace that was asked for, of which each kind draws one. */
const PACES = [1, 2, 4] as const;

interface Victims {
  readonly some: readonly Actor[];
  readonly others: readonly Actor[];
  /** A whole number below another, for whatever else there is to choose. */
  readonly draw: (bound: number) => number;
}

/** A fault of a storm, and when. */
export interface Squall {
  readonly from: Nanos;
  readonly to: Nanos;
  readonly fault: Fault;
}

/** What chance makes of a storm over these machines. */
export function squalls(oracle: Oracle, actors: readonly Actor[], options: StormOptions): Squall[] {
  onlyKnown(options, ["from", "to", "kinds", "every", "lasts"], "storm option");
  const { kinds = stormKinds, every = "5s", lasts = "5s", from } = options;
  const found: Squall[] = [];
  for (const kind of kinds) {
    onlyKnown({ [kind]: 0 }, stormKinds, "kind of fault");
    // By its beginning too: of two storms in one run, each has weather of its own.
    const label = `storm/${kind}`, chance = oracle.stream(`${label}/${from}`);
    if (!oracle.happens(chance, label, 500_000)) continue;
    const pace = PACES[oracle.decide(chance, label, PACES.length)]!;
    const end = nanos(options.to);
    let at = nanos(from);
    for (;;) {
      at += 1 + oracle.between(chance, label, 0, 2 * pace * nanos(every));
      if (at >= end) break;
      const to = Math.min(end, at + 1 + oracle.between(chance, label, 0, nanos(lasts)));
      found.push({ from: at, to, fault: KINDS[kind](victims(oracle, chance, label, actors)) });
    }
  }
  return found;
}

/** One machine as often as not, else some part of them, of any size. */
function victims(oracle: Oracle, chance: Stream, label: string, actors: readonly Actor[]): Victims {
  const left = [...actors], some: Actor[] = [];
  const draw = (bound: number) => oracle.decide(chance, label, bound);
  const count = draw(2) === 0 ? 1 : 1 + draw(left.length);
  while (some.length < count) {
    const [actor] = left.splice(draw(left.length), 1);
    assert(actor !== undefined, "no more are drawn than there are");
    some.push(actor);
  }
  return { some, others: left, draw };
}
