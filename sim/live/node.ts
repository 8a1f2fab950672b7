/**
 * The process of one node on a live stage: the node that ships, with the protocols of a scenario.
 *
 * It is for tests alone. Its first line on stdin is its part (lines.ts); it loads what the node needs,
 * says so, and starts the node when it is told to. What a scenario's `play` leaves in variables is not
 * here: `protocols` follows from the settings and the machine.
 */
import process from "node:process";
import type { Command, PeerId, PeerKeys } from "../../runtime/core/mod.ts";
import { identityFrom } from "../../runtime/core/mod.ts";
import { fromJson, toJson } from "../../runtime/host/console/json.ts";
import { Service } from "../../runtime/host/console/service.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { LiveNode } from "../../runtime/host/live_node.ts";
import type { Actor } from "../cast.ts";
import { load } from "../loading.ts";
import { protocolsOf } from "../script.ts";
import { valuesOf } from "../settings.ts";
import { UsageError } from "../units.ts";
import type { Order, Part, Report, Usage } from "./lines.ts";

const MICROS_PER_SECOND = 1e6;

/** Lines to the stage, as many as there are in one write. */
class Reports {
  #waiting = "";
  #writing: Promise<void> | undefined;

  say(report: Report): void {
    this.#waiting += `${toJson(report)}\n`;
    this.#writing ??= this.#write();
  }

  /** Resolves when everything has been said. */
  async flushed(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What is told in the same turn goes with it; what others tell of it must not come before it.
    await Promise.resolve();
    while (this.#waiting !== "") {
      const bytes = new TextEncoder().encode(this.#waiting);
      this.#waiting = "";
      for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    }
    this.#writing = undefined;
  }
}

const reports = new Reports();
let atStart: NodeJS.CpuUsage | undefined;

async function* lines(): AsyncGenerator<unknown> {
  let rest = "";
  for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    for (const line of parts) yield fromJson(line);
  }
}

async function run(): Promise<void> {
  const heard = lines();
  const part = (await heard.next()).value as Part;
  const scenario = await load(part.url);
  reports.say({ kind: "loaded" });
  let service: Service | undefined;
  const opened = new Map<string, string>();
  for await (const line of heard) {
    const order = line as Order;
    if (order.kind === "start") service = await start(part, scenario);
    else if (order.kind === "ask") await ask(service!, part, opened, order.command);
    else if (order.kind === "measure") reports.say({ kind: "measured", usage: usage() });
    else break;
  }
  // Told to stop, or left alone: a stage that is gone has no use for its nodes.
  await service?.stop();
}

async function start(
  part: Part,
  { definition }: Awaited<ReturnType<typeof load>>,
): Promise<Service> {
  const { folder, bind, port, discoveryPort, network, secret } = part;
  const settings = valuesOf(definition.settings ?? {}, part.set);
  const node = await LiveNode.open({
    folder,
    port,
    bind,
    discoveryPort,
    network,
    seed: secret,
    protocols: protocolsOf({ definition, settings }, actorOf(part)),
    failed,
  });
  atStart = process.cpuUsage();
  const service = new Service(node, `${folder}/inbox`);
  const { peer, address } = node;
  reports.say({ kind: "started", peer, address, origin: performance.timeOrigin });
  service.follow(0, ({ at, event }) => reports.say({ kind: "told", at, event }));
  return service;
}

/** The machine as its scenario knows it, without a stage around it. */
function actorOf({ name, index, address, secret }: Part): Actor {
  const { peer, keys } = identityFrom(secret, nodeCrypto) as { peer: PeerId; keys: PeerKeys };
  const set = () => {
    throw new UsageError(`Cannot set ${name} while it runs`);
  };
  return { name, index, address, peer, keys, set };
}

/** A command names a scenario's file; the node has its own name for each that it has opened. */
async function ask(
  service: Service,
  { files }: Part,
  opened: Map<string, string>,
  command: Command,
): Promise<void> {
  const { handle: file } = command as Command & { readonly handle?: string };
  const path = file === undefined ? undefined : files[file];
  if (path === undefined) return await service.ask(command);
  let handle = opened.get(file!);
  if (handle === undefined) {
    ({ handle } = await service.open([path]));
    opened.set(file!, handle);
    reports.say({ kind: "opened", file: file!, handle });
  }
  await service.ask({ ...command, handle } as Command);
}

/** What the process has used since its node was open: loading the program is not the node's work. */
function usage(): Usage {
  const { user, system } = process.cpuUsage(atStart);
  const { maxRSS } = process.resourceUsage();
  return { cpu: (user + system) / MICROS_PER_SECOND, memory: maxRSS * 1024 };
}

function failed(error: unknown): void {
  const message = error instanceof Error ? error.stack ?? error.message : String(error);
  reports.say({ kind: "failed", message });
  void reports.flushed().then(() => Deno.exit(1));
}

if (import.meta.main) {
  // Who is at the terminal stops the stage, which stops its nodes.
  Deno.addSignalListener("SIGINT", () => {});
  try {
    await run();
    await reports.flushed();
    Deno.exit(0);
  } catch (error) {
    failed(error);
  }
}
