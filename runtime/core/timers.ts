/** Named timers inside one node, one deadline to the outside: an indexed binary heap. */
import type { Micros } from "./io.ts";

export interface Timer<Owner> {
  readonly owner: Owner;
  readonly name: string;
  due: Micros;
  /** Settles equal deadlines: first set, first fired. */
  turn: number;
  /** Place in the heap; -1 while not set. */
  place: number;
}

export class Timers<Owner> {
  #heap: Timer<Owner>[] = [];
  #turn = 0;

  /** The earliest deadline. */
  get next(): Micros | undefined {
    return this.#heap[0]?.due;
  }

  create(owner: Owner, name: string): Timer<Owner> {
    return { owner, name, due: 0, turn: 0, place: -1 };
  }

  set(timer: Timer<Owner>, due: Micros): void {
    timer.due = due;
    timer.turn = this.#turn++;
    if (timer.place < 0) {
      timer.place = this.#heap.length;
      this.#heap.push(timer);
    }
    this.#down(this.#up(timer));
  }

  clear(timer: Timer<Owner>): void {
    const { place } = timer;
    if (place < 0) return;
    timer.place = -1;
    const last = this.#heap.pop()!;
    if (last === timer) return;
    this.#heap[place] = last;
    last.place = place;
    this.#down(this.#up(last));
  }

  /** Takes the earliest timer that is due by now. */
  take(now: Micros): Timer<Owner> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.due > now) return undefined;
    this.clear(first);
    return first;
  }

  #up(timer: Timer<Owner>): Timer<Owner> {
    while (timer.place > 0) {
      const parent = this.#heap[(timer.place - 1) >> 1]!;
      if (!isBefore(timer, parent)) break;
      this.#swap(timer, parent);
    }
    return timer;
  }

  #down(timer: Timer<Owner>): void {
    for (;;) {
      const left = this.#heap[2 * timer.place + 1];
      if (left === undefined) return;
      const right = this.#heap[2 * timer.place + 2];
      const least = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(least, timer)) return;
      this.#swap(timer, least);
    }
  }

  #swap(one: Timer<Owner>, other: Timer<Owner>): void {
    const { place } = one;
    this.#heap[other.place] = one;
    this.#heap[place] = other;
    one.place = other.place;
    other.place = place;
  }
}

function isBefore<Owner>(one: Timer<Owner>, other: Timer<Owner>): boolean {
  return one.due < other.due || (one.due === other.due && one.turn < other.turn);
}
