/** Reading what a `Writer` has written, and surviving whatever it has not. */

/** Reads front to back. After the first thing that does not fit, `ok` is false and stays so. */
export class Reader {
  ok = true;
  #at = 0;

  constructor(readonly bytes: Uint8Array) {}

  get left(): number {
    return this.bytes.length - this.#at;
  }

  /** True if everything fitted and nothing is left over. */
  get whole(): boolean {
    return this.ok && this.left === 0;
  }

  fail(): void {
    this.ok = false;
  }

  u8(): number {
    if (this.#at >= this.bytes.length) {
      this.ok = false;
      return 0;
    }
    return this.bytes[this.#at++]!;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  varint(max: number): number {
    const only = this.bytes[this.#at];
    if (only !== undefined && only < 0x80 && only <= max && this.ok) {
      this.#at++;
      return only;
    }
    let value = 0, scale = 1;
    for (let group = 0; group < 8; group++) {
      const byte = this.u8();
      if (byte === 0 && group > 0) this.ok = false; // a longer form of a smaller number
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > max) this.ok = false;
        return this.ok ? value : 0;
      }
      scale *= 0x80;
    }
    this.ok = false;
    return 0;
  }

  /** A view, not a copy: valid as long as the input is, and never to be changed. */
  raw(length: number): Uint8Array {
    if (length > this.left) {
      this.ok = false;
      return this.bytes.subarray(0, 0);
    }
    this.#at += length;
    return this.bytes.subarray(this.#at - length, this.#at);
  }
}
