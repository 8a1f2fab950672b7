/** A machine of a stage: what a scenario holds in its hand. */
import type { Address, Identity, PeerId, PeerKeys } from "../runtime/core/mod.ts";
import { type Actor, type ActorOptions, checked } from "./cast.ts";
import { addressOf } from "./paths.ts";
import { UsageError } from "./units.ts";

/** What a player needs to know of its stage. */
export interface Troupe {
  readonly actors: readonly Player[];
  /** Somebody has asked for an address: subnets are settled. */
  addressed: boolean;
  /** The story is complete. */
  readonly closed: boolean;
  /** Undefined where addresses are those of the simulated network. */
  readonly addressAt: ((index: number) => Address) | undefined;
  identityOf(name: string): Identity;
}

/** Named by a scenario, numbered in the order of its naming. */
export class Player implements Actor {
  options: ActorOptions = {};
  #troupe: Troupe;
  #identity: Identity | undefined;

  constructor(troupe: Troupe, readonly name: string, readonly index: number) {
    this.#troupe = troupe;
  }

  get peer(): PeerId {
    return this.#whoAmI().peer;
  }

  get keys(): PeerKeys {
    return this.#whoAmI().keys;
  }

  get address(): Address {
    if (this.#troupe.addressAt !== undefined) return this.#troupe.addressAt(this.index);
    const { subnet = 0 } = this.options;
    let place = 0;
    for (const other of this.#troupe.actors) {
      if (other === this) break;
      if ((other.options.subnet ?? 0) === subnet) place++;
    }
    this.#troupe.addressed = true;
    return addressOf(subnet, place);
  }

  set(options: ActorOptions): this {
    checked(options);
    if (this.#troupe.closed) {
      throw new UsageError(`Cannot set ${this.name} while the scenario runs: use change()`);
    }
    if (options.subnet !== undefined && this.#troupe.addressed) {
      throw new UsageError(`Cannot move ${this.name} to a subnet: addresses were asked for before`);
    }
    this.options = { ...this.options, ...options };
    return this;
  }

  #whoAmI(): Identity {
    return this.#identity ??= this.#troupe.identityOf(this.name);
  }
}
