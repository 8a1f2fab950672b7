/** One machine of a live stage: the process that runs on it now, and those that ran before. */
import type { AppEvent, Command, Micros } from "../../runtime/core/mod.ts";
import type { Actor } from "../cast.ts";
import type { Part, Report, Usage } from "./lines.ts";
import { NodeProcess, type Running } from "./node_process.ts";

/** What a machine tells its stage. */
export interface LiveOwner {
  /** `origin`: milliseconds since 1970 at which the clock of the time began. */
  told(actor: Actor, origin: number, at: Micros, event: AppEvent): void;
  opened(file: string, handle: string): void;
  failed(error: Error): void;
}

export class LiveMachine {
  /** `dead`: its process is gone. `off`: and its cable is out. */
  power: "on" | "dead" | "off" = "dead";
  lives = 0;
  /** How much its processes have used, those that were killed not counted. */
  usage: Usage = { cpu: 0, memory: 0 };
  readonly actor: Actor;
  readonly #part: Part;
  readonly #running: Running;
  readonly #owner: LiveOwner;
  #process: NodeProcess | undefined;
  /** What processor time was used up before the run began. */
  #before = 0;
  /** And before the first file was shared. */
  #beforeSharing = 0;
  #isPaused = false;
  #isOver = false;
  /** The process before has let go of the folder, and of the port. */
  #gone: Promise<void> = Promise.resolve();
  #ordered: Promise<void> = Promise.resolve();

  constructor(actor: Actor, part: Part, running: Running, owner: LiveOwner) {
    this.actor = actor;
    this.#part = part;
    this.#running = running;
    this.#owner = owner;
  }

  /** Spawns a process that waits with everything in memory: a start is as quick as a node can be. */
  prepare(): NodeProcess {
    if (this.#process !== undefined) return this.#process;
    let origin = 0;
    const hear = (report: Report) => {
      if (report.kind === "told") this.#owner.told(this.actor, origin, report.at, report.event);
      else if (report.kind === "opened") this.#owner.opened(report.file, report.handle);
      else if (report.kind === "failed") this.#fail(report.message);
      else if (report.kind === "started") {
        ({ origin } = report);
        if (report.peer !== this.actor.peer) this.#fail("it is somebody else");
        if (report.address !== this.#part.address) this.#fail(`it listens at ${report.address}`);
      }
    };
    const process = this.#process = new NodeProcess(this.#part, this.#running, hear);
    void process.over.then(() => {
      if (this.#process === process && !this.#isOver) this.#fail("its process has ended by itself");
    });
    return process;
  }

  /** Resolves when the node runs. */
  async start(): Promise<void> {
    const process = this.prepare();
    this.power = "on";
    this.lives++;
    this.#ordered = this.#gone.then(() => process.order({ kind: "start" }));
    await process.started.catch(() => {}); // who killed it knows
  }

  ask(command: Command): void {
    const process = this.#process;
    if (this.power !== "on" || process === undefined) return;
    this.#ordered = this.#ordered.then(() => process.order({ kind: "ask", command }));
  }

  /** kill -9. */
  kill(power: "dead" | "off"): void {
    this.#end(power)?.signal("SIGKILL");
  }

  /** As the person quits who runs it. */
  quit(): void {
    if (this.power === "on") this.#end("dead")?.order({ kind: "stop" });
  }

  pause(): void {
    if (this.power !== "on" || this.#isPaused) return;
    this.#isPaused = true;
    this.#process!.signal("SIGSTOP");
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#process?.signal("SIGCONT");
  }

  /** A new, empty disk, once nothing runs on the old one. */
  async wipe(): Promise<void> {
    await this.#gone;
    await Deno.remove(this.#part.folder, { recursive: true }).catch(() => {}); // nothing was kept
  }

  /** Counts processor time from now on. */
  async begin(): Promise<void> {
    this.#before = (await this.#process?.measure())?.cpu ?? 0;
  }

  /** From now on it counts for `sharingCpu` too. */
  async share(): Promise<void> {
    this.#beforeSharing = (await this.#process?.measure())?.cpu ?? 0;
  }

  /** Seconds of processor that were spent since the first file was shared. */
  get sharingCpu(): number {
    return Math.max(0, this.usage.cpu + this.#before - this.#beforeSharing);
  }

  async measure(): Promise<void> {
    if (this.#isPaused) return;
    const usage = await this.#process?.measure();
    if (usage !== undefined) this.usage = { ...usage, cpu: usage.cpu - this.#before };
  }

  /** Ends whatever runs, and waits until it has. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.resume();
    const process = this.#process;
    process?.order({ kind: "stop" });
    const late = setTimeout(() => process?.signal("SIGKILL"), LAST_MILLIS);
    await Promise.all([process?.over, this.#gone]);
    clearTimeout(late);
  }

  /** At once. */
  abort(): void {
    this.#isOver = true;
    this.#process?.signal("SIGKILL");
  }

  #end(power: "dead" | "off"): NodeProcess | undefined {
    const process = this.#process;
    this.power = power;
    this.#isPaused = false;
    this.#process = undefined;
    this.#before = this.#beforeSharing = 0;
    if (process !== undefined) this.#gone = process.over;
    return process;
  }

  #fail(why: string): void {
    this.#owner.failed(new Error(`${this.actor.name}: ${why}`));
  }
}

/** A node that has not stopped by then is stopped. */
const LAST_MILLIS = 5_000;
