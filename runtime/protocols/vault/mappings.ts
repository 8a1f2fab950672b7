/** Mappings that a device witnesses: of each vault the newest, sealed, so that no older one passes for it. */
import {
  bytesUpTo,
  type Context,
  exactly,
  HASH_BYTES,
  Reader,
  sameBytes,
  struct,
  upTo,
  type ValueOf,
  Writer,
} from "../../core/mod.ts";
import * as limits from "./limits.ts";
import type { VaultMessage } from "./wire.ts";

const record = struct({
  version: upTo(limits.VERSIONS),
  hash: exactly(HASH_BYTES),
  bytes: bytesUpTo(limits.MAPPING_BYTES),
});
type Witnessed = ValueOf<typeof record>;

const NONE: Witnessed = {
  version: 0,
  hash: new Uint8Array(HASH_BYTES),
  bytes: new Uint8Array(0),
};

export class Mappings {
  readonly #of = new Map<string, Witnessed>();
  /** What the disk has until it has taken the newest. */
  readonly #before = new Map<string, Witnessed>();

  restore(vault: string, bytes: Uint8Array): void {
    const reader = new Reader(bytes);
    const witnessed = record.read(reader);
    if (reader.whole) this.#of.set(vault, witnessed);
  }

  /** The newest; version 0 where there is none. */
  of(vault: string): Witnessed {
    return this.#of.get(vault) ?? NONE;
  }

  /** Takes one that follows the newest, or is newer. False where it is neither, and not the same. */
  take(
    vault: string,
    { version, previous, bytes }: {
      readonly version: number;
      readonly previous: Uint8Array;
      readonly bytes: Uint8Array;
    },
    ctx: Context<VaultMessage>,
  ): boolean {
    const known = this.of(vault), hash = ctx.crypto.sha256(bytes);
    if (version === known.version && sameBytes(hash, known.hash)) return true;
    const follows = version === known.version + 1
      ? known.version === 0 || sameBytes(previous, known.hash)
      : version > known.version; // this device was away for those between
    if (!follows) return false;
    const witnessed = { version, hash, bytes };
    this.#before.set(vault, known);
    this.#of.set(vault, witnessed);
    const writer = new Writer();
    record.write(writer, witnessed);
    ctx.save(`mapping/${vault}`, writer.take());
    return true;
  }

  /** The disk has not taken the newest: it was not confirmed, and comes again. */
  refused(vault: string): void {
    this.#of.set(vault, this.#before.get(vault) ?? NONE);
  }
}
