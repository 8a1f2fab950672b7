/**
 * Cryptography that is accounted for instead of computed, for large studies in the simulator.
 *
 * Sizes, failures and what a peer can learn from its API are those of the real thing; the arithmetic
 * is not. There is no secrecy here at all: whoever reads this file can open everything.
 */
import { packed, sameBytes } from "./bytes.ts";
import { type Crypto, KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES } from "./crypto.ts";
import { isLowOrder, isStrictSigningKey } from "./curve25519.ts";
import { Mix } from "./mix.ts";
import { Slab } from "./slab.ts";

/** One number for each use of the mix. */
const BODY = 1, HASH = 2, FIRST_KEY = 3, SECOND_KEY = 4, AGREE = 5, SIGN = 6, SEAL = 7;

/**
 * `base` with bodies passed through: the same buffer comes back, and the tag stands for which buffer it
 * is, not for its bytes. A body is never mutated, so a changed byte is another buffer: it is refused.
 */
export function withAccountedBodies(base: Crypto): Crypto {
  const slab = new Slab();
  const expected = new Uint8Array(TAG_BYTES);
  const numberOf = new WeakMap<Uint8Array, number>();
  let numbers = 0;
  const mix = new Mix();

  function bodyTag(
    key: Uint8Array,
    nonce: Uint8Array,
    number: number,
    tag: Uint8Array,
  ): Uint8Array {
    mix.start(BODY).bytes(key).bytes(nonce).number(number).finish().write(tag, 0);
    return tag;
  }

  return {
    ...base,
    name: `${base.name}, bodies accounted`,
    sealBody(key, nonce, body) {
      let number = numberOf.get(body);
      if (number === undefined) numberOf.set(body, number = numbers++);
      return { body, tag: bodyTag(key, nonce, number, slab.cut(TAG_BYTES)) };
    },
    openBody(key, nonce, body, tag) {
      const number = numberOf.get(body);
      if (number === undefined) return undefined; // never sealed by anybody in this world
      return sameBytes(tag, bodyTag(key, nonce, number, expected)) ? body : undefined;
    },
  };
}

/**
 * Everything accounted but SHA-256 and the public keys of identities, so that contents and peers have
 * the same names under every provider. One object is one world: keys made elsewhere are strangers.
 */
export function accounted(base: Crypto): Crypto {
  const bodies = withAccountedBodies(base);
  const slab = new Slab();
  return {
    ...bodies,
    ...accountedHashes(slab),
    ...accountedKeys(base, slab),
    ...accountedSeals(slab),
    name: "accounted",
  };
}

/** What a handshake hashes: mixes of the same lengths. */
function accountedHashes(slab: Slab): Pick<Crypto, "linkHash" | "linkKeys"> {
  const mix = new Mix();

  function mixed(label: number, first: Uint8Array, second: Uint8Array): Uint8Array {
    mix.start(label).bytes(first).bytes(second).finish();
    return stretched(mix, slab, KEY_BYTES);
  }

  return {
    linkHash: (first, second) => mixed(HASH, first, second),
    linkKeys: (chaining, input) => [
      mixed(FIRST_KEY, chaining, input),
      mixed(SECOND_KEY, chaining, input),
    ],
  };
}

type Keys = Pick<
  Crypto,
  "agreementKey" | "ephemeralKey" | "agree" | "signingKey" | "sign" | "verify"
>;

/** Key agreement and signatures, by table for identities and without one for ephemeral keys. */
function accountedKeys(base: Crypto, slab: Slab): Keys {
  const agreeSecretOf = new Map<string, Uint8Array>();
  const signKeyOf = new Map<string, Uint8Array>();
  const mix = new Mix();

  function signingKey(seed: Uint8Array): Uint8Array {
    const name = packed(seed);
    let key = signKeyOf.get(name);
    if (key === undefined) signKeyOf.set(name, key = base.signingKey(seed));
    return key;
  }

  function signature(key: Uint8Array, message: Uint8Array): Uint8Array {
    mix.start(SIGN).bytes(key).bytes(message).finish();
    return stretched(mix, slab, SIGNATURE_BYTES);
  }

  return {
    agreementKey(secret) {
      const key = base.agreementKey(secret);
      agreeSecretOf.set(packed(key), secret.slice());
      return key;
    },
    ephemeralKey: (secret) => masked(secret, slab),
    agree(secret, theirs) {
      if (theirs.length !== KEY_BYTES || isLowOrder(theirs)) return undefined;
      // Any other 32 bytes are a public key, as in X25519; of whom shows when the tags do not match.
      const other = clamped(agreeSecretOf.get(packed(theirs)) ?? masked(theirs, slab));
      const own = clamped(secret);
      const [first, second] = isBefore(own, other) ? [own, other] : [other, own];
      mix.start(AGREE).bytes(first).bytes(second).finish();
      return stretched(mix, slab, KEY_BYTES);
    },
    signingKey,
    sign: (seed, message) => signature(signingKey(seed), message),
    // Nobody signs for a key whose seed it lacks: `sign` is the only way to this mix.
    verify: (key, message, claimed) =>
      isStrictSigningKey(key) && sameBytes(claimed, signature(key, message)),
  };
}

/** Small messages: hidden from a glance, with a tag over key, nonce, data and text. */
function accountedSeals(slab: Slab): Pick<Crypto, "seal" | "open"> {
  const mix = new Mix();
  const expected = new Uint8Array(TAG_BYTES);

  return {
    seal(key, nonce, data, clear) {
      const { length } = clear;
      const sealed = slab.cut(length + TAG_BYTES);
      mix.start(SEAL).bytes(key).bytes(nonce).bytes(data).number(length).finish();
      mix.cover(clear, sealed, length);
      mix.bytes(clear).finish().write(sealed, length);
      return sealed;
    },
    open(key, nonce, data, sealed) {
      const length = sealed.length - TAG_BYTES;
      if (length < 0) return undefined;
      const clear = slab.cut(length);
      mix.start(SEAL).bytes(key).bytes(nonce).bytes(data).number(length).finish();
      mix.cover(sealed, clear, length);
      mix.bytes(clear).finish().write(expected, 0);
      return sameBytes(expected, sealed.subarray(length)) ? clear : undefined;
    },
  };
}

/** As many bytes as wanted from a finished mix. */
function stretched(mix: Mix, slab: Slab, length: number): Uint8Array {
  const bytes = slab.cut(length);
  mix.cover(bytes, bytes, length); // a stream over zeros is the stream
  return bytes;
}

/** The digits of SHA-256("starling accounted ephemeral 1"): a mask without structure. */
const CLAMP = 0x7f;
const MASK = Uint8Array.of(
  ...[
    0xf9,
    0xdb,
    0x0c,
    0x29,
    0x17,
    0x83,
    0x6d,
    0x9b,
    0x4f,
    0xf6,
    0xb7,
    0xc8,
    0x2b,
    0x5c,
    0x0f,
    0x7c,
  ],
  ...[
    0x74,
    0x86,
    0x3f,
    0x77,
    0xd5,
    0x8c,
    0x94,
    0x3d,
    0xe7,
    0x6c,
    0x69,
    0x7a,
    0x1e,
    0xdf,
    0x62,
    0x3b,
  ],
);

/** The public key of an ephemeral secret, and back: no table that would grow with every handshake. */
function masked(key: Uint8Array, slab: Slab): Uint8Array {
  const other = slab.cut(KEY_BYTES);
  for (let at = 0; at < KEY_BYTES; at++) other[at] = key[at]! ^ MASK[at]!;
  other[KEY_BYTES - 1]! &= CLAMP;
  return other;
}

/** Without the top bit, which counts neither in a secret nor in a key (RFC 7748, section 5). */
function clamped(key: Uint8Array): Uint8Array {
  if (key[KEY_BYTES - 1]! <= CLAMP) return key;
  const other = key.slice();
  other[KEY_BYTES - 1]! &= CLAMP;
  return other;
}

function isBefore(one: Uint8Array, other: Uint8Array): boolean {
  for (let at = 0; at < KEY_BYTES; at++) {
    if (one[at] !== other[at]) return one[at]! < other[at]!;
  }
  return true;
}
