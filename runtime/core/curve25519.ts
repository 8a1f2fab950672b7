/** Which public keys of Curve25519 are refused before any arithmetic, the same in every provider. */

/** y coordinates of Ed25519's eight points of small order, little endian, without the sign bit. */
const SMALL_ORDER_Y = [
  "0000000000000000000000000000000000000000000000000000000000000000", // order 4
  "0100000000000000000000000000000000000000000000000000000000000000", // order 1
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
].map(bytesOf);

/** u coordinates that X25519 sends to zero, little endian, below 2^255 (RFC 7748, section 6.1). */
const LOW_ORDER_U = [
  "0000000000000000000000000000000000000000000000000000000000000000", // order 4 or 2
  "0100000000000000000000000000000000000000000000000000000000000000", // order 1 or 4
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", // order 8
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157", // order 8
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p - 1
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p + 1
].map(bytesOf);

/**
 * True for an encoding that a strict Ed25519 verifier may look at: y below p = 2^255 - 19 (RFC 8032,
 * section 5.1.3) and not of small order, under which one signature fits many messages. Whether the
 * encoding is a point at all is left to the verifier.
 */
export function isStrictSigningKey(key: Uint8Array): boolean {
  return key.length === 32 && isBelowPrime(key) && !isAmong(SMALL_ORDER_Y, key);
}

/** True for a public key with which every X25519 agreement gives zero; the top bit does not count. */
export function isLowOrder(key: Uint8Array): boolean {
  return isAmong(LOW_ORDER_U, key);
}

/** True for the one form of an X25519 key that its owner writes: below 2^255 - 19, the top bit clear. */
export function isCanonicalKey(key: Uint8Array): boolean {
  return key.length === 32 && (key[31]! & 0x80) === 0 && isBelowPrime(key);
}

/** Without the top bit, is the number below 2^255 - 19? */
function isBelowPrime(key: Uint8Array): boolean {
  if ((key[31]! & 0x7f) !== 0x7f) return true;
  for (let at = 30; at > 0; at--) if (key[at] !== 0xff) return true;
  return key[0]! < 0xed;
}

/** Public keys only: the early exit tells nothing that is secret. */
function isAmong(list: readonly Uint8Array[], key: Uint8Array): boolean {
  return list.some((each) => {
    for (let at = 0; at < 31; at++) if (each[at] !== key[at]) return false;
    return each[31] === (key[31]! & 0x7f);
  });
}

function bytesOf(digits: string): Uint8Array {
  return Uint8Array.from(digits.match(/../g)!, (pair) => parseInt(pair, 16));
}
