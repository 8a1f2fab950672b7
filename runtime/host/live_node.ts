/** One node on this machine: its disk, its sockets, its clock, and who listens to what it tells. */
import {
  type Address,
  type AnyProtocol,
  type AppEvent,
  assert,
  type Command,
  identityFrom,
  type Input,
  type Micros,
  Node,
  type PeerId,
  type PeerKeys,
} from "../core/mod.ts";
import { all, membership, type Options, swarm, vault } from "../protocols/mod.ts";
import { SystemRandom } from "./chance.ts";
import { nodeCrypto } from "./crypto.ts";
import { Clerk, openShelf } from "./directory/clerk.ts";
import {
  historySeal,
  type LiveDisk,
  openDisk,
  type Opened,
  type Seal,
  SealedRecords,
} from "./disk/mod.ts";
import { Host } from "./host.ts";
import { loadIdentity } from "./identity_file.ts";
import { type LiveNetwork, openNetwork } from "./net/mod.ts";
import type { Records } from "./ports.ts";

/** How a node is started. */
export interface LiveNodeOptions {
  /** All that it keeps is in there; one node a folder. */
  readonly folder: string;
  /** The next free one is taken where this is in use; 0 for any. */
  readonly port: number;
  /** Addresses of the interfaces to use. Default: all. */
  readonly bind?: readonly string[];
  /** Where beacons are heard, the same for everybody in a room. */
  readonly discoveryPort?: number;
  /** Device files: a bound Bluetooth channel, a serial line. */
  readonly serial?: readonly string[];
  /** Nodes of other networks are strangers. */
  readonly network?: string;
  /** The 32 secret bytes of its identity, where they do not come from its folder. */
  readonly seed?: Uint8Array;
  readonly passphrase?: string;
  /** What it runs, or options for all that it can. */
  readonly protocols?: Options | readonly AnyProtocol[] | ((keys: PeerKeys) => Options);
  /** Where a directory keeps what it knows: a file, or a `postgres://` address. It is one, if this is set. */
  readonly shelf?: string;
  /** Default: ends the process, since its state is no longer to be believed. */
  readonly failed?: (error: unknown) => void;
}

/** An event, and when it was told. */
export interface Told {
  /** For people: milliseconds since 1970. */
  readonly wall: number;
  /** For measuring: monotonic, of this boot. */
  readonly at: Micros;
  readonly event: AppEvent;
}

/** A content as its manifest describes it. */
type Described = { readonly title: string; readonly files: Opened["files"] };

const FLUSH_EVERY_MILLIS = 1_000;
/** A goodbye takes a step and a write; a peer that does not read cannot hold us longer. */
const GOODBYE_MILLIS = 50;

export class LiveNode {
  readonly peer: PeerId;
  readonly keys: PeerKeys;
  readonly folder: string;
  readonly boot: number;
  /** What seals what people have said. */
  readonly historySeal: Seal;
  readonly #failed: (error: unknown) => void;
  readonly #disk: LiveDisk;
  readonly #network: LiveNetwork;
  readonly #host: Host;
  readonly #listeners = new Set<(told: Told) => void>();
  /** What was told before anybody listened. */
  readonly #unheard: Told[] = [];
  #isHeard = false;
  #clerk: Clerk | undefined;
  readonly #described = new Map<string, Described>();
  readonly #flushing: ReturnType<typeof setInterval>;

  private constructor(
    options: LiveNodeOptions,
    seed: Uint8Array,
    protocols: readonly AnyProtocol[],
    records: Records,
    disk: LiveDisk,
    network: LiveNetwork,
  ) {
    this.folder = options.folder;
    this.#failed = options.failed ?? ((error) => {
      throw error;
    });
    this.boot = disk.boot;
    this.historySeal = historySeal(seed);
    this.#disk = disk;
    this.#network = network;
    const node = new Node({
      network: options.network ?? "starling",
      seed,
      address: network.address,
      random: new SystemRandom(),
      crypto: nodeCrypto,
      protocols,
    });
    this.peer = node.identity.peer;
    this.keys = node.identity.keys;
    this.#host = new Host({
      node,
      records,
      pieces: disk.pieces,
      files: disk.files,
      network,
      micros,
      told: (event) => this.#tell(event),
      failed: this.#failed,
    });
    this.#flushing = setInterval(() => disk.pieces.sync(), FLUSH_EVERY_MILLIS);
  }

  /** Starts a node. Throws where its folder, its identity or its port cannot be had. */
  static async open(options: LiveNodeOptions): Promise<LiveNode> {
    const disk = openDisk(options.folder);
    try {
      const seed = options.seed ?? await loadIdentity(options.folder, options.passphrase);
      const protocols = protocolsOf(options, seed); // may take a while: nobody should wait at a link
      // What comes before the node has started waits for it.
      const early: Input[] = [];
      let post = (input: Input): void => void early.push(input);
      let isBehind = () => false;
      const network = await openNetwork({
        post: (input) => post(input),
        isBehind: () => isBehind(),
        port: options.port,
        micros,
        ...(options.discoveryPort === undefined ? {} : { discoveryPort: options.discoveryPort }),
        ...(options.bind === undefined ? {} : { bind: options.bind }),
        ...(options.serial === undefined ? {} : { serial: options.serial }),
      });
      const records = new SealedRecords(disk.records, seed);
      const live = new LiveNode(options, seed, protocols, records, disk, network);
      isBehind = () => live.#host.isBehind;
      if (options.shelf !== undefined) {
        const shelf = await openShelf(options.shelf, live.#failed);
        live.#clerk = new Clerk(shelf, (command) => live.ask(command));
      }
      const saved = { records: records.load(), kept: disk.pieces.kept() };
      live.#host.post({ kind: "started", saved, boot: disk.boot });
      // What the person has taken out of the inbox, they do not want fetched again.
      for (const name of disk.pieces.taken()) {
        if (name.startsWith("swarm/")) live.ask(swarm.cancel(name.slice(name.indexOf("/") + 1)));
      }
      for (const input of early) live.#host.post(input);
      post = live.#host.post;
      return live;
    } catch (error) {
      disk.close();
      throw error;
    }
  }

  /** Where others can dial it. */
  get address(): Address {
    return this.#network.address;
  }

  get addresses(): readonly Address[] {
    return this.#network.addresses;
  }

  get port(): number {
    return this.#network.port;
  }

  /** Asks something of the node; what comes of it is told. */
  ask(command: Command): void {
    this.#host.post({ kind: "asked", command });
  }

  /** Takes files or folders of this person's own, for a command that shares them. */
  open(paths: readonly string[], title?: string): Opened {
    return this.#disk.files.open(paths, title);
  }

  /** Makes a completed content the person's own files in the inbox: their paths. */
  publish(content: string, inbox: string): readonly string[] {
    const described = this.#described.get(content);
    assert(described !== undefined, "only what has been completed is published");
    return this.#disk.pieces.publish(`swarm/${content}`, described.title, described.files, inbox);
  }

  /** Makes an opened content of the vault a file of the person's own in the inbox, and forgets it: its path. */
  publishOpened(
    { content, title, files }: Extract<vault.VaultEvent, { readonly name: "opened" }>,
    inbox: string,
  ): readonly string[] {
    const name = `vault/${content}`, { pieces } = this.#disk;
    const paths = pieces.publish(name, title, files.map(portable), inbox);
    pieces.forget(name);
    return paths;
  }

  /** Hears what the node tells, the first listener from its start on; answers how to stop listening. */
  listen(listener: (told: Told) => void): () => void {
    this.#listeners.add(listener);
    this.#isHeard = true;
    for (const told of this.#unheard.splice(0)) listener(told);
    return () => this.#listeners.delete(listener);
  }

  /** Says goodbye and finishes writing, or, if it must be now, only what the disk needs. */
  async stop(now = false): Promise<void> {
    if (!now) {
      this.ask(membership.depart());
      await new Promise((resolve) => setTimeout(resolve, GOODBYE_MILLIS));
    }
    clearInterval(this.#flushing);
    this.#host.close();
    await this.#network.close(now);
    await this.#clerk?.close();
    this.#disk.close();
  }

  #tell(event: AppEvent): void {
    if (this.#clerk?.takes(event) === true) return;
    if (swarm.isSwarmEvent(event) && event.name === "fetching") {
      this.#described.set(event.content, { title: event.title, files: event.files });
    }
    const told: Told = { wall: Date.now(), at: micros(), event };
    if (this.#isHeard) { for (const listener of this.#listeners) listener(told); }
    else this.#unheard.push(told);
  }
}

/** Under a name that every system takes. */
function portable({ path, bytes }: { readonly path: string; readonly bytes: number }) {
  return { path: swarm.portablePath(path.replace(/[/\\]/g, "_")), bytes };
}

function protocolsOf({ protocols, shelf }: LiveNodeOptions, seed: Uint8Array) {
  if (Array.isArray(protocols)) return protocols as readonly AnyProtocol[];
  const options = typeof protocols === "function"
    ? protocols(identityFrom(seed, nodeCrypto).keys)
    : protocols as Options | undefined;
  if (shelf === undefined) return all(options);
  return all({ ...options, directory: { ...options?.directory, serves: "host" } });
}

/** Monotonic, from the start of the process. */
export function micros(): Micros {
  return Math.floor(performance.now() * 1_000);
}
