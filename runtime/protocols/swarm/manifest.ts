/** What a content is: its title, its files, its size, and the root of the tree over its blocks. */
import {
  type Crypto,
  exactly,
  hex,
  listOf,
  Reader,
  struct,
  textUpTo,
  u32,
  upTo,
  utf8,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { clashIn, isPortablePath } from "./names.ts";

/** 64 hexadecimal digits: the SHA-256 of a manifest. */
export type ContentKey = string;

/** One file of a content. The files stand one after another, in this order, without gaps. */
export interface FileEntry {
  /** Portable, relative, `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
}

export interface Manifest {
  readonly title: string;
  readonly blockBytes: number;
  readonly bytes: number;
  /** Root of the tree of hashes; 32 zero bytes for an empty content. */
  readonly root: Uint8Array;
  readonly files: readonly FileEntry[];
}

const MEBIBYTE = 1024 * 1024;
const MOST_BYTES = limits.BLOCKS * limits.BLOCK_BYTES_MOST;

const schema = struct({
  title: textUpTo(limits.TITLE_BYTES),
  blockBytes: u32,
  bytes: upTo(MOST_BYTES),
  root: exactly(32),
  files: listOf(
    struct({ path: textUpTo(limits.PATH_BYTES), bytes: upTo(MOST_BYTES) }),
    limits.FILES,
  ),
});

/** Its canonical bytes: what names the content. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const writer = new Writer();
  schema.write(writer, manifest);
  return writer.take();
}

/** The manifest, or undefined where it isn't one, or names files that no honest source names. */
export function decodeManifest(bytes: Uint8Array): Manifest | undefined {
  if (bytes.length > limits.MANIFEST_BYTES) return undefined;
  const reader = new Reader(bytes);
  const manifest = schema.read(reader);
  if (!reader.whole) return undefined;
  return problemWith(manifest) === undefined ? manifest : undefined;
}

/** Why a manifest cannot be shared, in words, or undefined. */
export function problemWith(manifest: Manifest): string | undefined {
  const { blockBytes, title, root } = manifest;
  if (utf8(title).length > limits.TITLE_BYTES) return "its title is too long";
  if ((blockBytes & (blockBytes - 1)) !== 0) return "the block size is not a power of two";
  if (blockBytes < limits.BLOCK_BYTES_LEAST || blockBytes > limits.BLOCK_BYTES_MOST) {
    return "the block size is out of bounds";
  }
  if (blocksOf(manifest) > limits.BLOCKS) return "it has too many blocks";
  if (manifest.files.length === 0) return "it has no files";
  if (manifest.files.length > limits.FILES) return `it has more than ${limits.FILES} files`;
  const sum = manifest.files.reduce((all, file) => all + file.bytes, 0);
  if (sum !== manifest.bytes) return "the sizes of its files do not add up";
  if (sum === 0 && root.some((byte) => byte !== 0)) return "it is empty and has a root";
  const unsafe = manifest.files.find((file) => !isPortablePath(file.path));
  if (unsafe !== undefined) return `"${unsafe.path}" is not a portable path`;
  const clash = clashIn(manifest.files.map((file) => file.path));
  if (clash !== undefined) return `two files are both called "${clash}" on some systems`;
  const isLong = encodeManifest(manifest).length > limits.MANIFEST_BYTES;
  return isLong ? "the names of its files are too long together" : undefined;
}

/** The name of the content that a manifest describes. */
export function contentOf(manifestBytes: Uint8Array, crypto: Crypto): ContentKey {
  return hex(crypto.sha256(manifestBytes));
}

/** How many blocks a content has. */
export function blocksOf({ bytes, blockBytes }: Pick<Manifest, "bytes" | "blockBytes">): number {
  return Math.ceil(bytes / blockBytes);
}

/** Bytes of one block: all are full but the last. */
export function blockLength(manifest: Manifest, index: number): number {
  return Math.min(manifest.blockBytes, manifest.bytes - index * manifest.blockBytes);
}

/**
 * Small blocks fill the pipeline fast, large ones cost less a byte, and nearly as much as a small one in
 * processor: 16 KiB until a content has five hundred of them, 32 KiB until it has a thousand, 64 KiB then,
 * more only where there would be too many blocks.
 */
export function blockBytesFor(bytes: number): number {
  if (bytes <= 8 * MEBIBYTE) return limits.BLOCK_BYTES_LEAST;
  if (bytes <= 32 * MEBIBYTE) return 32 * 1024;
  let blockBytes = 64 * 1024;
  while (bytes / blockBytes > limits.BLOCKS) blockBytes *= 2;
  return blockBytes;
}
