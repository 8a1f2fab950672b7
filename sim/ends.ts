/** One end of a link, and one direction of it: from this end's machine to the other's. */
import type { Frame, LinkId, Reason, Stream } from "../runtime/core/mod.ts";
import type { Pipe } from "./fluid.ts";
import type { Machine } from "./machine.ts";
import type { Host } from "./paths.ts";
import { Queue } from "./queue.ts";
import type { Nanos } from "./units.ts";

/** A direction that carries nothing any more. */
export const NO_PIPE: Pipe = -1;

export class End {
  other!: End;
  /** False once the machine has hung up, has been told that the link ended, or has stopped. */
  open = true;
  pipe: Pipe = NO_PIPE;
  /** Frames that have not left the machine, and those that have and are on their way. */
  readonly waiting = new Queue<Frame>();
  readonly flying = new Queue<Frame>();
  /** Frames pushed into the pipe, through it, and delivered: link order is these counts. */
  pushed = 0;
  left = 0;
  arrived = 0;
  /** When the latest frame on its way will arrive: none overtakes another. */
  lastArrival: Nanos = 0;
  /** Bytes that have arrived here and that the node has not read yet. */
  unread = 0;
  /** This direction waits for the other machine to read. */
  stalled = false;
  /** Why this direction ends, once what was sent before has arrived; undefined while it goes on. */
  ending: Reason | undefined;
  /** The end of this direction met a cut, and is told when the way is open again. */
  unheard = false;
  /** The other machine has forgotten this link: what is sent next is answered by a reset. */
  orphaned = false;
  /** Decides the losses and jitter of this direction; made when first needed. */
  chance: Stream | undefined;

  constructor(
    readonly machine: Machine,
    readonly host: Host,
    readonly link: LinkId,
    /** Where the machine of this end sees the other end's bytes come from. */
    readonly from: string,
    /** Names this direction in decisions: `ana>ben/3`. */
    readonly label: string,
    /** The life of the machine to which this end belongs. */
    readonly life: number,
    /** One way, without jitter. */
    readonly latency: Nanos,
  ) {}
}
