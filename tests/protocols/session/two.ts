/** Two people, their prekeys, and a session between them. */
import assert from "node:assert/strict";
import {
  type Crypto,
  type Identity,
  identityFrom,
  Stream,
  utf8,
} from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import {
  aboutOf,
  type Bundle,
  initiated,
  kemKey,
  kemPrekey,
  opened,
  type Opening,
  type Prekeys,
  type Profile,
  responded,
  sealed,
  signedPrekey,
  starling,
  type State,
  type Tools,
} from "../../../runtime/protocols/session/mod.ts";

export function toolsOf(
  name: string,
  crypto: Crypto = nodeCrypto,
  profile: Profile = starling,
): Tools {
  const stream = new Stream(name);
  return { profile, crypto, chance: (length) => stream.bytes(length) };
}

export class Person {
  readonly identity: Identity;
  readonly tools: Tools;

  constructor(name: string, crypto: Crypto = nodeCrypto) {
    this.identity = identityFrom(crypto.sha256(utf8(name)), crypto);
    this.tools = toolsOf(name, crypto);
  }

  /** What this person leaves for others, and the secrets behind it. */
  prekeys(
    { once = true, kem = true } = {},
  ): { readonly bundle: Bundle; readonly secrets: Prekeys } {
    const { identity, tools: { crypto, chance } } = this;
    const [signed, one, seed] = [chance(32), chance(32), chance(64)];
    const { sign, agree } = identity.keys;
    return {
      bundle: {
        sign,
        agree,
        signed: signedPrekey(1, crypto.ephemeralKey(signed), kem, identity, crypto),
        once: once ? { id: 2, key: crypto.ephemeralKey(one) } : undefined,
        kem: kem ? kemPrekey(3, kemKey(seed), identity, crypto) : undefined,
      },
      secrets: {
        signed: new Map([[1, signed]]),
        once: new Map(once ? [[2, one]] : []),
        kem: new Map(kem ? [[3, seed]] : []),
      },
    };
  }
}

/** One side of a conversation. */
export class Side {
  constructor(public state: State, readonly about: Uint8Array, readonly tools: Tools) {}

  write(text: string): Uint8Array {
    const sent = sealed(this.state, utf8(text), this.about, this.tools);
    assert.ok(sent !== undefined, "this side can send");
    this.state = sent.state;
    return sent.bytes;
  }

  /** The text, or undefined where it was refused; then nothing has changed. */
  read(bytes: Uint8Array): string | undefined {
    const got = opened(this.state, bytes, this.about, this.tools);
    if (got === undefined) return undefined;
    this.state = got.state;
    return new TextDecoder().decode(got.clear);
  }
}

/** Ana begins with Ben's bundle; Ben has answered nothing yet. */
export function conversation(
  options: { once?: boolean; kem?: boolean } = {},
  crypto: Crypto = nodeCrypto,
): { readonly ana: Side; readonly ben: Side; readonly opening: Opening } {
  const ana = new Person("ana", crypto), ben = new Person("ben", crypto);
  const { bundle, secrets } = ben.prekeys(options);
  const first = initiated(ana.identity, bundle, ana.tools);
  assert.ok(first !== undefined);
  const answer = responded(ben.identity, ana.identity.keys, first.opening, secrets, ben.tools);
  assert.ok(answer !== undefined);
  const about = aboutOf(ana.identity.keys, ben.identity.keys, crypto);
  return {
    ana: new Side(first.state, about, ana.tools),
    ben: new Side(answer, about, ben.tools),
    opening: first.opening,
  };
}
