/** What a directory and those who ask it say to each other. */
import {
  exactly,
  flag,
  HASH_BYTES,
  KEY_BYTES,
  listOf,
  type MessageOf,
  oneOf,
  optional,
  type Schema,
  SIGNATURE_BYTES,
  struct,
  u32,
  upTo,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { bundleSchema } from "../session/mod.ts";
import { entrySchema } from "./entry.ts";
import { headSchema } from "./head.ts";
import type { Id } from "./id.ts";
import * as limits from "./limits.ts";

const digits = upTo(limits.ID);
/** Fifteen digits. */
const id: Schema<Id> = {
  write: (writer, value) => digits.write(writer, Number(value)),
  read(reader) {
    const value = digits.read(reader);
    if (value < 100_000_000_000_000) reader.fail();
    return String(value) as Id;
  },
  cap: digits.cap,
};

const proof = listOf(exactly(HASH_BYTES), limits.PROOF);
/** Where in the log an ID's keys are. */
export const placeSchema = struct({ index: u32, head: headSchema, proof });

/** Why somebody is not registered. */
export const REFUSALS = ["taken", "wrong-id", "unsigned", "stale", "busy", "no-proof"] as const;

const messages = {
  /** I would like to be found here; prove yourself then, with this. */
  enrol: struct({}),
  challenge: struct({ nonce: exactly(limits.CHALLENGE_BYTES) }),
  register: struct({ entry: entrySchema, signature: exactly(SIGNATURE_BYTES) }),
  registered: struct({ id, place: placeSchema, stock: u32 }),
  refused: struct({ why: oneOf(REFUSALS) }),
  /** Bundles of one use, each for one asker. */
  stock: struct({ bundles: listOf(bundleSchema, limits.BUNDLES) }),
  low: struct({ stock: u32 }),
  /** Who has this ID? With a bundle of one use, if there is any. */
  find: struct({ id, wantsBundle: flag }),
  found: struct({
    id,
    entry: entrySchema,
    isHere: flag,
    place: placeSchema,
    bundle: optional(bundleSchema),
  }),
  /** Nobody, as far as this directory knows. */
  nobody: struct({ id }),
  /** Show that your list of then is the beginning of your list of now. */
  prove: struct({ from: u32, to: u32 }),
  proved: struct({ from: u32, to: u32, proof }),
};

/** What is said of a directory to everybody near: what it has signed for somebody. */
export const rumourSchema = struct({
  sign: exactly(KEY_BYTES),
  agree: exactly(KEY_BYTES),
  head: headSchema,
});

export type DirectoryMessage = MessageOf<typeof messages>;
export const directoryWire: Wire<DirectoryMessage> = wire(messages);
