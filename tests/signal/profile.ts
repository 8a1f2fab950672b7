/**
 * The published Signal message format as a profile of our engine: for tests alone, so that Signal's own
 * library can be the other side of a conversation. Its count of the chain before is that of the last
 * message, one less than ours.
 */
import { cbc } from "@noble/ciphers/aes.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { joined, sameBytes, utf8 } from "../../runtime/core/mod.ts";
import { derived } from "../../runtime/protocols/session/primitives.ts";
import type { Envelope, Heading, Profile } from "../../runtime/protocols/session/profile.ts";
import { decoded, encoded } from "./protobuf.ts";

const KEY_MARK = Uint8Array.of(5);
const NO_SALT = new Uint8Array(32);
const MAC_BYTES = 8;

interface Rest {
  readonly whole: Uint8Array;
  readonly mac: Uint8Array;
  readonly sealed: Uint8Array;
}

/** A key as Signal writes it: its kind in front. */
export function marked(key: Uint8Array): Uint8Array {
  return joined(KEY_MARK, key);
}

/** `version` 3 is X3DH, 4 is PQXDH. `about` is the sender's key and the receiver's, both marked. */
export function signal(version: 3 | 4): Profile {
  return {
    name: `signal ${version}`,
    sealsHeadings: false,
    rootStep(root, agreed) {
      const keys = derived(agreed, root, utf8("WhisperRatchet"), 64);
      return { root: keys.slice(0, 32), chain: keys.slice(32), header: undefined };
    },
    chainStep: (chain) => ({
      message: hmac(sha256, chain, Uint8Array.of(1)),
      chain: hmac(sha256, chain, Uint8Array.of(2)),
    }),
    seal({ message }, heading, clear, about) {
      const { key, mac, iv } = keysOf(message);
      const body = encoded([
        [1, marked(heading.key)],
        [2, heading.count],
        [3, Math.max(0, heading.previous - 1)],
        [4, cbc(key, iv).encrypt(clear)],
      ]);
      const whole = joined(Uint8Array.of((version << 4) | 4), body);
      return joined(whole, hmac(sha256, mac, joined(about, whole)).subarray(0, MAC_BYTES));
    },
    read(bytes): Envelope | undefined {
      if (bytes[0] !== ((version << 4) | 4)) return undefined;
      const whole = bytes.subarray(0, bytes.length - MAC_BYTES);
      const fields = decoded(whole.subarray(1));
      const key = (fields.get(1) as Uint8Array).slice(1);
      const [count, previous] = [fields.get(2) as number, fields.get(3) as number];
      const heading: Heading = { key, count, previous: previous + 1 };
      const sealed = fields.get(4) as Uint8Array;
      return { heading, rest: { whole, mac: bytes.subarray(whole.length), sealed } };
    },
    open(message, { rest }, about) {
      const { whole, mac: given, sealed } = rest as Rest;
      const { key, mac, iv } = keysOf(message);
      const wanted = hmac(sha256, mac, joined(about, whole)).subarray(0, MAC_BYTES);
      return sameBytes(wanted, given) ? cbc(key, iv).decrypt(sealed) : undefined;
    },
  };
}

function keysOf(message: Uint8Array) {
  const keys = derived(message, NO_SALT, utf8("WhisperMessageKeys"), 80);
  return { key: keys.subarray(0, 32), mac: keys.subarray(32, 64), iv: keys.subarray(64) };
}
