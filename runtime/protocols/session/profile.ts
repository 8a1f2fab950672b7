/**
 * What one kind of session looks like on the wire, and how its keys follow from one another. The
 * engine (ratchet.ts) is the same for all; a second profile, for tests alone, speaks the published
 * Signal message format, so that Signal's own library can be the other side.
 */
import { joined, KEY_BYTES, NONCE_BYTES, Reader, utf8, Writer } from "../../core/mod.ts";
import * as limits from "./limits.ts";
import {
  derived,
  keyed,
  keyedTwice,
  openAes,
  openHeader,
  sealAes,
  sealHeader,
} from "./primitives.ts";

/** What stands in front of every message. */
export interface Heading {
  /** The sender's ratchet key, 32 bytes. */
  readonly key: Uint8Array;
  /** Messages of this chain before this one, and of the chain before. */
  readonly count: number;
  readonly previous: number;
}

/** What one step of the root gives. */
export interface RootStep {
  readonly root: Uint8Array;
  readonly chain: Uint8Array;
  /** The header key of the chain after the next turn; undefined where headings are not sealed. */
  readonly header: Uint8Array | undefined;
}

/** A message on the wire, taken apart as far as that can be done without its key. */
export interface Envelope {
  readonly heading: Heading;
  readonly rest: unknown;
}

export interface Profile {
  readonly name: string;
  /** Whether headings are sealed, so that nobody on the way sees which chain goes on. */
  readonly sealsHeadings: boolean;
  rootStep(root: Uint8Array, agreed: Uint8Array): RootStep;
  chainStep(chain: Uint8Array): { readonly chain: Uint8Array; readonly message: Uint8Array };
  /** `chance` is 32 fresh bytes; `about` names both sides. */
  seal(
    keys: { readonly message: Uint8Array; readonly header: Uint8Array | undefined },
    heading: Heading,
    clear: Uint8Array,
    about: Uint8Array,
    chance: Uint8Array,
  ): Uint8Array;
  /** Undefined where it is no message, or not one of this header key. */
  read(bytes: Uint8Array, header: Uint8Array | undefined): Envelope | undefined;
  /** Undefined where a byte was changed. */
  open(message: Uint8Array, envelope: Envelope, about: Uint8Array): Uint8Array | undefined;
}

const ROOT = utf8("starling root 1");
/** Each key seals one text, so the nonce may be the same for all. */
const ONE_NONCE = new Uint8Array(NONCE_BYTES);
const SALT_BYTES = 16;
const HEADING_BYTES = KEY_BYTES + 8;
const SEALED_HEADING_BYTES = NONCE_BYTES + HEADING_BYTES + 16;
const FIRST = Uint8Array.of(1), SECOND = Uint8Array.of(2);

interface Rest {
  readonly salt: Uint8Array;
  readonly sealed: Uint8Array;
  /** Salt and sealed heading: what the text is bound to. */
  readonly front: Uint8Array;
}

/**
 * Starling's own: sealed headings (Double Ratchet revision 3, section 4), AES-256-GCM.
 *
 *     salt 16, sealed heading 68, sealed text
 *
 * The text's key is HMAC(message key, salt), and the salt is fresh chance: even a chain that was rolled
 * back, by a restored backup, never uses a key twice.
 */
export const starling: Profile = {
  name: "starling",
  sealsHeadings: true,

  rootStep(root, agreed) {
    const keys = derived(agreed, root, ROOT, 3 * KEY_BYTES);
    return {
      root: keys.slice(0, KEY_BYTES),
      chain: keys.slice(KEY_BYTES, 2 * KEY_BYTES),
      header: keys.slice(2 * KEY_BYTES),
    };
  },

  chainStep(key) {
    const [message, chain] = keyedTwice(key, FIRST, SECOND);
    return { chain, message };
  },

  seal({ message, header }, heading, clear, about, chance) {
    const salt = chance.subarray(0, SALT_BYTES);
    const nonce = chance.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
    const front = joined(salt, sealHeader(header!, nonce, headingBytes(heading)));
    const key = keyed(message, salt);
    return joined(front, sealAes(key, ONE_NONCE, joined(about, front), clear));
  },

  read(bytes, header) {
    const front = bytes.subarray(0, SALT_BYTES + SEALED_HEADING_BYTES);
    if (header === undefined || front.length < SALT_BYTES + SEALED_HEADING_BYTES) return undefined;
    const opened = openHeader(header, front.subarray(SALT_BYTES));
    const heading = opened && readHeading(opened);
    if (heading === undefined) return undefined;
    const salt = front.subarray(0, SALT_BYTES);
    return { heading, rest: { salt, front, sealed: bytes.subarray(front.length) } };
  },

  open(message, { rest }, about) {
    const { salt, front, sealed } = rest as Rest;
    return openAes(keyed(message, salt), ONE_NONCE, joined(about, front), sealed);
  },
};

function headingBytes({ key, count, previous }: Heading): Uint8Array {
  const writer = new Writer();
  writer.raw(key);
  writer.u32(count);
  writer.u32(previous);
  return writer.take();
}

function readHeading(bytes: Uint8Array): Heading | undefined {
  const reader = new Reader(bytes);
  const heading = {
    key: reader.raw(KEY_BYTES).slice(),
    count: reader.u32(),
    previous: reader.u32(),
  };
  const isPossible = heading.count <= limits.COUNT && heading.previous <= limits.COUNT;
  return reader.whole && isPossible ? heading : undefined;
}
