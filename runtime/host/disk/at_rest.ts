/**
 * What lies on the disk, under lock: keys that follow from the identity's secret, so that whoever has the
 * disk and not the secret, or its passphrase, reads neither records nor history.
 *
 *     record row     name "~" and 32 digits of HMAC-SHA-256(name key, its name)
 *                    bytes nonce 12, ChaCha20-Poly1305 over: length of its name, its name, its bytes
 *     history line   "~" and, in base 64, nonce 12 and the same over the line
 *
 * Nonces are drawn by chance: a restored disk repeats none. What stays visible is how many records there
 * are, how long, and when they change.
 */
import { createHmac, hkdfSync, randomBytes } from "node:crypto";
import { joined, KEY_BYTES, NONCE_BYTES, type Reason, utf8 } from "../../core/mod.ts";
import { nodeCrypto } from "../crypto.ts";
import type { Records, Save } from "../ports.ts";
import type { Database } from "./database.ts";
import { StorageError } from "./trouble.ts";

const NOTHING = new Uint8Array(0);
const MARK = "~";

/** Seals and opens under one of the keys that follow from a secret. */
export class Seal {
  readonly #key: Uint8Array;

  constructor(secret: Uint8Array, readonly purpose: string) {
    this.#key = keyOf(secret, purpose);
  }

  seal(clear: Uint8Array, about: Uint8Array = NOTHING): Uint8Array {
    const nonce = new Uint8Array(randomBytes(NONCE_BYTES));
    return joined(nonce, nodeCrypto.seal(this.#key, nonce, about, clear));
  }

  /** Undefined where it was changed, or is another secret's. */
  open(sealed: Uint8Array, about: Uint8Array = NOTHING): Uint8Array | undefined {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    if (nonce.length < NONCE_BYTES) return undefined;
    return nodeCrypto.open(this.#key, nonce, about, sealed.subarray(NONCE_BYTES));
  }

  /** A line of text, sealed. */
  sealLine(line: string): string {
    return MARK + this.seal(utf8(line)).toBase64();
  }

  /** A line as it was; undefined where it cannot be opened. One that was never sealed is itself. */
  openLine(line: string): string | undefined {
    if (!line.startsWith(MARK)) return line;
    const clear = this.open(bytesOf(line.slice(MARK.length)));
    return clear && new TextDecoder().decode(clear);
  }
}

/** The records of a database, sealed one by one, their names too. */
export class SealedRecords implements Records {
  readonly #seal: Seal;
  readonly #nameKey: Uint8Array;

  constructor(readonly records: Database, secret: Uint8Array) {
    this.#seal = new Seal(secret, "starling records 1");
    this.#nameKey = keyOf(secret, "starling record names 1");
  }

  /** Throws a `StorageError` where one is another secret's. Those never sealed are sealed now. */
  load(): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>(), plain: Save[] = [];
    for (const [row, bytes] of this.records.load()) {
      if (row.startsWith(MARK)) found.set(...this.#opened(row, bytes));
      else plain.push({ key: row, bytes });
    }
    for (const { key, bytes } of plain) found.set(key, bytes!);
    const gone = plain.map(({ key }) => ({ key, bytes: undefined }));
    const why = this.records.commit([...plain.map((save) => this.#sealed(save)), ...gone]);
    if (why !== undefined) throw new StorageError(`Cannot seal the records: ${why}`);
    return new Map([...found].sort(([one], [other]) => one < other ? -1 : 1));
  }

  commit(saves: readonly Save[]): Reason | undefined {
    return this.records.commit(saves.map((save) => this.#sealed(save)));
  }

  #sealed({ key, bytes }: Save): Save {
    const row = this.#rowOf(key);
    if (bytes === undefined) return { key: row, bytes };
    const name = utf8(key);
    const length = Uint8Array.of(name.length >> 8, name.length & 0xff);
    return { key: row, bytes: this.#seal.seal(joined(length, name, bytes), utf8(row)) };
  }

  #opened(row: string, bytes: Uint8Array): [string, Uint8Array] {
    const clear = this.#seal.open(bytes, utf8(row));
    if (clear === undefined) {
      throw new StorageError("A record is damaged, or of another identity: restore both together");
    }
    const end = 2 + clear[0]! * 256 + clear[1]!;
    return [new TextDecoder().decode(clear.subarray(2, end)), clear.slice(end)];
  }

  #rowOf(name: string): string {
    const hash = createHmac("sha256", this.#nameKey).update(name).digest();
    return MARK + new Uint8Array(hash.subarray(0, 16)).toHex();
  }
}

/** What seals the history of an identity. */
export function historySeal(secret: Uint8Array): Seal {
  return new Seal(secret, "starling history 1");
}

function keyOf(secret: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, NOTHING, utf8(purpose), KEY_BYTES));
}

function bytesOf(text: string): Uint8Array {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return NOTHING; // cut short by a crash
  }
}
