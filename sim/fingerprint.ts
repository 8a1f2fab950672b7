/**
 * What a run's digest is made of: every step's time, machine, fact and orders.
 *
 * Heads count with their first bytes, bodies with their length alone: a body that differed would
 * show in the tag that its head begins with.
 */
import type { Effect, Input, Step } from "../runtime/core/mod.ts";
import { Digest } from "./digest.ts";
import type { Machine } from "./machine.ts";
import type { Nanos } from "./units.ts";

/** Bytes of each head, record and datagram that are absorbed. */
const HEAD_PART = 32;

/** Small numbers instead of words: part of the digest's definition, so new kinds go to the end. */
const INPUTS: readonly Input["kind"][] = [
  "started",
  "woke",
  "linked",
  "unlinked",
  "received",
  "overheard",
  "drained",
  "loaded",
  "refused",
  "asked",
  "settled",
];
const EFFECTS: readonly Effect["kind"][] = [
  "save",
  "keep",
  "drop-kept",
  "load",
  "dial",
  "hang-up",
  "send",
  "cast",
  "tell",
  "settle",
];
const inputNumber = new Map(INPUTS.map((kind, at) => [kind, at]));
const effectNumber = new Map(EFFECTS.map((kind, at) => [kind, at]));

/** One step of a run, in short: enough to find where two runs part. */
export interface StepMark {
  readonly at: Nanos;
  readonly machine: number;
  readonly kind: Input["kind"];
  readonly orders: number;
  readonly digest: number;
}

export class Fingerprint {
  readonly #digest = new Digest();
  readonly #marks: number[] | undefined;

  /** With `marks`, remembers each step: for finding the first one that differs in another run. */
  constructor(marks: boolean) {
    this.#marks = marks ? [] : undefined;
  }

  get hex(): string {
    return this.#digest.hex();
  }

  /** Flat: five numbers a step, cheap to hand to another thread. */
  get marks(): Float64Array {
    return Float64Array.from(this.#marks ?? []);
  }

  absorb(at: Nanos, machine: Machine, input: Input, step: Step): void {
    const digest = this.#digest, { effects } = step;
    const kind = inputNumber.get(input.kind)!;
    digest.number(at);
    digest.word(machine.index);
    digest.word(kind);
    this.#input(input);
    digest.word(effects.length);
    for (let place = 0; place < effects.length; place++) this.#effect(effects[place]!);
    if (this.#marks !== undefined) {
      const mark = parseInt(digest.hex().slice(0, 8), 16);
      this.#marks.push(at, machine.index, kind, effects.length, mark);
    }
  }

  #input(input: Input): void {
    const digest = this.#digest;
    switch (input.kind) {
      case "started":
        digest.word(input.boot);
        digest.word(input.saved.records.size);
        digest.word(input.saved.kept.length);
        return;
      case "linked":
        digest.word(input.link);
        return digest.text(input.from);
      case "unlinked":
        digest.word(input.link);
        return digest.text(input.why);
      case "received":
        // Its bytes were absorbed when they were sent.
        digest.word(input.link);
        digest.word(input.frame.head.length);
        return digest.word(input.frame.body?.length ?? -1);
      case "overheard":
        digest.text(input.from);
        return digest.bytes(input.bytes, HEAD_PART);
      case "drained":
        digest.word(input.link);
        return digest.number(input.queued);
      case "loaded":
        digest.text(input.key);
        return digest.word(input.bytes?.length ?? -1);
      case "settled":
        digest.text(input.name);
        return digest.text(input.why ?? "");
      case "refused":
        digest.text(input.key);
        return digest.text(input.why);
      case "asked":
        digest.text(input.command.protocol);
        return digest.text(input.command.name);
      case "woke":
        return;
    }
  }

  #effect(effect: Effect): void {
    const digest = this.#digest;
    digest.word(effectNumber.get(effect.kind)!);
    switch (effect.kind) {
      case "send":
        digest.word(effect.link);
        digest.bytes(effect.frame.head, HEAD_PART);
        return digest.word(effect.frame.body?.length ?? -1);
      case "save":
        digest.text(effect.key);
        return effect.bytes === undefined ? digest.word(-1) : digest.bytes(effect.bytes, HEAD_PART);
      case "keep":
        digest.text(effect.key);
        return digest.word(effect.bytes.length);
      case "load":
      case "drop-kept":
        return digest.text(effect.key);
      case "settle":
        return digest.text(effect.name);
      case "dial":
        return digest.text(effect.address);
      case "hang-up":
        digest.word(effect.link);
        return digest.text(effect.why);
      case "cast":
        digest.text(effect.to);
        return digest.bytes(effect.bytes, HEAD_PART);
      case "tell":
        digest.text(effect.event.protocol);
        return digest.text(effect.event.name);
    }
  }
}

/** The first step in which two runs differ; undefined where they do not. */
export function firstDifference(
  one: Float64Array,
  other: Float64Array,
): { readonly step: number; readonly one?: StepMark; readonly other?: StepMark } | undefined {
  const length = Math.max(one.length, other.length);
  for (let at = 0; at < length; at++) {
    if (one[at] === other[at]) continue;
    const step = Math.floor(at / 5);
    const first = markAt(one, step), second = markAt(other, step);
    return {
      step,
      ...(first === undefined ? {} : { one: first }),
      ...(second === undefined ? {} : { other: second }),
    };
  }
  return undefined;
}

function markAt(marks: Float64Array, step: number): StepMark | undefined {
  const at = marks[5 * step];
  if (at === undefined) return undefined;
  return {
    at,
    machine: marks[5 * step + 1]!,
    kind: INPUTS[marks[5 * step + 2]!]!,
    orders: marks[5 * step + 3]!,
    digest: marks[5 * step + 4]!,
  };
}
