/** Whose sessions this device believes in, and whether it may open one itself. */
import {
  type Context,
  type Crypto,
  exactly,
  KEY_BYTES,
  listOf,
  optional,
  Reader,
  sameBytes,
  struct,
  Writer,
} from "../../core/mod.ts";
import { type Charter, isProvedBy } from "./charter.ts";
import { AUTHORITIES } from "./limits.ts";
import { keyOfSecret } from "./secret.ts";

/**
 * Either the keys that may open sessions, or a secret that those who may open know, or both; or
 * `"first"`: whoever is joined first, as ssh does. A secret is asked of those who join, too.
 */
export type TrustOptions =
  | "first"
  | { readonly authorities: readonly Uint8Array[]; readonly secret?: string }
  | { readonly authorities?: readonly Uint8Array[]; readonly secret: string };

/**
 * What a charter is to this device: `trusted`; `unknown` where nothing is pinned yet; `changed` where
 * somebody else is; `foreign` where it is refused without asking anybody.
 */
export type Standing = "trusted" | "unknown" | "changed" | "foreign";

const schema = struct({
  pinned: listOf(exactly(KEY_BYTES), AUTHORITIES),
  authorities: optional(listOf(exactly(KEY_BYTES), AUTHORITIES)),
  secretKey: optional(exactly(32)),
});
export const TRUST_RECORD = "trust";

export class Trust {
  /** Authorities joined, or accepted by the person, under `"first"`. */
  #pinned: readonly Uint8Array[] = [];
  #authorities: readonly Uint8Array[] | undefined;
  #secretKey: Uint8Array | undefined;

  /** The key of the secret, where there is one. */
  get secretKey(): Uint8Array | undefined {
    return this.#secretKey;
  }

  /** False, and nothing changes, for too many keys, or a secret too short to be one. */
  choose(options: TrustOptions, crypto: Crypto): boolean {
    const { authorities, secret } = options === "first"
      ? { authorities: undefined, secret: undefined }
      : options;
    const keys = authorities ?? [];
    if (keys.length > AUTHORITIES || keys.some((key) => key.length !== KEY_BYTES)) return false;
    const secretKey = secret === undefined ? undefined : keyOfSecret(secret, crypto);
    if (secret !== undefined && secretKey === undefined) return false;
    this.#authorities = authorities === undefined ? undefined : keys.map((key) => key.slice());
    this.#secretKey = secretKey;
    return true;
  }

  /** For a device whose trust is unreadable: anything kinder would believe strangers. */
  nobody(): void {
    this.#authorities = [];
  }

  /** What an earlier boot was told. What this boot's options say by name counts more. */
  restore(bytes: Uint8Array | undefined): boolean {
    if (bytes === undefined) return true;
    const reader = new Reader(bytes.slice());
    const { pinned, authorities, secretKey } = schema.read(reader);
    if (!reader.whole) return false;
    this.#pinned = pinned;
    this.#authorities ??= authorities;
    this.#secretKey ??= secretKey;
    return true;
  }

  save(ctx: Context): void {
    ctx.save(TRUST_RECORD, this.record);
  }

  /** What is, or should be, on the disk. */
  get record(): Uint8Array {
    const writer = new Writer();
    schema.write(writer, {
      pinned: this.#pinned,
      authorities: this.#authorities,
      secretKey: this.#secretKey,
    });
    return writer.take();
  }

  standingOf(charter: Charter, crypto: Crypto): Standing {
    if (this.#secretKey !== undefined && !isProvedBy(charter, this.#secretKey, crypto)) {
      return "foreign";
    }
    if (this.#authorities !== undefined) {
      return includes(this.#authorities, charter.sign) ? "trusted" : "foreign";
    }
    if (this.#secretKey !== undefined || includes(this.#pinned, charter.sign)) return "trusted";
    return this.#pinned.length === 0 ? "unknown" : "changed";
  }

  /** Whether others who trust as this device does would believe a session opened here. */
  mayOpen(key: Uint8Array): boolean {
    if (this.#authorities !== undefined) return includes(this.#authorities, key);
    if (this.#secretKey !== undefined || this.#pinned.length === 0) return true;
    return includes(this.#pinned, key);
  }

  /** Believes in this authority from now on. False at the bound. */
  pin(key: Uint8Array, ctx: Context): boolean {
    if (this.#authorities !== undefined || this.#secretKey !== undefined) return true;
    if (includes(this.#pinned, key)) return true;
    if (this.#pinned.length >= AUTHORITIES) return false;
    this.#pinned = [...this.#pinned, key.slice()];
    this.save(ctx);
    return true;
  }
}

function includes(keys: readonly Uint8Array[], key: Uint8Array): boolean {
  return keys.some((each) => sameBytes(each, key));
}
