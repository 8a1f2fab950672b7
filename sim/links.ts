/**
 * Links between machines: ordered, reliable streams of frames, as TCP gives them.
 *
 * 1. Each direction is a pipe of the fluid. A frame leaves when its last byte is through
 *    (`drained`), and arrives a latency later, in order.
 * 2. A hang-up arrives behind what was sent before it. A process that ends is seen to have crashed;
 *    a machine without power is silent until it is on again, and then resets what it has forgotten.
 * 3. A frame of one packet on an idle direction leaves at once, as sparse flows do (fq_codel, RFC
 *    8290), without a solution of the fluid for it. Where others are flowing, such frames take their
 *    share in bundles, so that nothing is sent for nothing.
 * 4. A cut, a receiver without power, or one that does not read stops a direction; what waits is sent
 *    when it can be. Acknowledgements go the other way, so a one-way cut stops both directions.
 */
import { assert, type Frame, type Reason } from "../runtime/core/mod.ts";
import { frameBytes } from "../runtime/core/framing.ts";
import type { Clock } from "./clock.ts";
import { type Delays, RETRANSMISSION_NANOS } from "./delays.ts";
import { End, NO_PIPE } from "./ends.ts";
import type { Fluid } from "./fluid.ts";
import { ACCEPTED, ARRIVED, ENDED } from "./kinds.ts";
import { type Lan, SEGMENT_BYTES } from "./lan.ts";
import type { Machine } from "./machine.ts";
import type { Oracle } from "./oracle.ts";
import type { Access, Host, Paths } from "./paths.ts";
import type { Nanos } from "./units.ts";

/** What a receiver's system holds for a process that does not read; measured: deno.md, section 4. */
const WINDOW_BYTES = 4_000_000;
/** Small frames that are put into the fluid as one: some two hundred. */
const BUNDLE_BYTES = 16_384;
/** Where a dialler's own ports begin (RFC 6335). */
const EPHEMERAL_PORT = 49_152;
const EPHEMERAL_PORTS = 16_384;

/** Watches what goes over links, for the checkers and the report. */
export interface LinkWatcher {
  sent(machine: Machine, frame: Frame, bytes: number): void;
  arrived(machine: Machine, frame: Frame, bytes: number): void;
  /** Frames that will never arrive, because their link has ended. */
  dropped(frames: number, bytes: number): void;
}

/** What links need of the network around them. */
export interface LinksOptions {
  readonly clock: Clock;
  readonly fluid: Fluid;
  readonly lan: Lan;
  readonly paths: Paths;
  readonly oracle: Oracle;
  readonly delays: Delays;
  readonly watcher: LinkWatcher;
  readonly machines: readonly Machine[];
}

export class Links {
  readonly #clock: Clock;
  readonly #fluid: Fluid;
  readonly #options: LinksOptions;
  readonly #watcher: LinkWatcher;
  /** By machine, then by link: of the machine's present life. */
  readonly #ends: (End | undefined)[][] = [];
  readonly #byPipe: (End | undefined)[] = [];
  #opened = 0;
  /** Bytes that have left and not arrived. */
  #flying = 0;
  /** How often each pair of hosts was linked, so that each link has decisions of its own. */
  readonly #pairs = new Map<string, number>();

  constructor(options: LinksOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#fluid = options.fluid;
    this.#watcher = options.watcher;
  }

  /** A dial was answered: the dialler is linked now, the listener half a round trip later. */
  connect(from: Host, to: Host): void {
    const { machines, paths } = this.#options;
    const port = EPHEMERAL_PORT + this.#opened++ % EPHEMERAL_PORTS;
    const origin = `${from.address.slice(0, from.address.lastIndexOf(":"))}:${port}`;
    const names = `${from.name}>${to.name}`;
    const count = this.#pairs.get(names) ?? 0;
    this.#pairs.set(names, count + 1);
    const dialler = this.#end(from, to, to.address, `${names}/${count}/dialled`);
    const listener = this.#end(to, from, origin, `${names}/${count}/accepted`);
    dialler.other = listener;
    listener.other = dialler;
    for (const end of [dialler, listener]) {
      end.pipe = paths.open(end.host, end.other.host);
      this.#byPipe[end.pipe] = end;
      this.#regulate(end);
    }
    // Scheduled before anything is sent: the listener knows of the link before its first frame.
    this.#clock.at(this.#clock.now + dialler.latency, ACCEPTED, 0, 0, listener);
    machines[from.index]!.post({
      kind: "linked",
      link: dialler.link,
      dialled: to.address,
      from: to.address,
      transport: "tcp",
    });
  }

  send(machine: Machine, link: number, frame: Frame): void {
    const end = this.#ends[machine.index]?.[link];
    if (end === undefined || !end.open) return; // it has ended; the node is about to hear of it
    const bytes = frameBytes(frame);
    this.#watcher.sent(machine, frame, bytes);
    const { host, other } = end;
    if (bytes <= SEGMENT_BYTES && end.waiting.length === 0 && this.#flows(end)) {
      end.pushed++;
      end.left++;
      this.#share(host.upward, bytes);
      this.#share(other.host.downward, bytes);
      return this.#leave(
        end,
        frame,
        bytes * (host.upward.nanosPerByte + other.host.downward.nanosPerByte),
      );
    }
    if (end.waiting.length === 0) this.#flowing(end, 1);
    end.waiting.push(frame);
    this.#fluid.push(end.pipe, bytes, end.pushed++);
    if (end.orphaned) this.#reset(end, 2 * end.latency);
  }

  /** A direction begins or ends to share the bandwidth of its two hosts. */
  #flowing({ host, other }: End, by: 1 | -1): void {
    host.upward.flowing += by;
    other.host.downward.flowing += by;
  }

  /** A small frame passes one way of an access link: in a bundle, if anybody else is using it. */
  #share(access: Access, bytes: number): void {
    if (access.flowing === 0) return;
    access.owed += bytes;
    if (access.owed < BUNDLE_BYTES) return;
    access.bundles ??= this.#fluid.open(access.port);
    this.#fluid.push(access.bundles, access.owed, 0);
    access.owed = 0;
  }

  hangUp(machine: Machine, link: number): void {
    const end = this.#ends[machine.index]?.[link];
    if (end === undefined || !end.open) return;
    end.open = false;
    end.ending = "closed";
    if (end.orphaned) this.#forget(end);
    else if (end.waiting.length === 0) this.#finish(end);
  }

  /** A frame was taken from the system's buffer. */
  read(machine: Machine, link: number, frame: Frame): void {
    const end = this.#ends[machine.index]?.[link];
    if (end === undefined) return;
    end.unread -= frameBytes(frame);
    if (!end.other.stalled || end.unread > WINDOW_BYTES / 2) return;
    end.other.stalled = false;
    this.#regulate(end.other);
  }

  /** Bytes of frames that wait for their turn, or are on their way. */
  get underway(): number {
    let bytes = this.#flying;
    for (const end of this.#byPipe) {
      if (end !== undefined) { for (const frame of end.waiting) bytes += frameBytes(frame); }
    }
    return bytes;
  }

  /** How many links of a machine are open. */
  countOf(machine: Machine): number {
    let count = 0;
    for (const end of this.#ends[machine.index] ?? []) if (end?.open) count++;
    return count;
  }

  /** The machine has stopped: the others are told, unless its power is gone. */
  stopped(machine: Machine): void {
    for (const end of this.#ends[machine.index] ?? []) {
      if (end === undefined) continue;
      end.open = false;
      this.#release(end);
      if (machine.power === "off") this.#regulate(end.other);
      else if (end.ending === undefined || end.ending === "closed") this.#break(end);
    }
  }

  /** The process has ended in peace: its system still delivers what it had sent. */
  left(machine: Machine): void {
    for (const end of this.#ends[machine.index] ?? []) {
      if (end !== undefined) this.hangUp(machine, end.link);
    }
  }

  /** The machine is on again, and knows nothing of the links of its earlier life. */
  restarted(machine: Machine): void {
    const ends = this.#ends[machine.index] ?? [];
    this.#ends[machine.index] = [];
    for (const end of ends) {
      if (end === undefined) continue;
      assert(!end.open, "a machine that is off has no open links");
      if (end.ending === "crashed" || !end.other.open) continue;
      end.other.orphaned = true;
      // What waits is tried again as soon as the timer for it runs out.
      if (end.other.waiting.length > 0) this.#reset(end.other, RETRANSMISSION_NANOS);
    }
  }

  /** The way between two hosts was opened or closed. */
  regulate(one: Host, other: Host): void {
    for (const [host, far] of [[one, other], [other, one]] as const) {
      for (const end of this.#ends[host.index] ?? []) {
        if (end === undefined || end.other.host !== far) continue;
        for (const each of [end, end.other]) {
          this.#regulate(each);
          if (each.unheard && this.#isOpen(each)) this.#finish(each);
        }
      }
    }
  }

  /** The fluid may have frames that are through. */
  flowed(): void {
    while (this.#fluid.next()) {
      const end = this.#byPipe[this.#fluid.pipe];
      if (end === undefined) continue; // a bundle of small frames: they have arrived already
      assert(this.#fluid.tag === end.left, "frames leave in the order in which they were sent");
      end.left++;
      const frame = end.waiting.shift()!;
      if (end.waiting.length === 0) this.#flowing(end, -1);
      this.#leave(end, frame, 0);
    }
  }

  /** An event of the links is due. */
  happened(kind: number, payload: unknown): void {
    const end = payload as End;
    switch (kind) {
      case ARRIVED:
        return this.#arrive(end);
      case ENDED:
        return this.#ended(end);
      default:
        assert(kind === ACCEPTED, "links know each kind of their events");
        return this.#accepted(end);
    }
  }

  #end(host: Host, far: Host, from: string, label: string): End {
    const machine = this.#options.machines[host.index]!;
    const ends = this.#ends[host.index] ??= [];
    const latency = this.#options.paths.latency(host, far);
    const end = new End(machine, host, ends.length, from, label, machine.boots, latency);
    ends.push(end);
    return end;
  }

  #accepted(end: End): void {
    if (!end.open) return; // the listener has stopped in the meantime
    end.machine.post({ kind: "linked", link: end.link, from: end.from, transport: "tcp" });
  }

  /** The last byte of a frame leaves its machine, now or after so long. */
  #leave(end: End, frame: Frame, after: Nanos): void {
    const { lan, paths, oracle, delays } = this.#options;
    const bytes = frameBytes(frame), loss = paths.loss(end.host, end.other.host);
    this.#flying += bytes;
    let arrival = this.#clock.now + Math.round(after) + end.latency;
    if (loss > 0 || lan.jitter > 0) {
      end.chance ??= oracle.stream(`link/${end.label}`);
      const path = {
        loss,
        jitter: lan.jitter,
        latency: end.latency,
        followed: end.waiting.length > 0 || end.flying.length > 0,
      };
      arrival += delays.ofFrame(end.chance, end.label, bytes, path);
    }
    if (arrival < end.lastArrival) arrival = end.lastArrival;
    end.lastArrival = arrival;
    end.flying.push(frame);
    this.#clock.at(arrival, ARRIVED, 0, 0, end);
    if (end.ending !== undefined && end.waiting.length === 0) this.#finish(end);
    if (frame.body !== undefined && end.open) {
      const queued = this.#fluid.queued(end.pipe);
      end.machine.post({ kind: "drained", link: end.link, queued });
    }
  }

  #arrive(end: End): void {
    const frame = end.flying.shift()!;
    const { other } = end;
    const bytes = frameBytes(frame);
    this.#flying -= bytes;
    end.arrived++;
    if (!other.open) return this.#watcher.dropped(1, bytes);
    this.#watcher.arrived(other.machine, frame, bytes);
    other.unread += bytes;
    if (other.unread > WINDOW_BYTES && !end.stalled) {
      end.stalled = true;
      this.#regulate(end);
    }
    other.machine.post({ kind: "received", link: other.link, frame });
  }

  /** Tells the other side, behind what is on its way, that this direction has ended. */
  #finish(end: End): void {
    end.unheard = false;
    const soonest = this.#clock.now + end.latency;
    this.#clock.at(Math.max(soonest, end.lastArrival), ENDED, 0, 0, end);
  }

  #break(end: End): void {
    end.ending = "crashed";
    this.#finish(end);
  }

  /** The other machine answers a link that it does not know with a reset. */
  #reset(end: End, after: Nanos): void {
    const { other } = end;
    if (other.ending === "crashed") return;
    other.ending = "crashed";
    this.#clock.at(this.#clock.now + after, ENDED, 0, 0, other);
  }

  /** The other side of `end` hears that it has ended. */
  #ended(end: End): void {
    if (end.machine.power === "off") return; // the power went before this could be said
    if (!this.#isOpen(end)) {
      end.unheard = true;
      return;
    }
    const { other } = end;
    this.#forget(end);
    if (!other.open) return;
    other.open = false;
    this.#forget(other);
    const why: Reason = end.ending!;
    other.machine.post({ kind: "unlinked", link: other.link, why });
  }

  #isOpen(end: End): boolean {
    return this.#options.paths.carriesLinks(end.host, end.other.host);
  }

  /** Holds a direction still, or lets it go on. */
  #regulate(end: End): void {
    if (end.pipe === NO_PIPE) return;
    if (this.#flows(end)) this.#fluid.resume(end.pipe);
    else this.#fluid.pause(end.pipe);
  }

  #flows(end: End): boolean {
    return !end.stalled && !end.orphaned && end.other.machine.power !== "off" && this.#isOpen(end);
  }

  #forget(end: End): void {
    this.#release(end);
    const ends = this.#ends[end.host.index]!;
    if (ends[end.link] === end) ends[end.link] = undefined;
  }

  /** Closes the pipe of a direction: what is still in it never leaves. */
  #release(end: End): void {
    if (end.pipe === NO_PIPE) return;
    const frames = this.#fluid.close(end.pipe).length;
    this.#byPipe[end.pipe] = undefined;
    end.pipe = NO_PIPE;
    let bytes = 0;
    for (let at = 0; at < frames; at++) bytes += frameBytes(end.waiting.shift()!);
    if (frames === 0) return;
    this.#flowing(end, -1);
    this.#watcher.dropped(frames, bytes);
  }
}
