/**
 * A hierarchical timing wheel over whole nanoseconds (Varghese and Lauck 1987): the order of events.
 *
 * 1. An event waits in the level of the highest byte in which its time differs from the cursor, in the
 *    slot of that byte. The cursor moves only when an event leaves, to that event's time.
 * 2. A slot is a queue, and a refill of lower levels keeps its order: equal times leave in the order in
 *    which they came, without a sequence number.
 * 3. A slot is made of chunks that hold whole entries, and a refill copies them: memory is read and
 *    written in runs. Beyond 8 MB, a jump costs 130 ns here; with a list of linked records, a million
 *    pending events took 400 ns each, and take 100 so.
 * 4. A cancelled entry stays until it is met, but never more of them than live ones and a few.
 *
 * Seven levels of 256 slots cover every safe integer. Bit operations of JavaScript see 32 bits, hence
 * the two halves of a time.
 */
import { assert } from "../runtime/core/assert.ts";

/** Names one event; once it has left or is cancelled, the handle is stale. */
export type Handle = number;

/** Where the words of an entry are. `A`, `B` and the bits of `ID` from `LABEL` on are the clock's. */
export const ID = 0, LOW = 1, A = 2, B = 3;
/** The lowest of the eight bits above the id. */
export const LABEL = 24;

const ENTRY = 4;
/** A chunk is eight cache lines: where the next one begins, three words unused, and 31 entries. */
const CHUNK = 128;
const IN_CHUNK = CHUNK - 1;
const HIGH_UNIT = 0x1_0000_0000;
/** The first slot in which the high halves of the times differ from the cursor's. */
const FIRST_HIGH_SLOT = 4 << 8;

const LEVELS = 7;
const NONE = -1;
/** More events than this at once is a bug of the world; they take half a gigabyte. */
const MOST_EVENTS = 0x100_0000;
const ID_MASK = MOST_EVENTS - 1;
/** A handle is the event's id and, above it, how often the id was used before, modulo 2^29. */
const USES_MASK = 0x1fff_ffff;
/** Fewer cancelled entries than this are not worth a sweep. */
const FEW = 4096;

/** The lowest bit that is set in a word that is not zero, as its number. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Holds events; hands out the earliest. */
export class Wheel {
  /** The entries. `pop` says where; it holds until the next call. */
  pool: Int32Array;
  #freeChunk = NONE;
  #low = 0;
  #high = 0;
  /** Per slot: where its first entry is, and where the next one goes; both -1 in an empty slot. */
  readonly #start = new Int32Array(LEVELS << 8).fill(NONE);
  readonly #end = new Int32Array(LEVELS << 8).fill(NONE);
  /** One bit a slot, then one bit a word of those, then one bit a level. */
  readonly #usedSlots = new Int32Array(LEVELS << 3);
  readonly #usedWords = new Int32Array(LEVELS);
  #usedLevels = 0;
  /** Per id, how often it was used before; the complement of that while it waits cancelled. */
  #uses: Int32Array;
  /** Per id, the high half of the time, where it tells more than the slot does: see `#highAt`. */
  #highs: Int32Array;
  #freeIds: Int32Array;
  #freeCount: number;
  #cancelled = 0;

  constructor(capacity: number) {
    this.pool = new Int32Array(0);
    this.#uses = new Int32Array(capacity);
    this.#highs = new Int32Array(capacity);
    this.#freeIds = Int32Array.from({ length: capacity }, (_, at) => capacity - 1 - at);
    this.#freeCount = capacity;
  }

  /** The time of the cursor, which is that of the last event that left. */
  get time(): number {
    return timeOf(this.#high, this.#low);
  }

  /** Events that are still to come. */
  get size(): number {
    return this.#uses.length - this.#freeCount - this.#cancelled;
  }

  /** Puts an event behind all others of its time, which is not before the cursor. */
  add(low: number, high: number, label: number, a: number, b: number): Handle {
    if (this.#freeCount === 0) this.#growIds();
    const id = this.#freeIds[--this.#freeCount] as number;
    if (((high ^ this.#high) & ~255) !== 0) this.#highs[id] = high; // seldom, and a jump in memory
    this.#put(id | (label << LABEL), low, high, a, b);
    return (this.#uses[id] as number) * MOST_EVENTS + id;
  }

  /** Takes an event back: its id, or -1 where the handle is stale. */
  cancel(handle: Handle): number {
    if (handle < 0) return NONE;
    const id = idOf(handle), uses = (handle - id) / MOST_EVENTS;
    if (this.#uses[id] !== uses) return NONE;
    this.#uses[id] = ~uses;
    if (++this.#cancelled > FEW + this.size) this.#sweep();
    return id;
  }

  /** Takes out the earliest event and moves the cursor to its time; -1 where there is none. */
  pop(): number {
    const low = this.#low, high = this.#high;
    while (this.#usedLevels !== 0) {
      const slot = this.#firstSlot();
      const at = slot < 256 ? this.#shift(slot) : this.#refill(slot);
      if (at === NONE) continue;
      this.#low = this.pool[at + LOW] as number;
      if (this.#release(idOf(this.pool[at + ID] as number))) return at;
    }
    // Only cancelled events were left. The next event may be due before they were.
    this.#low = low;
    this.#high = high;
    return NONE;
  }

  /** The time of the earliest event; Infinity where there is none. Reads through one slot. */
  peek(): number {
    while (this.#usedLevels !== 0) {
      const slot = this.#firstSlot(), time = this.#earliestTime(slot);
      if (time !== Infinity) return time;
      this.#spread(slot, NONE);
    }
    return Infinity;
  }

  /** Writes an entry at the end of the slot of its time. */
  #put(idAndLabel: number, low: number, high: number, a: number, b: number): void {
    const farHigh = high ^ this.#high;
    let slot: number;
    if (farHigh === 0) {
      // The 1 keeps the logarithm of equal times in level 0.
      const shift = (31 - Math.clz32((low ^ this.#low) | 1)) & ~7;
      slot = (shift << 5) | ((low >>> shift) & 255);
    } else {
      const shift = (31 - Math.clz32(farHigh)) & ~7;
      slot = ((shift + 32) << 5) | ((high >>> shift) & 255);
    }
    let to = this.#end[slot] as number;
    if (to === NONE || (to & IN_CHUNK) === 0) to = this.#addChunk(slot, to);
    this.#end[slot] = to + ENTRY;
    const pool = this.pool;
    pool[to + ID] = idAndLabel;
    pool[to + LOW] = low;
    pool[to + A] = a;
    pool[to + B] = b;
  }

  /** Lower levels come first, and the cursor has passed no slot that is used. */
  #firstSlot(): number {
    const level = lowestBit(this.#usedLevels);
    const word = (level << 3) | lowestBit(this.#usedWords[level] as number);
    return (word << 5) | lowestBit(this.#usedSlots[word] as number);
  }

  /** Takes the first entry out of a slot. */
  #shift(slot: number): number {
    const at = this.#start[slot] as number, after = at + ENTRY;
    if (after === this.#end[slot]) {
      this.#clear(slot);
      this.#freeChunkOf(at);
    } else if ((after & IN_CHUNK) === 0) {
      this.#start[slot] = (this.pool[after - CHUNK] as number) + ENTRY;
      this.#freeChunkOf(at);
    } else {
      this.#start[slot] = after;
    }
    return at;
  }

  /**
   * Spreads a slot of level 1 or above over the levels below. Where that is one chunk, its earliest event
   * does not go down level by level but leaves at once: where it is, or -1.
   */
  #refill(slot: number): number {
    const start = this.#start[slot] as number, end = this.#end[slot] as number;
    if (((end - 1) ^ start) >= CHUNK) {
      this.#enter(slot);
      this.#spread(slot, NONE);
      return NONE;
    }
    let earliest = start, time = this.#timeAt(start, slot);
    for (let at = start + ENTRY; at < end; at += ENTRY) {
      const its = this.#timeAt(at, slot);
      if (its >= time) continue;
      time = its;
      earliest = at;
    }
    this.#high = this.#highAt(earliest, slot);
    this.#low = this.pool[earliest + LOW] as number;
    this.#spread(slot, earliest);
    return earliest;
  }

  /** The least time in a slot, of events that are not cancelled. */
  #earliestTime(slot: number): number {
    const end = this.#end[slot] as number;
    let earliest = Infinity;
    for (let at = this.#start[slot] as number; at !== end;) {
      const time = this.#timeAt(at, slot);
      if (time < earliest && !this.#isCancelled(at)) earliest = time;
      at += ENTRY;
      if ((at & IN_CHUNK) === 0 && at !== end) at = (this.pool[at - CHUNK] as number) + ENTRY;
    }
    return earliest;
  }

  #timeAt(at: number, slot: number): number {
    return timeOf(this.#highAt(at, slot), this.pool[at + LOW] as number);
  }

  /** The high half of an entry's time. The slots of level 4 have one each. */
  #highAt(at: number, slot: number): number {
    if (slot < FIRST_HIGH_SLOT) return this.#high;
    if (slot < FIRST_HIGH_SLOT + 256) return (this.#high & ~255) | (slot & 255);
    return this.#highs[idOf(this.pool[at + ID] as number)] as number;
  }

  #isCancelled(at: number): boolean {
    return (this.#uses[idOf(this.pool[at + ID] as number)] as number) < 0;
  }

  /**
   * Empties a slot and places its entries anew, but for one and for cancelled ones. To ask which are
   * cancelled also fetches what `pop` will ask, for many events at once: 1.2 times as fast at 1e6.
   */
  #spread(slot: number, except: number): void {
    const end = this.#end[slot] as number;
    let at = this.#start[slot] as number;
    this.#clear(slot);
    for (;;) {
      const pool = this.pool, idAndLabel = pool[at + ID] as number;
      if (at === except) {
        // It leaves the wheel, and is still asked for.
      } else if (this.#isCancelled(at)) {
        this.#release(idOf(idAndLabel));
      } else {
        const high = this.#highAt(at, slot), low = pool[at + LOW] as number;
        this.#put(idAndLabel, low, high, pool[at + A] as number, pool[at + B] as number);
      }
      const after = at + ENTRY, isLast = after === end;
      const next = (after & IN_CHUNK) === 0 && !isLast
        ? (this.pool[after - CHUNK] as number) + ENTRY
        : after;
      if (isLast || next !== after) this.#freeChunkOf(at);
      if (isLast) return;
      at = next;
    }
  }

  /** Moves the cursor to the start of a slot of level 1 or above. */
  #enter(slot: number): void {
    const shift = (slot >> 8) << 3, digit = slot & 255;
    if (shift < 32) {
      this.#low = (this.#low & (shift === 24 ? 0 : -1 << (shift + 8))) | (digit << shift);
      return;
    }
    this.#low = 0;
    this.#high = (this.#high & (-1 << (shift - 24))) | (digit << (shift - 32));
  }

  /** Drops every cancelled entry. The others return to their slots, for the cursor has not moved. */
  #sweep(): void {
    for (let slot = 0; slot < LEVELS << 8; slot++) {
      if (this.#start[slot] !== NONE) this.#spread(slot, NONE);
    }
  }

  #clear(slot: number): void {
    const word = slot >> 5, level = slot >> 8;
    this.#start[slot] = this.#end[slot] = NONE;
    const slots = (this.#usedSlots[word] as number) & ~(1 << (slot & 31));
    this.#usedSlots[word] = slots;
    if (slots !== 0) return;
    const words = (this.#usedWords[level] as number) & ~(1 << (word & 7));
    this.#usedWords[level] = words;
    if (words === 0) this.#usedLevels &= ~(1 << level);
  }

  /** Gives an id back. Says whether its event was still to come. */
  #release(id: number): boolean {
    const uses = this.#uses[id] as number;
    this.#freeIds[this.#freeCount++] = id;
    if (uses >= 0) {
      this.#uses[id] = (uses + 1) & USES_MASK;
      return true;
    }
    this.#uses[id] = (~uses + 1) & USES_MASK;
    this.#cancelled--;
    return false;
  }

  /** Makes room for the next entry of a slot whose last chunk, if it has one, ends at `full`. */
  #addChunk(slot: number, full: number): number {
    if (this.#freeChunk === NONE) this.#growPool();
    const chunk = this.#freeChunk;
    this.#freeChunk = this.pool[chunk] as number;
    const to = chunk + ENTRY;
    if (full !== NONE) {
      this.pool[full - CHUNK] = chunk;
      return to;
    }
    this.#start[slot] = to;
    const word = slot >> 5, level = slot >> 8;
    this.#usedSlots[word] = (this.#usedSlots[word] as number) | (1 << (slot & 31));
    this.#usedWords[level] = (this.#usedWords[level] as number) | (1 << (word & 7));
    this.#usedLevels |= 1 << level;
    return to;
  }

  #freeChunkOf(entry: number): void {
    const chunk = entry & ~IN_CHUNK;
    this.pool[chunk] = this.#freeChunk;
    this.#freeChunk = chunk;
  }

  #growPool(): void {
    const before = this.pool.length, pool = new Int32Array(Math.max(256 * CHUNK, 2 * before));
    pool.set(this.pool);
    for (let chunk = before; chunk < pool.length; chunk += CHUNK) {
      pool[chunk] = chunk + CHUNK < pool.length ? chunk + CHUNK : NONE;
    }
    this.#freeChunk = before;
    this.pool = pool;
  }

  #growIds(): void {
    const before = this.#uses.length, size = 2 * before, uses = this.#uses;
    assert(size <= MOST_EVENTS, "a wheel holds at most 2^24 events");
    const highs = this.#highs;
    (this.#uses = new Int32Array(size)).set(uses);
    (this.#highs = new Int32Array(size)).set(highs);
    this.#freeIds = new Int32Array(size);
    for (let id = size - 1; id >= before; id--) this.#freeIds[this.#freeCount++] = id;
  }
}

/** The id in a handle, or in the first word of an entry. It is reused, unlike the handle. */
export function idOf(handle: number): number {
  return handle & ID_MASK; // of 53 bits, a bit operation sees the low 32
}

function timeOf(high: number, low: number): number {
  return high * HIGH_UNIT + (low >>> 0);
}
