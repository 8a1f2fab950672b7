/** What is said in a group, as the bytes that are sealed. */
import { bytesUpTo, Reader, type Schema, struct, Writer } from "../../core/mod.ts";
import { isSound, type Speech, speechFields } from "../chat/mod.ts";
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
