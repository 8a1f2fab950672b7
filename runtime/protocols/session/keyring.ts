/**
 * The secrets behind the bundles that this device has given out.
 *
 * 1. A bundle is made when it is asked for: its one-time prekey and its KEM key are nobody else's. They
 *    are saved before the bundle leaves, and gone once they were used.
 * 2. A signed prekey serves for two days of running or eight starts, and opens first messages for some
 *    generations more.
 * 3. A bundle of last resort, without keys of one use, can be left with others for many askers. First
 *    messages to it are weaker: their replay is stopped by the names of conversations that were begun.
 */
import {
  type Context,
  hex,
  KEY_BYTES,
  type Micros,
  Reader,
  u32,
  unhex,
  Writer,
} from "../../core/mod.ts";
import {
  type Bundle,
  KEM_SECRET_SEED_BYTES,
  kemKey,
  kemPrekey,
  type Opening,
  type Prekeys,
  signedPrekey,
} from "./agreement.ts";
import * as limits from "./limits.ts";

type Records = Pick<Context, "save">;
type Tools = Pick<Context, "save" | "random" | "crypto" | "identity" | "now" | "boot">;
const KINDS = ["signed", "once", "kem"] as const;
type Kind = typeof KINDS[number];

const SECRET_BYTES: Readonly<Record<Kind, number>> = {
  signed: KEY_BYTES,
  once: KEY_BYTES,
  kem: KEM_SECRET_SEED_BYTES,
};
/** After a secret: which boot made it, if it is a signed prekey; which of these it lies beside, if a KEM's. */
const NOTE_BYTES = 4;
const MOST: Readonly<Record<Kind, number>> = {
  signed: limits.SIGNED_PREKEYS,
  once: limits.ONCE_PREKEYS,
  kem: limits.KEM_PREKEYS,
};

export class Keyring implements Prekeys {
  readonly signed = new Map<number, Uint8Array>();
  readonly once = new Map<number, Uint8Array>();
  readonly kem = new Map<number, Uint8Array>();
  /** Conversations that a bundle of last resort has begun, by their ephemeral keys. */
  readonly #begun = new Set<string>();
  #next = 1;
  /** When the newest signed prekey was first used in this boot, and which boot made each. */
  #signedAt: Micros | undefined;
  readonly #madeBy = new Map<number, number>();
  /** The KEM key of last resort: it serves as long as the signed prekey beside it. */
  readonly #lasting = new Map<number, number>();

  /** Takes up a record of an earlier boot: `prekey/KIND/ID`, `begun/NAME`; false where it cannot be read. */
  restore(key: string, bytes: Uint8Array): boolean {
    const [box, kind, number] = key.split("/");
    if (box === "begun" && kind !== undefined && unhex(kind)?.length === KEY_BYTES) {
      this.#begun.add(kind);
      return true;
    }
    const id = Number(number);
    const isKnown = box === "prekey" && KINDS.includes(kind as Kind) && Number.isInteger(id);
    if (!isKnown || id < 1 || id >= limits.PREKEY_IDS) return false;
    const length = SECRET_BYTES[kind as Kind];
    if (bytes.length !== length && bytes.length !== length + NOTE_BYTES) return false;
    if (bytes.length > length) {
      const note = u32.read(new Reader(bytes.subarray(length)));
      if (kind === "kem") this.#lasting.set(note, id);
      if (kind === "signed") this.#madeBy.set(id, note);
    }
    this[kind as Kind].set(id, bytes.slice(0, length));
    this.#next = Math.max(this.#next, id + 1);
    return true;
  }

  /** For one asker: with keys of one use. */
  bundle(tools: Tools): Bundle {
    const { random, crypto, identity } = tools;
    const [signedId, signedSecret] = this.#signedPrekey(tools);
    const secret = random.bytes(KEY_BYTES), seed = random.bytes(KEM_SECRET_SEED_BYTES);
    const once = this.#add("once", secret, tools), kem = this.#add("kem", seed, tools);
    return {
      ...identity.keys,
      signed: signedPrekey(signedId, crypto.ephemeralKey(signedSecret), true, identity, crypto),
      once: { id: once, key: crypto.ephemeralKey(secret) },
      kem: kemPrekey(kem, kemKey(seed), identity, crypto),
    };
  }

  /** For many askers who cannot ask here: without a one-time prekey. */
  lastingBundle(tools: Tools): Bundle {
    const { crypto, identity } = tools;
    const [signedId, signedSecret] = this.#signedPrekey(tools);
    const kem = this.#lastingKem(signedId, tools);
    return {
      ...identity.keys,
      signed: signedPrekey(signedId, crypto.ephemeralKey(signedSecret), true, identity, crypto),
      once: undefined,
      kem: kemPrekey(kem, kemKey(this.kem.get(kem)!), identity, crypto),
    };
  }

  /** Whether a first message may begin a conversation: the same one never does twice. */
  admits({ ephemeral }: Opening): boolean {
    return !this.#begun.has(hex(ephemeral));
  }

  /** A first message was opened: what served only once is gone. */
  used({ ephemeral, once, kem }: Opening, ctx: Records): void {
    if (once !== undefined) this.#drop("once", once, ctx);
    const isLasting = [...this.#lasting.values()].includes(kem?.id ?? 0);
    if (kem !== undefined && !isLasting) return this.#drop("kem", kem.id, ctx);
    if (once !== undefined) return;
    const name = hex(ephemeral);
    this.#begun.add(name);
    ctx.save(`begun/${name}`, new Uint8Array(0));
    for (const oldest of this.#begun) {
      if (this.#begun.size <= limits.BEGUN) break;
      this.#begun.delete(oldest);
      ctx.save(`begun/${oldest}`, undefined);
    }
  }

  #signedPrekey(tools: Tools): readonly [number, Uint8Array] {
    const { now, boot } = tools;
    const newest = Math.max(0, ...this.signed.keys());
    this.#signedAt ??= now;
    const starts = boot - (this.#madeBy.get(newest) ?? boot);
    if (newest > 0 && now - this.#signedAt < limits.SIGNED_FOR && starts < limits.SIGNED_STARTS) {
      return [newest, this.signed.get(newest)!];
    }
    this.#signedAt = now;
    const secret = tools.random.bytes(KEY_BYTES);
    const id = this.#add("signed", secret, tools, boot);
    this.#madeBy.set(id, boot);
    return [id, secret];
  }

  #lastingKem(signed: number, tools: Tools): number {
    const known = this.#lasting.get(signed);
    if (known !== undefined && this.kem.has(known)) return known;
    const seed = tools.random.bytes(KEM_SECRET_SEED_BYTES);
    const id = this.#add("kem", seed, tools, signed);
    this.#lasting.set(signed, id);
    return id;
  }

  #add(kind: Kind, secret: Uint8Array, ctx: Records, note?: number): number {
    const id = this.#next++;
    this[kind].set(id, secret);
    const writer = new Writer();
    writer.raw(secret);
    if (note !== undefined) writer.u32(note);
    ctx.save(`prekey/${kind}/${id}`, writer.take());
    const lasting = new Set(this.#lasting.values());
    const passing = [...this[kind].keys()].filter((each) => !lasting.has(each));
    for (const oldest of passing.sort((one, other) => one - other)) {
      if (this[kind].size <= MOST[kind]) break;
      this.#drop(kind, oldest, ctx);
    }
    return id;
  }

  #drop(kind: Kind, id: number, ctx: Records): void {
    if (!this[kind].delete(id)) return;
    ctx.save(`prekey/${kind}/${id}`, undefined);
    const lasting = kind === "signed" ? this.#lasting.get(id) : undefined;
    this.#lasting.delete(id);
    this.#madeBy.delete(id);
    if (lasting !== undefined) this.#drop("kem", lasting, ctx);
  }
}
