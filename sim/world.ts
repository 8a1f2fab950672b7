/**
 * A world that we own: the same node as on real machines, with everything around it simulated.
 *
 * 1. Time moves from event to event, in one total order; nothing in here waits.
 * 2. Whatever happens follows from the scenario, its settings and the seed: the digest says so.
 * 3. Watchers (checkers, claims, meters) look on from outside and change nothing.
 */
import {
  type AnyProtocol,
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
import type { Act, Deed } from "./deeds.ts";
import { Disk } from "./disk.ts";
import { Fate } from "./fate.ts";
import { Files } from "./files.ts";
import { Fingerprint } from "./fingerprint.ts";
import { Holdings } from "./holdings.ts";
import { ACTED, DUE, HAPPENED } from "./kinds.ts";
import { Machine, type Surroundings } from "./machine.ts";
import { lanOf } from "./nature.ts";
import { Network } from "./network.ts";
import { type Decision, Oracle } from "./oracle.ts";
import { Recorder } from "./recorder.ts";
import type { Scenario, ScenarioDefinition } from "./scenario.ts";
import { type Settings, valuesOf } from "./settings.ts";
import { Stage } from "./stage.ts";

import { Story } from "./story.ts";
import { driftOf, type Nanos, nanos, UsageError } from "./units.ts";

/** What a run is made of. The same options give the same run. */
export interface WorldOptions {
  readonly scenario: Scenario;
  /** Of this world alone: a provider may number what passes through it. */
  readonly crypto: Crypto;
  /** Default: the scenario's own. */
  readonly seed?: number;
  /** `key=value` for the scenario's settings. */
  readonly set?: readonly string[];
  /** Bytes that take the place of the scenario's first file. */
  readonly userFile?: { readonly name: string; readonly bytes: Uint8Array };
  /** Remembers every step in short, to find where two runs part. */
  readonly marks?: boolean;
  /** Remembers every decision, or gives these instead. */
  readonly tape?: "record" | readonly Decision[];
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
  readonly calibration: Calibration;
  readonly seed: number;
  readonly definition: ScenarioDefinition<Settings>;
  readonly settings: Record<string, string | number | boolean>;
  readonly oracle: Oracle;
  readonly stage: Stage<unknown>;
  readonly machines: Machine[] = [];
  readonly network: Network;
  readonly recorder: Recorder;
  readonly checkers: Checkers;
  readonly holdings: Holdings;
  readonly fate: Fate;
  readonly story: Story;
  readonly lasts: Nanos;
  steps = 0;

  readonly #crypto: Crypto;
  readonly #files: Files;
  readonly #fingerprint: Fingerprint;
  readonly #watch: Watcher | undefined;
  #isOver = false;

  constructor(options: WorldOptions) {
    const definition = this.definition = options.scenario.definition;
    const { tape } = options;
    this.seed = options.seed ?? definition.seed;
    this.calibration = options.calibration ?? measured;
    this.#crypto = options.crypto;
    this.#watch = options.watch;
    this.#fingerprint = new Fingerprint(options.marks ?? false);
    this.oracle = new Oracle({
      seed: this.seed,
      ...(tape === undefined ? {} : tape === "record" ? { keep: "all" } : { replay: tape }),
    });
    const settings = this.settings = valuesOf(definition.settings ?? {}, options.set ?? []);
    const ofSettings = <T>(value: T | ((settings: never) => T)): T =>
      typeof value === "function" ? (value as (settings: unknown) => T)(settings) : value;
    this.lasts = nanos(ofSettings(definition.lasts));
    const network = lanOf(ofSettings(definition.network), this.oracle);
    this.stage = new Stage<unknown>({
      settings,
      lasts: this.lasts,
      crypto: options.crypto,
      oracle: this.oracle,
      userFile: options.userFile,
    });
    definition.play(this.stage as Stage<never>);
    this.stage.close();
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
    this.recorder = new Recorder({ paths, actors, lifeOf, hashOf });
    const { published } = this.checkers;
    const diskOf = ({ index }: Actor) => this.machines[index]!.disk;
    this.holdings = new Holdings({ published, diskOf, lifeOf, hashOf });
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

  /** What the cryptography of this run is. */
  get cryptoName(): string {
    return this.#crypto.name;
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
      protocols: this.#protocols(this.stage.actors[machine.index]!),
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
    this.#watch?.told?.(now, actor, event);
    for (const cue of this.story.told(now, actor, event)) {
      this.clock.at(now + cue.after, DUE, 0, 0, () => this.#do(cue.deed, event));
    }
    if (this.definition.until === "claims") this.#stopIfDecided();
  }

  kept(machine: Machine, key: string, bytes: Uint8Array): void {
    this.checkers.kept(this.clock.now, machine.name, key, bytes);
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

  #protocols(actor: Actor): readonly AnyProtocol[] {
    return this.definition.protocols(this.settings as never, actor);
  }

  #schedule(): void {
    const { clock, stage } = this;
    const names = new Set(this.#protocols(stage.actors[0]!).map(({ name }) => name));
    for (const { name, index, options } of stage.actors) {
      const start = () => this.fate.start(stage.actors[index]!);
      assert(this.machines[index]!.name === name, "machines are numbered as the cast is");
      clock.at(startOf(options), DUE, 0, 0, start);
    }
    stage.acts.forEach(({ at, deed }: Act, number) => {
      if (deed.kind === "ask" && typeof deed.asking !== "function") {
        const { protocol } = deed.asking;
        if (!names.has(protocol)) {
          throw new UsageError(
            `Cannot ask ${protocol}: the scenario runs ${[...names].join(", ")}`,
          );
        }
      }
      clock.at(at, ACTED, number, 0);
    });
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
