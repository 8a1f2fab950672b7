/** Reading from files as if they were one, laid end to end. */
import { joined } from "../../core/bytes.ts";
import type { FilePool } from "./open_files.ts";

/** A file, and how long it is or is meant to be. */
export interface NamedFile {
  readonly path: string;
  readonly bytes: number;
}

/** So many bytes from there on, over as many files as it takes; undefined where they are not there. */
export function readSpan(
  pool: FilePool,
  files: readonly NamedFile[],
  at: number,
  length: number,
): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  let start = 0, next = at;
  const end = at + length;
  for (const { path, bytes } of files) {
    const stop = start + bytes;
    if (next < stop && next < end) {
      const part = pool.read(path, next - start, Math.min(stop, end) - next);
      if (part === undefined) return undefined;
      parts.push(part);
      next += part.length;
    }
    start = stop;
  }
  if (next < end) return undefined;
  return parts.length === 1 ? parts[0]! : joined(...parts);
}
