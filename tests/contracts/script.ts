/** A node that orders what it is told to order, and remembers every fact. */
import type { Effect, Input, Micros, Step } from "../../runtime/core/mod.ts";

/** What a scripted node is asked: one step's orders. */
export interface Order {
  readonly protocol: "script";
  readonly name: "order";
  readonly effects: readonly Effect[];
  readonly wakeAfter?: Micros;
}

export class ScriptedNode {
  readonly facts: Input[] = [];
  /** When it was woken, and when it had asked to be. */
  readonly woken: { readonly asked: Micros; readonly at: Micros }[] = [];
  #wakeAt: Micros | undefined;

  step = (now: Micros, input: Input): Step => {
    if (input.kind === "asked") {
      const { effects, wakeAfter } = input.command as Order;
      if (wakeAfter !== undefined) this.#wakeAt = now + wakeAfter;
      return { effects, wakeAt: this.#wakeAt };
    }
    this.facts.push(input);
    if (input.kind === "woke" && this.#wakeAt !== undefined && now >= this.#wakeAt) {
      this.woken.push({ asked: this.#wakeAt, at: now });
      this.#wakeAt = undefined;
    }
    return { effects: [], wakeAt: this.#wakeAt };
  };
}

const bytes = (text: string) => new TextEncoder().encode(text);

export const save = (key: string, text?: string): Effect => ({
  kind: "save",
  key,
  bytes: text === undefined ? undefined : bytes(text),
});
export const send = (link: number, text: string): Effect => ({
  kind: "send",
  link,
  frame: { head: bytes(text) },
});
export const tell = (name: string): Effect => ({
  kind: "tell",
  event: { protocol: "script", name },
});
export const keep = (key: string, text: string): Effect => ({
  kind: "keep",
  key,
  bytes: bytes(text),
});
export const load = (key: string): Effect => ({ kind: "load", key });
export const drop = (key: string): Effect => ({ kind: "drop-kept", key });
export const settle = (name: string): Effect => ({ kind: "settle", name });
export const dial = (address: string): Effect => ({ kind: "dial", address });

/** One machine with such a node, on either kind of host. */
export interface Bench {
  readonly node: ScriptedNode;
  /** What left the node, in sequence: `send 1 hello`, `tell done`, `dial a:1`, `hang-up 1`. */
  readonly left: readonly string[];
  /** Asks for these steps one after another, without waiting in between; done when all is quiet. */
  perform(...steps: (readonly Effect[])[]): Promise<void>;
  /** Asks to be woken; done when it was. */
  wake(after: Micros): Promise<void>;
  /** From now on the disk refuses this record or piece, for this reason. */
  refuse(key: string, why: "disk-full" | "disk-error"): void;
  /** Ends the process in peace, starts it anew: the records and pieces that it finds. */
  restart(): Promise<Found>;
  close(): Promise<void>;
}

/** What a boot finds: records as texts, and the keys of the pieces. */
export interface Found {
  readonly records: Readonly<Record<string, string>>;
  readonly kept: readonly string[];
}

export function found(records: ReadonlyMap<string, Uint8Array>, kept: readonly string[]): Found {
  const decoder = new TextDecoder();
  const texts = [...records].map(([key, value]) => [key, decoder.decode(value)] as const);
  return { records: Object.fromEntries(texts), kept: [...kept].sort() };
}

/** An order in short. */
export function inShort(effect: Effect): string {
  const decoder = new TextDecoder();
  switch (effect.kind) {
    case "send":
      return `send ${effect.link} ${decoder.decode(effect.frame.head)}`;
    case "tell":
      return `tell ${effect.event.name}`;
    case "dial":
      return `dial ${effect.address}`;
    case "hang-up":
      return `hang-up ${effect.link}`;
    default:
      return effect.kind;
  }
}

/** What is killed in the middle: saves, and things that leave between them. */
export const STORY: readonly (readonly Effect[])[] = [
  [save("a", "1"), send(1, "a1"), tell("a1")],
  [save("b", "1"), save("c", "1"), send(1, "b1"), save("a", "2"), tell("a2"), send(1, "a2")],
  [keep(`swarm/${"ab".repeat(32)}/0`, "piece"), send(2, "kept"), save("b"), tell("b gone")],
  [save("d", "1"), send(2, "d1")],
];

/** Every state that the records go through in the story, each after one more save. */
export function states(): Found["records"][] {
  const all: Record<string, string>[] = [{}];
  for (const effect of STORY.flat()) {
    if (effect.kind !== "save") continue;
    const next = { ...all.at(-1)! };
    if (effect.bytes === undefined) delete next[effect.key];
    else next[effect.key] = new TextDecoder().decode(effect.bytes);
    all.push(next);
  }
  return all;
}

/** How many saves stand before the last of these orders that have left. */
export function savesBefore(left: readonly string[]): number {
  let saves = 0, seen = 0, needed = 0;
  for (const effect of STORY.flat()) {
    if (effect.kind === "save") saves++;
    else if (effect.kind !== "keep" && seen < left.length) {
      seen++;
      needed = saves;
    }
  }
  return needed;
}
