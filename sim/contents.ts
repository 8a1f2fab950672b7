/** Contents that are passed on: who has how much of them when, against what no network can beat. */
import type { AppEvent } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { ContentResult, ContentSeries } from "./record.ts";
import { Buckets, percentile } from "./series.ts";
import type { Nanos } from "./units.ts";

/** What a swarm's event means here. */
type Reading =
  & { readonly content: string; readonly bytes: number }
  & (
    | { readonly what: "shared"; readonly title: string; readonly handle: string }
    | { readonly what: "wanted" | "progress" | "completed" | "wasted" | "served" }
  );

/** The only place that knows the shapes of a swarm's events (runtime/protocols/swarm/events.ts). */
function readingOf(event: AppEvent): Reading | undefined {
  if (event.protocol !== "swarm") return undefined;
  const { content, bytes = 0, title = "", handle = "" } = event as AppEvent & {
    readonly content?: string;
    readonly bytes?: number;
    readonly title?: string;
    readonly handle?: string;
  };
  if (content === undefined) return undefined;
  switch (event.name) {
    case "shared":
      return { what: "shared", content, bytes, title, handle };
    case "wanted":
    case "progress":
    case "completed":
    case "wasted":
    case "served":
      return { what: event.name, content, bytes };
    default:
      return undefined;
  }
}

/** Payload rates of a machine's access link, in bytes per second. */
export interface Rates {
  readonly up: number;
  readonly down: number;
}

/** One content, from the time it was published. */
interface Content {
  readonly id: string;
  readonly title: string;
  readonly handle: string;
  readonly bytes: number;
  readonly source: Actor;
  readonly publishedAt: Nanos;
  readonly wantedBy: Set<Actor>;
  readonly completedAt: Map<Actor, Nanos>;
  /** Times and kept bytes, in turn, by machine. */
  readonly progress: Map<Actor, number[]>;
  readonly sent: Buckets;
  sentBytes: number;
  wasted: number;
}

export class Contents {
  readonly #actors: readonly Actor[];
  readonly #ratesOf: (actor: Actor) => Rates;
  readonly #hashOf: (handle: string, bytes: number) => string;
  readonly #contents = new Map<string, Content>();
  /** Machines that have said they want a content before anybody was known to have it. */
  readonly #early = new Map<string, Set<Actor>>();

  /** `hashOf` gives the SHA-256 of so many first bytes of a file. */
  constructor(
    actors: readonly Actor[],
    ratesOf: (actor: Actor) => Rates,
    hashOf: (handle: string, bytes: number) => string,
  ) {
    this.#actors = actors;
    this.#ratesOf = ratesOf;
    this.#hashOf = hashOf;
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    const reading = readingOf(event);
    if (reading === undefined) return;
    if (reading.what === "shared") return this.#publish(now, actor, reading);
    const content = this.#contents.get(reading.content);
    if (content === undefined) {
      if (reading.what === "served") return;
      const early = this.#early.get(reading.content) ?? new Set();
      this.#early.set(reading.content, early.add(actor));
      return;
    }
    if (reading.what === "served") {
      if (actor === content.source) this.#served(now, content, reading.bytes);
      return;
    }
    if (actor !== content.source) content.wantedBy.add(actor);
    if (reading.what === "completed") {
      if (!content.completedAt.has(actor)) content.completedAt.set(actor, now);
    } else if (reading.what === "wasted") content.wasted += reading.bytes;
    else if (reading.what === "progress") {
      const progress = content.progress.get(actor) ?? [];
      progress.push(now, reading.bytes);
      content.progress.set(actor, progress);
    }
  }

  /** Seconds from publishing until the last of these had every content that it wanted, or the one named. */
  lastOf(actors: readonly Actor[], name?: string): number {
    let last = 0;
    for (const { title, wantedBy, completedAt, publishedAt } of this.#contents.values()) {
      if (name !== undefined && title !== name) continue;
      for (const actor of actors) {
        if (!wantedBy.has(actor)) continue;
        last = Math.max(last, ((completedAt.get(actor) ?? Infinity) - publishedAt) / 1e9);
      }
    }
    return last;
  }

  results(): ContentResult[] {
    return [...this.#contents.values()].map((content) => this.#result(content));
  }

  series(length: Nanos, count: number, goodput: readonly number[]): ContentSeries[] {
    return [...this.#contents.values()].map((content) => {
      let copies = 0;
      return {
        name: content.title,
        floorSeconds: this.#floor(content),
        source: content.source.name,
        completedAt: this.#actors.map((actor) => {
          const at = content.completedAt.get(actor);
          return at === undefined ? null : (at - content.publishedAt) / 1e9;
        }),
        progress: this.#actors.map((actor) => this.#progress(content, actor, length, count)),
        sourceCopies: content.sent.in(length, count).map((bytes) => {
          copies += bytes / content.bytes;
          return copies;
        }),
        goodput,
      };
    });
  }

  /** The source has sent a body of it. */
  #served(now: Nanos, content: Content, bytes: number): void {
    content.sent.add(now, bytes);
    content.sentBytes += bytes;
  }

  #publish(
    now: Nanos,
    actor: Actor,
    { content: id, title, handle, bytes }: Reading & { what: "shared" },
  ): void {
    if (this.#contents.has(id)) return; // published again, or by another: the first one counts
    const content = {
      id,
      title,
      handle,
      bytes,
      source: actor,
      publishedAt: now,
      wantedBy: this.#early.get(id) ?? new Set<Actor>(),
      completedAt: new Map(),
      progress: new Map(),
      sent: new Buckets(),
      sentBytes: 0,
      wasted: 0,
    };
    content.wantedBy.delete(actor);
    this.#contents.set(id, content);
  }

  #result(content: Content): ContentResult {
    const { title, handle, bytes, wantedBy, completedAt, publishedAt } = content;
    const taken: number[] = [];
    for (const actor of wantedBy) {
      const at = completedAt.get(actor);
      if (at !== undefined) taken.push((at - publishedAt) / 1e9);
    }
    taken.sort((one, other) => one - other);
    const floorSeconds = this.#floor(content);
    const last = taken.at(-1) ?? 0;
    return {
      name: title,
      bytes,
      sha256: this.#hashOf(handle, bytes),
      wanted: wantedBy.size,
      completed: taken.length,
      p50Seconds: percentile(taken, 50) || 0,
      p95Seconds: percentile(taken, 95) || 0,
      lastSeconds: last,
      floorSeconds,
      floorRatio: floorSeconds > 0 ? last / floorSeconds : 0,
      sourceCopies: content.sentBytes / bytes,
      wastedBytes: content.wasted,
    };
  }

  /** Kumar and Ross 2006: no schedule brings the content to all who want it sooner. */
  #floor({ bytes, source, wantedBy }: Content): number {
    if (wantedBy.size === 0) return 0;
    const own = this.#ratesOf(source).up;
    let slowest = Infinity, all = own;
    for (const actor of wantedBy) {
      const { up, down } = this.#ratesOf(actor);
      slowest = Math.min(slowest, down);
      all += up;
    }
    return Math.max(bytes / own, bytes / slowest, wantedBy.size * bytes / all);
  }

  #progress(content: Content, actor: Actor, length: Nanos, count: number): number[] {
    const told = content.progress.get(actor) ?? [];
    const parts: number[] = [];
    const doneAt = actor === content.source ? content.publishedAt : content.completedAt.get(actor);
    let at = 0, kept = 0;
    for (let bucket = 0; bucket < count; bucket++) {
      const end = (bucket + 1) * length;
      for (; at < told.length && told[at]! < end; at += 2) kept = told[at + 1]!;
      const done = doneAt !== undefined && doneAt < end;
      parts.push(done ? 1 : Math.min(1, kept / content.bytes));
    }
    return parts;
  }
}
