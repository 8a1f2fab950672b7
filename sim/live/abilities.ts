/** What a live stage can play of a script, and what it leaves away and has to say so. */
import type { Actor, ActorOptions } from "../cast.ts";
import type { Director, Fault } from "../faults.ts";
import type { Barrier } from "../paths.ts";
import type { Script } from "../script.ts";
import { type Nanos, nanos, spoken } from "../units.ts";
import { Incompatible, type Place } from "./place.ts";

/** Sockets give up a dial after this (runtime/host/net). */
const DIAL_NANOS = nanos("5s");
/** Below this a way's delay is lost among those of processes, and is left away. */
const LATENCY_NANOS = nanos("5ms");

/** What is not done as the scenario says, in words; throws where that would change its story. */
export function shortfallsOf({ lan, stage }: Script, place: Place): string[] {
  const refuse = (what: string): never => {
    throw new Incompatible(`Cannot play ${what} on a live stage (--stage ${place.name})`);
  };
  const isShaped = place.ways !== undefined;
  const { latency, dialTimeout, loss } = lan;
  if (latency.most > LATENCY_NANOS) refuse(`a latency of ${spoken(latency.most)}`);
  if (dialTimeout !== DIAL_NANOS) refuse(`a dial timeout of ${spoken(dialTimeout)}`);
  for (const knob of ["jitter", "duplication", "reordering", "corruption"] as const) {
    if (lan[knob] > 0) refuse(knob);
  }
  if (loss > 0 && !isShaped) refuse("loss");
  for (const { name, options } of stage.actors) checkNature(name, options, isShaped, refuse);
  const said = new Set<string>([`latency of ${spoken(latency.most)} is not added`]);
  if (!isShaped) said.add("rates are the machine's own");
  const probe = new Probe(stage.actors, isShaped, refuse, said);
  for (const fault of faultsOf(stage)) {
    fault.begin(probe);
    fault.end?.(probe);
  }
  return [...said];
}

function checkNature(
  name: string,
  { uplink, downlink, loss, subnet, cpu, drift, disk }: ActorOptions,
  isShaped: boolean,
  refuse: (what: string) => never,
): void {
  if ((subnet ?? 0) !== 0) refuse(`the subnet of ${name}`);
  if ((cpu ?? 1) !== 1) refuse(`the processor of ${name}`);
  if (drift !== undefined) refuse(`the drift of ${name}`);
  if (disk !== undefined) refuse(`the disk of ${name}`);
  if (isShaped) return;
  if (uplink !== undefined || downlink !== undefined) refuse(`the rates of ${name}`);
  if (loss !== undefined) refuse(`the loss of ${name}`);
}

/** All that may go wrong in a story, at its time or on cue. */
function faultsOf({ acts, cues }: Script["stage"]): Set<Fault> {
  const faults = new Set<Fault>();
  for (const { deed } of [...acts, ...cues]) if (deed.kind !== "ask") faults.add(deed.fault);
  return faults;
}

/** Does nothing of what faults order, but refuses what cannot be done. */
class Probe implements Director {
  readonly #isShaped: boolean;
  readonly #refuse: (what: string) => never;
  readonly #said: Set<string>;

  constructor(
    readonly everyone: readonly Actor[],
    isShaped: boolean,
    refuse: (what: string) => never,
    said: Set<string>,
  ) {
    this.#isShaped = isShaped;
    this.#refuse = refuse;
    this.#said = said;
  }

  start(): void {}
  kill(): void {}
  quit(): void {}
  pause(): void {}
  resume(): void {}
  wipeDisk(): void {}

  backUpDisk(): void {
    this.#refuse("a backup of a disk");
  }

  restoreDisk(): void {
    this.#refuse("a restored disk");
  }

  readDisk(): void {
    this.#refuse("a theft");
  }

  powerOff(): void {
    this.#said.add("power off is kill -9: what was not synced is kept");
    if (!this.#isShaped) this.#said.add("links of who has no power end at once");
  }

  killAfter(_actor: Actor, _orders: number, _startAfter: Nanos): void {
    this.#refuse("a crash after so many orders");
  }

  spare(): void {
    this.#refuse("a crash after so many orders");
  }

  close(barrier: Barrier): void {
    if (barrier === "hold") this.#refuse("a hold");
    if (!this.#isShaped) this.#refuse("a cut");
  }

  reopen(): void {}

  change(_actor: Actor, { cpu }: { readonly cpu?: number }): () => void {
    if (cpu !== undefined) this.#refuse("a change of the processor");
    if (!this.#isShaped) this.#refuse("a change of rates or loss");
    return () => {};
  }

  fillDisk(): void {
    this.#refuse("a full disk");
  }

  emptyDisk(): void {}

  failDisk(): void {
    this.#refuse("a disk that fails");
  }

  rotDisk(): void {
    this.#refuse("bit rot");
  }
}
