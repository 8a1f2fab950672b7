/** Computing once what several nodes of one simulation would each compute, to the same bytes. */
import { packed, sameBytes } from "./bytes.ts";
import { type Crypto, KEY_BYTES, SIGNATURE_BYTES } from "./crypto.ts";
import { Recent } from "./recent.ts";

/** Below this, hashing costs little more than the look-up. */
const WORTH_BYTES = 4096;

/** Agreements that the other end has not come to yet; signatures that others may still check. */
const REMEMBERED = 4096;

/**
 * `base`, remembering the SHA-256 of large buffers by their identity. Sound because such buffers are
 * bodies and pieces, which nobody ever mutates.
 */
export function memoised(base: Crypto): Crypto {
  const digestOf = new WeakMap<Uint8Array, Uint8Array>();
  return {
    ...base,
    sha256(bytes) {
      if (bytes.length < WORTH_BYTES) return base.sha256(bytes);
      let digest = digestOf.get(bytes);
      if (digest === undefined) digestOf.set(bytes, digest = base.sha256(bytes));
      return digest;
    },
  };
}

/** `base`, remembering key agreements for the other end, and which signatures are good. */
export function memoisedKeys(base: Crypto): Crypto {
  return { ...base, ...agreedOnce(base), verify: verifiedOnce(base) };
}

/** X25519 gives both ends the same secret: whoever comes second takes what the first one computed. */
function agreedOnce(base: Crypto): Pick<Crypto, "agreementKey" | "ephemeralKey" | "agree"> {
  const lasting = new Map<string, string>();
  const passing = new Recent<string, string>(REMEMBERED);
  const awaited = new Recent<string, Uint8Array>(REMEMBERED);
  return {
    agreementKey(secret) {
      const key = base.agreementKey(secret);
      lasting.set(packed(secret), packed(key));
      return key;
    },
    ephemeralKey(secret) {
      const key = base.ephemeralKey(secret);
      passing.set(packed(secret), packed(key));
      return key;
    },
    agree(secret, theirs) {
      const name = packed(secret), mine = lasting.get(name) ?? passing.get(name);
      if (mine === undefined || theirs.length !== KEY_BYTES) return base.agree(secret, theirs);
      const other = packed(theirs);
      const pair = mine < other ? mine + other : other + mine;
      const known = awaited.get(pair);
      if (known !== undefined) {
        awaited.delete(pair);
        return known;
      }
      const shared = base.agree(secret, theirs);
      if (shared !== undefined) awaited.set(pair, shared);
      return shared;
    },
  };
}

/** Whether the signature of a card or a statement is good is one answer for all whom it reaches. */
function verifiedOnce(base: Crypto): Crypto["verify"] {
  const lately = new Recent<string, { key: Uint8Array; message: Uint8Array; isGood: boolean }>(
    REMEMBERED,
  );
  return (key, message, signature) => {
    if (signature.length !== SIGNATURE_BYTES) return base.verify(key, message, signature);
    const name = packed(signature), known = lately.get(name);
    if (known !== undefined && sameBytes(known.key, key) && sameBytes(known.message, message)) {
      return known.isGood;
    }
    const isGood = base.verify(key, message, signature);
    lately.set(name, { key: key.slice(), message: message.slice(), isGood });
    return isGood;
  };
}
