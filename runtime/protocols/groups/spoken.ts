/** What is said in a group, as the bytes that are sealed. */
import { bytesUpTo, Reader, type Schema, struct, utf8, Writer } from "../../core/mod.ts";
import {
  attachmentBytes,
  isSound,
  roomForText,
  type Speech,
  speechFields,
  speechOf,
} from "../chat/mod.ts";
import type { WriteCommand } from "./commands.ts";
import * as limits from "./limits.ts";

/** A message, and what a file that goes with it is like; nothing where none does. */
export interface Said extends Speech {
  readonly enclosed: Uint8Array;
}

export const saidFields: { readonly [Field in keyof Said]: Schema<Said[Field]> } = {
  ...speechFields(limits.TEXT_BYTES),
  enclosed: bytesUpTo(limits.ATTACHMENT_BYTES),
};

/** Under the seal of every message of a group. */
export const saidSchema: Schema<Said> = struct(saidFields);

/** What somebody wants to say; undefined where it is empty, or too long. */
export function saidOf(command: WriteCommand): Said | undefined {
  const { attachment } = command, speech = speechOf(command);
  if (speech === undefined || !isSound(speech)) return undefined;
  if (utf8(speech.text).length > roomForText(limits.TEXT_BYTES, attachment)) return undefined;
  const enclosed = attachment === undefined ? new Uint8Array(0) : attachmentBytes(attachment);
  return { ...speech, enclosed };
}

/** What goes under the seal. */
export function saidBytes(said: Said): Uint8Array {
  const writer = new Writer();
  saidSchema.write(writer, said);
  return writer.take();
}

/** Undefined where it is not one, or says nothing. */
export function readSaid(bytes: Uint8Array): Said | undefined {
  const reader = new Reader(bytes);
  const said = saidSchema.read(reader);
  return reader.whole && isSound(said) ? said : undefined;
}
