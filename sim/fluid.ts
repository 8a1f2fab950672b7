/**
 * Frames flow through pipes as a fluid; pipes share the ports of hosts max-min fairly, exactly.
 *
 *     const fluid = new Fluid(clock, FLOWED);         // FLOWED: the kind of the fluid's kernel events
 *     const up = fluid.addPort(12_500_000), down = fluid.addPort(12_500_000); // bytes per second
 *     const pipe = fluid.open(up, down);              // one direction of one link; 1 to 3 ports
 *     fluid.push(pipe, 262_144, tag);                 // a frame; frames of a pipe go one by one
 *     ...
 *     case FLOWED:                                    // in the loop over clock.next()
 *       while (fluid.next()) left(fluid.pipe, fluid.tag); // the last byte has left, now
 *
 * 1. A pipe with something to carry takes part in the sharing, whatever it carries: a frame that
 *    follows another on the same pipe changes no rate.
 * 2. Changes made at one instant are solved once, behind the events that are already due then: the
 *    first one schedules a FLOWED event at `clock.now`. Everything may be called at any time, also
 *    while draining `next`.
 * 3. A frame is through at the first whole nanosecond not before its exact end. What the pipe carries
 *    until that nanosecond is over counts for the next frame, so that rounding never adds up.
 * 4. Frames that are through at the same time come in order of their pipes' numbers.
 */
import { assert } from "../runtime/core/assert.ts";
import { type Clock, NO_EVENT } from "./clock.ts";
import { type Port, Shares } from "./shares.ts";
import { Soonest } from "./soonest.ts";

/** Names a pipe until it is closed; then the number is used again. */
export type Pipe = number;

const NONE = -1;
const NANOS_PER_SECOND = 1e9;
/** Rates nearer than this are the same rate, and the time of the frame's end stays as it is. */
const SAME = 1e-12;

/** Every pipe of a world, and what is in it. The fields describe the frame that `next` has found. */
export class Fluid {
  pipe: Pipe = NONE;
  tag = 0;
  readonly #clock: Clock;
  readonly #kind: number;
  readonly #shares = new Shares();
  /** When the first frame of each flowing pipe will be through. */
  readonly #soonest = new Soonest();
  readonly #moved: Pipe[] = [];
  #alarm = NO_EVENT;
  #alarmTime = -1;
  #isDraining = false;

  #pipes = 0;
  readonly #closed: Pipe[] = [];
  #isOpen = new Uint8Array(16);
  #isPaused = new Uint8Array(16);
  /** The first frame: bytes left at the time `since`, going at `rate` bytes per second from then on. */
  #left = new Float64Array(16);
  #since = new Float64Array(16);
  #rate = new Float64Array(16);
  /** Bytes of all frames of the pipe, the first one counted whole. */
  #held = new Float64Array(16);
  #firstFrame = new Int32Array(16).fill(NONE);
  #lastFrame = new Int32Array(16).fill(NONE);

  /** Frames of all pipes, chained; the unused ones too. */
  #frameBytes = new Float64Array(64);
  #frameTag = new Float64Array(64);
  #frameNext = new Int32Array(64);
  #frames = 0;
  #freeFrame = NONE;

  constructor(clock: Clock, kind: number) {
    this.#clock = clock;
    this.#kind = kind;
  }

  /** Adds a port: one direction of a host's access link, or an uplink shared by a subnet. */
  addPort(bytesPerSecond: number): Port {
    return this.#shares.addPort(bytesPerSecond);
  }

  /** Changes what a port can carry from now on. 0 holds every pipe on it. */
  setCapacity(port: Port, bytesPerSecond: number): void {
    if (this.#shares.capacityOf(port) === bytesPerSecond) return;
    this.#shares.setCapacity(port, bytesPerSecond);
    this.#wakeNow();
  }

  /** Opens a pipe through one to three different ports. */
  open(first: Port, second?: Port, third?: Port): Pipe {
    const pipe = this.#closed.pop() ?? this.#pipes++;
    if (pipe === this.#isOpen.length) this.#growPipes();
    this.#shares.route(pipe, first, second, third);
    this.#isOpen[pipe] = 1;
    this.#isPaused[pipe] = 0;
    return pipe;
  }

  /** Closes a pipe: the tags of the frames that were not through, in order. */
  close(pipe: Pipe): number[] {
    this.#check(pipe);
    if (this.#isFlowing(pipe)) this.#stop(pipe);
    const tags: number[] = [];
    while (this.#firstFrame[pipe] !== NONE) tags.push(this.#dropFrame(pipe));
    this.#left[pipe] = 0;
    this.#isOpen[pipe] = 0;
    this.#closed.push(pipe);
    return tags;
  }

  /** Puts a frame of at least one byte behind the others of its pipe. The tag is any safe integer. */
  push(pipe: Pipe, bytes: number, tag: number): void {
    this.#check(pipe);
    assert(Number.isSafeInteger(bytes) && bytes > 0, "a frame is a whole number of bytes");
    const frame = this.#allocateFrame();
    this.#frameBytes[frame] = bytes;
    this.#frameTag[frame] = tag;
    this.#frameNext[frame] = NONE;
    this.#held[pipe] = (this.#held[pipe] as number) + bytes;
    const last = this.#lastFrame[pipe] as number;
    this.#lastFrame[pipe] = frame;
    if (last !== NONE) {
      this.#frameNext[last] = frame;
      return;
    }
    this.#firstFrame[pipe] = frame;
    this.#left[pipe] = bytes;
    if (this.#isPaused[pipe] === 0) this.#start(pipe);
  }

  /** Bytes of this pipe's frames that are not yet through, a begun one counted up. */
  queued(pipe: Pipe): number {
    this.#check(pipe);
    const first = this.#firstFrame[pipe] as number;
    if (first === NONE) return 0;
    const left = this.#leftNow(pipe);
    const rest = (this.#held[pipe] as number) - (this.#frameBytes[first] as number);
    return rest + Math.ceil(left > 0 ? left : 0);
  }

  /** The pipe's present rate in bytes per second: 0 where it is idle, paused, or begins just now. */
  rateOf(pipe: Pipe): number {
    this.#check(pipe);
    return this.#rate[pipe] as number;
  }

  /** Holds a pipe still, with what it has queued, as a cut cable does. */
  pause(pipe: Pipe): void {
    this.#check(pipe);
    if (this.#isPaused[pipe] !== 0) return;
    if (this.#isFlowing(pipe)) this.#stop(pipe);
    this.#isPaused[pipe] = 1;
  }

  /** Lets a paused pipe go on where it stopped. */
  resume(pipe: Pipe): void {
    this.#check(pipe);
    if (this.#isPaused[pipe] === 0) return;
    this.#isPaused[pipe] = 0;
    if (this.#firstFrame[pipe] !== NONE) this.#start(pipe);
  }

  /**
   * Finds the next frame that is through by now: its `pipe` and `tag`. Call it until it says false;
   * by then every change of this instant is solved.
   */
  next(): boolean {
    this.#isDraining = true;
    for (;;) {
      if (this.#soonest.firstTime() <= this.#clock.now) {
        this.#finish(this.#soonest.first());
        return true;
      }
      if (!this.#shares.isDirty) break;
      this.#reshare();
    }
    this.#isDraining = false;
    this.#setAlarm(this.#soonest.firstTime());
    return false;
  }

  #isFlowing(pipe: Pipe): boolean {
    return this.#isPaused[pipe] === 0 && this.#firstFrame[pipe] !== NONE;
  }

  /** A pipe that has something to carry, and may, begins to take its share. */
  #start(pipe: Pipe): void {
    this.#since[pipe] = this.#clock.now;
    this.#shares.join(pipe);
    this.#wakeNow();
  }

  /** A pipe gives its share back, and remembers how far it came. */
  #stop(pipe: Pipe): void {
    this.#left[pipe] = this.#leftNow(pipe);
    this.#since[pipe] = this.#clock.now;
    this.#rate[pipe] = 0;
    this.#soonest.remove(pipe);
    this.#shares.leave(pipe);
    this.#wakeNow();
  }

  #finish(pipe: Pipe): void {
    const over = this.#leftNow(pipe); // not above 0, but for the last bits
    this.tag = this.#dropFrame(pipe);
    this.pipe = pipe;
    this.#since[pipe] = this.#clock.now;
    const next = this.#firstFrame[pipe] as number;
    if (next !== NONE) {
      this.#left[pipe] = (this.#frameBytes[next] as number) + over;
      this.#foresee(pipe);
      return;
    }
    this.#left[pipe] = 0;
    this.#rate[pipe] = 0;
    this.#soonest.remove(pipe);
    this.#shares.leave(pipe);
  }

  /** Solves what has changed, and works out anew the ends of the frames whose rates moved. */
  #reshare(): void {
    const moved = this.#moved, now = this.#clock.now;
    this.#shares.settle();
    this.#shares.takeTouched(moved);
    for (const pipe of moved) {
      const before = this.#rate[pipe] as number, rate = this.#shares.rateOf(pipe);
      if (rate === before || Math.abs(rate - before) <= SAME * before) continue;
      this.#left[pipe] = this.#leftNow(pipe);
      this.#since[pipe] = now;
      this.#rate[pipe] = rate;
      this.#foresee(pipe);
    }
    moved.length = 0;
  }

  /** Works out when the first frame will be through. */
  #foresee(pipe: Pipe): void {
    const rate = this.#rate[pipe] as number, left = this.#left[pipe] as number;
    if (rate === 0) return this.#soonest.remove(pipe);
    const takes = left > 0 ? Math.ceil(left * NANOS_PER_SECOND / rate) : 0;
    this.#soonest.set(pipe, (this.#since[pipe] as number) + takes);
  }

  #leftNow(pipe: Pipe): number {
    const elapsed = this.#clock.now - (this.#since[pipe] as number);
    return (this.#left[pipe] as number) -
      (this.#rate[pipe] as number) * elapsed / NANOS_PER_SECOND;
  }

  #wakeNow(): void {
    if (!this.#isDraining) this.#setAlarm(this.#clock.now);
  }

  /** One kernel event stands for all pipes: the earliest. */
  #setAlarm(time: number): void {
    if (this.#alarmTime === time) return;
    this.#clock.cancel(this.#alarm);
    const isNever = time > Number.MAX_SAFE_INTEGER;
    this.#alarm = isNever ? NO_EVENT : this.#clock.at(time, this.#kind, 0, 0);
    this.#alarmTime = time;
  }

  #check(pipe: Pipe): void {
    assert(this.#isOpen[pipe] === 1, "a pipe is open while it is used");
  }

  #allocateFrame(): number {
    const frame = this.#freeFrame;
    if (frame !== NONE) {
      this.#freeFrame = this.#frameNext[frame] as number;
      return frame;
    }
    if (this.#frames === this.#frameNext.length) this.#growFrames();
    return this.#frames++;
  }

  /** Takes the first frame off a pipe: its tag. */
  #dropFrame(pipe: Pipe): number {
    const frame = this.#firstFrame[pipe] as number, next = this.#frameNext[frame] as number;
    this.#firstFrame[pipe] = next;
    if (next === NONE) this.#lastFrame[pipe] = NONE;
    this.#held[pipe] = (this.#held[pipe] as number) - (this.#frameBytes[frame] as number);
    this.#frameNext[frame] = this.#freeFrame;
    this.#freeFrame = frame;
    return this.#frameTag[frame] as number;
  }

  #growPipes(): void {
    const size = 2 * this.#isOpen.length;
    const isOpen = this.#isOpen, isPaused = this.#isPaused;
    (this.#isOpen = new Uint8Array(size)).set(isOpen);
    (this.#isPaused = new Uint8Array(size)).set(isPaused);
    this.#left = wider(this.#left, size);
    this.#since = wider(this.#since, size);
    this.#rate = wider(this.#rate, size);
    this.#held = wider(this.#held, size);
    const first = this.#firstFrame, last = this.#lastFrame;
    (this.#firstFrame = new Int32Array(size).fill(NONE)).set(first);
    (this.#lastFrame = new Int32Array(size).fill(NONE)).set(last);
  }

  #growFrames(): void {
    const size = 2 * this.#frameNext.length, next = this.#frameNext;
    this.#frameBytes = wider(this.#frameBytes, size);
    this.#frameTag = wider(this.#frameTag, size);
    (this.#frameNext = new Int32Array(size)).set(next);
  }
}

function wider(old: Float64Array, size: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size);
  larger.set(old);
  return larger;
}
