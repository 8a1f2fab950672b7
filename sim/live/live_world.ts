/**
 * A run in the real world: the script that the simulator plays, played by processes on real sockets.
 *
 * 1. Times count from when every node that is there from the start is ready.
 * 2. Whatever is claimed, counted and reported is so by the code that does it for the simulator.
 * 3. An event has the time at which its node told it, by the machine's clock that all of them share.
 */
import { type AppEvent, hex, type Micros } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { type Actor, hostOf, startOf } from "../cast.ts";
import type { Deed } from "../deeds.ts";
import type { Fault } from "../faults.ts";
import { Files } from "../files.ts";
import { payloadRate } from "../lan.ts";
import type { HostLike } from "../paths.ts";
import type { ClaimResult, FaultCounts } from "../record.ts";
import { Recorder } from "../recorder.ts";
import type { Run } from "../results.ts";
import type { Scenario } from "../scenario.ts";
import { checkAsked, type Script, scriptOf } from "../script.ts";
import type { Stage } from "../stage.ts";
import { Story } from "../story.ts";
import type { Nanos } from "../units.ts";
import { shortfallsOf } from "./abilities.ts";
import { LiveFate } from "./live_fate.ts";
import { LiveHoldings } from "./live_holdings.ts";
import { LiveMachine } from "./live_machine.ts";
import type { Place } from "./place.ts";

/** What a live run is made of. */
export interface LiveOptions {
  readonly scenario: Scenario;
  /** The scenario's file. */
  readonly url: string;
  readonly place: Place;
  /** An empty folder; whoever gives it takes it away. */
  readonly folder: string;
  readonly seed: number | undefined;
  readonly set: readonly string[];
  readonly userFile: { readonly name: string; readonly bytes: Uint8Array } | undefined;
  /** The machine whose processor is looked into, and where what is found goes. */
  readonly profile: { readonly name: string; readonly folder: string } | undefined;
  readonly watch?: LiveWatcher;
}

/** Looks on. */
export interface LiveWatcher {
  /** All nodes that are there from the start are ready. */
  began?(world: LiveWorld): void;
  told?(now: Nanos, actor: Actor, event: AppEvent): void;
}

/** What was told shortly before a deadline is heard by then. */
const LATE_NANOS: Nanos = 250_000_000;
const NANOS_PER_MILLI = 1e6;

export class LiveWorld implements Run {
  readonly mode = "live";
  readonly digest = "none";
  readonly story: Story;
  readonly recorder: Recorder;
  readonly machines: readonly LiveMachine[];
  /** Events told so far. */
  steps = 0;
  readonly #options: LiveOptions;
  readonly #script: Script;
  readonly #natures: readonly HostLike[];
  readonly #shortfalls: readonly string[];
  readonly #files: Files;
  readonly #fate: LiveFate;
  readonly #holdings = new LiveHoldings();
  readonly #errors: ClaimResult[] = [];
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  /** What nodes call the scenario's files. */
  readonly #handles = new Map<string, string>();
  /** Bytes kept so far, by machine and content. */
  readonly #kept = new Map<string, number>();
  /** Faults that will be mended: who is down by them has its next process wait. */
  readonly #mended: ReadonlySet<Fault>;
  readonly #over = Promise.withResolvers<void>();
  #began = 0;
  #isSharing = false;
  #endedAt: Nanos | undefined;
  #losses = 0;

  /** Throws an `Incompatible` for what cannot be played here. */
  constructor(options: LiveOptions) {
    this.#options = options;
    const { place } = options;
    const script = this.#script = scriptOf({
      scenario: options.scenario,
      crypto: nodeCrypto,
      set: options.set,
      addressAt: (index) => place.addressAt(index),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.userFile === undefined ? {} : { userFile: options.userFile }),
    });
    checkAsked(script);
    this.#shortfalls = shortfallsOf(script, place);
    const { actors, acts, files } = script.stage;
    this.#files = new Files((purpose) => script.oracle.stream(purpose));
    for (const { handle, content } of files) this.#files.open(handle.handle, content);
    this.#natures = actors.map((actor) => hostOf(actor.options, script.lan));
    this.#mended = new Set(acts.flatMap(({ deed }) => deed.kind === "end" ? [deed.fault] : []));
    this.story = new Story(script.stage);
    this.machines = actors.map((actor) => this.#machine(actor));
    this.recorder = new Recorder({
      actors,
      ratesOf: ({ index }) => this.#ratesOf(index),
      lifeOf: (actor) => this.#lifeOf(actor),
      hashOf: (handle, bytes) => this.#hashOf(handle, bytes),
    });
    const failed = (error: Error) => this.#over.reject(error);
    const realm = { place, machines: this.machines, everyone: actors, failed };
    this.#fate = new LiveFate(realm, this.#natures);
    this.#over.promise.catch(() => {}); // told by `run`
  }

  get seed(): number {
    return this.#script.seed;
  }

  get settings(): Record<string, string | number | boolean> {
    return this.#script.settings;
  }

  get stage(): Stage<unknown> {
    return this.#script.stage;
  }

  get lasts(): Nanos {
    return this.#script.lasts;
  }

  /** Since the beginning, until the end. */
  get now(): Nanos {
    return this.#endedAt ?? Math.round((performance.now() - this.#began) * NANOS_PER_MILLI);
  }

  /** Plays it all, and leaves no process behind. */
  async run(): Promise<void> {
    const { place, watch } = this.#options;
    try {
      this.#write();
      await place.open(this.#natures, this.#script.lan.loss);
      await Promise.race([this.#prepare(), this.#over.promise]);
      this.#began = performance.now();
      watch?.began?.(this);
      this.#schedule();
      await this.#over.promise;
      this.#endedAt = this.now;
      await this.#measure();
      await Promise.all(this.machines.map((machine) => machine.close()));
      await this.#holdings.check((handle, bytes) => this.#hashOf(handle, bytes));
    } finally {
      for (const timer of this.#timers) clearTimeout(timer);
      for (const machine of this.machines) machine.abort();
      await place.close();
    }
  }

  /** Ends it at once; `run` rejects. */
  abort(): void {
    this.#over.reject(new Error("Interrupted"));
  }

  // What a report needs of a run that is over.

  get hasRates(): boolean {
    return this.#options.place.ways !== undefined;
  }

  always(): readonly ClaimResult[] {
    return [...this.#holdings.results(), ...this.#errors];
  }

  faults(): FaultCounts {
    const { partitions } = this.recorder;
    return { crashes: this.#fate.crashes, partitions, lostPackets: this.#losses, corruptions: 0 };
  }

  busy({ index }: Actor): number {
    return this.machines[index]!.usage.cpu * 1e9 / Math.max(1, this.now);
  }

  options(): Record<string, string> {
    const cpu = this.machines.reduce((sum, { usage }) => sum + usage.cpu, 0);
    const sharing = this.machines.reduce((sum, { sharingCpu }) => sum + sharingCpu, 0);
    const memory = Math.max(...this.machines.map(({ usage }) => usage.memory));
    return {
      stage: this.#options.place.name,
      cpu: `${cpu.toFixed(2)}s`,
      sharing: `${sharing.toFixed(2)}s`,
      memory: `${Math.round(memory / 1e6)}MB`,
      but: [...this.#shortfalls, ...this.#unclaimed()].join("; "),
    };
  }

  #unclaimed(): string[] {
    if (this.hasRates) return [];
    const names = this.stage.values.filter(({ needsRates }) => needsRates).map(({ name }) => name);
    return names.map((name) => `no rates here, so not claimed: ${name}`);
  }

  #write(): void {
    const { folder } = this.#options;
    Deno.mkdirSync(`${folder}/files`, { recursive: true });
    for (const { handle: { handle, size } } of this.stage.files) {
      Deno.writeFileSync(this.#pathOf(handle), this.#files.read(handle, 0, size)!);
    }
  }

  /** Every process is there, and every node that is to run from the start runs. */
  async #prepare(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.prepare().loaded));
    const first = this.machines.filter(({ actor }) => startOf(this.#player(actor).options) === 0);
    await Promise.all(first.map((machine) => machine.start()));
    await Promise.all(this.machines.map((machine) => machine.begin()));
  }

  #schedule(): void {
    for (const { index, options } of this.stage.actors) {
      const at = startOf(options);
      if (at > 0) this.#at(at, () => this.#fate.start(this.stage.actors[index]!));
    }
    for (const { at, deed } of this.stage.acts) this.#at(at, () => this.#do(deed));
    for (const by of this.story.deadlines) {
      if (by >= this.lasts) continue;
      this.#at(by + LATE_NANOS, () => {
        this.story.close(by, (actor) => this.#isDown(actor));
        this.#stopIfDecided();
      });
    }
    this.#at(this.lasts + LATE_NANOS, () => this.#over.resolve());
  }

  #at(time: Nanos, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      try {
        work();
      } catch (error) {
        this.#over.reject(error);
      }
    }, Math.max(0, (time - this.now) / NANOS_PER_MILLI));
    this.#timers.add(timer);
  }

  #do(deed: Deed, event?: AppEvent): void {
    const { now } = this;
    if (deed.kind === "ask") {
      for (const actor of deed.actors) {
        const { asking } = deed;
        const command = typeof asking === "function" ? asking(actor, event!) : asking;
        if ("handle" in command) this.#share();
        this.machines[actor.index]!.ask(command);
      }
    } else if (deed.kind === "begin") {
      this.recorder.began(now, deed.fault);
      deed.fault.begin(this.#fate);
      if (!this.#mended.has(deed.fault)) return;
      for (const machine of this.machines) if (machine.power !== "on") machine.prepare();
    } else {
      this.recorder.ended(now, deed.fault);
      deed.fault.end!(this.#fate);
    }
  }

  /** The first file is shared: whatever was to be done before, is done. */
  #share(): void {
    if (this.#isSharing) return;
    this.#isSharing = true;
    for (const machine of this.machines) machine.share();
  }

  #told(actor: Actor, origin: number, at: Micros, told: AppEvent): void {
    const event = this.#translated(told);
    const began = performance.timeOrigin + this.#began;
    const since = (origin + at / 1000 - began) * NANOS_PER_MILLI;
    const now = this.#began === 0 ? 0 : Math.max(0, Math.round(since));
    this.steps++;
    this.#holdings.told(actor, event);
    this.#count(now, actor, event);
    this.recorder.told(now, actor, event);
    this.#options.watch?.told?.(now, actor, event);
    for (const cue of this.story.told(now, actor, event)) {
      this.#at(now + cue.after, () => this.#do(cue.deed, event));
    }
    if (this.#began !== 0) this.#stopIfDecided();
  }

  /** With the scenario's own names for its files. */
  #translated(event: AppEvent): AppEvent {
    const { handle } = event as AppEvent & { readonly handle?: string };
    const file = handle === undefined ? undefined : this.#handles.get(handle);
    return file === undefined ? event : { ...event, handle: file } as AppEvent;
  }

  /** Errors are ours; what is kept by and by is the goodput. */
  #count(now: Nanos, { name }: Actor, event: AppEvent): void {
    const { protocol, name: what } = event;
    if (what === "error" && !this.#script.definition.errors?.includes(`${protocol}.error`)) {
      const actual = `${name} told ${protocol}.error`;
      this.#errors.push({
        name: "always: no error event",
        ok: false,
        target: "always",
        actual,
        margin: -1,
      });
    }
    if (protocol !== "swarm" || what !== "progress") return;
    const { content, bytes } = event as AppEvent & {
      readonly content: string;
      readonly bytes: number;
    };
    const key = `${name} ${content}`;
    this.recorder.goodput.add(now, Math.max(0, bytes - (this.#kept.get(key) ?? 0)));
    this.#kept.set(key, bytes);
  }

  #stopIfDecided(): void {
    if (this.#script.definition.until !== "claims") return;
    if (this.story.isDecided(this.now - LATE_NANOS)) this.#over.resolve();
  }

  async #measure(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.measure()));
    this.#losses = await this.#options.place.ways?.losses() ?? 0;
    this.story.close(Infinity, (actor) => this.#isDown(actor));
  }

  #machine(actor: Actor): LiveMachine {
    const { url, set, place, folder, profile } = this.#options;
    const { name, index, address } = actor;
    const secret = this.stage.secretOf(name);
    const own = `${folder}/${name}`;
    const files = this.stage.files.map(({ handle: { handle } }) => [handle, this.#pathOf(handle)]);
    const part = {
      ...{ url, set, name, index, address, secret, folder: own, network: "starling live" },
      ...place.socketAt(index),
      files: Object.fromEntries(files),
    };
    const isProfiled = profile?.name === name;
    const running = {
      inside: (line: readonly string[]) => place.inside(index, line),
      profile: isProfiled ? profile.folder : undefined,
    };
    return new LiveMachine(actor, part, running, {
      told: (...words) => this.#told(...words),
      opened: (file, handle) => this.#handles.set(handle, file),
      failed: (error) => this.#over.reject(error),
    });
  }

  #ratesOf(index: number): { readonly up: number; readonly down: number } {
    const { uplink, downlink, loss } = this.#natures[index]!;
    const { lan } = this.#script;
    const all = loss + lan.loss - Math.floor(loss * lan.loss / 1e6);
    return { up: payloadRate(uplink, all), down: payloadRate(downlink, all) };
  }

  #isDown({ index }: Actor): boolean {
    return this.machines[index]!.power !== "on";
  }

  #lifeOf(actor: Actor): number {
    return this.#isDown(actor) ? 0 : this.machines[actor.index]!.lives;
  }

  #player({ index }: Actor) {
    return this.stage.actors[index]!;
  }

  #pathOf(handle: string): string {
    return `${this.#options.folder}/files/${encodeURIComponent(handle)}`;
  }

  #hashOf(handle: string, bytes: number): string {
    const whole = this.#files.read(handle, 0, bytes);
    return whole === undefined ? "" : hex(nodeCrypto.sha256(whole));
  }
}
