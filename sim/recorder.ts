/** Collects what a run's record is made of, while it runs. */
import type { AppEvent } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import { Contents, type Rates } from "./contents.ts";
import type { Fault } from "./faults.ts";
import { type LetterResult, Letters } from "./letters.ts";
import { Messages } from "./messages.ts";
import type { ContentResult, FaultCounts, FaultSpan, MessageResult } from "./record.ts";
import { Buckets } from "./series.ts";
import type { Nanos } from "./units.ts";

/** What numeric claims are about. */
export interface RunFacts {
  readonly seconds: number;
  readonly steps: number;
  readonly contents: readonly ContentResult[];
  content(name: string): ContentResult | undefined;
  /** Seconds until the last of these had everything, or what is named; Infinity if one never had. */
  lastOf(actors: readonly Actor[], name?: string): number;
  readonly messages: MessageResult | undefined;
  readonly letters: LetterResult | undefined;
  readonly faults: FaultCounts;
  /** The part of the run for which a machine's processor was busy. */
  busy(actor: Actor): number;
}

/** Learns from what nodes tell; protocol by protocol. */
export interface Meter {
  told(now: Nanos, actor: Actor, event: AppEvent): void;
}

interface RecorderOptions {
  readonly actors: readonly Actor[];
  readonly ratesOf: (actor: Actor) => Rates;
  /** Which life a machine is in, 0 for one that is down. */
  readonly lifeOf: (actor: Actor) => number;
  /** The SHA-256 of so many first bytes of a file. */
  readonly hashOf: (handle: string, bytes: number) => string;
}

export class Recorder {
  readonly contents: Contents;
  readonly messages: Messages;
  readonly letters: Letters;
  /** Bytes of bodies that have arrived anywhere. */
  readonly goodput = new Buckets();
  readonly spans: FaultSpan[] = [];
  partitions = 0;
  readonly #open = new Map<Fault, number>();

  constructor({ actors, ratesOf, lifeOf, hashOf }: RecorderOptions) {
    this.messages = new Messages(actors, lifeOf);
    this.letters = new Letters(actors, lifeOf);
    this.contents = new Contents(actors, ratesOf, hashOf);
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    this.contents.told(now, actor, event);
    this.messages.told(now, actor, event);
    this.letters.told(now, actor, event);
  }

  began(now: Nanos, fault: Fault): void {
    if (fault.parts) this.partitions++;
    this.#open.set(fault, this.spans.length);
    this.spans.push({ kind: fault.name, who: fault.who, fromSeconds: now / 1e9, toSeconds: null });
  }

  ended(now: Nanos, fault: Fault): void {
    const place = this.#open.get(fault);
    if (place === undefined) return;
    this.#open.delete(fault);
    this.spans[place] = { ...this.spans[place]!, toSeconds: now / 1e9 };
  }
}
