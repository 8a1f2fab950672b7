/**
 * A world that we own: the same node as on real machines, with everything around it simulated.
 *
 * 1. Time moves from event to event, in one total order; nothing in here waits.
 * 2. Whatever happens follows from the scenario, its settings and the seed: the digest says so.
 * 3. Watchers (checkers, claims, meters) look on from outside and change nothing.
 */
import {
  type AppEvent,
  assert,
  type Crypto,
  type Frame,
  hex,
  type Input,
  type LinkId,
  type Micros,
  Node,
  type Step,
} from "../runtime/core/mod.ts";
import { type Calibration, measured } from "./calibration.ts";
import { type Actor, hostOf, startOf } from "./cast.ts";
import { Checkers } from "./checkers.ts";
import { Clock } from "./clock.ts";
import type { Deed } from "./deeds.ts";
import { Disk } from "./disk.ts";
import { Fate } from "./fate.ts";
import { Files } from "./files.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Holdings } from "./holdings.ts";
import { ACTED, DUE, HAPPENED } from "./kinds.ts";
import { Machine, type Surroundings } from "./machine.ts";
import { Network } from "./network.ts";
import { noncesChecked } from "./nonces.ts";
import type { Oracle } from "./oracle.ts";
import type { ClaimResult, FaultCounts } from "./record.ts";
import { Recorder } from "./recorder.ts";
import type { ScenarioDefinition } from "./scenario.ts";
import { checkAsked, protocolsOf, type Script, scriptOf, type ScriptOptions } from "./script.ts";
import type { Settings } from "./settings.ts";
import type { Stage } from "./stage.ts";
import { Story } from "./story.ts";
import { driftOf, type Nanos } from "./units.ts";
import { Vaults } from "./vaults.ts";

/** What a run is made of. The same options give the same run. */
export interface WorldOptions extends Omit<ScriptOptions, "addressAt"> {
  /** Of this world alone: a provider may number what passes through it. */
  readonly crypto: Crypto;
  /** Remembers every step in short, to find where two runs part. */
  readonly marks?: boolean;
  readonly calibration?: Calibration;
  /** Looks on. */
  readonly watch?: Watcher;
}

/** Sees every step and event, from outside. */
export interface Watcher {
  stepped?(now: Nanos, machine: Machine, input: Input, step: Step): void;
  told?(now: Nanos, actor: Actor, event: AppEvent): void;
}

export class World implements Surroundings {
  readonly clock = new Clock();
  readonly mode = "sim";
  readonly hasRates = true;
  readonly calibration: Calibration;
  readonly machines: Machine[] = [];
  readonly network: Network;
  readonly recorder: Recorder;
  readonly checkers: Checkers;
  readonly holdings: Holdings;
  readonly vaults: Vaults;
  readonly fate: Fate;
  readonly story: Story;
  steps = 0;

  readonly #script: Script;
  readonly #crypto: Crypto;
  readonly #files: Files;
  readonly #fingerprint: Fingerprint;
  readonly #watch: Watcher | undefined;
  #isOver = false;

  constructor(options: WorldOptions) {
    const script = this.#script = scriptOf(options);
    const { definition, lan: network } = script;
    this.calibration = options.calibration ?? measured;
    this.#crypto = noncesChecked(options.crypto, (kind) => {
      this.checkers.reused(this.clock.now, kind);
    });
    this.#watch = options.watch;
    this.#fingerprint = new Fingerprint(options.marks ?? false);
    const files = this.#files = new Files((purpose) => this.oracle.stream(purpose));
    this.checkers = new Checkers({
      allowed: definition.errors ?? [],
      files,
      clearBodies: options.crypto.name.includes("accounted"),
    });
    this.network = new Network(this.clock, network, this.oracle, this.machines, this);
    for (const { handle, content } of this.stage.files) files.open(handle.handle, content);
    for (const { name, index, options: actor } of this.stage.actors) {
      const host = this.network.add(name, hostOf(actor, network));
      const machine = new Machine(index, name, host.address, new Disk(actor.disk), this);
      machine.cpu = actor.cpu ?? 1;
      machine.drift = driftOf(actor.drift ?? "0ppm");
      this.machines.push(machine);
    }
    const lifeOf = (actor: Actor) => this.isDown(actor) ? 0 : this.machines[actor.index]!.boots;
    const { actors } = this.stage, { paths } = this.network;
    const hashOf = (handle: string, bytes: number) => this.#hashOf(handle, bytes);
    const ratesOf = ({ index }: Actor) => paths.rates(paths.hosts[index]!);
    this.recorder = new Recorder({ actors, ratesOf, lifeOf, hashOf });
    const { published } = this.checkers;
    const diskOf = ({ index }: Actor) => this.machines[index]!.disk;
    this.holdings = new Holdings({ published, diskOf, lifeOf, hashOf });
    const byPeer = new Map(actors.map((actor) => [actor.peer as string, actor]));
    this.vaults = new Vaults(files, (peer) => {
      const actor = byPeer.get(peer);
      return actor && diskOf(actor);
    });
    this.fate = new Fate({
      machines: this.machines,
      network: this.network,
      oracle: this.oracle,
      clock: this.clock,
      everyone: this.stage.actors,
    });
    this.story = new Story(this.stage);
    this.#schedule();
  }

  get now(): Nanos {
    return this.clock.now;
  }

  get seed(): number {
    return this.#script.seed;
  }

  get definition(): ScenarioDefinition<Settings> {
    return this.#script.definition;
  }

  get settings(): Record<string, string | number | boolean> {
    return this.#script.settings;
  }

  get oracle(): Oracle {
    return this.#script.oracle;
  }

  get stage(): Stage<unknown> {
    return this.#script.stage;
  }

  get lasts(): Nanos {
    return this.#script.lasts;
  }

  get digest(): string {
    return this.#fingerprint.hex;
  }

  /** Every step in short, where that was asked for. */
  get marks(): Float64Array {
    return this.#fingerprint.marks;
  }

  /** Nothing more will happen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Moves on until a time, or until the run is over. */
  run(until: Nanos = this.lasts): void {
    const { clock, machines, network } = this;
    const end = Math.min(until, this.lasts);
    let reached = false;
    clock.at(Math.max(end, clock.now), DUE, 0, 0, () => reached = true);
    while (!reached && !this.#isOver) {
      assert(clock.next(), "the end of the run is an event too");
      const { kind } = clock;
      if (kind >= ACTED) this.#due(kind);
      else if (kind > 0 && kind <= HAPPENED) {
        machines[clock.a]!.happened(kind, clock.b, clock.payload);
      } else network.happened(kind, clock.payload);
    }
    if (end === this.lasts) this.#over();
  }

  isDown(actor: Actor): boolean {
    return this.machines[actor.index]!.power !== "on";
  }

  // What a report needs of a run that is over.

  /** What is claimed of every run, whatever its scenario says. */
  always(): ClaimResult[] {
    return [...this.holdings.results(), ...this.checkers.results(), ...this.vaults.results()];
  }

  faults(): FaultCounts {
    return {
      crashes: this.fate.crashes,
      partitions: this.recorder.partitions,
      lostPackets: this.network.losses,
      corruptions: this.network.corruptions + this.fate.corruptions,
    };
  }

  /** The part of the run for which a machine's processor was busy. */
  busy({ index }: Actor): number {
    return this.machines[index]!.busyFor / Math.max(1, this.now);
  }

  options(): Record<string, string> {
    return { crypto: this.#crypto.name };
  }

  // What machines need of the world.

  boot(machine: Machine): { readonly node: Node; readonly origin: Micros } {
    const { name, address } = machine;
    const purpose = `node/${name}/${machine.boots}`;
    const node = new Node({
      network: "starling sim",
      seed: this.stage.secretOf(name),
      address,
      random: this.oracle.stream(purpose),
      crypto: this.#crypto,
      protocols: protocolsOf(this.#script, this.stage.actors[machine.index]!),
    });
    return { node, origin: this.oracle.stream(`clock/${purpose}`).u32() };
  }

  stepped(machine: Machine, input: Input, step: Step): void {
    this.steps++;
    this.#fingerprint.absorb(this.clock.now, machine, input, step);
    this.#watch?.stepped?.(this.clock.now, machine, input, step);
    if (input.kind === "linked") {
      this.checkers.linked(this.clock.now, machine.name, this.network.linksOf(machine));
    }
  }

  told(machine: Machine, event: AppEvent): void {
    const { now } = this.clock;
    const actor = this.stage.actors[machine.index]!;
    this.checkers.told(now, machine.name, event);
    this.recorder.told(now, actor, event);
    this.holdings.told(actor, event);
    this.vaults.told(machine.disk, event);
    this.#watch?.told?.(now, actor, event);
    for (const cue of this.story.told(now, actor, event)) {
      this.clock.at(now + cue.after, DUE, 0, 0, () => this.#do(cue.deed, event));
    }
    if (this.definition.until === "claims") this.#stopIfDecided();
  }

  kept(machine: Machine, key: string, bytes: Uint8Array): void {
    this.checkers.kept(this.clock.now, machine.name, key, bytes);
    this.vaults.kept(key);
  }

  send(machine: Machine, link: LinkId, frame: Frame): void {
    this.network.send(machine, link, frame);
  }

  cast(machine: Machine, to: string, bytes: Uint8Array): void {
    this.checkers.cast(this.clock.now, machine.name, bytes);
    this.network.cast(machine, to, bytes);
  }

  dial(machine: Machine, address: string): void {
    this.network.dial(machine, address);
  }

  hangUp(machine: Machine, link: LinkId): void {
    this.network.hangUp(machine, link);
  }

  read(machine: Machine, link: LinkId, frame: Frame): void {
    this.network.read(machine, link, frame);
  }

  file(key: string): Uint8Array | undefined {
    const bytes = this.#files.load(key);
    if (bytes !== undefined) this.checkers.read(bytes);
    return bytes;
  }

  // What watches the links.

  sent(machine: Machine, frame: Frame, bytes: number): void {
    this.checkers.sent(this.clock.now, machine.name, frame, bytes);
  }

  arrived(_machine: Machine, frame: Frame, bytes: number): void {
    this.checkers.arrived(bytes);
    const { body } = frame;
    if (body !== undefined) this.recorder.goodput.add(this.clock.now, body.length);
  }

  dropped(_frames: number, bytes: number): void {
    this.checkers.dropped(bytes);
  }

  #hashOf(handle: string, bytes: number): string {
    const whole = this.#files.read(handle, 0, bytes);
    return whole === undefined ? "" : hex(this.#crypto.sha256(whole));
  }

  #schedule(): void {
    const { clock, stage } = this;
    checkAsked(this.#script);
    for (const { name, index, options } of stage.actors) {
      const start = () => this.fate.start(stage.actors[index]!);
      assert(this.machines[index]!.name === name, "machines are numbered as the cast is");
      clock.at(startOf(options), DUE, 0, 0, start);
    }
    stage.acts.forEach(({ at }, number) => clock.at(at, ACTED, number, 0));
    for (const by of this.story.deadlines) {
      if (by >= this.lasts) continue;
      clock.at(by + 1, DUE, 0, 0, () => {
        this.story.close(by, (actor) => this.isDown(actor));
        if (this.definition.until === "claims") this.#stopIfDecided();
      });
    }
  }

  #due(kind: number): void {
    if (kind === ACTED) this.#do(this.stage.acts[this.clock.a]!.deed);
    else (this.clock.payload as () => void)();
  }

  #do(deed: Deed, event?: AppEvent): void {
    const { now } = this.clock;
    if (deed.kind === "ask") {
      for (const actor of deed.actors) {
        const { asking } = deed;
        const command = typeof asking === "function" ? asking(actor, event!) : asking;
        this.checkers.asked(command);
        this.machines[actor.index]!.post({ kind: "asked", command });
      }
    } else if (deed.kind === "begin") {
      this.recorder.began(now, deed.fault);
      deed.fault.begin(this.fate);
    } else {
      this.recorder.ended(now, deed.fault);
      deed.fault.end!(this.fate);
    }
  }

  #stopIfDecided(): void {
    if (this.story.isDecided(this.clock.now)) this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.story.close(Infinity, (actor) => this.isDown(actor));
    this.checkers.close(this.network.underway);
  }
}
