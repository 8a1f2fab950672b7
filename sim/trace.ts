/**
 * A run as a trace that ui.perfetto.dev and chrome://tracing open (Trace Event Format): a process for
 * each machine, a slice for each step, an arrow for each frame, a mark for each event told.
 */
import type { AppEvent, Frame, Input, Step } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { Machine } from "./machine.ts";
import type { Nanos } from "./units.ts";

/** About 200 MB of text; beyond that no viewer opens it. What follows is counted, not written. */
const MOST_ENTRIES = 1_500_000;

interface Slice {
  readonly at: Nanos;
  readonly machine: Machine;
  readonly busyBefore: Nanos;
  readonly name: string;
  readonly orders: number;
}

/** A watcher that writes down what it sees. */
export class Tracer {
  readonly #lines: string[] = [];
  readonly #named = new Set<number>();
  /** By machine: the step whose length is known once the next one begins. */
  readonly #open = new Map<Machine, Slice>();
  readonly #numbers = new WeakMap<Frame, number>();
  #frames = 0;
  #left = 0;

  stepped(now: Nanos, machine: Machine, input: Input, { effects }: Step): void {
    this.#name(machine);
    this.#close(machine);
    const { busyFor } = machine;
    const name = nameOf(input);
    this.#open.set(machine, {
      at: now,
      machine,
      busyBefore: busyFor,
      name,
      orders: effects.length,
    });
    if (input.kind === "received") this.#arrow("f", now, machine, this.#numbers.get(input.frame));
    for (const effect of effects) {
      if (effect.kind !== "send") continue;
      this.#numbers.set(effect.frame, this.#frames);
      this.#arrow("s", now, machine, this.#frames++);
    }
  }

  told(now: Nanos, actor: Actor, event: AppEvent): void {
    this.#write({
      ph: "i",
      s: "p",
      name: `${event.protocol}.${event.name}`,
      pid: actor.index,
      tid: 1,
      ts: now / 1000,
    });
  }

  /** The whole file. */
  text(): string {
    for (const machine of [...this.#open.keys()]) this.#close(machine);
    const left = this.#left === 0 ? "" : `,"otherData":{"entriesLeftOut":"${this.#left}"}`;
    return `{"displayTimeUnit":"ns","traceEvents":[\n${this.#lines.join(",\n")}\n]${left}}\n`;
  }

  #close(machine: Machine): void {
    const slice = this.#open.get(machine);
    if (slice === undefined) return;
    this.#open.delete(machine);
    this.#write({
      ph: "X",
      name: slice.name,
      pid: machine.index,
      tid: 1,
      ts: slice.at / 1000,
      dur: (machine.busyFor - slice.busyBefore) / 1000,
      args: { orders: slice.orders },
    });
  }

  #arrow(ph: "s" | "f", now: Nanos, machine: Machine, id: number | undefined): void {
    if (id === undefined) return;
    const end = ph === "f" ? { bp: "e" } : {};
    this.#write({
      ph,
      ...end,
      cat: "frame",
      name: "frame",
      id,
      pid: machine.index,
      tid: 1,
      ts: now / 1000,
    });
  }

  #name(machine: Machine): void {
    if (this.#named.has(machine.index)) return;
    this.#named.add(machine.index);
    const args = { name: machine.name };
    this.#write({ ph: "M", name: "process_name", pid: machine.index, tid: 1, args });
  }

  #write(entry: object): void {
    if (this.#lines.length < MOST_ENTRIES) this.#lines.push(JSON.stringify(entry));
    else this.#left++;
  }
}

function nameOf(input: Input): string {
  if (input.kind === "asked") return `asked ${input.command.protocol}.${input.command.name}`;
  if (input.kind === "received" && input.frame.body !== undefined) return "received a body";
  return input.kind;
}
