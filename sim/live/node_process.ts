/** The process of one node, as the stage sees it: from when it is spawned until it has ended. */
import { fromJson, toJson } from "../../runtime/host/console/json.ts";
import type { Order, Part, Report, Usage } from "./lines.ts";

/** Who hears what a process says. */
export type Listener = (report: Report) => void;

const SCRIPT = new URL("./node.ts", import.meta.url).pathname;
/**
 * As the task that starts a node has them: files are moved by links, which ask for more than a folder. One
 * thread, as the engine's compilers on threads of their own cost a node 8 % of its processor time.
 */
const FLAGS = [
  "--no-prompt",
  "--v8-flags=--max-semi-space-size=1,--expose-gc,--single-threaded",
  "--allow-read",
  "--allow-write",
  "--allow-net",
  "--allow-sys=networkInterfaces,hostname,statfs",
];

/** How a process is run. */
export interface Running {
  readonly inside: (line: readonly string[]) => readonly string[];
  /** A folder for a profile of its processor, where one is wanted. */
  readonly profile: string | undefined;
}

export class NodeProcess {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listener: Listener;
  readonly #loaded = Promise.withResolvers<void>();
  readonly #started = Promise.withResolvers<void>();
  readonly #over: Promise<void>;
  #measuring: ((usage: Usage | undefined) => void) | undefined;
  #isAlive = true;

  constructor(part: Part, { inside, profile }: Running, listener: Listener) {
    this.#listener = listener;
    const flags = [
      ...FLAGS,
      ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]),
    ];
    const [program, ...args] = inside([Deno.execPath(), "run", ...flags, SCRIPT]);
    this.#child = new Deno.Command(program!, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    for (const { promise } of [this.#loaded, this.#started]) promise.catch(() => {}); // told by `failed`
    this.#write(part);
    this.#over = this.#hear();
  }

  /** Everything that the node needs is in memory. Rejects where the process ends before. */
  get loaded(): Promise<void> {
    return this.#loaded.promise;
  }

  get started(): Promise<void> {
    return this.#started.promise;
  }

  /** It has ended, and everything that it said was heard. */
  get over(): Promise<void> {
    return this.#over;
  }

  order(order: Order): void {
    this.#write(order);
  }

  signal(signal: Deno.Signal): void {
    if (this.#isAlive) this.#child.kill(signal);
  }

  /** Undefined where it ends before it answers. */
  measure(): Promise<Usage | undefined> {
    if (!this.#isAlive) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#measuring = resolve;
      this.#write({ kind: "measure" });
    });
  }

  #write(line: Order | Part): void {
    const bytes = new TextEncoder().encode(`${toJson(line)}\n`);
    this.#writer.write(bytes).catch(() => {}); // it has ended: that is heard elsewhere
  }

  async #hear(): Promise<void> {
    let rest = "";
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.#heard(fromJson(line) as Report);
    }
    await this.#child.status;
    this.#isAlive = false;
    this.#measuring?.(undefined);
    const ended = new Error("The process has ended");
    this.#loaded.reject(ended);
    this.#started.reject(ended);
  }

  #heard(report: Report): void {
    if (report.kind === "loaded") this.#loaded.resolve();
    else if (report.kind === "measured") {
      this.#measuring?.({
        ...report.usage,
        memory: mostMemory(this.#child.pid) ?? report.usage.memory,
      });
    } else {
      if (report.kind === "started") this.#started.resolve();
      this.#listener(report);
    }
  }
}

/** Bytes. What Linux tells a process about itself begins with what we had when we started it. */
function mostMemory(pid: number): number | undefined {
  if (Deno.build.os !== "linux") return undefined;
  const kilobytes = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}
