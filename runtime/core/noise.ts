/** Noise XX and IK over the crypto provider: 25519, ChaChaPoly, SHA256 (Noise specification, revision 34). */
import { assert } from "./assert.ts";
import { joined, utf8 } from "./bytes.ts";
import { type Crypto, KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "./crypto.ts";

type Token = "e" | "s" | "ee" | "es" | "se" | "ss";

/**
 * Noise, section 7.5. XX: neither side knows the other. IK: the initiator knows the responder, whose
 * key is mixed in beforehand, and proves itself in the first message.
 */
const PATTERNS = {
  XX: [["e"], ["e", "ee", "s", "es"], ["s", "se"]],
  IK: [["e", "es", "s", "ss"], ["e", "ee", "se"]],
} as const satisfies Record<string, readonly (readonly Token[])[]>;

/** Section 8: exactly 32 bytes, so the name itself is the first hash. */
const NAMES = {
  XX: utf8("Noise_XX_25519_ChaChaPoly_SHA256"),
  IK: utf8("Noise_IK_25519_ChaChaPoly_SHA256"),
};

const EMPTY = new Uint8Array(0);
const ZEROS = new Uint8Array(KEY_BYTES);

/** What a handshake starts from. */
export interface HandshakeTerms {
  readonly pattern: "XX" | "IK";
  readonly role: "initiator" | "responder";
  /** Both sides have to name the same: version, network, transport. */
  readonly prologue: Uint8Array;
  readonly crypto: Crypto;
  /** This side's static X25519 key pair. */
  readonly secret: Uint8Array;
  readonly public: Uint8Array;
  /** A fresh secret of 32 random bytes, for this handshake only. */
  readonly ephemeral: Uint8Array;
  /** The responder's static key: for the initiator of IK, and nobody else. */
  readonly theirs?: Uint8Array;
}

/** The two directions of a finished handshake, and its hash, which names this one channel. */
export interface Channel {
  readonly send: CipherState;
  readonly receive: CipherState;
  readonly binding: Uint8Array;
}

/** One side of one handshake: `write` and `read` in turn until `done`, then `split`. */
export class Handshake {
  readonly #terms: HandshakeTerms;
  readonly #messages: readonly (readonly Token[])[];
  readonly #symmetric: SymmetricState;
  #theirStatic: Uint8Array | undefined;
  #theirEphemeral: Uint8Array | undefined;
  #next = 0;
  #dead = false;

  constructor(terms: HandshakeTerms) {
    const { pattern, role, prologue, crypto, theirs } = terms;
    assert((theirs !== undefined) === (pattern === "IK" && role === "initiator"), "IK knows whom");
    this.#terms = terms;
    this.#messages = PATTERNS[pattern];
    this.#symmetric = new SymmetricState(crypto, NAMES[pattern]);
    this.#symmetric.mixHash(prologue);
    this.#theirStatic = theirs;
    if (pattern === "IK") this.#symmetric.mixHash(theirs ?? terms.public);
  }

  /** The other side's static key, once it is known. Proved only when the handshake is `done`. */
  get theirs(): Uint8Array | undefined {
    return this.#theirStatic;
  }

  /** True when every message is through, and none was refused. */
  get done(): boolean {
    return !this.#dead && this.#next === this.#messages.length;
  }

  /** This side's next message. Our own bug if it is not this side's turn. */
  write(payload: Uint8Array): Uint8Array {
    const parts: Uint8Array[] = [];
    assert(this.#isTurn(true), "it is this side's turn to write");
    for (const token of this.#messages[this.#next++]!) {
      if (token === "e") parts.push(this.#showEphemeral());
      else if (token === "s") parts.push(this.#symmetric.seal(this.#terms.public));
      else if (!this.#mix(token)) this.#dead = true; // the message goes out, its answer is refused
    }
    parts.push(this.#symmetric.seal(payload));
    return joined(...parts);
  }

  /** The payload of the other side's next message; undefined ends the handshake. Never throws. */
  read(message: Uint8Array): Uint8Array | undefined {
    const payload = this.#dead || !this.#isTurn(false) ? undefined : this.#accept(message);
    this.#dead = payload === undefined;
    return payload;
  }

  /** The channel of a handshake that is `done`. */
  split(): Channel {
    assert(this.done, "only a finished handshake splits");
    const [first, second] = this.#symmetric.split();
    const binding = this.#symmetric.hash.slice();
    return this.#terms.role === "initiator"
      ? { send: first, receive: second, binding }
      : { send: second, receive: first, binding };
  }

  #accept(message: Uint8Array): Uint8Array | undefined {
    let rest = message;
    for (const token of this.#messages[this.#next++]!) {
      if (token === "e") {
        if (rest.length < KEY_BYTES) return undefined;
        this.#theirEphemeral = rest.slice(0, KEY_BYTES);
        this.#symmetric.mixHash(this.#theirEphemeral);
        rest = rest.subarray(KEY_BYTES);
      } else if (token === "s") {
        const length = KEY_BYTES + TAG_BYTES; // always sealed in XX and IK
        if (rest.length < length) return undefined;
        this.#theirStatic = this.#symmetric.open(rest.subarray(0, length))?.slice();
        if (this.#theirStatic === undefined) return undefined;
        rest = rest.subarray(length);
      } else if (!this.#mix(token)) return undefined;
    }
    return this.#symmetric.open(rest);
  }

  #isTurn(writing: boolean): boolean {
    const initiators = this.#next % 2 === 0;
    const mine = initiators === (this.#terms.role === "initiator");
    return this.#next < this.#messages.length && mine === writing;
  }

  #showEphemeral(): Uint8Array {
    const shown = this.#terms.crypto.ephemeralKey(this.#terms.ephemeral);
    this.#symmetric.mixHash(shown);
    return shown;
  }

  /** Mixes in a key agreement: the first letter is the initiator's key, the second the responder's. */
  #mix(token: Exclude<Token, "e" | "s">): boolean {
    const initiator = this.#terms.role === "initiator";
    const mine = token[initiator ? 0 : 1], other = token[initiator ? 1 : 0];
    const secret = mine === "e" ? this.#terms.ephemeral : this.#terms.secret;
    const theirs = other === "e" ? this.#theirEphemeral : this.#theirStatic;
    assert(theirs !== undefined, "a pattern names no key before it is sent");
    const shared = this.#terms.crypto.agree(secret, theirs);
    this.#symmetric.mixKey(shared ?? ZEROS);
    return shared !== undefined; // section 12.1 allows to refuse a key of low order: we do
  }
}

/** Section 5.2: the chaining key, the hash of all that was said, and the current key. */
class SymmetricState {
  #chaining: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | undefined;

  constructor(readonly crypto: Crypto, name: Uint8Array) {
    this.#chaining = name;
    this.#hash = name;
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  mixHash(data: Uint8Array): void {
    this.#hash = this.crypto.linkHash(this.#hash, data);
  }

  mixKey(input: Uint8Array): void {
    const [chaining, key] = this.crypto.linkKeys(this.#chaining, input);
    this.#chaining = chaining;
    this.#cipher = new CipherState(this.crypto, key);
  }

  seal(clear: Uint8Array): Uint8Array {
    const sealed = this.#cipher === undefined ? clear : this.#cipher.seal(this.#hash, clear);
    this.mixHash(sealed);
    return sealed;
  }

  open(sealed: Uint8Array): Uint8Array | undefined {
    const clear = this.#cipher === undefined ? sealed : this.#cipher.open(this.#hash, sealed);
    if (clear !== undefined) this.mixHash(sealed);
    return clear;
  }

  split(): readonly [CipherState, CipherState] {
    const [first, second] = this.crypto.linkKeys(this.#chaining, EMPTY);
    return [new CipherState(this.crypto, first), new CipherState(this.crypto, second)];
  }
}

/** Section 5.1: one direction's key and counter. Each call uses up one number of the counter. */
export class CipherState {
  readonly #crypto: Crypto;
  readonly #key: Uint8Array;
  /** Four zero bytes, then the counter, least significant byte first. */
  readonly #nonce: Uint8Array;
  #used = 0;

  /** Copies the key: a provider may cut its results from larger buffers. */
  constructor(crypto: Crypto, key: Uint8Array) {
    this.#crypto = crypto;
    // Side by side, as they are used: of the thousands of links in a simulation few are in a cache.
    const both = new Uint8Array(KEY_BYTES + NONCE_BYTES);
    both.set(key);
    this.#key = both.subarray(0, KEY_BYTES);
    this.#nonce = both.subarray(KEY_BYTES);
  }

  /** How many numbers are used up; `rekey` does not start the count anew (section 4.2). */
  get used(): number {
    return this.#used;
  }

  seal(data: Uint8Array, clear: Uint8Array): Uint8Array {
    const sealed = this.#crypto.seal(this.#key, this.#nonce, data, clear);
    this.#count();
    return sealed;
  }

  /** Undefined, and nothing changed, where a byte was. */
  open(data: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const clear = this.#crypto.open(this.#key, this.#nonce, data, sealed);
    if (clear !== undefined) this.#count();
    return clear;
  }

  sealBody(body: Uint8Array): { readonly body: Uint8Array; readonly tag: Uint8Array } {
    const sealed = this.#crypto.sealBody(this.#key, this.#nonce, body);
    this.#count();
    return sealed;
  }

  /** Undefined, and nothing changed, where a byte was. */
  openBody(body: Uint8Array, tag: Uint8Array): Uint8Array | undefined {
    const clear = this.#crypto.openBody(this.#key, this.#nonce, body, tag);
    if (clear !== undefined) this.#count();
    return clear;
  }

  /** Section 4.2: the next key is what the old one makes of zeros under the last number of all. */
  rekey(): void {
    const nonce = new Uint8Array(NONCE_BYTES).fill(0xff, 4);
    this.#key.set(this.#crypto.seal(this.#key, nonce, EMPTY, ZEROS).subarray(0, KEY_BYTES));
  }

  #count(): void {
    assert(++this.#used < Number.MAX_SAFE_INTEGER, "a key is not used for ever");
    let at = 4;
    while (++this.#nonce[at]! > 0xff) at++; // a byte that is full starts anew, and the next one grows
  }
}
