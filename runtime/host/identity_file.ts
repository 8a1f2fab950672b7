/**
 * Who this node is, on its disk: 32 secret bytes in a file that only its owner may read.
 *
 *     mark         16 bytes, "starling key 1" and zeros
 *     plain        0, and the secret
 *     or sealed    1, salt of 16 bytes, nonce of 12, secret sealed under a key stretched from a passphrase
 *
 * Stretched by scrypt (RFC 7914) with N = 2^15, r = 8, p = 1: about 100 ms, and 32 MiB for each guess.
 */
import { randomBytes, scrypt } from "node:crypto";
import fs from "node:fs";
import { joined, KEY_BYTES, NONCE_BYTES, sameBytes, TAG_BYTES, utf8 } from "../core/mod.ts";
import { nodeCrypto } from "./crypto.ts";
import { StorageError } from "./disk/mod.ts";

const NAME = "identity.key";
const MARK = joined(utf8("starling key 1"), new Uint8Array(2));
const PLAIN = 0, SEALED = 1;
const SALT_BYTES = 16;
const STRETCH = { N: 1 << 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const NOTHING = new Uint8Array(0);

/** The node's secret; made and kept where the folder has none. Throws a `StorageError`. */
export async function loadIdentity(
  folder: string,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const path = `${folder}/${NAME}`;
  const bytes = fs.existsSync(path) ? fs.readFileSync(path) : undefined;
  if (bytes !== undefined) return await opened(new Uint8Array(bytes), path, passphrase);
  const secret = new Uint8Array(randomBytes(KEY_BYTES));
  await saveIdentity(folder, secret, passphrase);
  return secret;
}

/** True where the secret can only be had with a passphrase. */
export function isSealed(folder: string): boolean {
  const path = `${folder}/${NAME}`;
  return fs.existsSync(path) && fs.readFileSync(path)[MARK.length] === SEALED;
}

/** Writes the secret in the place of the one that was there, whole or not at all. */
export async function saveIdentity(
  folder: string,
  secret: Uint8Array,
  passphrase: string | undefined,
): Promise<void> {
  const content = passphrase === undefined
    ? joined(MARK, Uint8Array.of(PLAIN), secret)
    : joined(MARK, Uint8Array.of(SEALED), await sealed(secret, passphrase));
  const path = `${folder}/${NAME}`, draft = `${path}.new`;
  fs.rmSync(draft, { force: true });
  const file = fs.openSync(draft, "wx", 0o600);
  fs.writeSync(file, content);
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(draft, path);
}

async function sealed(secret: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const salt = new Uint8Array(randomBytes(SALT_BYTES));
  const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
  const key = await stretched(passphrase, salt);
  return joined(salt, nonce, nodeCrypto.seal(key, nonce, NOTHING, secret));
}

async function opened(
  bytes: Uint8Array,
  path: string,
  passphrase: string | undefined,
): Promise<Uint8Array> {
  const kind = bytes[MARK.length];
  const rest = bytes.subarray(MARK.length + 1);
  const isWhole = bytes.length > MARK.length && sameBytes(bytes.subarray(0, MARK.length), MARK);
  if (isWhole && kind === PLAIN && rest.length === KEY_BYTES) return rest.slice();
  const length = SALT_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES;
  if (!isWhole || kind !== SEALED || rest.length !== length) {
    throw new StorageError(`${path} is damaged: restore a backup of it`);
  }
  if (passphrase === undefined) {
    throw new StorageError("This node's identity is sealed: its passphrase is needed");
  }
  const key = await stretched(passphrase, rest.subarray(0, SALT_BYTES));
  const nonce = rest.subarray(SALT_BYTES, SALT_BYTES + NONCE_BYTES);
  const secret = nodeCrypto.open(key, nonce, NOTHING, rest.subarray(SALT_BYTES + NONCE_BYTES));
  if (secret === undefined) throw new StorageError("That is not this node's passphrase");
  return secret;
}

function stretched(passphrase: string, salt: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) =>
    scrypt(
      passphrase.normalize("NFKC"),
      salt,
      KEY_BYTES,
      STRETCH,
      (error, key) => error === null ? resolve(new Uint8Array(key)) : reject(error),
    )
  );
}
