/** The geometry of one content: its segments, their shards, and where each lies. */
import { TAG_BYTES } from "../../core/mod.ts";
import * as limits from "./limits.ts";

/** How a content is cut. */
export interface Shape {
  /** Of the file. */
  readonly bytes: number;
  /** Shards of a segment, and how many of them open it. */
  readonly count: number;
  readonly enough: number;
}

/** True where there can be such a content. */
export function isShape({ bytes, count, enough }: Shape): boolean {
  return Number.isInteger(bytes) && bytes >= 0 && segmentsOf({ bytes }) <= limits.SEGMENTS &&
    Number.isInteger(enough) && enough >= 2 && Number.isInteger(count) && count > enough &&
    count <= limits.SHARDS;
}

/** An empty file has a segment too. */
export function segmentsOf({ bytes }: Pick<Shape, "bytes">): number {
  return Math.max(1, Math.ceil(bytes / limits.SEGMENT_BYTES));
}

/** Bytes of the file that a segment holds. */
export function clearLength({ bytes }: Pick<Shape, "bytes">, segment: number): number {
  return Math.min(limits.SEGMENT_BYTES, bytes - segment * limits.SEGMENT_BYTES);
}

/** Length of a segment's shards: the sealed segment in `enough` parts, in whole blocks. */
export function shardLength(shape: Shape, segment: number): number {
  const sealed = clearLength(shape, segment) + TAG_BYTES;
  return Math.ceil(sealed / shape.enough / limits.BLOCK_BYTES) * limits.BLOCK_BYTES;
}

/** What one share of it takes at a device, all shards together. */
export function shareLength(shape: Shape): number {
  const last = segmentsOf(shape) - 1;
  return (last === 0 ? 0 : last * shardLength(shape, 0)) + shardLength(shape, last);
}
