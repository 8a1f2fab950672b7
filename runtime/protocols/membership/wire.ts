/** What membership says: over links to neighbours, and in datagrams to anybody near. */
import {
  type Address,
  exactly,
  flag,
  hex,
  limits as core,
  listOf,
  type MessageOf,
  type PeerId,
  type Schema,
  struct,
  textUpTo,
  u8,
  upTo,
  type ValueOf,
  type Wire,
  wire,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";

const PEER_BYTES = 32;
const DIGITS = "0123456789abcdef";

/** The name of a peer, as the 32 bytes that it stands for. */
export const peerName: Schema<PeerId> = {
  write(writer, peer) {
    for (let at = 0; at < 2 * PEER_BYTES; at += 2) {
      writer.u8(DIGITS.indexOf(peer[at]!) * 16 + DIGITS.indexOf(peer[at + 1]!));
    }
  },
  read: (reader) => hex(reader.raw(PEER_BYTES)) as PeerId,
  cap: PEER_BYTES,
};

const address = textUpTo(core.ADDRESS_BYTES);
const incarnation = upTo(limits.INCARNATION);
const degree = u8;

/** Somebody, and where they can be dialled: hearsay until a link proves it. */
const contact = struct<{ peer: PeerId; address: Address }>({ peer: peerName, address });
const contacts = listOf(contact, limits.EXCHANGED);
const obituary = struct<{ peer: PeerId; incarnation: number }>({ peer: peerName, incarnation });

/** What a card states. Incarnations order the cards of one peer. */
export const statement = struct<
  { sign: Uint8Array; agree: Uint8Array; incarnation: number; address: Address }
>({ sign: exactly(32), agree: exactly(32), incarnation, address });

/** A peer's signed word on who it is, where it can be dialled, and that it lives. */
export const card = struct<{ statement: Statement; signature: Uint8Array }>({
  statement,
  signature: exactly(64),
});

export type Statement = ValueOf<typeof statement>;
export type Card = ValueOf<typeof card>;
export type ContactHint = ValueOf<typeof contact>;
export type Obituary = ValueOf<typeof obituary>;

const messages = {
  /** Be my neighbour; urgent where the asker has hardly any. */
  ask: struct({ incarnation, degree, urgent: flag }),
  yes: struct({ incarnation, degree }),
  /** I have enough neighbours; try these. */
  no: struct({ contacts }),
  /** No longer neighbours, but alive. */
  leave: struct({}),
  /** I am going for good. */
  farewell: struct({}),
  /** I live, and so many tenths of a second from now I will say something again. */
  beat: struct({ degree, pace: u8 }),
  exchange: struct({ contacts }),
  exchanged: struct({ contacts }),
  /** A newcomer looks for neighbours: pass it on so many times, then dial it. */
  walk: struct({ contact, hops: u8 }),
  /** I do not hear this peer: do you? */
  look: struct({ contact }),
  /** I hear it. */
  vouch: struct({ peer: peerName }),
  rumours: struct({
    obituaries: listOf(obituary, limits.OBITUARIES),
    cards: listOf(card, limits.CARDS),
  }),
};

export type MembershipMessage = MessageOf<typeof messages>;

/** Over links. */
export const membershipWire: Wire<MembershipMessage> = wire(messages);

/** A call is as long as the longest beacon, so that no answer is longer. */
const CALL_PADDING = core.ADDRESS_BYTES;
const NONCE_BYTES = 8;

const datagrams = {
  beacon: card,
  /** A beacon that asks for one in return. */
  call: struct<{ card: Card; padding: Uint8Array }>({ card, padding: exactly(CALL_PADDING) }),
  probe: struct({ nonce: exactly(NONCE_BYTES) }),
  answer: struct({ nonce: exactly(NONCE_BYTES) }),
};

export type Datagram = MessageOf<typeof datagrams>;

/** In datagrams. */
export const datagramWire: Wire<Datagram> = wire(datagrams);

/** True for what can only be a beacon: told from its first byte, the place of its kind above. */
export function isBeacon(bytes: Uint8Array): boolean {
  return bytes[0] === 0;
}

export const PADDING = new Uint8Array(CALL_PADDING);
