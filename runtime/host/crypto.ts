/**
 * The same cryptography through node:crypto: the fast path of a live node, and of a simulation on Deno.
 *
 * Which call does what was chosen by measurement (Deno 2.9.6, microseconds, one core, this against the
 * next best): SHA-256 of 96 B 1.0 / 1.4 noble / 1.6 `createHash`; HKDF 3.9 / 8.5 noble; 60 B sealed
 * 3.0 / 6.4 noble. What is returned is always a plain Uint8Array: a Buffer's `slice` is a view.
 */
import { Buffer } from "node:buffer";
import node from "node:crypto";
import { assert } from "../core/assert.ts";
import { type Crypto, KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES } from "../core/crypto.ts";
import { isLowOrder, isStrictSigningKey } from "../core/curve25519.ts";
import { textSeals } from "../core/text_seals.ts";

const CIPHER = "chacha20-poly1305";
const TAGGED = { authTagLength: TAG_BYTES } as const;
const EMPTY = new Uint8Array(0);

/** The constant part of a key's DER encoding (RFC 8410, sections 4 and 7); 32 bytes of key follow. */
const DER = {
  agreeSecret: "302e020100300506032b656e04220420",
  agreeKey: "302a300506032b656e032100",
  signSecret: "302e020100300506032b657004220420",
  signKey: "302a300506032b6570032100",
} as const;

/** Every function on node:crypto, byte for byte what `noble` gives. */
export const nodeCrypto: Crypto = {
  name: "node",
  sha256,
  linkHash(first, second) {
    const whole = new Uint8Array(first.length + second.length);
    whole.set(first);
    whole.set(second, first.length);
    return sha256(whole);
  },
  linkKeys(chaining, input) {
    // Noise's HKDF is RFC 5869's with the chaining key as salt and empty info (section 4.3).
    const keys = new Uint8Array(node.hkdfSync("sha256", input, chaining, EMPTY, 2 * KEY_BYTES));
    return [keys.subarray(0, KEY_BYTES), keys.subarray(KEY_BYTES)];
  },

  agreementKey: (secret) => publicOf(agreeSecrets.lasting(secret)),
  ephemeralKey: (secret) => publicOf(agreeSecrets.passing(secret)),
  agree(secret, theirs) {
    if (theirs.length !== KEY_BYTES || isLowOrder(theirs)) return undefined;
    const privateKey = agreeSecrets.passing(secret), publicKey = agreeKeys.lasting(theirs);
    return plain(node.diffieHellman({ privateKey, publicKey }));
  },

  signingKey: (seed) => publicOf(signSecrets.lasting(seed)),
  sign: (seed, message) => plain(node.sign(null, message, signSecrets.lasting(seed))),
  verify(key, message, signature) {
    if (signature.length !== SIGNATURE_BYTES || !isStrictSigningKey(key)) return false;
    const signer = signerOf(key);
    return signer !== undefined && node.verify(null, message, signer, signature);
  },

  seal(key, nonce, data, clear) {
    const cipher = node.createCipheriv(CIPHER, key, nonce, TAGGED);
    if (data.length > 0) cipher.setAAD(data, { plaintextLength: clear.length });
    const sealed = new Uint8Array(clear.length + TAG_BYTES);
    if (clear.length > 0) sealed.set(cipher.update(clear));
    cipher.final();
    sealed.set(cipher.getAuthTag(), clear.length);
    return sealed;
  },
  open(key, nonce, data, sealed) {
    const length = sealed.length - TAG_BYTES;
    if (length < 0) return undefined;
    return opened(key, nonce, data, sealed.subarray(0, length), sealed.subarray(length));
  },

  sealBody(key, nonce, body) {
    const cipher = node.createCipheriv(CIPHER, key, nonce, TAGGED);
    const sealed = body.length > 0 ? plain(cipher.update(body)) : EMPTY;
    cipher.final();
    return { body: sealed, tag: plain(cipher.getAuthTag()) };
  },
  openBody(key, nonce, body, tag) {
    return tag.length === TAG_BYTES ? opened(key, nonce, EMPTY, body, tag) : undefined;
  },

  ...textSeals,
  sealText(key, nonce, data, clear) {
    if (clear.length < LONG_TEXT) return textSeals.sealText(key, nonce, data, clear);
    const cipher = node.createCipheriv("aes-256-gcm", key, nonce, TAGGED);
    cipher.setAAD(data);
    const sealed = new Uint8Array(clear.length + TAG_BYTES);
    sealed.set(cipher.update(clear));
    cipher.final();
    sealed.set(cipher.getAuthTag(), clear.length);
    return sealed;
  },
  openText(key, nonce, data, sealed) {
    if (sealed.length < LONG_TEXT) return textSeals.openText(key, nonce, data, sealed);
    const length = sealed.length - TAG_BYTES;
    const decipher = node.createDecipheriv("aes-256-gcm", key, nonce, TAGGED);
    decipher.setAAD(data);
    decipher.setAuthTag(sealed.subarray(length));
    const clear = plain(decipher.update(sealed.subarray(0, length)));
    try {
      decipher.final();
    } catch {
      return undefined; // as in `opened`
    }
    return clear;
  },
};

/** From here on node:crypto is faster than noble, which is faster for letters. */
const LONG_TEXT = 16 * 1024;

function sha256(bytes: Uint8Array): Uint8Array {
  // One call that returns text beats the three calls that return bytes.
  return Uint8Array.fromHex(node.hash("sha256", bytes));
}

function opened(
  key: Uint8Array,
  nonce: Uint8Array,
  data: Uint8Array,
  sealed: Uint8Array,
  tag: Uint8Array,
): Uint8Array | undefined {
  const decipher = node.createDecipheriv(CIPHER, key, nonce, TAGGED);
  if (data.length > 0) decipher.setAAD(data, { plaintextLength: sealed.length });
  decipher.setAuthTag(tag);
  const clear = sealed.length > 0 ? plain(decipher.update(sealed)) : EMPTY;
  try {
    decipher.final();
  } catch {
    return undefined; // a wrong tag; `clear` exists before this check, and is never handed out then
  }
  return clear;
}

function signerOf(key: Uint8Array): node.KeyObject | undefined {
  try {
    return signKeys.lasting(key);
  } catch {
    return undefined; // about half of all numbers are no point; Deno refuses to import those
  }
}

/** A view of the same memory that is not a Buffer. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** The last 32 bytes of a public key's encoding are the key. */
function publicOf(secret: node.KeyObject): Uint8Array {
  const encoded = node.createPublicKey(secret).export({ format: "der", type: "spki" });
  return Uint8Array.from(encoded.subarray(encoded.length - KEY_BYTES));
}

/** Of each kind, so many are remembered: to make one takes 3 us, a quarter of a signature. */
const REMEMBERED_KEYS = 256;

/** From raw keys to node's key objects. */
class KeyObjects {
  readonly #start: Buffer;
  readonly #kind: "secret" | "public";
  readonly #objectOf = new Map<string, node.KeyObject>();

  constructor(prefix: string, kind: "secret" | "public") {
    this.#start = Buffer.from(prefix, "hex");
    this.#kind = kind;
  }

  /** For a key that is used again and again; of too many, the oldest is forgotten. */
  lasting(raw: Uint8Array): node.KeyObject {
    const name = raw.toHex();
    let object = this.#objectOf.get(name);
    if (object === undefined) {
      object = this.#made(raw);
      if (this.#objectOf.size === REMEMBERED_KEYS) {
        this.#objectOf.delete(this.#objectOf.keys().next().value!);
      }
      this.#objectOf.set(name, object);
    }
    return object;
  }

  /** For a key that may be ephemeral: what ought to be forgotten is never remembered here. */
  passing(raw: Uint8Array): node.KeyObject {
    return this.#objectOf.get(raw.toHex()) ?? this.#made(raw);
  }

  #made(raw: Uint8Array): node.KeyObject {
    assert(raw.length === KEY_BYTES, "a key is 32 bytes");
    const key = Buffer.concat([this.#start, raw]);
    return this.#kind === "secret"
      ? node.createPrivateKey({ key, format: "der", type: "pkcs8" })
      : node.createPublicKey({ key, format: "der", type: "spki" });
  }
}

const agreeSecrets = new KeyObjects(DER.agreeSecret, "secret");
const agreeKeys = new KeyObjects(DER.agreeKey, "public");
const signSecrets = new KeyObjects(DER.signSecret, "secret");
const signKeys = new KeyObjects(DER.signKey, "public");
