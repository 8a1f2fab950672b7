/**
 * What a letter says of a file that goes with it: which content it is once sealed, the key that opens it,
 * and who has it. Whoever passes the content on sees neither; the letter is sealed for its reader alone.
 */
import {
  bytesUpTo,
  exactly,
  KEY_BYTES,
  limits as core,
  Reader,
  struct,
  textUpTo,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

export const attachmentSchema = struct({
  /** The swarm's name of the sealed bytes. */
  content: exactly(KEY_BYTES),
  key: exactly(KEY_BYTES),
  /** As they are once opened. */
  bytes: upTo(limits.ATTACHED_BYTES),
  /** A media type, found out from the content. */
  type: textUpTo(limits.TYPE_BYTES),
  name: textUpTo(limits.FILE_NAME_BYTES),
  /** A small JPEG of a picture, seen before the file is there; empty where there is none. */
  preview: bytesUpTo(limits.PREVIEW_BYTES),
  /** Who has it first, and where. */
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  address: textUpTo(core.ADDRESS_BYTES),
});
export type Attachment = ValueOf<typeof attachmentSchema>;

/** Bytes that a text may have: all of them, or what a file that goes with it leaves. */
export function roomForText(most: number, attachment: Attachment | undefined): number {
  return attachment === undefined ? most : limits.CAPTION_BYTES;
}

/** As it is enclosed in a letter. */
export function attachmentBytes(attachment: Attachment): Uint8Array {
  const writer = new Writer();
  attachmentSchema.write(writer, attachment);
  return writer.take();
}

/** Undefined where it is none. */
export function readAttachment(bytes: Uint8Array): Attachment | undefined {
  const reader = new Reader(bytes);
  const attachment = attachmentSchema.read(reader);
  return reader.whole ? attachment : undefined;
}
