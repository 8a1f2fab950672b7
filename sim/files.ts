/**
 * The files that people hand to nodes: repeatable bytes from the seed, or the user's own.
 *
 * The same part of the same file is always the same object: hashes are memoised by object, and
 * fifty machines that hold a lecture hold it once.
 */
import { assert, type Stream } from "../runtime/core/mod.ts";

/** A prop of a scenario. */
export interface FileHandle {
  /** What nodes call it: `read(handle, offset, length)`. */
  readonly handle: string;
  readonly name: string;
  readonly size: number;
}

/** Generated in chunks of this size, each from a stream of its own, when first read. */
const CHUNK = 256 * 1024;

interface Opened {
  readonly whole: Uint8Array;
  /** One bit a chunk: generated already. Undefined where the bytes are the user's. */
  readonly made: Uint8Array | undefined;
  readonly parts: Map<number, Map<number, Uint8Array>>;
}

/** All files of one world, by handle. */
export class Files {
  readonly #files = new Map<string, Opened>();

  constructor(readonly stream: (purpose: string) => Stream) {}

  has(handle: string): boolean {
    return this.#files.has(handle);
  }

  /** A file of so many repeatable bytes, or of the bytes given. */
  open(handle: string, content: number | Uint8Array): void {
    assert(!this.#files.has(handle), `file ${handle} is opened once`);
    const generated = typeof content === "number";
    this.#files.set(handle, {
      whole: generated
        ? new Uint8Array(Math.ceil(content / CHUNK) * CHUNK).subarray(0, content)
        : content,
      made: generated ? new Uint8Array(Math.ceil(content / CHUNK)) : undefined,
      parts: new Map(),
    });
  }

  /** The part, or undefined where there is no such file or it ends before. */
  read(handle: string, offset: number, length: number): Uint8Array | undefined {
    const file = this.#files.get(handle);
    if (file === undefined || offset + length > file.whole.length) return undefined;
    let byLength = file.parts.get(offset);
    if (byLength === undefined) file.parts.set(offset, byLength = new Map());
    let part = byLength.get(length);
    if (part === undefined) {
      this.#make(handle, file, offset, length);
      byLength.set(length, part = file.whole.subarray(offset, offset + length));
    }
    return part;
  }

  /** The part that a key `file/HANDLE/OFFSET+LENGTH` names (see runtime/core/protocol.ts). */
  load(key: string): Uint8Array | undefined {
    const slash = key.lastIndexOf("/");
    const plus = key.indexOf("+", slash);
    if (slash < 5 || plus < 0) return undefined;
    const offset = Number(key.slice(slash + 1, plus)), length = Number(key.slice(plus + 1));
    return this.read(key.slice(5, slash), offset, length);
  }

  #make(handle: string, { whole, made }: Opened, offset: number, length: number): void {
    if (made === undefined || length === 0) return;
    const last = Math.floor((offset + length - 1) / CHUNK);
    for (let chunk = Math.floor(offset / CHUNK); chunk <= last; chunk++) {
      if (made[chunk] === 1) continue;
      made[chunk] = 1;
      const words = new Uint32Array(whole.buffer, chunk * CHUNK, CHUNK / 4);
      fill(words, this.stream(`file/${handle}/${chunk}`));
    }
  }
}

/** The generator of random.ts (sfc32), seeded by a stream and kept in registers: 1 GB/s. */
function fill(words: Uint32Array, stream: Stream): void {
  let a = stream.u32() | 0, b = stream.u32() | 0, c = stream.u32() | 0, d = 1;
  for (let at = 0; at < words.length; at++) {
    const sum = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum | 0;
    words[at] = sum;
  }
}
