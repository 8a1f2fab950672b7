/**
 * One machine: a processor, a disk, a network card, and the node that runs on them.
 *
 * 1. Stepping never waits for performing: facts are stepped while orders wait for the disk.
 * 2. Performing never overtakes: orders are performed in sequence, each at its turn. A crash cuts
 *    that queue between two orders.
 * 3. A processor is busy for as long as the step cost (calibration.ts); facts wait in the inbox.
 *    What it then orders leaves when it is done.
 * 4. A save that the disk refuses is not overtaken either: the rest of its step is withheld, and
 *    the links on which that step would have sent are hung up, since their sequence is broken.
 * 5. Each boot has a monotonic clock of its own, from a point of its own: nodes that compare each
 *    other's times are wrong here as they are on real machines.
 */
import {
  type AppEvent,
  assert,
  type Effect,
  type Frame,
  type Input,
  type LinkId,
  type Micros,
  type Node,
  type Reason,
  type Step,
  unreachable,
  withheld,
} from "../runtime/core/mod.ts";
import { type Calibration, cost, HANDSHAKE_FRAMES } from "./calibration.ts";
import { type Clock, type Handle, NO_EVENT } from "./clock.ts";
import type { Disk, Unsynced } from "./disk.ts";
import { HAPPENED, PROCESSED, SYNCED, WOKEN } from "./kinds.ts";
import { Queue } from "./queue.ts";
import type { Nanos } from "./units.ts";

/** What a machine needs of the world around it. Nothing in here answers at once. */
export interface Surroundings {
  readonly clock: Clock;
  readonly calibration: Calibration;
  /** A new node for a boot of this machine, and where its clock begins. */
  boot(machine: Machine): { readonly node: Node; readonly origin: Micros };
  stepped(machine: Machine, input: Input, step: Step): void;
  told(machine: Machine, event: AppEvent): void;
  kept(machine: Machine, key: string, bytes: Uint8Array): void;
  send(machine: Machine, link: LinkId, frame: Frame): void;
  cast(machine: Machine, to: string, bytes: Uint8Array): void;
  dial(machine: Machine, address: string): void;
  hangUp(machine: Machine, link: LinkId): void;
  /** A frame has been taken from the socket's buffer. */
  read(machine: Machine, link: LinkId, frame: Frame): void;
  /** The bytes of a `file/` key; undefined where there is none. */
  file(key: string): Uint8Array | undefined;
}

/** `off`: no power. `dead`: the process has ended, the machine's system runs. */
export type Power = "on" | "dead" | "off";

/** How chance decides about what was being written when a machine stopped. */
export interface Unlucky {
  piece(key: string): Unsynced;
  /** How many of these records, first ones first, have reached the medium. */
  records(most: number): number;
}

const WOKE: Input = { kind: "woke" };
const NONE: readonly Effect[] = [];

export class Machine {
  power: Power = "off";
  paused = false;
  /** How often the node has started. */
  boots = 0;
  /** Steps of all boots. */
  steps = 0;
  busyFor: Nanos = 0;
  /** Speed of the processor, as a multiple of the one that was measured. */
  cpu = 1;
  /** How much faster its clock runs than the world's, in parts per million. */
  drift = 0;
  /** Set by a fault: so many orders are still performed, then it strikes instead of the next. */
  strike: { left: number; readonly now: () => void } | undefined;

  #world: Surroundings;
  #clock: Clock;
  #node: Node | undefined;
  #bootedAt: Nanos = 0;
  #origin: Micros = 0;
  readonly #inbox = new Queue<Input>();
  readonly #orders = new Queue<readonly Effect[]>();
  /** The next order of the first batch of orders, and how many records from there are syncing. */
  #turn = 0;
  #syncing = 0;
  #freeAt: Nanos = 0;
  #processed: Handle = NO_EVENT;
  #produced = NONE;
  #wake: Handle = NO_EVENT;
  #armedFor: Micros = 0;
  #wakeAt: Micros | undefined;
  /** `woke` is in the inbox. */
  #waking = false;
  /** Frames taken and sent on each link, up to the length of a handshake. */
  #greeted = new Uint8Array(64);

  constructor(
    readonly index: number,
    readonly name: string,
    readonly address: string,
    public disk: Disk,
    world: Surroundings,
  ) {
    this.#world = world;
    this.#clock = world.clock;
  }

  /** The node's own time. */
  get now(): Micros {
    const elapsed = this.#clock.now - this.#bootedAt;
    return this.#origin + Math.floor(elapsed * (1 + this.drift / 1e6) / 1000);
  }

  /** Facts that wait for the processor. */
  get backlog(): number {
    return this.#inbox.length;
  }

  start(): void {
    assert(this.power !== "on", `${this.name} is down before it starts`);
    this.power = "on";
    this.paused = false;
    const boot = this.boots++;
    const { node, origin } = this.#world.boot(this);
    this.#node = node;
    this.#origin = origin;
    this.#bootedAt = this.#freeAt = this.#clock.now;
    this.#greeted.fill(0);
    this.post({ kind: "started", saved: this.disk.saved(), boot });
  }

  /** Everything volatile is gone; what was being written too, unless the process ended in peace. */
  stop(power: "dead" | "off", unlucky?: Unlucky): void {
    assert(this.power === "on", `${this.name} runs before it stops`);
    const syncing = this.#syncing;
    if (syncing > 0) this.#write(unlucky === undefined ? syncing : unlucky.records(syncing));
    this.power = power;
    this.#node = undefined;
    this.#inbox.clear();
    this.#orders.clear();
    this.#turn = this.#syncing = 0;
    this.#produced = NONE;
    this.#clock.cancel(this.#processed);
    this.#clock.cancel(this.#wake);
    this.#processed = this.#wake = NO_EVENT;
    this.#wakeAt = undefined;
    this.#waking = false;
    if (unlucky !== undefined) this.disk.crash(power, this.#clock.now, unlucky.piece);
  }

  /** The whole process stands still; the system's sockets go on filling. */
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    if (this.power !== "on" || this.#processed !== NO_EVENT) return;
    this.#perform();
    this.#work();
  }

  /** Hands a fact to the node: now if the processor is free, else in its turn. */
  post(input: Input): void {
    if (this.power !== "on") return;
    const isIdle = this.#processed === NO_EVENT && !this.paused;
    if (isIdle && this.#inbox.length === 0 && this.#freeAt <= this.#clock.now) this.#step(input);
    else {
      this.#inbox.push(input);
      if (isIdle) this.#work();
    }
  }

  /** An event of this machine is due; `boot` says of which life. */
  happened(kind: number, boot: number, payload: unknown): void {
    if (boot !== this.boots || this.power !== "on") return; // of an earlier life
    switch (kind) {
      case PROCESSED:
        this.#processed = NO_EVENT;
        if (this.#produced.length > 0) this.#orders.push(this.#produced);
        this.#produced = NONE;
        if (this.paused) return;
        this.#perform();
        return this.#work();
      case WOKEN:
        return this.#woken();
      case SYNCED:
        this.#write(this.#syncing);
        this.#syncing = 0;
        return this.#perform();
      case HAPPENED:
        return this.post(payload as Input);
      default:
        assert(false, "a machine knows each kind of its events");
    }
  }

  /** Steps what waits, until the processor is busy. */
  #work(): void {
    while (this.#processed === NO_EVENT && this.#inbox.length > 0) {
      if (this.#freeAt > this.#clock.now) this.#whenFree();
      else this.#step(this.#inbox.shift()!);
    }
  }

  #step(input: Input): void {
    if (input === WOKE) this.#waking = false;
    const greets = input.kind === "received" && this.#greets(2 * input.link);
    const step = this.#node!.step(this.now, input);
    this.steps++;
    if (input.kind === "received") this.#world.read(this, input.link, input.frame);
    this.#world.stepped(this, input, step);
    this.#await(step.wakeAt);
    const nanos = cost(this.#world.calibration, input, greets, step.effects, this.#sends);
    const taken = Math.round(nanos / this.cpu);
    this.busyFor += taken;
    this.#freeAt = this.#clock.now + taken;
    if (step.effects.length === 0) return;
    if (taken > 0) {
      this.#produced = step.effects;
      this.#whenFree();
    } else {
      this.#orders.push(step.effects);
      this.#perform();
    }
  }

  /** Bound once: whether a frame sent on this link belongs to its handshake. */
  #sends = (link: LinkId): boolean => this.#greets(2 * link + 1);

  #greets(direction: number): boolean {
    if (direction >= this.#greeted.length) {
      const larger = new Uint8Array(2 * direction);
      larger.set(this.#greeted);
      this.#greeted = larger;
    }
    if (this.#greeted[direction]! >= HANDSHAKE_FRAMES) return false;
    this.#greeted[direction]!++;
    return true;
  }

  #whenFree(): void {
    this.#processed = this.#clock.at(this.#freeAt, PROCESSED, this.index, this.boots);
  }

  /** Keeps one wake event; one that is too early is left to fire and look again. */
  #await(wakeAt: Micros | undefined): void {
    this.#wakeAt = wakeAt;
    if (wakeAt === undefined || this.#waking) return;
    if (this.#wake !== NO_EVENT) {
      if (this.#armedFor <= wakeAt) return;
      this.#clock.cancel(this.#wake);
    }
    this.#arm(wakeAt);
  }

  #arm(wakeAt: Micros, notBefore: Nanos = this.#clock.now): void {
    const elapsed = Math.ceil((wakeAt - this.#origin) * 1000 / (1 + this.drift / 1e6));
    this.#armedFor = wakeAt;
    const due = Math.max(this.#bootedAt + elapsed, notBefore);
    this.#wake = this.#clock.at(due, WOKEN, this.index, this.boots);
  }

  #woken(): void {
    this.#wake = NO_EVENT;
    if (this.#wakeAt === undefined) return;
    if (this.#wakeAt > this.now) return this.#arm(this.#wakeAt, this.#clock.now + 1);
    this.#waking = true;
    this.post(WOKE);
  }

  /** Performs orders in sequence, until one has to wait for the disk. */
  #perform(): void {
    const orders = this.#orders;
    while (orders.length > 0 && this.#syncing === 0 && !this.paused) {
      const batch = orders.first()!;
      if (this.#turn === batch.length) {
        orders.shift();
        this.#turn = 0;
        continue;
      }
      if (this.strike !== undefined && this.strike.left-- === 0) return this.strike.now();
      const effect = batch[this.#turn]!;
      if (effect.kind === "save") this.#sync(batch);
      else {
        this.#turn++;
        this.#order(effect);
      }
    }
  }

  #order(effect: Exclude<Effect, { kind: "save" }>): void {
    switch (effect.kind) {
      case "send":
        return this.#world.send(this, effect.link, effect.frame);
      case "tell":
        return this.#world.told(this, effect.event);
      case "keep": {
        this.#world.kept(this, effect.key, effect.bytes);
        const why = this.disk.keep(effect.key, effect.bytes, this.#clock.now);
        if (why !== undefined) {
          const { key } = effect;
          this.#happens(this.#clock.now, { kind: "refused", order: "keep", key, why });
        }
        return;
      }
      case "drop-kept":
        return this.disk.drop(effect.key);
      case "settle": {
        const { name } = effect, settledAt = this.disk.settle(name, this.#clock.now);
        const why = this.disk.failing ? "disk-error" : undefined;
        return this.#happens(settledAt, { kind: "settled", name, why });
      }
      case "load":
        return this.#load(effect.key);
      case "cast":
        return this.#world.cast(this, effect.to, effect.bytes);
      case "dial":
        return this.#world.dial(this, effect.address);
      case "hang-up":
        return this.#world.hangUp(this, effect.link);
      default:
        return unreachable(effect);
    }
  }

  #load(key: string): void {
    const bytes = key.startsWith("file/") ? this.#world.file(key) : this.disk.kept(key);
    const readyAt = this.disk.readBy(bytes?.length ?? 0, this.#clock.now);
    this.#happens(readyAt, { kind: "loaded", key, bytes });
  }

  /** Starts to sync the records that come next; their orders are done when the disk says so. */
  #sync(batch: readonly Effect[]): void {
    let end = this.#turn;
    for (let next = batch[end]; next?.kind === "save"; next = batch[++end]) {
      if (this.strike !== undefined && end > this.#turn) break; // it may fall between two records
      const why = this.disk.refusal(next.key, next.bytes?.length ?? 0);
      if (why === undefined) continue;
      if (end === this.#turn) return this.#withhold(batch, why);
      break;
    }
    this.#syncing = end - this.#turn;
    const { now } = this.#clock;
    this.#clock.at(now + this.disk.syncTime, SYNCED, this.index, this.boots);
  }

  /** Records are on the medium, the first `count` of those that come next. */
  #write(count: number): void {
    const batch = this.#orders.first()!;
    for (const end = this.#turn + count; this.#turn < end; this.#turn++) {
      const effect = batch[this.#turn]!;
      assert(effect.kind === "save", "only records are synced");
      this.disk.write(effect.key, effect.bytes);
    }
  }

  /** Rule 4. */
  #withhold(batch: readonly Effect[], why: Reason): void {
    const { orders, facts } = withheld(batch.slice(this.#turn), why);
    this.#turn = batch.length;
    for (const order of orders) this.#order(order);
    for (const fact of facts) this.#happens(this.#clock.now, fact);
  }

  /** A fact for later, or for after what is now being performed. */
  #happens(at: Nanos, input: Input): void {
    this.#clock.at(at, HAPPENED, this.index, this.boots, input);
  }
}
