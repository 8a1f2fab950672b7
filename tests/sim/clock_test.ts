/** The event kernel against a list that is sorted by (time, turn). */
import { assert } from "../../runtime/core/assert.ts";
import { Stream } from "../../runtime/core/random.ts";
import { Clock, type Handle, NO_EVENT } from "../../sim/clock.ts";

const SECOND = 1e9;
const DAY = 86_400 * SECOND;
/** Delays as a world has them: at once, one tick, packets, timeouts; and rarely hours or days. */
const SPANS = [1, 2, 300, 70_000, 20_000_000, 30 * SECOND];
const RARE_SPANS = [3600 * SECOND, DAY, 9 * DAY];

interface Expected {
  readonly time: number;
  readonly turn: number;
  readonly handle: Handle;
  readonly payload: object | undefined;
}

/** A clock and a plain list of what it should do, under the same commands. */
class Twins {
  readonly clock: Clock;
  readonly #random: Stream;
  #list: Expected[] = [];
  readonly #stale: Handle[] = [NO_EVENT];
  #turns = 0;
  pops = 0;
  cancels = 0;

  constructor(seed: string, capacity: number) {
    this.#random = new Stream(seed);
    this.clock = new Clock(capacity);
  }

  add(): void {
    const span = this.#random.pick(this.#random.below(100) === 0 ? RARE_SPANS : SPANS);
    const turn = this.#turns++;
    const part = this.#random.u32() / 2 ** 32;
    const time = this.clock.now + Math.floor(part * span);
    const payload = turn % 3 === 0 ? { turn } : undefined;
    const handle = this.clock.at(time, turn & 127, turn, ~turn, payload);
    this.#list.push({ time, turn, handle, payload });
  }

  cancel(): void {
    const stale = this.#random.pick(this.#stale);
    assert(!this.clock.cancel(stale), "a stale handle cancels nothing");
    if (this.#list.length === 0) return;
    const at = this.#random.below(this.#list.length), [gone] = this.#list.splice(at, 1);
    assert(
      gone !== undefined && this.clock.cancel(gone.handle),
      "a pending event can be cancelled",
    );
    assert(!this.clock.cancel(gone.handle), "an event can be cancelled once");
    this.#stale.push(gone.handle);
    this.cancels++;
  }

  pop(): void {
    const { clock } = this;
    const first = this.#list.reduce<Expected | undefined>((best, event) => {
      if (best === undefined || event.time < best.time) return event;
      return best; // the list is in order of turns
    }, undefined);
    if (this.#random.below(2) === 0) {
      assert(
        clock.peekTime() === (first?.time ?? Infinity),
        "a peek tells the time of the next event",
      );
    }
    assert(clock.pending === this.#list.length, "pending counts what is still to come");
    const before = clock.now;
    assert(clock.next() === (first !== undefined), "there is a next event while any is pending");
    if (first === undefined) {
      assert(clock.now === before, "with nothing to come, time stands still");
      return;
    }
    this.#list.splice(this.#list.indexOf(first), 1);
    this.#stale.push(first.handle);
    assert(clock.now === first.time, "events come in order of time");
    assert(clock.a === first.turn && clock.b === ~first.turn, "equal times come in order of turns");
    assert(
      clock.kind === (first.turn & 127) && clock.payload === first.payload,
      "the event is whole",
    );
    this.pops++;
  }

  /** Moves between nothing pending and about `most`, and everything in between. */
  run(pops: number, most: number): void {
    while (this.pops < pops) {
      const grows = this.#random.below(2) === 0, goal = this.#random.below(most);
      for (let n = 0; n < 2 * most; n++) {
        if (grows === (this.#list.length >= goal)) break;
        const action = this.#random.below(8);
        if (action < (grows ? 5 : 2)) this.add();
        else if (action < 7) this.pop();
        else this.cancel();
      }
    }
  }
}

Deno.test("events come in the order of a plain sorted list, with cancels and far times", () => {
  let days = 0;
  for (
    const [seed, most, capacity] of [["few", 30, 1], ["some", 300, 16], ["many", 2500, 64]] as const
  ) {
    const twins = new Twins(`clock/${seed}`, capacity);
    twins.run(12_000, most);
    assert(twins.cancels > 500, "some were cancelled");
    days = Math.max(days, twins.clock.now / DAY);
  }
  assert(days > 10, `the high bytes of the time are used too: ${days} days`);
});

Deno.test("equal times come in the order of insertion, wherever the cursor was at the time", () => {
  const clock = new Clock(), goal = 5 * DAY + 123_456_789;
  // Each step towards the goal puts one more event there, from another level of the wheel.
  for (let n = 0, left = goal; left > 0; n++, left = Math.floor(left / 3)) {
    clock.at(goal, 1, n, 0);
    clock.at(goal - left, 0, n, 0);
    while (clock.peekTime() < goal) clock.next();
  }
  clock.at(goal, 1, 999, 0);
  for (let n = -1; clock.next();) {
    assert(clock.now === goal && clock.a > n, "first come, first served");
    n = clock.a;
    if (n === 999) assert(clock.pending === 0, "the last to come is the last to go");
  }
});

Deno.test("a world of 100 hours fits, to the nanosecond", () => {
  const clock = new Clock(), end = 100 * 3600 * SECOND;
  for (const time of [end + 1, end, end - 1, Number.MAX_SAFE_INTEGER]) clock.at(time, 0, 0, 0);
  const times: number[] = [];
  while (clock.next()) times.push(clock.now);
  assert(times.join() === [end - 1, end, end + 1, Number.MAX_SAFE_INTEGER].join(), "all are exact");
});

Deno.test("what is cancelled takes no room for long", () => {
  const clock = new Clock();
  clock.at(DAY, 1, 0, 0);
  for (let n = 0; n < 300_000; n++) clock.cancel(clock.at(DAY / 2 + n, 0, n, 0, {}));
  assert(clock.pending === 1 && clock.peekTime() === DAY, "only the other one is left");
  // An id is reused only once its event is gone: small ids show that the room was reused too.
  assert(clock.at(DAY, 0, 0, 0) % 2 ** 24 < 16_384, "the room was used again");
});

Deno.test("what is left of many cancelled events keeps its order", () => {
  const clock = new Clock(), random = new Stream("sweep"), left: [number, number][] = [];
  for (let turn = 0; turn < 40_000; turn++) {
    const time = random.below(500) * random.pick([1, 1000, 1_000_000, 60 * SECOND, 60 * DAY / 500]);
    const handle = clock.at(time, 0, turn, 0);
    if (turn % 5 !== 0) clock.cancel(handle);
    else left.push([time, turn]);
  }
  left.sort(([time, turn], [other, its]) => time - other || turn - its);
  assert(clock.pending === left.length, "the others are all there");
  for (const [time, turn] of left) {
    assert(clock.next() && clock.now === time && clock.a === turn, "each comes in its turn");
  }
  assert(!clock.next(), "and nothing else");
});

Deno.test("after the last event was cancelled, time may go on in small steps", () => {
  const clock = new Clock();
  clock.cancel(clock.at(DAY, 0, 0, 0));
  assert(!clock.next(), "a cancelled event does not come");
  clock.at(5, 0, 7, 0);
  assert(clock.next() && Object.is(clock.now, 5) && clock.a === 7, "an earlier event still comes");
});

Deno.test("the past, fractions and infinity are refused", () => {
  const clock = new Clock();
  clock.at(10, 0, 0, 0);
  clock.next();
  for (const time of [9, 10.5, NaN, Infinity, -1, 2 ** 53]) {
    let refused = false;
    try {
      clock.at(time, 0, 0, 0);
    } catch {
      refused = true;
    }
    assert(refused, `${time} is no time to come`);
  }
});
