/** Which blocks of a content somebody has. */
export class Bitmap {
  readonly bytes: Uint8Array;
  /** How many are set. */
  count = 0;

  constructor(readonly length: number) {
    this.bytes = new Uint8Array((length + 7) >> 3);
  }

  /** From the wire; undefined where the length is wrong or a bit beyond the end is set. */
  static from(bytes: Uint8Array, length: number): Bitmap | undefined {
    const bitmap = new Bitmap(length);
    if (bytes.length !== bitmap.bytes.length) return undefined;
    if ((length & 7) !== 0 && bytes[bytes.length - 1]! >>> (length & 7) !== 0) return undefined;
    bitmap.bytes.set(bytes);
    for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) bitmap.count++;
    return bitmap;
  }

  has(at: number): boolean {
    return (this.bytes[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  /** True if it was not set before. */
  add(at: number): boolean {
    const bit = 1 << (at & 7);
    if ((this.bytes[at >> 3]! & bit) !== 0) return false;
    this.bytes[at >> 3]! |= bit;
    this.count++;
    return true;
  }

  /** True if it was set before. */
  remove(at: number): boolean {
    if (!this.has(at)) return false;
    this.bytes[at >> 3]! &= ~(1 << (at & 7));
    this.count--;
    return true;
  }

  get full(): boolean {
    return this.count === this.length;
  }
}
