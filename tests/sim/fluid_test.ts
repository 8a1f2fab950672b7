/** The fluid network against arithmetic that is too plain to be wrong. */
import { assert } from "../../runtime/core/assert.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Clock } from "../../sim/clock.ts";
import { Digest } from "../../sim/digest.ts";
import { Fluid } from "../../sim/fluid.ts";
import { exactRates } from "./exact_fluid.ts";

const FLOWED = 0, CHANGE = 1;
const CLOSE_ENOUGH = 1e-9;
const BYTE = 1;

interface Frame {
  readonly tag: number;
  readonly bytes: number;
}

/** One pipe as the test believes it to be. */
interface Twin {
  readonly ports: readonly number[];
  readonly frames: Frame[];
  isPaused: boolean;
  /** Bytes the pipe has carried, by summing rate x time. */
  carried: number;
  /** Bytes of the frames that were through, dropped frames not counted. */
  through: number;
}

/** A network under random commands, which checks every claim at every instant. */
class Storm {
  readonly clock = new Clock();
  readonly fluid = new Fluid(this.clock, FLOWED);
  readonly digest = new Digest();
  readonly #random: Stream;
  readonly #ports: number[] = [];
  readonly #capacities: number[] = [];
  readonly #twins = new Map<number, Twin>();
  #lastTime = 0;
  #tags = 0;
  completions = 0;
  checks = 0;

  constructor(seed: string, ports: number, readonly mostPorts: number) {
    this.#random = new Stream(seed);
    for (let port = 0; port < ports; port++) {
      const capacity = this.#capacity();
      this.#capacities.push(capacity);
      this.#ports.push(this.fluid.addPort(capacity));
    }
  }

  run(changes: number): void {
    this.clock.at(0, CHANGE, 0, 0);
    while (this.clock.next()) {
      this.#integrate();
      if (this.clock.kind === CHANGE) {
        // Several changes often share an instant, before and after a solve.
        for (let n = this.#random.below(4); n >= 0; n--) this.#change();
        const pause = this.#random.below(3) === 0 ? 0 : this.#random.below(40_000_000);
        if (this.clock.a < changes) {
          this.clock.at(this.clock.now + pause, CHANGE, this.clock.a + 1, 0);
        } else this.#drain();
      } else {
        while (this.fluid.next()) this.#through(this.fluid.pipe, this.fluid.tag);
      }
      if (this.clock.peekTime() > this.clock.now) this.#check();
    }
    for (const twin of this.#twins.values()) {
      assert(twin.frames.length === 0, "when all is quiet, every frame is through");
    }
  }

  #capacity(): number {
    // Some nearly alike: what counts as a tie, and what as two levels?
    if (this.#random.below(4) === 0) return 1_000_000 + this.#random.below(9);
    return 1_000_000 + this.#random.below(100) * 123_457;
  }

  #change(): void {
    const random = this.#random, pipes = [...this.#twins.keys()];
    const action = random.below(20);
    if (pipes.length < 5 || action < 3) return this.#open();
    const pipe = random.pick(pipes), twin = this.#twins.get(pipe) as Twin;
    if (action < 13) return this.#push(pipe, twin);
    if (action < 14) return this.#close(pipe, twin);
    if (action < 18) {
      twin.isPaused ? this.fluid.resume(pipe) : this.fluid.pause(pipe);
      twin.isPaused = !twin.isPaused;
      return;
    }
    const port = random.below(this.#ports.length);
    this.#capacities[port] = random.below(4) === 0 ? 0 : this.#capacity();
    this.fluid.setCapacity(this.#ports[port] as number, this.#capacities[port] as number);
  }

  #open(): void {
    const count = 1 + this.#random.below(this.mostPorts);
    const ports = this.#random.shuffled(this.#ports.map((_, index) => index)).slice(0, count);
    const [first, second, third] = ports.map((index) => this.#ports[index] as number);
    const pipe = this.fluid.open(first as number, second, third);
    const twin = { ports, frames: [], isPaused: false, carried: 0, through: 0 };
    assert(!this.#twins.has(pipe), "an open pipe's number is not given again");
    this.#twins.set(pipe, twin);
    this.#push(pipe, twin);
  }

  #push(pipe: number, twin: Twin): void {
    const bytes = 1 + this.#random.below(this.#random.below(3) === 0 ? 20 : 400_000);
    const frame = { tag: this.#tags++, bytes };
    twin.frames.push(frame);
    this.fluid.push(pipe, bytes, frame.tag);
  }

  #close(pipe: number, twin: Twin): void {
    const tags = this.fluid.close(pipe);
    assert(
      tags.join() === twin.frames.map((frame) => frame.tag).join(),
      "a close returns the rest",
    );
    this.#twins.delete(pipe);
  }

  #drain(): void {
    for (const [pipe, twin] of this.#twins) {
      if (twin.isPaused) this.fluid.resume(pipe);
      twin.isPaused = false;
    }
    this.#ports.forEach((port, index) => {
      this.#capacities[index] = 1_000_000;
      this.fluid.setCapacity(port, 1_000_000);
    });
  }

  #through(pipe: number, tag: number): void {
    const twin = this.#twins.get(pipe) as Twin, frame = twin.frames.shift();
    assert(frame?.tag === tag, "frames of a pipe are through in the order in which they came");
    twin.through += frame.bytes;
    // Never early; late by less than one nanosecond's worth.
    const excess = twin.carried - twin.through, most = this.fluid.rateOf(pipe) * 1e-9;
    assert(excess > -1e-6, "a frame is through only when all its bytes are");
    const isEmpty = twin.frames.length === 0;
    assert(isEmpty || excess < most + 1e-6, "a frame is through as soon as all its bytes are");
    if (isEmpty) twin.carried = twin.through; // what would have gone in the rest of that nanosecond
    this.completions++;
    this.digest.number(this.clock.now);
    this.digest.word(tag);
  }

  #integrate(): void {
    const seconds = (this.clock.now - this.#lastTime) / 1e9;
    this.#lastTime = this.clock.now;
    if (seconds === 0) return;
    for (const [pipe, twin] of this.#twins) twin.carried += this.fluid.rateOf(pipe) * seconds;
  }

  #check(): void {
    this.checks++;
    const flowing: Twin[] = [], rates: number[] = [];
    for (const [pipe, twin] of this.#twins) {
      const queued = twin.frames.reduce((sum, frame) => sum + frame.bytes, 0);
      const left = queued + twin.through - twin.carried;
      assert(Math.abs(this.fluid.queued(pipe) - left) < BYTE + 1e-6, "no byte is lost or made");
      const rate = this.fluid.rateOf(pipe);
      if (twin.isPaused || twin.frames.length === 0) {
        assert(rate === 0, "a pipe that may not or need not flow does not flow");
        continue;
      }
      flowing.push(twin);
      rates.push(rate);
    }
    this.#checkRates(flowing, rates);
  }

  #checkRates(flowing: readonly Twin[], rates: readonly number[]): void {
    const exact = exactRates(this.#capacities, flowing);
    const loads = this.#capacities.map(() => 0), fastest = this.#capacities.map(() => 0);
    flowing.forEach((twin, index) => {
      const rate = rates[index] as number, expected = exact[index] as number;
      assert(Math.abs(rate - expected) <= CLOSE_ENOUGH * expected, "rates are max-min fair");
      for (const port of twin.ports) {
        loads[port] = (loads[port] as number) + rate;
        fastest[port] = Math.max(fastest[port] as number, rate);
      }
    });
    loads.forEach((load, port) => {
      const capacity = this.#capacities[port] as number;
      assert(load <= capacity * (1 + CLOSE_ENOUGH), "no port carries more than it can");
    });
    flowing.forEach((twin, index) => {
      const rate = rates[index] as number;
      const isHeld = twin.ports.some((port) =>
        (loads[port] as number) >= (this.#capacities[port] as number) * (1 - CLOSE_ENOUGH) &&
        rate >= (fastest[port] as number) * (1 - CLOSE_ENOUGH)
      );
      assert(isHeld, "every flow has a full port on which nobody is faster");
    });
  }
}

for (const [ports, most] of [[2, 1], [6, 2], [12, 3], [40, 2], [40, 3], [90, 3]] as const) {
  Deno.test(`rates are exact in a storm of changes: ${ports} ports, up to ${most} a pipe`, () => {
    for (let seed = 0; seed < 4; seed++) {
      const storm = new Storm(`storm/${ports}/${most}/${seed}`, ports, most);
      storm.run(300);
      assert(storm.completions > 300 && storm.checks > 300, "the storm was one");
    }
  });
}

Deno.test("the same changes give the same completions, bit for bit", () => {
  const [one, two, other] = ["a", "a", "b"].map((seed) => {
    const storm = new Storm(seed, 20, 3);
    storm.run(400);
    return storm.digest.hex();
  });
  assert(one === two && one !== other, "the digest follows the seed");
});

Deno.test("frames that are through at the same time come in order of their pipes", () => {
  const clock = new Clock(), fluid = new Fluid(clock, FLOWED), random = new Stream("ties");
  const pipes = Array.from({ length: 100 }, () => fluid.open(fluid.addPort(1_000_000)));
  for (const pipe of random.shuffled(pipes)) fluid.push(pipe, 1000, pipe);
  const order: number[] = [];
  while (clock.next()) while (fluid.next()) order.push(fluid.pipe);
  assert(
    order.join() === pipes.join() && clock.now === 1_000_000,
    "one after another, at one time",
  );
});

Deno.test("frames on one pipe follow each other without a gap", () => {
  // A third of a port: no frame takes a whole number of nanoseconds, and yet no rounding adds up.
  const clock = new Clock(), fluid = new Fluid(clock, FLOWED), port = fluid.addPort(10_000_000_000);
  const pipes = [0, 1, 2].map(() => fluid.open(port));
  for (let tag = 0; tag < 10_000; tag++) for (const pipe of pipes) fluid.push(pipe, 1001, tag);
  let through = 0;
  while (clock.next()) while (fluid.next()) through++;
  assert(through === 30_000 && clock.now === 3_003_000, `30,030,000 bytes took ${clock.now} ns`);
});
