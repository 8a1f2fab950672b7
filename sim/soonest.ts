/** Which of many has the earliest time, where the times keep changing: an indexed binary heap. */

const ABSENT = -1;

/** Numbers small integers by a time each; equal times go by the smaller number. */
export class Soonest {
  #keys = new Float64Array(16);
  #places = new Int32Array(16).fill(ABSENT);
  #heap = new Int32Array(16);
  #size = 0;

  /** The one with the earliest time, or -1. */
  first(): number {
    return this.#size === 0 ? -1 : this.#heap[0] as number;
  }

  /** The earliest time; Infinity where there is none. */
  firstTime(): number {
    return this.#size === 0 ? Infinity : this.#keys[this.#heap[0] as number] as number;
  }

  /** Adds one, or moves it to another time. */
  set(id: number, time: number): void {
    if (id >= this.#places.length) this.#grow(id + 1);
    const place = this.#places[id] as number, before = this.#keys[id] as number;
    this.#keys[id] = time;
    if (place === ABSENT) this.#rise(this.#size++, id, time);
    else if (time < before) this.#rise(place, id, time);
    else if (time > before) this.#sink(place, id, time);
  }

  /** Takes one out, if it is there. */
  remove(id: number): void {
    const place = id < this.#places.length ? this.#places[id] as number : ABSENT;
    if (place === ABSENT) return;
    this.#places[id] = ABSENT;
    const last = this.#heap[--this.#size] as number;
    if (last === id) return;
    const time = this.#keys[last] as number;
    this.#sink(place, last, time);
    this.#rise(this.#places[last] as number, last, time);
  }

  #rise(from: number, id: number, time: number): void {
    const heap = this.#heap, keys = this.#keys, places = this.#places;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1, parent = heap[above] as number;
      const its = keys[parent] as number;
      if (its < time || (its === time && parent < id)) break;
      heap[place] = parent;
      places[parent] = place;
      place = above;
    }
    heap[place] = id;
    places[id] = place;
  }

  #sink(from: number, id: number, time: number): void {
    const heap = this.#heap, keys = this.#keys, places = this.#places, size = this.#size;
    let place = from;
    for (let below = 2 * place + 1; below < size; below = 2 * place + 1) {
      let child = heap[below] as number, its = keys[child] as number;
      if (below + 1 < size) {
        const right = heap[below + 1] as number, rights = keys[right] as number;
        if (rights < its || (rights === its && right < child)) {
          child = right;
          its = rights;
          below++;
        }
      }
      if (time < its || (time === its && id < child)) break;
      heap[place] = child;
      places[child] = place;
      place = below;
    }
    heap[place] = id;
    places[id] = place;
  }

  #grow(least: number): void {
    const size = Math.max(least, 2 * this.#places.length);
    const keys = new Float64Array(size), places = new Int32Array(size).fill(ABSENT);
    const heap = new Int32Array(size);
    keys.set(this.#keys);
    places.set(this.#places);
    heap.set(this.#heap);
    this.#keys = keys;
    this.#places = places;
    this.#heap = heap;
  }
}
