/** What is said in a group, as the bytes that are sealed. */
import { Reader, struct, Writer } from "../../core/mod.ts";
import { isSound, type Speech, speechFields } from "../chat/mod.ts";
import * as limits from "./limits.ts";

/** Under the seal of every message of a group. */
export const speechSchema = struct(speechFields(limits.TEXT_BYTES));

export function speechBytes(speech: Speech): Uint8Array {
  const writer = new Writer();
  speechSchema.write(writer, speech);
  return writer.take();
}

/** Undefined where it is not one, or says nothing. */
export function readSpeech(bytes: Uint8Array): Speech | undefined {
  const reader = new Reader(bytes);
  const speech = speechSchema.read(reader);
  return reader.whole && isSound(speech) ? speech : undefined;
}
