/**
 * Numbers that a device never uses twice, whatever crashes: a ceiling is saved first, the numbers
 * below it are used after, and a restart goes on from the ceiling.
 */
import { type Context, Reader, upTo, Writer } from "../../core/mod.ts";
import { SEQUENCES } from "./limits.ts";

const number = upTo(SEQUENCES);

export class Counter {
  #next = 0;
  #ceiling = 0;

  /** `block` numbers are lost by each restart, and one save is made for each block. */
  constructor(readonly key: string, readonly block: number) {}

  /** What the last boot left. Anything unreadable counts as a disk error, not as zero. */
  restore(bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined) return true;
    const reader = new Reader(bytes);
    const ceiling = number.read(reader);
    if (!reader.whole) return false;
    this.#next = this.#ceiling = ceiling;
    return true;
  }

  /** The smallest number that is still unused. */
  get unused(): number {
    return this.#next;
  }

  next(ctx: Context): number {
    this.cover(this.#next, ctx);
    return this.#next - 1;
  }

  /** Makes everything up to `value` used. */
  cover(value: number, ctx: Context): void {
    if (value < this.#next) return;
    if (value >= this.#ceiling) {
      this.#ceiling = value + this.block;
      ctx.save(this.key, this.record);
    }
    this.#next = value + 1;
  }

  /** What is, or should be, on the disk. */
  get record(): Uint8Array | undefined {
    if (this.#ceiling === 0) return undefined;
    const writer = new Writer();
    number.write(writer, this.#ceiling);
    return writer.take();
  }

  reset(ctx: Context): void {
    this.#next = this.#ceiling = 0;
    ctx.save(this.key, undefined);
  }
}
