/** An owner and devices, each a process of its own on the loopback, as people start them. */
import { findRunning, type Remote } from "../../runtime/host/console/remote.ts";
import type { AppEvent } from "../../runtime/core/mod.ts";
import { vault } from "../../runtime/protocols/mod.ts";
import { freePort } from "../host/net/stage.ts";

const MAIN = new URL("../../runtime/main.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
/** As `deno task node` has it. */
const FLAGS = [
  "--v8-flags=--max-semi-space-size=1,--expose-gc,--single-threaded",
  "-A",
  "--no-check",
  "--config",
  CONFIG,
];
const START_MILLISECONDS = 30_000;

interface Running {
  readonly remote: Remote;
  readonly pid: number;
  readonly kill: () => Promise<void>;
}

export class VaultRoom {
  readonly devices: Running[] = [];
  owner!: Running;
  readonly #discovery = freePort();

  private constructor(readonly folder: string) {}

  /** So many devices, an owner, and a vault. */
  static async open(devices: number): Promise<VaultRoom> {
    const room = new VaultRoom(await Deno.makeTempDir({ prefix: "starling-vault-" }));
    room.owner = await room.#start("owner", 0);
    for (let at = 0; at < devices; at++) room.devices.push(await room.#start(`device${at}`, 1_024));
    await room.ask(vault.create(crypto.getRandomValues(new Uint8Array(32))), vault.isCreated);
    const present = async () => {
      const { devices: found } = await room.ask(vault.list(), isListed);
      return found.filter(({ free }) => free > 0).length;
    };
    while (await present() < devices) await new Promise((resolve) => setTimeout(resolve, 100));
    return room;
  }

  /** Asks the owner, and waits for such an event; rejects where it fails. */
  async ask<Event extends AppEvent>(
    command: vault.VaultCommand,
    test: (event: AppEvent) => event is Event,
  ): Promise<Event> {
    const result = Promise.withResolvers<Event>(), since = Date.now();
    const unfollow = this.owner.remote.follow(0, ({ wall, event }) => {
      if (wall < since) return;
      if (vault.isFailed(event)) result.reject(new Error(event.words));
      if (test(event)) result.resolve(event);
    });
    try {
      await this.owner.remote.ask(command);
      return await result.promise;
    } finally {
      unfollow();
    }
  }

  /** Locks a file, opens it, and answers with where it is then and the seconds that it took. */
  async roundTrip(
    path: string,
  ): Promise<{ place: string; lock: number; open: number; content: string }> {
    const { handle, title, bytes } = await this.owner.remote.open([path]);
    const began = performance.now();
    const { content } = await this.ask(vault.lock({ handle, title, bytes }), vault.isLocked);
    const locked = performance.now();
    const { paths } = await this.ask(vault.open(content), isReceived(content));
    const opened = performance.now();
    return {
      ...{ place: paths[0]!, content },
      ...{ lock: (locked - began) / 1000, open: (opened - locked) / 1000 },
    };
  }

  /** The most memory that a process has had, in megabytes; undefined where the system does not say. */
  peakOf({ pid }: Running): number | undefined {
    if (Deno.build.os !== "linux") return undefined;
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ??
      [];
    return Number(kilobytes) / 1_000;
  }

  async close(): Promise<void> {
    for (const { kill } of [this.owner, ...this.devices]) await kill();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #start(name: string, megabytes: number): Promise<Running> {
    const folder = `${this.folder}/${name}`;
    const settings = {
      folder,
      name,
      inbox: `${folder} inbox`,
      bind: "127.0.0.1",
      port: "0",
      "discovery-port": `${this.#discovery}`,
      "vault-megabytes": `${megabytes}`,
    };
    const words = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, value]);
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", ...FLAGS, MAIN, "start", "--quiet", ...words],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const until = Date.now() + START_MILLISECONDS;
    let remote = await findRunning(folder);
    while (remote === undefined && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      remote = await findRunning(folder);
    }
    const kill = async () => {
      try {
        child.kill("SIGKILL");
      } catch {
        // it has ended by itself
      }
      await child.status;
    };
    if (remote !== undefined) return { remote, pid: child.pid, kill };
    await kill();
    throw new Error(`${name} did not start`);
  }
}

type Listed = Extract<vault.VaultEvent, { readonly name: "listed" }>;
const isListed = (event: AppEvent): event is Listed =>
  vault.isVaultEvent(event) && event.name === "listed";

type Received = AppEvent & { readonly paths: readonly string[] };
const isReceived = (content: string) => (event: AppEvent): event is Received =>
  event.protocol === "host" && event.name === "received" &&
  (event as unknown as { content: string }).content === content;
