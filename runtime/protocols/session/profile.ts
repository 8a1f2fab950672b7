/**
 * What one kind of session looks like on the wire, and how its keys follow from one another. The
 * engine (ratchet.ts) is the same for all; a second profile, for tests alone, speaks the published
 * Signal message format, so that Signal's own library can be the other side.
 */
import {
  type Crypto,
  HEADING_TAG_BYTES,
  joined,
  KEY_BYTES,
  Mix,
  MIX_BYTES,
  NONCE_BYTES,
  Reader,
  utf8,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import { derived, keysAfter } from "./primitives.ts";

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
  /** `chance` is 12 fresh bytes; `about` names both sides. */
  seal(
    keys: { readonly message: Uint8Array; readonly header: Uint8Array | undefined },
    heading: Heading,
    clear: Uint8Array,
    about: Uint8Array,
    chance: Uint8Array,
    crypto: Crypto,
  ): Uint8Array;
  /** Undefined where it is no message, or not one of this header key. */
  read(bytes: Uint8Array, header: Uint8Array | undefined, crypto: Crypto): Envelope | undefined;
  /** Undefined where a byte was changed. */
  open(
    message: Uint8Array,
    envelope: Envelope,
    about: Uint8Array,
    crypto: Crypto,
  ): Uint8Array | undefined;
}

const ROOT = utf8("starling root 1");
const mix = new Mix(), mixed = new Uint8Array(MIX_BYTES);
const HEADING_BYTES = KEY_BYTES + 8;
const FRONT_BYTES = NONCE_BYTES + HEADING_BYTES + HEADING_TAG_BYTES;

interface Rest {
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
  /** Nonce and sealed heading: what the text is bound to. */
  readonly front: Uint8Array;
}

/**
 * Starling's own: sealed headings (Double Ratchet revision 3, section 4), AES-256-GCM.
 *
 *     nonce 12, sealed heading 48, sealed text
 *
 * Each key seals one text, and the nonce is fresh chance all the same: even a chain that was rolled
 * back, by a restored backup, never uses a key and a nonce twice.
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
    const [message, chain] = keysAfter(key);
    return { chain, message };
  },

  seal({ message, header }, heading, clear, about, chance, crypto) {
    const nonce = hedged(chance, heading.count, clear);
    const front = joined(nonce, crypto.sealHeading(header!, nonce, headingBytes(heading)));
    return joined(front, crypto.sealText(message, nonce, joined(about, front), clear));
  },

  read(bytes, header, crypto) {
    const front = bytes.subarray(0, FRONT_BYTES);
    if (header === undefined || front.length < FRONT_BYTES) return undefined;
    const nonce = front.subarray(0, NONCE_BYTES);
    const opened = crypto.openHeading(header, nonce, front.subarray(NONCE_BYTES));
    const heading = opened && readHeading(opened);
    if (heading === undefined) return undefined;
    return { heading, rest: { nonce, front, sealed: bytes.subarray(FRONT_BYTES) } };
  },

  open(message, { rest }, about, crypto) {
    const { nonce, front, sealed } = rest as Rest;
    return crypto.openText(message, nonce, joined(about, front), sealed);
  },
};

/**
 * Chance alone is enough. Should a broken generator give the same again, other texts, and other places in
 * a chain, still have other nonces; then, and only then, the nonce tells whether two texts are alike.
 */
function hedged(chance: Uint8Array, count: number, clear: Uint8Array): Uint8Array {
  mix.start(count).bytes(clear).finish().write(mixed, 0);
  const nonce = new Uint8Array(NONCE_BYTES);
  for (let at = 0; at < NONCE_BYTES; at++) nonce[at] = chance[at]! ^ mixed[at]!;
  return nonce;
}

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
