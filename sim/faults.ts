/** Fate: what a scenario does to machines, to their disks, and to the ways between them. */
import { type Actor, type ActorOptions, type Actors, checked, listOf, named } from "./cast.ts";
import type { Barrier } from "./paths.ts";
import { type Nanos, nanos, type Share, UsageError } from "./units.ts";

/** What fate can do. The world does it; a machine that is down stays down, one that runs runs on. */
export interface Director {
  readonly everyone: readonly Actor[];
  start(actor: Actor): void;
  /** The process is killed; its system lives, and closes what it had open. */
  kill(actor: Actor): void;
  /** The process is killed, or the power cut, after so many more orders; it starts again later. */
  killAfter(actor: Actor, orders: number, startAfter: Nanos, power: "dead" | "off"): void;
  /** Takes that back, or starts what it has killed. */
  spare(actor: Actor): void;
  powerOff(actor: Actor): void;
  /** The process ends by itself: what it had sent is delivered. */
  quit(actor: Actor): void;
  pause(actor: Actor): void;
  resume(actor: Actor): void;
  close(barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void;
  reopen(barrier: Barrier, from: readonly Actor[], to: readonly Actor[]): void;
  /** Changes what a machine is like; answers with what undoes it. */
  change(actor: Actor, options: Change): () => void;
  fillDisk(actor: Actor): void;
  emptyDisk(actor: Actor): void;
  failDisk(actor: Actor, failing: boolean): void;
  rotDisk(actor: Actor): void;
  wipeDisk(actor: Actor): void;
  /** Copies a disk's records, and brings them back. */
  backUpDisk(actor: Actor): void;
  restoreDisk(actor: Actor): void;
  /** Reads a disk's records, unseen by the machine. */
  readDisk(actor: Actor, taken: Taken): void;
}

/** What a thief does with a disk's records. */
export type Taken = (records: ReadonlyMap<string, Uint8Array>) => void;

/** What can change while a machine runs. */
export type Change = Pick<ActorOptions, "uplink" | "downlink" | "loss" | "cpu">;

/** One thing that goes wrong, and how it is mended, where it can be. */
export interface Fault {
  readonly kind: "fault";
  readonly name: string;
  readonly who: string;
  /** True of what parts machines from each other. */
  readonly parts?: boolean;
  begin(director: Director): void;
  end?(director: Director): void;
}

function each(
  name: string,
  actors: Actors,
  begin: (director: Director, actor: Actor) => void,
  end?: (director: Director, actor: Actor) => void,
): Fault {
  const list = listOf(actors);
  const fault = {
    kind: "fault",
    name,
    who: named(list),
    begin: (director: Director) => list.forEach((actor) => begin(director, actor)),
  } as const;
  if (end === undefined) return fault;
  return { ...fault, end: (director) => list.forEach((actor) => end(director, actor)) };
}

/** The process is killed; others see its links end. Mended by a start. */
export function crash(actors: Actors): Fault {
  return each("crash", actors, (d, actor) => d.kill(actor), (d, actor) => d.start(actor));
}

/**
 * The process is killed between two orders, once it has performed so many more, and starts again a
 * second later: for claims about what a crash at any point leaves behind. Mended by a start.
 */
export function crashAfter(actors: Actors, orders: number): Fault {
  return afterOrders("crash midway", "crash", actors, orders, "dead");
}

/** The same with a cut of the power: what the system had not flushed is lost too. */
export function powerOffAfter(actors: Actors, orders: number): Fault {
  return afterOrders("power off midway", "cut the power", actors, orders, "off");
}

function afterOrders(
  name: string,
  what: string,
  actors: Actors,
  orders: number,
  power: "dead" | "off",
): Fault {
  if (!(Number.isInteger(orders) && orders >= 0)) {
    throw new UsageError(`Cannot ${what} after ${orders} orders: a whole number from 0`);
  }
  return each(
    name,
    actors,
    (d, actor) => d.killAfter(actor, orders, nanos("1s"), power),
    (d, actor) => d.spare(actor),
  );
}

/** Starts what is down; kills and starts what runs. */
export function restart(actors: Actors): Fault {
  return each("restart", actors, (d, actor) => {
    d.kill(actor);
    d.start(actor);
  });
}

/** Silence: nothing more is sent, not even that links have ended. Mended by power. */
export function powerOff(actors: Actors): Fault {
  return each("power off", actors, (d, actor) => d.powerOff(actor), (d, actor) => d.start(actor));
}

/** The person quits; what was sent is delivered. */
export function leave(actors: Actors): Fault {
  return each("leave", actors, (d, actor) => d.quit(actor), (d, actor) => d.start(actor));
}

/** The process stands still, as under a debugger or a suspended laptop lid. */
export function pause(actors: Actors): Fault {
  return each("pause", actors, (d, actor) => d.pause(actor), (d, actor) => d.resume(actor));
}

function barrier(
  name: string,
  kind: Barrier,
  pairs: (director: Director) => readonly (readonly [readonly Actor[], readonly Actor[]])[],
  who: string,
): Fault {
  return {
    kind: "fault",
    name,
    who,
    parts: kind === "cut",
    begin: (d) => pairs(d).forEach(([from, to]) => d.close(kind, from, to)),
    end: (d) => pairs(d).forEach(([from, to]) => d.reopen(kind, from, to)),
  };
}

function bothWays(one: readonly Actor[], other: readonly Actor[]) {
  return [[one, other], [other, one]] as const;
}

/** No way between these and those; with `oneWay`, only none from these to those. */
export function cut(these: Actors, those: Actors, options: { oneWay?: boolean } = {}): Fault {
  const one = apart(these, those), other = listOf(those);
  const pairs = options.oneWay ? [[one, other]] as const : bothWays(one, other);
  const name = options.oneWay ? "cut one way" : "cut";
  return barrier(name, "cut", () => pairs, `${named(one)} | ${named(other)}`);
}

/** No way between these and everyone else. */
export function isolate(actors: Actors): Fault {
  const list = listOf(actors);
  return barrier("isolate", "cut", (d) => bothWays(list, others(d, list)), named(list));
}

/** What these and those send to each other waits until the end of it. */
export function hold(these: Actors, those: Actors): Fault {
  const one = apart(these, those), other = listOf(those);
  return barrier("hold", "hold", () => bothWays(one, other), `${named(one)} | ${named(other)}`);
}

/** What these and everyone else send to each other waits until the end of it. */
export function clog(actors: Actors): Fault {
  const list = listOf(actors);
  return barrier("clog", "hold", (d) => bothWays(list, others(d, list)), named(list));
}

function apart(these: Actors, those: Actors): readonly Actor[] {
  const list = listOf(these), far = new Set(listOf(those));
  const both = list.find((actor) => far.has(actor));
  if (both !== undefined) throw new UsageError(`Cannot part ${both.name} from itself`);
  return list;
}

function others(director: Director, actors: readonly Actor[]): readonly Actor[] {
  const these = new Set(actors);
  return director.everyone.filter((actor) => !these.has(actor));
}

/** Other bandwidths, losses or processors from now on; mended by those of before. */
export function change(actors: Actors, options: Change): Fault {
  checked(options);
  const undo = new Map<Actor, () => void>();
  return each(
    "change",
    actors,
    (d, actor) => undo.set(actor, d.change(actor, options)),
    (_, actor) => undo.get(actor)?.(),
  );
}

/** So much of all packets of these machines is lost: a bad cable. */
export function lossy(actors: Actors, loss: Share): Fault {
  return { ...change(actors, { loss }), name: "lossy" };
}

/** Not one byte more fits. */
export function diskFull(actors: Actors): Fault {
  return each("disk full", actors, (d, a) => d.fillDisk(a), (d, a) => d.emptyDisk(a));
}

/** Every write fails; reads go on. */
export function diskFails(actors: Actors): Fault {
  return each("disk fails", actors, (d, a) => d.failDisk(a, true), (d, a) => d.failDisk(a, false));
}

/** One kept piece of each machine changes on the medium; the next start finds out. */
export function rot(actors: Actors): Fault {
  return each("bit rot", actors, (d, actor) => d.rotDisk(actor));
}

/** A new, empty disk, in machines that are down. */
export function wipe(actors: Actors): Fault {
  return each("wipe", actors, (d, actor) => d.wipeDisk(actor));
}

/** A copy of the disk of each machine, as a person makes one. */
export function backUp(actors: Actors): Fault {
  return each("backup", actors, (d, actor) => d.backUpDisk(actor));
}

/** The disk is again as in the copy, in machines that are down: what came since is forgotten. */
export function restore(actors: Actors): Fault {
  return each("restore", actors, (d, actor) => d.restoreDisk(actor));
}

/** Somebody copies the disk's records; the machine notices nothing. */
export function steal(actors: Actors, taken: Taken): Fault {
  return each("theft", actors, (d, actor) => d.readDisk(actor, taken));
}
