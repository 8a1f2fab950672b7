/**
 * Max-min fair shares of ports among flows, kept up to date locally.
 *
 * 1. A port's level is the rate of the flows that this port limits; Infinity where it limits none.
 *    A flow's rate is the least level among its ports.
 * 2. A level follows from the levels at the other ends of the port's flows (`#fill`). A change makes
 *    dirty only the ports that can feel it, and so on, like a ripple.
 * 3. Where every level follows from the others, every flow has a full port on which nobody is faster:
 *    that is the definition of max-min fairness, and there is one such allocation (Bertsekas and
 *    Gallager, Data Networks, 6.5.2). So the ripple may stop when nothing moves, and is exact then.
 */
import { assert } from "../runtime/core/assert.ts";

/** Names a port: one direction of one access link, or a bottleneck that many hosts share. */
export type Port = number;

/** Ports that one flow can cross. */
export const MOST_PORTS = 3;

/** No port: limits nobody. */
const NOWHERE: Port = 0;
/** Smaller relative moves of a level end a ripple; ours are sums of fewer than 1e4 terms of 1e-16. */
const STILL = 1e-11;
/** Levels nearer than this are equal: a tie may not be broken by the last bits of a sum. */
const TIE = 1 - 1e-12;
/** Words of one entry in a port's list: the flow's seat, and where else the flow is limited. */
const ENTRY = 3;

/** The ports and the flows that cross them now. */
export class Shares {
  #ports = 1;
  #capacity = new Float64Array(16);
  #level = new Float64Array(16).fill(Infinity);
  #count = new Int32Array(16);
  readonly #entries: Int32Array[] = [new Int32Array(0)];
  /** Per flow, MOST_PORTS seats: a port, and the place of the flow in that port's list. */
  #seatPort = new Int32Array(16 * MOST_PORTS);
  #seatPlace = new Int32Array(16 * MOST_PORTS);
  /** Ports whose level may be out of date, first come first served, each at most once. */
  #queue = new Int32Array(16);
  #isQueued = new Uint8Array(16);
  #queueStart = 0;
  #queueLength = 0;
  #isTouched = new Uint8Array(16);
  readonly #touched: Port[] = [];
  /** Levels worked out so far: the solver's work. */
  fills = 0;

  /** Adds a port of so many bytes per second. */
  addPort(bytesPerSecond: number): Port {
    const port = this.#ports++;
    if (port === this.#capacity.length) this.#growPorts();
    this.#entries.push(new Int32Array(8 * ENTRY));
    this.setCapacity(port, bytesPerSecond);
    return port;
  }

  /** Changes what a port can carry; 0 holds every flow on it. */
  setCapacity(port: Port, bytesPerSecond: number): void {
    assert(bytesPerSecond >= 0 && bytesPerSecond < Infinity, "a capacity is finite");
    assert(port > NOWHERE && port < this.#ports, "a port was added before it is used");
    this.#capacity[port] = bytesPerSecond;
    if ((this.#count[port] as number) > 0) this.#enqueue(port);
  }

  /** What a port can carry, in bytes per second. */
  capacityOf(port: Port): number {
    return this.#capacity[port] as number;
  }

  /** Whether `settle` has something to do. */
  get isDirty(): boolean {
    return this.#queueLength > 0;
  }

  /** Lays down the way of a flow. It takes no share before it joins. */
  route(flow: number, first: Port, second: Port = NOWHERE, third: Port = NOWHERE): void {
    assert(first !== NOWHERE && first !== second && first !== third, "a way has distinct ports");
    assert(second === NOWHERE ? third === NOWHERE : second !== third, "a way has distinct ports");
    assert(Math.max(first, second, third) < this.#ports, "a port was added before it is used");
    const seat = flow * MOST_PORTS;
    if (seat >= this.#seatPort.length) this.#growFlows();
    this.#seatPort[seat] = first;
    this.#seatPort[seat + 1] = second;
    this.#seatPort[seat + 2] = third;
  }

  /** A flow begins to take its share of the ports on its way. */
  join(flow: number): void {
    const seat = flow * MOST_PORTS, ports = this.#seatPort;
    const x = ports[seat] as Port, y = ports[seat + 1] as Port, z = ports[seat + 2] as Port;
    this.#seat(seat, x, y, z);
    if (y !== NOWHERE) this.#seat(seat + 1, y, x, z);
    if (z !== NOWHERE) this.#seat(seat + 2, z, x, y);
    this.#touch(x); // a newcomer is told its rate even where no level moves
  }

  /** A flow gives its share back. */
  leave(flow: number): void {
    const start = flow * MOST_PORTS;
    for (let seat = start; seat < start + MOST_PORTS; seat++) {
      const port = this.#seatPort[seat] as Port;
      if (port === NOWHERE) return;
      const entries = this.#entries[port] as Int32Array;
      const last = ((this.#count[port] as number) - 1) * ENTRY;
      const place = this.#seatPlace[seat] as number, moved = entries[last] as number;
      entries[place] = moved;
      entries[place + 1] = entries[last + 1] as Port;
      entries[place + 2] = entries[last + 2] as Port;
      this.#seatPlace[moved] = place;
      this.#count[port] = last / ENTRY;
      this.#enqueue(port);
    }
  }

  /** The rate of a flow that has joined, as of the last `settle`, in bytes per second. */
  rateOf(flow: number): number {
    const seat = flow * MOST_PORTS, ports = this.#seatPort, level = this.#level;
    return Math.min(
      level[ports[seat] as Port] as number,
      level[ports[seat + 1] as Port] as number,
      level[ports[seat + 2] as Port] as number,
    );
  }

  /** Brings every level up to date. Afterwards, `takeTouched` says whose rates may have changed. */
  settle(): void {
    // Each port waits for at most every other one, a few times; more would be a ripple without end.
    let fillsLeft = 10_000 + 64 * this.#ports * this.#ports;
    while (this.#queueLength > 0) {
      const port = this.#queue[this.#queueStart] as Port;
      this.#queueStart = (this.#queueStart + 1) & (this.#queue.length - 1);
      this.#queueLength--;
      this.#isQueued[port] = 0;
      this.fills++;
      assert(fillsLeft-- > 0, "shares come to rest");
      const before = this.#level[port] as number, now = this.#fill(port, before);
      // Infinity - Infinity is not a number, and a move to or from Infinity is never small.
      if (now === before || Math.abs(now - before) <= STILL * Math.min(now, before)) continue;
      this.#level[port] = now;
      this.#touch(port);
      this.#ripple(port, before, now);
    }
  }

  /** Adds to `flows` those on touched ports, some of them twice; then no port is touched. */
  takeTouched(flows: number[]): void {
    for (const port of this.#touched) {
      this.#isTouched[port] = 0;
      const entries = this.#entries[port] as Int32Array;
      const end = (this.#count[port] as number) * ENTRY;
      for (let at = 0; at < end; at += ENTRY) {
        flows.push(((entries[at] as number) / MOST_PORTS) | 0);
      }
    }
    this.#touched.length = 0;
  }

  /**
   * The level x at which sum(min(x, limit elsewhere)) = capacity, by Newton's method: the sum is concave
   * in x, so that a step never passes the solution and, from below it, each step only goes up.
   */
  #fill(port: Port, before: number): number {
    const entries = this.#entries[port] as Int32Array, level = this.#level;
    const count = this.#count[port] as number, end = count * ENTRY;
    if (count === 0) return Infinity;
    const capacity = this.#capacity[port] as number;
    let isBelow = before === Infinity, x = isBelow ? capacity / count : before;
    for (;;) {
      const edge = x * TIE;
      let left = capacity, free = 0; // free: the flows that this port limits
      for (let at = 0; at < end; at += ENTRY) {
        const one = level[entries[at + 1] as Port] as number;
        const other = level[entries[at + 2] as Port] as number;
        const elsewhere = one < other ? one : other;
        if (elsewhere < edge) left -= elsewhere;
        else free++;
      }
      if (free === 0 && (isBelow || left >= 0)) return Infinity;
      const next = free === 0 ? capacity / count : left / free;
      if (next * TIE <= x && (isBelow || next >= x * TIE)) return next;
      x = next;
      isBelow = true;
    }
  }

  /** Makes dirty who can feel that a level has moved: the ports that it limits, or has limited. */
  #ripple(port: Port, before: number, now: number): void {
    const entries = this.#entries[port] as Int32Array, level = this.#level;
    const end = (this.#count[port] as number) * ENTRY, lower = now < before ? now : before;
    for (let at = 0; at < end; at += ENTRY) {
      const one = entries[at + 1] as Port, other = entries[at + 2] as Port;
      const oneLevel = level[one] as number, otherLevel = level[other] as number;
      if (lower < oneLevel * TIE && lower < otherLevel) this.#enqueue(one);
      if (lower < otherLevel * TIE && lower < oneLevel) this.#enqueue(other);
    }
  }

  #seat(seat: number, port: Port, one: Port, other: Port): void {
    const place = (this.#count[port] as number) * ENTRY;
    let entries = this.#entries[port] as Int32Array;
    if (place === entries.length) {
      const larger = new Int32Array(2 * place);
      larger.set(entries);
      this.#entries[port] = entries = larger;
    }
    entries[place] = seat;
    entries[place + 1] = one;
    entries[place + 2] = other;
    this.#seatPlace[seat] = place;
    this.#count[port] = (this.#count[port] as number) + 1;
    this.#enqueue(port);
  }

  #enqueue(port: Port): void {
    if (this.#isQueued[port] !== 0 || port === NOWHERE) return;
    this.#isQueued[port] = 1;
    this.#queue[(this.#queueStart + this.#queueLength++) & (this.#queue.length - 1)] = port;
  }

  #touch(port: Port): void {
    if (this.#isTouched[port] !== 0) return;
    this.#isTouched[port] = 1;
    this.#touched.push(port);
  }

  #growPorts(): void {
    const size = 2 * this.#capacity.length; // a power of two, for the ring
    const queue = new Int32Array(size);
    for (let at = 0; at < this.#queueLength; at++) {
      queue[at] = this.#queue[(this.#queueStart + at) & (this.#queue.length - 1)] as Port;
    }
    this.#queue = queue;
    this.#queueStart = 0;
    this.#capacity = floats(this.#capacity, size, 0);
    this.#level = floats(this.#level, size, Infinity);
    this.#count = words(this.#count, size);
    this.#isQueued = bytes(this.#isQueued, size);
    this.#isTouched = bytes(this.#isTouched, size);
  }

  #growFlows(): void {
    this.#seatPort = words(this.#seatPort, 2 * this.#seatPort.length);
    this.#seatPlace = words(this.#seatPlace, 2 * this.#seatPlace.length);
  }
}

function floats(old: Float64Array, size: number, blank: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(size).fill(blank);
  larger.set(old);
  return larger;
}

function words(old: Int32Array, size: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(size);
  larger.set(old);
  return larger;
}

function bytes(old: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(size);
  larger.set(old);
  return larger;
}
