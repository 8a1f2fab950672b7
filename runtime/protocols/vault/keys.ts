/**
 * What follows from a vault's secret, 32 bytes: the key that its devices know it by, and those under which
 * its mapping is sealed. From another device the same secret gives the same vault.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Crypto, KEY_BYTES, type PeerId, unhex, utf8, Writer } from "../../core/mod.ts";

const ACCESS = utf8("starling vault access 1"), MAPPING = utf8("starling vault mapping 1");
const SHARE = utf8("starling vault share 1"), PASS = utf8("starling vault pass 1");
const NOTHING = new Uint8Array(0);

/** HKDF-SHA-256 (RFC 5869). */
export function keyed(
  secret: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  length = KEY_BYTES,
): Uint8Array {
  return hkdf(sha256, secret, salt, label, length);
}

/** A vault's keys, on whichever device has its secret. */
export class Keys {
  /** What devices call the vault: who proves to have the secret may have its shares. */
  readonly vault: Uint8Array;
  readonly #seed: Uint8Array;
  readonly #mapping: Uint8Array;

  constructor(readonly secret: Uint8Array, crypto: Crypto) {
    this.#seed = keyed(secret, NOTHING, ACCESS);
    this.#mapping = keyed(secret, NOTHING, MAPPING);
    this.vault = crypto.signingKey(this.#seed);
  }

  /** Shows one device that another may act for the vault: worth nothing elsewhere, or to others. */
  pass(device: PeerId, holder: PeerId, crypto: Crypto): Uint8Array {
    return crypto.sign(this.#seed, passText(this.vault, device, holder));
  }

  /** The key of one sealing of the mapping. */
  mappingKey(salt: Uint8Array): Uint8Array {
    return keyed(this.#mapping, salt, MAPPING);
  }
}

/** Whether somebody may act for a vault, at this holder. */
export function isPass(
  vault: Uint8Array,
  device: PeerId,
  holder: PeerId,
  signature: Uint8Array,
  crypto: Crypto,
): boolean {
  return crypto.verify(vault, passText(vault, device, holder), signature);
}

/**
 * What a device calls a share: nothing tells which content it is of, which number it has, or that two
 * are of one. A share that is made anew after a loss has another name.
 */
export function shareName(contentKey: Uint8Array, number: number, age: number): Uint8Array {
  const writer = new Writer();
  writer.raw(SHARE);
  writer.u8(number);
  writer.u32(age);
  return keyed(contentKey, NOTHING, writer.take());
}

function passText(vault: Uint8Array, device: PeerId, holder: PeerId): Uint8Array {
  const writer = new Writer();
  writer.raw(PASS);
  writer.raw(vault);
  writer.raw(unhex(device)!);
  writer.raw(unhex(holder)!);
  return writer.take();
}
