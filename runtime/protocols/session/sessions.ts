/**
 * This device's conversations with all others, after Sesame (Marlinspike and Perrin, revision 2).
 *
 * 1. Two devices may have several conversations: both may begin at once, and one may have forgotten.
 *    The newest is spoken; of two equally new, the one whose name sorts first. So both come to the same.
 * 2. Every conversation can be read, as long as it is among the last five.
 * 3. Who cannot read says so; the other begins a newer one, with a fresh bundle.
 *
 * `seal` and `open` change what is in memory; `save` writes it. A host must have saved before what was
 * sealed leaves. A state that was rolled back by a restored disk never uses a key twice (profile.ts).
 */
import {
  type Context,
  hex,
  joined,
  type PeerId,
  type PeerKeys,
  peerOf,
  sameBytes,
  u32,
  Writer,
} from "../../core/mod.ts";
import { aboutOf, type Bundle, initiated, responded } from "./agreement.ts";
import { Keyring } from "./keyring.ts";
import * as limits from "./limits.ts";
import { padded, unpadded } from "./padding.ts";
import { starling } from "./profile.ts";
import { opened, sealed, type Tools } from "./ratchet.ts";
import { type Packet, packetWire, readSessions, type Session, sessionsSchema } from "./records.ts";

type Held = Pick<Context, "save" | "random" | "crypto" | "identity" | "now" | "boot">;
type First = Packet & { readonly kind: "first" };

export class Sessions {
  readonly #keyring = new Keyring();
  readonly #of = new Map<PeerId, readonly Session[]>();
  readonly #unsaved = new Set<PeerId>();

  /** Takes up a record of an earlier boot: a peer's, or the keyring's; false where it cannot be read. */
  restore(key: string, bytes: Uint8Array): boolean {
    const [box, peer] = key.split("/");
    if (box !== "session") return this.#keyring.restore(key, bytes);
    const sessions = readSessions(bytes);
    if (sessions !== undefined) this.#of.set(peer as PeerId, sessions);
    return sessions !== undefined;
  }

  /** Whether something can be sealed for them. */
  speaksTo(peer: PeerId): boolean {
    return this.#of.get(peer)?.some(({ state }) => state.sending !== undefined) === true;
  }

  /** The keys that somebody proved when a conversation with them began. */
  keysOf(peer: PeerId): PeerKeys | undefined {
    return this.#of.get(peer)?.[0];
  }

  /** For one who asks; `lasting` for many who cannot. */
  bundle(ctx: Held): Bundle {
    return this.#keyring.bundle(ctx);
  }

  lastingBundle(ctx: Held): Bundle {
    return this.#keyring.lastingBundle(ctx);
  }

  /** Begins a newer conversation. False where the bundle is not theirs, or its keys are bad. */
  begin(peer: PeerId, bundle: Bundle, ctx: Held): boolean {
    const { crypto, identity } = ctx;
    if (peerOf(bundle, crypto) !== peer) return false;
    const first = initiated(identity, bundle, toolsOf(ctx));
    if (first === undefined) return false;
    const known = this.#of.get(peer) ?? [];
    const age = Math.min(limits.AGE, 1 + Math.max(0, ...known.map((each) => each.age)));
    this.#put(peer, [...known, {
      name: first.opening.ephemeral,
      age,
      sign: bundle.sign,
      agree: bundle.agree,
      about: boundTo(aboutOf(identity.keys, bundle, crypto), age, ctx),
      opening: first.opening,
      state: first.state,
    }]);
    return true;
  }

  /** The newest conversation that can be spoken says it; undefined where there is none. */
  seal(peer: PeerId, clear: Uint8Array, ctx: Held): Uint8Array | undefined {
    const known = this.#of.get(peer) ?? [];
    const session = known.find(({ state }) => state.sending !== undefined);
    if (session === undefined) return undefined;
    const step = sealed(session.state, padded(clear), session.about, toolsOf(ctx));
    if (step === undefined) return undefined;
    this.#put(peer, known.map((each) => each === session ? { ...each, state: step.state } : each));
    const { opening, age } = session;
    if (opening === undefined) return packetWire.encode({ kind: "later", sealed: step.bytes });
    const { sign, agree } = ctx.identity.keys;
    return packetWire.encode({ kind: "first", sign, agree, age, opening, sealed: step.bytes });
  }

  /** Undefined where it is none of theirs, was opened before, or was changed: then nothing has changed. */
  open(peer: PeerId, bytes: Uint8Array, ctx: Held): Uint8Array | undefined {
    const packet = packetWire.decode(bytes);
    if (packet === undefined) return undefined;
    const known = this.#of.get(peer) ?? [];
    if (packet.kind === "first") {
      const session = known.find(({ name }) => sameBytes(name, packet.opening.ephemeral));
      if (session === undefined) return this.#openFirst(peer, packet, ctx);
    }
    for (const session of known) {
      const step = opened(session.state, packet.sealed, session.about, toolsOf(ctx));
      const clear = step && unpadded(step.clear);
      if (clear === undefined) continue;
      const next = { ...session, opening: undefined, state: step!.state };
      this.#put(peer, known.map((each) => each === session ? next : each));
      return clear;
    }
    return undefined;
  }

  /** Writes what has changed. What was sealed leaves only after that. */
  save(ctx: Held): void {
    for (const peer of this.#unsaved) {
      const sessions = this.#of.get(peer);
      const writer = new Writer();
      if (sessions !== undefined) sessionsSchema.write(writer, { sessions });
      ctx.save(`session/${peer}`, sessions && writer.take());
    }
    this.#unsaved.clear();
  }

  /** The disk has refused it: until it is there, keys that were used are still on the disk. */
  refused(key: string): void {
    const [box, peer] = key.split("/");
    if (box === "session") this.#unsaved.add(peer as PeerId);
  }

  #openFirst(peer: PeerId, packet: First, ctx: Held): Uint8Array | undefined {
    const { opening, age } = packet;
    const { crypto, identity } = ctx;
    if (peerOf(packet, crypto) !== peer || !this.#keyring.admits(opening)) return undefined;
    const state = responded(identity, packet, opening, this.#keyring, { crypto });
    if (state === undefined) return undefined;
    const about = boundTo(aboutOf(packet, identity.keys, crypto), age, ctx);
    const step = opened(state, packet.sealed, about, toolsOf(ctx));
    const clear = step && unpadded(step.clear);
    if (clear === undefined) return undefined;
    this.#keyring.used(opening, ctx);
    this.#put(peer, [...this.#of.get(peer) ?? [], {
      name: opening.ephemeral,
      age,
      sign: packet.sign,
      agree: packet.agree,
      about,
      opening: undefined,
      state: step!.state,
    }]);
    return clear;
  }

  #put(peer: PeerId, sessions: readonly Session[]): void {
    const newest = sessions.toSorted(newestFirst).slice(0, limits.SESSIONS);
    this.#of.delete(peer);
    this.#of.set(peer, newest);
    this.#unsaved.add(peer);
    for (const unused of this.#of.keys()) {
      if (this.#of.size <= limits.PEERS) break;
      this.#of.delete(unused);
      this.#unsaved.add(unused);
    }
  }
}

function newestFirst(one: Session, other: Session): number {
  return other.age - one.age || (hex(one.name) < hex(other.name) ? -1 : 1);
}

function toolsOf({ crypto, random }: Held): Tools {
  return { profile: starling, crypto, chance: (length) => random.bytes(length) };
}

function boundTo(about: Uint8Array, age: number, { crypto }: Held): Uint8Array {
  const writer = new Writer();
  u32.write(writer, age);
  return crypto.sha256(joined(about, writer.take()));
}
