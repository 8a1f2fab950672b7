/**
 * A file under a key of its own, so that a swarm can carry it: ChaCha20-Poly1305, block by block, in a
 * bounded memory. Each block is bound to its place, to the length of the whole, and to being the last.
 *
 *     blocks of 64 KiB, each followed by its tag        nonce: 4 zeros, the block's number (8 bytes)
 *     bound to: label, length of the clear file (8 bytes), 1 if it is the last block
 */
import fs from "node:fs";
import { joined, NONCE_BYTES, TAG_BYTES, utf8 } from "../../core/mod.ts";
import { nodeCrypto } from "../crypto.ts";

const LABEL = utf8("starling attachment 1");
export const BLOCK_BYTES = 64 * 1024;

/** How long a file is once it is sealed. An empty one has a block too. */
export function sealedLength(bytes: number): number {
  return bytes + blocksOf(bytes) * TAG_BYTES;
}

/** Writes the sealed file. The source is `bytes` long; throws where it is not. */
export function sealFile(source: string, target: string, key: Uint8Array, bytes: number): void {
  transform(
    source,
    target,
    bytes,
    bytes,
    BLOCK_BYTES,
    (block, nonce, about) => nodeCrypto.seal(key, nonce, about, block),
  );
}

/** Writes the opened file; throws, and leaves none, where a byte of the sealed one is not as it was. */
export function openFile(source: string, target: string, key: Uint8Array, bytes: number): void {
  try {
    transform(
      source,
      target,
      sealedLength(bytes),
      bytes,
      BLOCK_BYTES + TAG_BYTES,
      (block, nonce, about) => {
        const clear = nodeCrypto.open(key, nonce, about, block);
        if (clear === undefined) throw new Error("The file was changed on its way");
        return clear;
      },
    );
  } catch (error) {
    fs.rmSync(target, { force: true });
    throw error;
  }
}

function transform(
  source: string,
  target: string,
  length: number,
  clearBytes: number,
  step: number,
  work: (block: Uint8Array, nonce: Uint8Array, about: Uint8Array) => Uint8Array,
): void {
  if (fs.statSync(source).size !== length) throw new Error("The file has another length");
  const from = fs.openSync(source, "r"), to = fs.openSync(target, "wx", 0o600);
  try {
    const buffer = new Uint8Array(step), count = blocksOf(clearBytes);
    for (let number = 0; number < count; number++) {
      const size = Math.min(step, length - number * step);
      if (readFully(from, buffer, size) < size) throw new Error("The file became shorter");
      const isLast = number === count - 1;
      const block = work(buffer.subarray(0, size), nonceOf(number), aboutOf(clearBytes, isLast));
      for (let put = 0; put < block.length;) put += fs.writeSync(to, block, put);
    }
    fs.fsyncSync(to);
  } finally {
    fs.closeSync(from);
    fs.closeSync(to);
  }
}

function readFully(file: number, buffer: Uint8Array, size: number): number {
  let done = 0;
  while (done < size) {
    const count = fs.readSync(file, buffer, done, size - done, null);
    if (count === 0) break;
    done += count;
  }
  return done;
}

function blocksOf(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / BLOCK_BYTES));
}

function nonceOf(number: number): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setUint32(NONCE_BYTES - 4, number);
  return nonce;
}

function aboutOf(bytes: number, isLast: boolean): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(bytes));
  return joined(LABEL, length, Uint8Array.of(isLast ? 1 : 0));
}
