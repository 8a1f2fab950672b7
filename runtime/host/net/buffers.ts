/** Large buffers for links that are busy: few, shared, and given back; everybody else has a small one. */
import * as limits from "./limits.ts";

export class Buffers {
  readonly #free: Uint8Array[] = [];
  #lent = 0;

  /** A large buffer, or undefined where all are lent. */
  borrow(): Uint8Array | undefined {
    if (this.#lent >= limits.LARGE_BUFFERS) return undefined;
    this.#lent++;
    return this.#free.pop() ?? new Uint8Array(limits.LARGE_BUFFER_BYTES);
  }

  giveBack(buffer: Uint8Array): void {
    this.#lent--;
    // A crowd that has gone leaves no more memory behind than a few busy links need.
    if (this.#free.length < limits.LARGE_BUFFERS_KEPT) this.#free.push(buffer);
  }
}

/** What one link reads into: large while much comes. */
export class ReadBuffer {
  readonly #buffers: Buffers;
  readonly #small = new Uint8Array(limits.SMALL_BUFFER_BYTES);
  #large: Uint8Array | undefined;
  #littles = 0;

  constructor(buffers: Buffers) {
    this.#buffers = buffers;
  }

  get bytes(): Uint8Array {
    return this.#large ?? this.#small;
  }

  /** So many bytes came: the next read may need more room, or less. */
  filled(count: number): void {
    if (this.#large === undefined) {
      if (count === this.#small.length) this.#large = this.#buffers.borrow();
      this.#littles = 0;
    } else if (count > this.#small.length) this.#littles = 0;
    else if (++this.#littles >= limits.LITTLE_READS) this.release();
  }

  release(): void {
    if (this.#large !== undefined) this.#buffers.giveBack(this.#large);
    this.#large = undefined;
  }
}
