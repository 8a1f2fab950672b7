/** Where the nodes of a live run are: what is around their processes, and between them. */
import type { Address } from "../../runtime/core/mod.ts";
import type { HostLike } from "../paths.ts";

/** A run that a live stage cannot play as it is written: said in one sentence, exit code 3. */
export class Incompatible extends Error {
  override name = "Incompatible";
}

/** What a node listens at. */
export interface Socket {
  readonly bind: readonly string[];
  readonly port: number;
  readonly discoveryPort: number;
}

/** A network that a stage has in its own hand. */
export interface Ways {
  /** From now on. */
  shape(index: number, nature: HostLike): Promise<void>;
  /** Closes ways from the one to the other, by the numbers of machines; as often as they are closed. */
  cut(pairs: Iterable<readonly [number, number]>): Promise<void>;
  mend(pairs: Iterable<readonly [number, number]>): Promise<void>;
  unplug(index: number): Promise<void>;
  plug(index: number): Promise<void>;
  /** Packets that were lost on purpose. */
  losses(): Promise<number>;
}

export interface Place {
  readonly name: "loopback" | "netns";
  /** Undefined where the network is the machine's own, as fast as it is. */
  readonly ways: Ways | undefined;
  addressAt(index: number): Address;
  socketAt(index: number): Socket;
  /** Makes room for so many machines. */
  open(natures: readonly HostLike[], loss: number): Promise<void>;
  /** The command line that runs another one where a machine is. */
  inside(index: number, line: readonly string[]): readonly string[];
  /** Leaves nothing behind. */
  close(): Promise<void>;
}
