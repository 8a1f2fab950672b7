/** What the mesh says to neighbours: messages, and who should send which. */
import {
  bytesUpTo,
  exactly,
  flag,
  listOf,
  type MessageOf,
  struct,
  textUpTo,
  u32,
  u8,
  upTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import { peerName } from "../membership/mod.ts";
import * as limits from "./limits.ts";

export const ID_BYTES = 16;
const id = exactly(ID_BYTES);
const LARGEST_SEQUENCE = 0x1_0000_0000_0000;

/** Who says what, in which order; the payload apart. */
export const heading = struct<Heading>({
  sign: exactly(32),
  agree: exactly(32),
  boot: u32,
  sequence: upTo(LARGEST_SEQUENCE),
  topic: textUpTo(limits.TOPIC_BYTES),
});

export interface Heading extends Record<string, unknown> {
  /** Both public keys of the origin: its name is their hash. */
  readonly sign: Uint8Array;
  readonly agree: Uint8Array;
  readonly boot: number;
  readonly sequence: number;
  readonly topic: string;
}

const passed = {
  heading,
  signature: exactly(64),
  /** Links from the origin to the sender of this frame. */
  hops: u8,
  /** Milliseconds since it was said, as far as those who passed it on know. */
  age: upTo(limits.STORED_FOR_MILLIS),
};

const announced = struct<{ id: Uint8Array; hops: number }>({ id, hops: u8 });
const origins = listOf(peerName, limits.TREES);

const messages = {
  message: struct({ ...passed, payload: bytesUpTo(limits.INLINE_BYTES) }),
  /** A message whose payload is the frame's body. */
  parcel: struct({ ...passed }),
  /** I have these; `all` where we have just met and this is everything. */
  announce: struct({ all: flag, messages: listOf(announced, limits.ANNOUNCED) }),
  /** Send me these, and from now on whatever comes from their origins, from these origins, or from all. */
  graft: struct({ ids: listOf(id, limits.WANTED), origins, all: flag }),
  /** Only announce to me what comes from these origins. */
  prune: struct({ origins }),
  /** How many messages I keep, and their ids folded together. */
  digest: struct({ count: upTo(limits.STORED), folded: id }),
};

export type MeshMessage = MessageOf<typeof messages>;
export type Announced = ValueOf<typeof announced>;

export const meshWire: Wire<MeshMessage> = wire(messages);
