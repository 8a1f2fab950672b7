/** Signal's own library as somebody to talk to: as much of its interface as that needs. */
import { Buffer } from "node:buffer";
import { joined } from "../../runtime/core/mod.ts";
import type { TheirBundle } from "./contact.ts";

interface Key {
  serialize(): Buffer;
}
interface Secret extends Key {
  getPublicKey(): Key;
  sign(message: Uint8Array): Buffer;
}
interface Message {
  serialize(): Buffer;
  type(): number;
}
type Maker = { new (...words: unknown[]): unknown };
/** What the library makes by a function that is called `new`. */
export interface Made {
  readonly "new": (...parts: unknown[]) => unknown;
}

export function make(made: Made, ...parts: unknown[]): unknown {
  return made.new(...parts);
}

/** The package, as it is when it has been loaded. */
export interface Library {
  readonly PrivateKey: { generate(): Secret };
  readonly PublicKey: { deserialize(bytes: Buffer): Key };
  readonly KEMKeyPair: { generate(): { getPublicKey(): Key } };
  readonly KEMPublicKey: { deserialize(bytes: Buffer): Key };
  readonly PreKeyRecord: Made;
  readonly SignedPreKeyRecord: Made;
  readonly KyberPreKeyRecord: Made;
  readonly PreKeyBundle: Made;
  readonly SignalMessage: { deserialize(bytes: Buffer): unknown };
  readonly PreKeySignalMessage: { deserialize(bytes: Buffer): unknown };
  readonly ProtocolAddress: Made;
  readonly Fingerprint: Made;
  readonly SessionStore: Maker;
  readonly IdentityKeyStore: Maker;
  readonly PreKeyStore: Maker;
  readonly SignedPreKeyStore: Maker;
  readonly KyberPreKeyStore: Maker;
  processPreKeyBundle(...words: unknown[]): Promise<void>;
  signalEncrypt(...words: unknown[]): Promise<Message>;
  signalDecrypt(...words: unknown[]): Promise<Buffer>;
  signalDecryptPreKey(...words: unknown[]): Promise<Buffer>;
}

/** What of ours it is given. */
export interface OurBundle {
  readonly identity: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
  readonly once: Uint8Array;
  readonly kyber: { readonly key: Uint8Array; readonly signature: Uint8Array } | undefined;
}

const FIRST_CONTACT = 3;

export class SignalPerson {
  readonly identity: Secret;
  readonly #library: Library;
  readonly #stores: Readonly<Record<string, unknown>>;
  readonly #address: unknown;
  readonly #bundle: TheirBundle;

  constructor(library: Library, isHybrid: boolean) {
    this.#library = library;
    this.identity = library.PrivateKey.generate();
    this.#address = make(library.ProtocolAddress, "starling", 1);
    const [signed, once] = [library.PrivateKey.generate(), library.PrivateKey.generate()];
    const kyber = library.KEMKeyPair.generate();
    const key = signed.getPublicKey(), kyberKey = kyber.getPublicKey();
    const kept = new Map<string, unknown>([
      ["once 2", make(library.PreKeyRecord, 2, once.getPublicKey(), once)],
      [
        "signed 1",
        make(library.SignedPreKeyRecord, 1, 0, key, signed, this.identity.sign(key.serialize())),
      ],
      [
        "kyber 3",
        make(library.KyberPreKeyRecord, 3, 0, kyber, this.identity.sign(kyberKey.serialize())),
      ],
    ]);
    this.#stores = storesOf(library, this.identity, kept);
    const raw = (each: Key) => Uint8Array.from(each.serialize()).slice(1);
    this.#bundle = {
      identity: raw(this.identity.getPublicKey()),
      signed: { id: 1, key: raw(key) },
      once: { id: 2, key: raw(once.getPublicKey()) },
      kyber: isHybrid ? { id: 3, key: raw(kyberKey) } : undefined,
    };
  }

  get bundle(): TheirBundle {
    return this.#bundle;
  }

  /** Begins with us. */
  async begin({ identity, signed, signature, once, kyber }: OurBundle): Promise<void> {
    const { PublicKey, KEMPublicKey, PreKeyBundle, processPreKeyBundle } = this.#library;
    const key = (bytes: Uint8Array) =>
      PublicKey.deserialize(Buffer.from(joined(Uint8Array.of(5), bytes)));
    const hybrid = kyber === undefined ? [] : [
      13,
      KEMPublicKey.deserialize(Buffer.from(kyber.key)),
      Buffer.from(kyber.signature),
    ];
    const bundle = make(
      PreKeyBundle,
      ...[5, 1, 12, key(once), 11, key(signed), Buffer.from(signature), key(identity)],
      ...hybrid,
    );
    await processPreKeyBundle(bundle, this.#address, this.#stores.session, this.#stores.identity);
  }

  /** `isFirst` where it says again who it is. */
  async write(text: string): Promise<{ readonly bytes: Uint8Array; readonly isFirst: boolean }> {
    const { session, identity } = this.#stores;
    const message = await this.#library.signalEncrypt(
      ...[Buffer.from(text), this.#address, session, identity],
    );
    const bytes = Uint8Array.from(message.serialize());
    return { bytes, isFirst: message.type() === FIRST_CONTACT };
  }

  async read(bytes: Uint8Array, isFirst: boolean): Promise<string> {
    const { SignalMessage, PreKeySignalMessage, signalDecrypt, signalDecryptPreKey } =
      this.#library;
    const { session, identity, once, signed, kyber } = this.#stores;
    const clear = isFirst
      ? await signalDecryptPreKey(
        PreKeySignalMessage.deserialize(Buffer.from(bytes)),
        ...[this.#address, session, identity, once, signed, kyber],
      )
      : await signalDecrypt(
        SignalMessage.deserialize(Buffer.from(bytes)),
        ...[this.#address, session, identity],
      );
    return clear.toString();
  }
}

/** Stores that keep everything in memory. */
function storesOf(library: Library, own: Secret, kept: Map<string, unknown>) {
  const get = (kind: string) => (id: unknown) => Promise.resolve(kept.get(`${kind} ${id}`) ?? null);
  const put = (kind: string) => (id: unknown, value: unknown) => {
    kept.set(`${kind} ${id}`, value);
    return Promise.resolve();
  };
  const drop = (kind: string) => (id: unknown) => {
    kept.delete(`${kind} ${id}`);
    return Promise.resolve();
  };
  const store = (maker: Maker, methods: object) => Object.assign(new maker() as object, methods);
  return {
    session: store(library.SessionStore, {
      saveSession: (_: unknown, record: unknown) => put("session")(1, record),
      getSession: () => get("session")(1),
      getExistingSessions: () => Promise.resolve([kept.get("session 1")]),
    }),
    identity: store(library.IdentityKeyStore, {
      getIdentityKey: () => Promise.resolve(own),
      getLocalRegistrationId: () => Promise.resolve(7),
      saveIdentity: () => Promise.resolve(0),
      isTrustedIdentity: () => Promise.resolve(true),
      getIdentity: () => Promise.resolve(null),
    }),
    once: store(library.PreKeyStore, {
      savePreKey: put("once"),
      getPreKey: get("once"),
      removePreKey: drop("once"),
    }),
    signed: store(library.SignedPreKeyStore, {
      saveSignedPreKey: put("signed"),
      getSignedPreKey: get("signed"),
    }),
    kyber: store(library.KyberPreKeyStore, {
      saveKyberPreKey: put("kyber"),
      getKyberPreKey: get("kyber"),
      markKyberPreKeyUsed: () => Promise.resolve(),
    }),
  };
}
