/** The contract's bench on this machine: a real disk, with a network that only remembers. */
import type { Effect, Micros } from "../../runtime/core/mod.ts";
import { type LiveDisk, openDisk } from "../../runtime/host/disk/mod.ts";
import { Host } from "../../runtime/host/host.ts";
import { micros } from "../../runtime/host/live_node.ts";
import type { Network, Pieces, Records } from "../../runtime/host/ports.ts";
import { type Bench, type Found, found, inShort, type Order, ScriptedNode } from "./script.ts";

/** Facts and orders that follow from one another do so within this time. */
const QUIET_MILLISECONDS = 30;

export class LiveBench implements Bench {
  node = new ScriptedNode();
  readonly left: string[] = [];
  #disk: LiveDisk;
  #host: Host;
  #refused: { readonly key: string; readonly why: "disk-full" | "disk-error" } | undefined;

  /** `performing` is called before every order. */
  constructor(
    readonly folder: string,
    readonly performing: () => void = () => {},
    readonly leaves: (order: string) => void = () => {},
  ) {
    this.#disk = openDisk(folder);
    this.#host = this.#start();
  }

  async perform(...steps: (readonly Effect[])[]): Promise<void> {
    for (const effects of steps) this.#ask({ protocol: "script", name: "order", effects });
    await quiet();
  }

  async wake(after: Micros): Promise<void> {
    this.#ask({ protocol: "script", name: "order", effects: [], wakeAfter: after });
    await new Promise((resolve) => setTimeout(resolve, after / 1000 + QUIET_MILLISECONDS));
  }

  refuse(key: string, why: "disk-full" | "disk-error"): void {
    this.#refused = { key, why };
  }

  async restart(): Promise<Found> {
    await this.#disk.pieces.sync();
    this.#host.close();
    this.#disk.close();
    this.#refused = undefined;
    this.node = new ScriptedNode();
    this.#disk = openDisk(this.folder);
    this.#host = this.#start();
    return found(this.#disk.records.load(), this.#disk.pieces.kept());
  }

  async close(): Promise<void> {
    this.#host.close();
    this.#disk.close();
    await Deno.remove(this.folder, { recursive: true });
  }

  #start(): Host {
    const { records, pieces, files } = this.#disk;
    const did = (effect: Effect) => {
      this.performing();
      this.left.push(inShort(effect));
      this.leaves(inShort(effect));
    };
    const refusal = (keys: readonly string[]) =>
      this.#refused !== undefined && keys.includes(this.#refused.key)
        ? this.#refused.why
        : undefined;
    const picky: Records = {
      load: () => records.load(),
      commit: (saves) => {
        for (const _ of saves) this.performing();
        return refusal(saves.map(({ key }) => key)) ?? records.commit(saves);
      },
    };
    const pickyPieces: Pieces = {
      kept: () => pieces.kept(),
      keep: (key, bytes) => {
        this.performing();
        return refusal([key]) ?? pieces.keep(key, bytes);
      },
      drop: (key) => pieces.drop(key),
      settle: (name) => pieces.settle(name),
      read: (key) => pieces.read(key),
    };
    const network: Network = {
      send: (link, frame) => did({ kind: "send", link, frame }),
      dial: (address) => did({ kind: "dial", address }),
      hangUp: (link, why) => did({ kind: "hang-up", link, why }),
      cast: () => {},
    };
    return new Host({
      node: this.node,
      records: picky,
      pieces: pickyPieces,
      files,
      network,
      micros,
      told: (event) => did({ kind: "tell", event }),
      failed: (error) => {
        throw error;
      },
    });
  }

  #ask(command: Order): void {
    this.#host.post({ kind: "asked", command });
  }
}

function quiet(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, QUIET_MILLISECONDS));
}
