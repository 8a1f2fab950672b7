/** The contract's bench on a simulated machine. */
import type { AppEvent, Effect, Micros, Node, Reason } from "../../runtime/core/mod.ts";
import { measured } from "../../sim/calibration.ts";
import { Clock } from "../../sim/clock.ts";
import { Disk } from "../../sim/disk.ts";
import { Machine, type Surroundings } from "../../sim/machine.ts";
import { type Bench, type Found, found, inShort, type Order, ScriptedNode } from "./script.ts";

/** A disk that refuses one key. */
class PickyDisk extends Disk {
  refused: { readonly key: string; readonly why: Reason } | undefined;

  override refusal(key: string, length: number): Reason | undefined {
    return key === this.refused?.key ? this.refused.why : super.refusal(key, length);
  }

  override keep(key: string, bytes: Uint8Array, now: number): Reason | undefined {
    return key === this.refused?.key ? this.refused.why : super.keep(key, bytes, now);
  }
}

export class SimBench implements Bench {
  node = new ScriptedNode();
  readonly left: string[] = [];
  readonly #clock = new Clock();
  readonly #disk = new PickyDisk();
  readonly #machine: Machine;

  constructor() {
    const did = (effect: Effect) => void this.left.push(inShort(effect));
    const world: Surroundings = {
      clock: this.#clock,
      calibration: measured,
      boot: () => ({ node: this.node as unknown as Node, origin: 7_000 }),
      stepped: () => {},
      told: (_machine, event: AppEvent) => did({ kind: "tell", event }),
      kept: () => {},
      send: (_machine, link, frame) => did({ kind: "send", link, frame }),
      cast: () => {},
      dial: (_machine, address) => did({ kind: "dial", address }),
      hangUp: (_machine, link) => did({ kind: "hang-up", link, why: "closed" }),
      read: () => {},
      file: () => undefined,
    };
    this.#machine = new Machine(0, "bench", "10.0.0.1:1", this.#disk, world);
    this.#machine.start();
    this.#run();
  }

  perform(...steps: (readonly Effect[])[]): Promise<void> {
    for (const effects of steps) this.#ask({ protocol: "script", name: "order", effects });
    this.#run();
    return Promise.resolve();
  }

  wake(after: Micros): Promise<void> {
    this.#ask({ protocol: "script", name: "order", effects: [], wakeAfter: after });
    this.#run();
    return Promise.resolve();
  }

  refuse(key: string, why: "disk-full" | "disk-error"): void {
    this.#disk.refused = { key, why };
  }

  restart(): Promise<Found> {
    this.#machine.stop("dead");
    return Promise.resolve(this.#startAgain());
  }

  /** Plays the story, kills the process before its order of that number: what it then finds. */
  killedBefore(order: number, story: readonly (readonly Effect[])[]): Found {
    const unlucky = { piece: () => "lost" as const, records: () => 0 };
    this.#machine.strike = { left: order, now: () => this.#machine.stop("dead", unlucky) };
    for (const effects of story) this.#ask({ protocol: "script", name: "order", effects });
    this.#run();
    this.#machine.strike = undefined;
    return this.#machine.power === "on"
      ? found(this.#disk.saved().records, this.#disk.saved().kept)
      : this.#startAgain();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #startAgain(): Found {
    this.node = new ScriptedNode();
    this.#machine.start();
    this.#run();
    const started = this.node.facts[0]!;
    if (started.kind !== "started") throw new Error("the first fact is the start");
    return found(started.saved.records, started.saved.kept);
  }

  #ask(command: Order): void {
    this.#machine.post({ kind: "asked", command });
  }

  #run(): void {
    while (this.#clock.next()) {
      this.#machine.happened(this.#clock.kind, this.#clock.b, this.#clock.payload);
    }
  }
}
