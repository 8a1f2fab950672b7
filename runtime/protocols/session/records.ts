/** Conversations as bytes: what is saved of them, and the packets that others see. */
import {
  bytesUpTo,
  exactly,
  KEY_BYTES,
  listOf,
  optional,
  Reader,
  type Schema,
  struct,
  u32,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { type Opening, openingSchema } from "./agreement.ts";
import * as limits from "./limits.ts";
import type { Chain, Skipped, State } from "./ratchet.ts";

const key = exactly(KEY_BYTES);
const chain: Schema<Chain> = struct({ key, header: optional(key), count: u32 });
const skipped: Schema<Skipped> = struct({ chain: key, count: u32, message: key });

/** A ratchet's state. */
const stateSchema: Schema<State> = struct({
  root: key,
  secret: key,
  ours: key,
  theirs: optional(key),
  sending: optional(chain),
  receiving: optional(chain),
  nextSending: optional(key),
  nextReceiving: optional(key),
  previous: u32,
  skipped: listOf(skipped, limits.SKIPPED),
});

/** One conversation of two devices. They may have several: the newest is spoken. */
export interface Session {
  /** The ephemeral key of who began it: its name. */
  readonly name: Uint8Array;
  /** Above that of all others that who began it knew of. */
  readonly age: number;
  /** Both public keys of the other device. */
  readonly sign: Uint8Array;
  readonly agree: Uint8Array;
  /** What every message is bound to: both identities, and the age. 32 bytes. */
  readonly about: Uint8Array;
  /** Said with every message until an answer has come. */
  readonly opening: Opening | undefined;
  readonly state: State;
}

export const sessionSchema: Schema<Session> = struct({
  name: key,
  age: u32,
  sign: key,
  agree: key,
  about: key,
  opening: optional(openingSchema),
  state: stateSchema,
});

/** Everything that is known of one peer's conversations, the newest first. */
export const sessionsSchema = struct({ sessions: listOf(sessionSchema, limits.SESSIONS) });

/** What is kept of one peer's conversations; undefined where it is none. */
export function readSessions(bytes: Uint8Array): readonly Session[] | undefined {
  const reader = new Reader(bytes);
  const { sessions } = sessionsSchema.read(reader);
  return reader.whole ? sessions : undefined;
}

const sealed = bytesUpTo(limits.SEALED_BYTES);

const packets = {
  /** Says who begins, and how: whoever it is for may never have heard of them. */
  first: struct({ sign: key, agree: key, age: u32, opening: openingSchema, sealed }),
  later: struct({ sealed }),
};

export type Packet =
  | {
    readonly kind: "first";
    readonly sign: Uint8Array;
    readonly agree: Uint8Array;
    readonly age: number;
    readonly opening: Opening;
    readonly sealed: Uint8Array;
  }
  | { readonly kind: "later"; readonly sealed: Uint8Array };

/** A sealed message as it travels. */
export const packetWire: Wire<Packet> = wire(packets) as Wire<Packet>;
