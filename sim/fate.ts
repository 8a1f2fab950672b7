/** Carries out what faults order: the hand of a scenario in its world. */
import { assert } from "../runtime/core/mod.ts";
import type { Actor } from "./cast.ts";
import type { Clock } from "./clock.ts";
import type { Change, Director, Taken } from "./faults.ts";
import { DUE } from "./kinds.ts";
import { lossOf } from "./lan.ts";
import type { Machine, Unlucky } from "./machine.ts";
import type { Network } from "./network.ts";
import type { Oracle } from "./oracle.ts";
import type { Barrier, Host } from "./paths.ts";
import { type Nanos, rateOf, UsageError } from "./units.ts";

/** What fate has in its hand. */
export interface Realm {
  readonly machines: readonly Machine[];
  readonly network: Network;
  readonly oracle: Oracle;
  readonly clock: Clock;
  readonly everyone: readonly Actor[];
}

/** What of a machine can change, in numbers. */
interface Nature {
  readonly uplink: number;
  readonly downlink: number;
  readonly loss: number;
  readonly cpu: number;
}

function inNumbers({ uplink, downlink, loss, cpu }: Change): Partial<Nature> {
  return {
    ...(uplink === undefined ? {} : { uplink: rateOf(uplink) }),
    ...(downlink === undefined ? {} : { downlink: rateOf(downlink) }),
    ...(loss === undefined ? {} : { loss: lossOf(loss) }),
    ...(cpu === undefined ? {} : { cpu }),
  };
}

export class Fate implements Director {
  crashes = 0;
  corruptions = 0;
  readonly everyone: readonly Actor[];
  readonly #realm: Realm;
  readonly #changed = new Map<Machine, { before: Nature; changes: Set<Partial<Nature>> }>();
  /** Capacities of the disks that were filled. */
  readonly #capacities = new Map<Machine, number>();

  constructor(realm: Realm) {
    this.#realm = realm;
    this.everyone = realm.everyone;
  }

  start(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power === "on") return;
    this.#realm.network.restarted(machine);
    machine.start();
  }

  kill(actor: Actor): void {
    this.#stop(actor, "dead");
  }

  killAfter(actor: Actor, orders: number, startAfter: Nanos, power: "dead" | "off"): void {
    const machine = this.#machine(actor), { clock } = this.#realm;
    const now = () => {
      machine.strike = undefined;
      if (power === "off") this.powerOff(actor);
      else this.kill(actor);
      clock.at(clock.now + startAfter, DUE, 0, 0, () => this.start(actor));
    };
    machine.strike = { left: orders, now };
  }

  spare(actor: Actor): void {
    this.#machine(actor).strike = undefined;
    this.start(actor);
  }

  powerOff(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power === "dead") machine.power = "off";
    else this.#stop(actor, "off");
  }

  quit(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power !== "on") return;
    machine.stop("dead");
    this.#realm.network.left(machine);
  }

  pause(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.power === "on") machine.pause();
  }

  resume(actor: Actor): void {
    const machine = this.#machine(actor);
    if (machine.paused) machine.resume();
  }

  close(barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void {
    this.#realm.network.close(barrier, this.#hosts(from), this.#hosts(to));
  }

  reopen(barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void {
    this.#realm.network.reopen(barrier, this.#hosts(from), this.#hosts(to));
  }

  change(actor: Actor, options: Change): () => void {
    const machine = this.#machine(actor), host = this.#host(actor);
    let changed = this.#changed.get(machine);
    if (changed === undefined) {
      const { uplink, downlink, loss } = host;
      changed = { before: { uplink, downlink, loss, cpu: machine.cpu }, changes: new Set() };
      this.#changed.set(machine, changed);
    }
    const { changes } = changed, one = inNumbers(options);
    this.#apply(actor, changes.add(one));
    return () => {
      changes.delete(one);
      this.#apply(actor, changes);
    };
  }

  fillDisk(actor: Actor): void {
    const machine = this.#machine(actor);
    if (this.#capacities.has(machine)) return;
    this.#capacities.set(machine, machine.disk.capacity);
    machine.disk.capacity = machine.disk.used;
  }

  emptyDisk(actor: Actor): void {
    const machine = this.#machine(actor);
    const capacity = this.#capacities.get(machine);
    if (capacity === undefined) return;
    this.#capacities.delete(machine);
    machine.disk.capacity = capacity;
  }

  failDisk(actor: Actor, failing: boolean): void {
    this.#machine(actor).disk.failing = failing;
  }

  rotDisk(actor: Actor): void {
    const { disk } = this.#machine(actor);
    const pieces = disk.pieces(), { oracle } = this.#realm;
    if (pieces.length === 0) return;
    const chance = oracle.stream(`rot/${actor.name}/${this.corruptions++}`);
    disk.rot(pieces[oracle.decide(chance, `rot/${actor.name}`, pieces.length)]!);
  }

  wipeDisk(actor: Actor): void {
    this.#stopped(actor, "wipe").disk.wipe();
  }

  backUpDisk(actor: Actor): void {
    this.#machine(actor).disk.backUp();
  }

  restoreDisk(actor: Actor): void {
    if (!this.#stopped(actor, "restore").disk.restore()) {
      throw new UsageError(`Cannot restore the disk of ${actor.name}: there is no copy of it`);
    }
  }

  readDisk(actor: Actor, taken: Taken): void {
    taken(this.#machine(actor).disk.saved().records);
  }

  #stopped(actor: Actor, what: string): Machine {
    const machine = this.#machine(actor);
    if (machine.power === "on") {
      throw new UsageError(`Cannot ${what} the disk of ${actor.name}: it runs; stop it before`);
    }
    return machine;
  }

  /** What a machine was before, under all the changes that are not undone, the latest on top. */
  #apply(actor: Actor, changes: ReadonlySet<Partial<Nature>>): void {
    const machine = this.#machine(actor);
    const nature: Nature = { ...this.#changed.get(machine)!.before };
    for (const change of changes) Object.assign(nature, change);
    this.#realm.network.paths.change(this.#host(actor), nature);
    machine.cpu = nature.cpu;
  }

  #stop(actor: Actor, power: "dead" | "off"): void {
    const machine = this.#machine(actor);
    if (machine.power !== "on") return;
    this.crashes++;
    machine.stop(power, this.#unlucky(machine));
    this.#realm.network.stopped(machine);
  }

  /** Chance decides what of the unsynced data was on the medium. */
  #unlucky({ name, boots }: Machine): Unlucky {
    const { oracle } = this.#realm;
    const label = `crash/${name}`, chance = oracle.stream(`${label}/${boots}`);
    return {
      piece: () => oracle.decide(chance, label, 2) === 0 ? "lost" : "torn",
      records: (most) => oracle.decide(chance, label, most + 1),
    };
  }

  #machine({ index }: Actor): Machine {
    const machine = this.#realm.machines[index];
    assert(machine !== undefined, "every actor has a machine");
    return machine;
  }

  #host({ index }: Actor): Host {
    return this.#realm.network.paths.hosts[index]!;
  }

  #hosts(actors: readonly Actor[]): Host[] {
    return actors.map((actor) => this.#host(actor));
  }
}
