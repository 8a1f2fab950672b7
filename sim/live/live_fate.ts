/** Carries out what faults order on real processes and, where there is one, on the network between them. */
import type { Actor } from "../cast.ts";
import type { Change, Director } from "../faults.ts";
import { lossOf } from "../lan.ts";
import type { Barrier, HostLike } from "../paths.ts";
import { rateOf } from "../units.ts";
import type { LiveMachine } from "./live_machine.ts";
import { Incompatible, type Place, type Ways } from "./place.ts";

/** What fate has in its hand. */
export interface LiveRealm {
  readonly place: Place;
  readonly machines: readonly LiveMachine[];
  readonly everyone: readonly Actor[];
  /** Something that does not come at once has failed: our bug. */
  readonly failed: (error: Error) => void;
}

export class LiveFate implements Director {
  crashes = 0;
  readonly everyone: readonly Actor[];
  readonly #realm: LiveRealm;
  readonly #natures: readonly HostLike[];
  readonly #changes = new Map<Actor, Set<Change>>();

  constructor(realm: LiveRealm, natures: readonly HostLike[]) {
    this.#realm = realm;
    this.#natures = natures;
    this.everyone = realm.everyone;
  }

  start(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power === "on") return;
    const { ways } = this.#realm.place;
    this.#later(machine.power === "off" && ways !== undefined ? ways.plug(actor.index) : undefined);
    machine.start();
  }

  kill(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power !== "on") return;
    this.crashes++;
    machine.kill("dead");
  }

  /** Silence first, where the network is ours: then nobody hears that its links have ended. */
  powerOff(actor: Actor): void {
    const machine = this.#machine(actor), { ways } = this.#realm.place;
    if (machine.power !== "on") return;
    this.crashes++;
    if (ways === undefined) machine.kill("dead");
    else this.#later(ways.unplug(actor.index).then(() => machine.kill("off")));
  }

  quit(actor: Actor): void {
    this.#machine(actor).quit();
  }

  pause(actor: Actor): void {
    this.#machine(actor).pause();
  }

  resume(actor: Actor): void {
    this.#machine(actor).resume();
  }

  close(_barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void {
    this.#later(this.#ways().cut(pairs(from, to)));
  }

  reopen(_barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void {
    this.#later(this.#ways().mend(pairs(from, to)));
  }

  change(actor: Actor, options: Change): () => void {
    const changes = this.#changes.get(actor) ?? new Set();
    this.#changes.set(actor, changes.add(options));
    this.#apply(actor, changes);
    return () => {
      changes.delete(options);
      this.#apply(actor, changes);
    };
  }

  wipeDisk(actor: Actor): void {
    this.#later(this.#machine(actor).wipe());
  }

  backUpDisk(): void {
    this.#unable();
  }

  restoreDisk(): void {
    this.#unable();
  }

  readDisk(): void {
    this.#unable();
  }

  killAfter(): void {
    this.#unable();
  }

  spare(): void {
    this.#unable();
  }

  fillDisk(): void {
    this.#unable();
  }

  emptyDisk(): void {
    this.#unable();
  }

  failDisk(): void {
    this.#unable();
  }

  rotDisk(): void {
    this.#unable();
  }

  /** What a machine was before, under all the changes that are not undone, the latest on top. */
  #apply(actor: Actor, changes: ReadonlySet<Change>): void {
    let nature = this.#natures[actor.index]!;
    for (const { uplink, downlink, loss } of changes) {
      nature = {
        ...nature,
        ...(uplink === undefined ? {} : { uplink: rateOf(uplink) }),
        ...(downlink === undefined ? {} : { downlink: rateOf(downlink) }),
        ...(loss === undefined ? {} : { loss: lossOf(loss) }),
      };
    }
    this.#later(this.#ways().shape(actor.index, nature));
  }

  #machine({ index }: Actor): LiveMachine {
    return this.#realm.machines[index]!;
  }

  #ways(): Ways {
    return this.#realm.place.ways ?? this.#unable();
  }

  /** Only where a cue makes up a fault that nobody could see before. */
  #unable(): never {
    throw new Incompatible("Cannot do this on a live stage");
  }

  #later(work: Promise<void> | undefined): void {
    work?.catch(this.#realm.failed);
  }
}

/** Each of these with each of those, but no machine with itself. */
function* pairs(from: readonly Actor[], to: readonly Actor[]): Iterable<readonly [number, number]> {
  for (const one of from) for (const other of to) if (one !== other) yield [one.index, other.index];
}
