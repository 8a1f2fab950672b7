/**
 * A node on a real machine: facts are stepped as they come, orders performed as they were given.
 *
 * 1. Orders are performed in sequence. A record is durable before anything after it leaves the
 *    machine; those of all steps that wait share one commit (group commit). What such a commit runs
 *    ahead of are sends, which a crash may lose anyway.
 * 2. A save that the disk refuses is not overtaken: the rest of its step is withheld, and the links on
 *    which that step would have sent are hung up, since their sequence is broken.
 * 3. A turn is short: what is left of the facts waits until sockets have been looked after.
 */
import { setImmediate } from "node:timers";
import {
  type AppEvent,
  type Effect,
  type Input,
  type Micros,
  type Reason,
  type Step,
  unreachable,
  withheld,
} from "../core/mod.ts";
import { bulkPassed } from "./garbage.ts";
import type { Network, OpenFiles, Pieces, Post, Records, Save } from "./ports.ts";

/** What a host needs of the machine around it. */
export interface HostOptions {
  readonly node: { step(now: Micros, input: Input): Step };
  readonly records: Records;
  readonly pieces: Pieces;
  readonly files: OpenFiles;
  readonly network: Network;
  /** Monotonic time. */
  readonly micros: () => Micros;
  readonly told: (event: AppEvent) => void;
  /** Our own fault: an assertion of the node's. Nothing is stepped any more. */
  readonly failed: (error: unknown) => void;
}

type Order = Exclude<Effect, { kind: "save" }>;

/** A turn ends after so long, so that a crowd of facts does not keep the sockets waiting. */
const TURN_MICROS: Micros = 4_000;
/** Timers of the platform count milliseconds, and are late rather than early. */
const MICROS_PER_MILLISECOND = 1_000;
/** Pieces of this length are made here; smaller ones have come by a link, and were counted then. */
const MADE_BYTES = 1_000_000;
const LONGEST_TIMER: Micros = 1_000_000_000;

export class Host {
  readonly #options: HostOptions;
  #inbox: Input[] = [];
  #batches: (readonly Effect[])[] = [];
  #isScheduled = false;
  #isClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor: Micros = Infinity;
  #wakeAt: Micros | undefined;
  #waking = false;

  constructor(options: HostOptions) {
    this.#options = options;
  }

  /** Facts wait for a later turn: the node has more to do than it can. */
  get isBehind(): boolean {
    return this.#inbox.length > 0;
  }

  /** Hands a fact to the node, in its turn. */
  post: Post = (input) => {
    if (this.#isClosed) return;
    this.#inbox.push(input);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(this.#turn);
  };

  /** Steps nothing and performs nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#inbox = [];
    this.#batches = [];
    clearTimeout(this.#timer);
  }

  #turn = (): void => {
    try {
      this.#work();
    } catch (error) {
      this.close();
      this.#options.failed(error);
    }
  };

  #work(): void {
    const { micros } = this.#options;
    const until = micros() + TURN_MICROS;
    while (this.#inbox.length > 0 && !this.#isClosed) {
      const inputs = this.#inbox;
      this.#inbox = [];
      let done = 0;
      while (done < inputs.length && micros() < until) this.#step(inputs[done++]!);
      if (done < inputs.length) this.#inbox = inputs.slice(done);
      this.#perform();
      if (micros() >= until) break;
    }
    this.#isScheduled = this.#inbox.length > 0 && !this.#isClosed;
    if (this.#isScheduled) setImmediate(this.#turn);
    this.#arm();
  }

  #step(input: Input): void {
    if (input.kind === "woke") this.#waking = false;
    else if (input.kind === "received") bulkPassed(input.frame.body?.length ?? 0);
    else if (input.kind === "loaded") bulkPassed(input.bytes?.length ?? 0);
    const { effects, wakeAt } = this.#options.node.step(this.#options.micros(), input);
    this.#wakeAt = wakeAt;
    if (effects.length > 0) this.#batches.push(effects);
  }

  /** Keeps one timer; one that is too early is left to fire and look again. */
  #arm(): void {
    const wakeAt = this.#wakeAt;
    if (wakeAt === undefined || this.#waking || this.#isClosed || this.#armedFor <= wakeAt) return;
    clearTimeout(this.#timer);
    const wait = Math.min(Math.max(0, wakeAt - this.#options.micros()), LONGEST_TIMER);
    this.#armedFor = wakeAt;
    this.#timer = setTimeout(this.#ring, Math.ceil(wait / MICROS_PER_MILLISECOND));
  }

  #ring = (): void => {
    this.#armedFor = Infinity;
    if (this.#wakeAt === undefined || this.#waking) return;
    if (this.#wakeAt > this.#options.micros()) return this.#arm();
    this.#waking = true;
    this.post({ kind: "woke" });
  };

  /** Performs what the last steps have ordered: first all records at once, if the disk takes them. */
  #perform(): void {
    const batches = this.#batches;
    this.#batches = [];
    const saves: Save[] = [];
    for (const batch of batches) {
      for (const effect of batch) if (effect.kind === "save") saves.push(effect);
    }
    const isDurable = saves.length === 0 || this.#options.records.commit(saves) === undefined;
    for (const batch of batches) {
      if (this.#isClosed) return;
      if (isDurable) {
        for (const effect of batch) if (effect.kind !== "save") this.#order(effect);
      } else this.#performAlone(batch);
    }
  }

  /** One step's orders, where the disk has not taken all that waited: up to the save that it refuses. */
  #performAlone(batch: readonly Effect[]): void {
    for (let at = 0; at < batch.length; at++) {
      const effect = batch[at]!;
      if (effect.kind !== "save") this.#order(effect);
      else {
        const why = this.#options.records.commit([effect]);
        if (why !== undefined) return this.#withhold(batch.slice(at), why);
      }
    }
  }

  /** Rule 2. */
  #withhold(rest: readonly Effect[], why: Reason): void {
    const { orders, facts } = withheld(rest, why);
    for (const order of orders) this.#order(order);
    for (const fact of facts) this.post(fact);
  }

  #order(effect: Order): void {
    const { network, pieces, told } = this.#options;
    switch (effect.kind) {
      case "send":
        bulkPassed(effect.frame.body?.length ?? 0);
        return network.send(effect.link, effect.frame);
      case "tell":
        return told(effect.event);
      case "keep": {
        if (effect.bytes.length >= MADE_BYTES) bulkPassed(effect.bytes.length);
        const why = pieces.keep(effect.key, effect.bytes);
        if (why !== undefined) this.post({ kind: "refused", order: "keep", key: effect.key, why });
        return;
      }
      case "drop-kept":
        return pieces.drop(effect.key);
      case "settle": {
        const { name } = effect;
        const settled = (why: Reason | undefined) => this.post({ kind: "settled", name, why });
        return void pieces.settle(name).then(settled);
      }
      case "load":
        return this.post({ kind: "loaded", key: effect.key, bytes: this.#load(effect.key) });
      case "cast":
        return network.cast(effect.to, effect.bytes);
      case "dial":
        return network.dial(effect.address);
      case "hang-up":
        return network.hangUp(effect.link, effect.why);
      default:
        return unreachable(effect);
    }
  }

  /** A kept piece, or `file/HANDLE/OFFSET+LENGTH`. */
  #load(key: string): Uint8Array | undefined {
    const { pieces, files } = this.#options;
    const parts = /^file\/(.+)\/(\d+)\+(\d+)$/s.exec(key);
    if (parts === null) return pieces.read(key);
    return files.read(parts[1]!, Number(parts[2]), Number(parts[3]));
  }
}
