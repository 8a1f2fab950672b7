/** The devices that hold a vault's shares, as its owner sees them: who offers room, who is there, what they have. */
import {
  type Address,
  type Context,
  hex,
  type Micros,
  type PeerId,
  Recent,
} from "../../core/mod.ts";
import type { Keys } from "./keys.ts";
import * as limits from "./limits.ts";
import type { Device } from "./mapping.ts";
import type { VaultMessage } from "./wire.ts";

type VaultContext = Context<VaultMessage>;

/** What a linked device has said. */
interface Presence {
  free: number;
  domain: string;
  /** Its answer to `enter` is whole. */
  isIn: boolean;
  version: number;
  mapping: Uint8Array;
  /** Its shares of this vault, by name: whether they are whole. */
  readonly shares: Map<string, boolean>;
}

export class Devices {
  readonly #there = new Map<PeerId, Presence>();
  /** Who was heard of in the room, and where. */
  readonly #found = new Recent<PeerId, Address>(limits.COUNTED);
  /** Of those, who was dialled for whether they offer room, and when the last was. */
  readonly #tried = new Recent<PeerId, Address>(limits.COUNTED);
  readonly #unanswered = new Set<PeerId>();
  #triedAt: Micros = -Infinity;
  readonly #faults = new Recent<PeerId, number>(limits.COUNTED);
  readonly #awaySince = new Map<PeerId, Micros>();

  /** Those that are there and let this vault in, most room first. */
  get present(): PeerId[] {
    const peers = [...this.#there.keys()].filter((peer) => this.isPresent(peer));
    const free = (peer: PeerId) => this.#there.get(peer)!.free;
    return peers.sort((one, other) => free(other) - free(one) || (one < other ? -1 : 1));
  }

  /** Those that are linked and offer room, whether or not there is a vault. */
  get offering(): Iterable<PeerId> {
    return this.#there.keys();
  }

  isPresent(peer: PeerId): boolean {
    return this.#there.get(peer)?.isIn === true;
  }

  of(peer: PeerId): Readonly<Presence> | undefined {
    return this.#there.get(peer);
  }

  heard(peer: PeerId, address: Address): void {
    this.#found.set(peer, address);
  }

  /** Of those in the room who may offer room: where they can be dialled. */
  addressOf(peer: PeerId, ctx: VaultContext): Address | undefined {
    return ctx.addressOf(peer) ?? this.#found.get(peer);
  }

  offered(
    peer: PeerId,
    free: number,
    domain: string,
    keys: Keys | undefined,
    ctx: VaultContext,
  ): void {
    this.#unanswered.delete(peer);
    const known = this.#there.get(peer);
    if (known !== undefined) return void Object.assign(known, { free, domain });
    const nothing = { version: 0, mapping: new Uint8Array(0), shares: new Map<string, boolean>() };
    this.#there.set(peer, { free, domain, isIn: false, ...nothing });
    if (keys !== undefined) this.enter(peer, keys, ctx);
  }

  /** Shows a device that this node may act for the vault. */
  enter(peer: PeerId, keys: Keys, ctx: VaultContext): void {
    const isUsed = this.#there.size <= limits.DEVICES;
    if (!isUsed) return;
    ctx.hold(peer);
    ctx.send(peer, {
      kind: "enter",
      vault: keys.vault,
      pass: keys.pass(ctx.self, peer, ctx.crypto),
    });
  }

  enterAll(keys: Keys, ctx: VaultContext): void {
    for (const peer of [...this.#there.keys()]) this.enter(peer, keys, ctx);
  }

  /** True once all pages have come. */
  entered(
    from: PeerId,
    { version, mapping, shares, isLast }: Extract<VaultMessage, { kind: "entered" }>,
  ): boolean {
    const known = this.#there.get(from);
    if (known === undefined || known.isIn) return false;
    if (known.shares.size + shares.length > limits.SHARES) return false;
    for (const { share, isWhole } of shares) known.shares.set(hex(share), isWhole);
    if (!isLast) return false;
    Object.assign(known, { version, mapping, isIn: true });
    this.#awaySince.delete(from);
    return true;
  }

  /** What it has witnessed since. */
  witnessed(from: PeerId, version: number, mapping: Uint8Array): void {
    const known = this.#there.get(from);
    if (known !== undefined) Object.assign(known, { version, mapping });
  }

  /** Shares that it has lost, or given others for, in this boot. */
  faultsOf(device: PeerId): number {
    return this.#faults.get(device) ?? 0;
  }

  /** It has stored a share, dropped it, or lost a part of it. */
  has(device: PeerId, name: Uint8Array, isWhole: boolean | undefined): void {
    const shares = this.#there.get(device)?.shares;
    if (isWhole === false && shares?.get(hex(name)) === true) {
      this.#faults.set(device, this.faultsOf(device) + 1);
    }
    if (isWhole === undefined) shares?.delete(hex(name));
    else shares?.set(hex(name), isWhole);
  }

  left(peer: PeerId, ctx: VaultContext): void {
    if (this.#there.delete(peer)) ctx.release(peer);
  }

  /** Dials those of a mapping that are away, and, where more are wanted, whoever is in the room. */
  reach(devices: readonly Device[], wantsMore: boolean, ctx: VaultContext): void {
    for (const { peer, address } of devices) {
      if (!ctx.isLinked(peer)) ctx.dial(this.#found.get(peer) ?? address);
    }
    if (!wantsMore) return;
    for (const [peer, address] of this.#found) {
      if (ctx.isLinked(peer) || peer === ctx.self || this.#tried.get(peer) === address) continue;
      this.#tried.set(peer, address);
      this.#unanswered.add(peer);
      this.#triedAt = ctx.now;
      ctx.dial(address);
    }
  }

  /** Whether devices that were dialled for the first time may still offer room. */
  isGathering(now: Micros): boolean {
    return this.#unanswered.size > 0 && now - this.#triedAt < limits.GATHER;
  }

  /** How long a device of the mapping has been away, as far as this boot knows. */
  awayFor(peer: PeerId, now: Micros): Micros {
    if (this.isPresent(peer)) return 0;
    const since = this.#awaySince.get(peer);
    if (since === undefined) this.#awaySince.set(peer, now);
    return now - (since ?? now);
  }
}
