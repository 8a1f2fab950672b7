/** What the swarm remembers of its contents over a restart. */
import {
  bytesUpTo,
  exactly,
  limits as core,
  listOf,
  Reader,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

const schema = struct({
  /** Empty until it is known. */
  manifest: bytesUpTo(limits.MANIFEST_BYTES),
  /** The host's name for the source's own files; empty for who fetches. */
  handle: textUpTo(1024),
  priority: upTo(1000),
  /** All leaves; empty for who fetches and does not know them all yet. */
  leaves: bytesUpTo(32 * limits.BLOCKS),
  sources: listOf(
    struct({ sign: exactly(32), agree: exactly(32), address: textUpTo(core.ADDRESS_BYTES) }),
    limits.SOURCES,
  ),
});

export type ContentRecord = ValueOf<typeof schema>;

/** The bytes to save. */
export function encodeRecord(record: ContentRecord): Uint8Array {
  const writer = new Writer();
  schema.write(writer, record);
  return writer.take();
}

/** Undefined for a record that this version has not written, or that was damaged. */
export function decodeRecord(bytes: Uint8Array): ContentRecord | undefined {
  const reader = new Reader(bytes);
  const record = schema.read(reader);
  return reader.whole ? record : undefined;
}
