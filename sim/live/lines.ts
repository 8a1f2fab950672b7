/** What a stage and the process of one of its nodes say to each other: a line of JSON each. */
import type { Address, AppEvent, Command, Micros, PeerId } from "../../runtime/core/mod.ts";

/** The first line to a process: who it is, and what it is to run. */
export interface Part {
  /** The scenario's file, for its protocols. */
  readonly url: string;
  /** `key=value` for the scenario's settings. */
  readonly set: readonly string[];
  readonly name: string;
  readonly index: number;
  readonly address: Address;
  readonly secret: Uint8Array;
  /** Everything of the node's is in there, what it receives included. */
  readonly folder: string;
  readonly bind: readonly string[];
  readonly port: number;
  readonly discoveryPort: number;
  readonly network: string;
  /** Paths of the scenario's files, by the names that commands use. */
  readonly files: Readonly<Record<string, string>>;
}

/** Every other line to a process. */
export type Order =
  | { readonly kind: "start" }
  | { readonly kind: "ask"; readonly command: Command }
  | { readonly kind: "measure" }
  | { readonly kind: "stop" };

/** A line from a process. */
export type Report =
  /** Everything is loaded; the node is started when it is ordered. */
  | { readonly kind: "loaded" }
  | {
    readonly kind: "started";
    readonly peer: PeerId;
    readonly address: Address;
    /** Milliseconds since 1970 at which the clock of its events began. */
    readonly origin: number;
  }
  /** A file of the scenario's is what the node calls so. */
  | { readonly kind: "opened"; readonly file: string; readonly handle: string }
  | { readonly kind: "told"; readonly at: Micros; readonly event: AppEvent }
  | { readonly kind: "measured"; readonly usage: Usage }
  | { readonly kind: "failed"; readonly message: string };

/** What a process has used so far. */
export interface Usage {
  /** Seconds of a processor, its system's included. */
  readonly cpu: number;
  /** Bytes of memory at most. */
  readonly memory: number;
}
