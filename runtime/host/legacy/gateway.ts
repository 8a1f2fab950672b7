/**
 * A door for the older peer chat, which proves nothing: what comes through it is shown as such, and
 * changes nothing but the list of who has come through it.
 *
 * 1. Each connection is read by itself, so a silent one holds up nobody.
 * 2. A bare connection is nobody: whoever says nothing that can be read is not listed.
 * 3. The older program's menus 5 and 6 name the receiver's port as their own. Such a message is its
 *    team's, where that is known; it never lists this node as its own peer.
 * 4. One message at a time goes to one program, since it answers one connection after another. It
 *    confirms nothing: `sent` is all that can be said.
 */
import type { AppEvent, Command } from "../../core/mod.ts";
import { Allowances } from "../../protocols/membership/mod.ts";
import * as frames from "./frames.ts";
import * as limits from "./limits.ts";

/** An older program, by where it can be answered. */
export interface OldPeer {
  /** `IP:PORT`. */
  readonly address: string;
  readonly team: string;
  /** Milliseconds since 1970. */
  readonly seen: number;
}

/** What a gateway tells. `words` is for people, and holds what strangers wrote. */
export interface LegacyEvent extends AppEvent {
  readonly protocol: "legacy";
  readonly name: "opened" | "received" | "invited" | "found" | "left" | "sent" | "failed";
  /** Of whom; empty where it is not known where to answer. */
  readonly address: string;
  readonly team: string;
  readonly text: string;
  readonly words: string;
}

export interface LegacyCommand extends Command {
  readonly protocol: "legacy";
  readonly name: "write" | "connect" | "part";
  readonly to: string;
  readonly text: string;
}

export interface GatewayOptions {
  readonly port: number;
  readonly hostname: string;
  /** What this person is called. */
  readonly who: string;
  /** Programs that are greeted at the start. */
  readonly greet: readonly string[];
  readonly told: (event: LegacyEvent) => void;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #listener: Deno.TcpListener;
  readonly #team: string;
  readonly #peers = new Map<string, OldPeer>();
  readonly #allowance = new Allowances<string>(limits.ADDRESSES, limits.BURST, limits.PER_SECOND);
  readonly #open = new Set<Deno.TcpConn>();
  /** By address: what was sent last, after which the next one goes. */
  readonly #sending = new Map<string, Promise<void>>();
  readonly #tidying: ReturnType<typeof setInterval>;
  readonly #began = performance.now();
  #waiting = 0;

  /** Throws where the port cannot be had. */
  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#team = frames.teamOf(options.who);
    this.#listener = Deno.listen({ port: options.port, hostname: options.hostname });
    this.#tidying = setInterval(() => this.#forgetInactive(), 10_000);
    this.#tell("opened", "", "", "", `Older programs are answered at port ${this.port}`);
    void this.#accept();
    for (const address of options.greet) void this.#send(address, [frames.helloFrame], false);
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  get peers(): readonly OldPeer[] {
    return [...this.#peers.values()];
  }

  /** Does what a person asks. */
  ask({ name, to, text }: LegacyCommand): void {
    if (name === "connect") return void this.#send(to, [frames.requestFrame], true);
    if (name === "part") {
      this.#peers.delete(to);
      return void this.#send(to, [frames.goodbyeFrame], false);
    }
    const objection = frames.objectionTo(text);
    if (objection !== undefined) {
      return this.#tell("failed", to, "", text, `Cannot send that to ${to}: ${objection}`);
    }
    const parts = (sender: frames.Sender) => frames.chatFrames(sender, text);
    void this.#send(to, parts, true, text);
  }

  /** Says goodbye to everybody who is listed. */
  async close(): Promise<void> {
    clearInterval(this.#tidying);
    this.#listener.close();
    const goodbyes = [...this.#peers.keys()].map((to) =>
      this.#send(to, [frames.goodbyeFrame], false)
    );
    const late = new Promise((resolve) => Deno.unrefTimer(setTimeout(resolve, 500)));
    await Promise.race([Promise.all(goodbyes), late]);
    for (const connection of this.#open) end(connection);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      if (this.#open.size >= limits.CONNECTIONS) end(connection);
      else void this.#read(connection);
    }
  }

  async #read(connection: Deno.TcpConn): Promise<void> {
    this.#open.add(connection);
    const deadline = setTimeout(() => end(connection), limits.READ_MILLISECONDS);
    const { hostname } = connection.remoteAddr;
    const bytes = new Uint8Array(limits.READ_BYTES);
    let length = 0;
    try {
      while (length < bytes.length) {
        const count = await connection.read(bytes.subarray(length));
        if (count === null) break;
        length += count;
      }
    } catch {
      // The other side, or the deadline, has cut it: what it said until then counts.
    } finally {
      clearTimeout(deadline);
      end(connection);
      this.#open.delete(connection);
    }
    if (length > 0) this.#heard(bytes.subarray(0, length), hostname, connection);
  }

  #heard(bytes: Uint8Array, ip: string, connection: Deno.TcpConn): void {
    if (!this.#allowance.take(ip, this.#now())) return;
    const frame = frames.parsed(bytes);
    if (frame === undefined) return;
    const isOurPort = frame.port === this.port && isOwn(ip, connection);
    const address = isOurPort ? "" : `${ip}:${frame.port ?? connection.remoteAddr.port}`;
    if (frame.kind === "goodbye") return this.#parted(address);
    const { team, body, kind } = frame;
    const from = isOurPort ? this.#addressOf(team, ip) : this.#list(address, ip, team);
    const name = `${team} (older program${from === "" ? "" : `, ${from}`}, unproved)`;
    if (kind === "request") {
      return this.#tell("invited", from, team, "", `${name} would like to connect`);
    }
    this.#tell("received", from, team, body, `${name}: ${body}`);
  }

  /** Where a program of that team is known to listen; empty where it is not. */
  #addressOf(team: string, ip: string): string {
    for (const [address, peer] of this.#peers) {
      if (peer.team === team && address.startsWith(`${ip}:`)) return address;
    }
    return "";
  }

  #list(address: string, ip: string, team: string): string {
    const isNew = !this.#peers.delete(address);
    const fromThere = [...this.#peers.keys()].filter((each) => each.startsWith(`${ip}:`));
    if (fromThere.length >= limits.PEERS_OF_ADDRESS) this.#peers.delete(fromThere[0]!);
    for (const oldest of this.#peers.keys()) {
      if (this.#peers.size < limits.PEERS) break;
      this.#peers.delete(oldest);
    }
    this.#peers.set(address, { address, team, seen: Date.now() });
    if (isNew) this.#tell("found", address, team, "", `${team} is here with the older program`);
    return address;
  }

  #parted(address: string): void {
    const peer = this.#peers.get(address);
    if (peer === undefined) return; // of whom nothing was known: that is no news
    this.#peers.delete(address);
    this.#tell("left", address, peer.team, "", `${peer.team} has left (older program)`);
  }

  #forgetInactive(): void {
    const before = Date.now() - limits.INACTIVE_MILLISECONDS;
    for (const [address, { seen }] of this.#peers) if (seen < before) this.#parted(address);
  }

  /** Sends after what was sent there before; each frame over a connection of its own. */
  #send(
    to: string,
    parts: Makers | Parts,
    isTold: boolean,
    text = "",
  ): Promise<void> {
    if (this.#waiting >= limits.WAITING) {
      this.#tell("failed", to, "", text, `Cannot send to ${to}: too much waits already`);
      return Promise.resolve();
    }
    this.#waiting++;
    const before = this.#sending.get(to) ?? Promise.resolve();
    const sent = before.then(() => this.#deliver(to, parts)).then(
      () => {
        const words = `Sent to ${to} (the older program confirms nothing)`;
        if (isTold) this.#tell("sent", to, "", text, words);
      },
      (error) => {
        const words = `Cannot reach ${to}: ${(error as Error).message}`;
        if (isTold) this.#tell("failed", to, "", text, words);
      },
    ).finally(() => {
      this.#waiting--;
      if (this.#sending.get(to) === sent) this.#sending.delete(to);
    });
    this.#sending.set(to, sent);
    return sent;
  }

  async #deliver(to: string, parts: Makers | Parts): Promise<void> {
    const colon = to.lastIndexOf(":");
    const hostname = to.slice(0, colon), port = Number(to.slice(colon + 1));
    for (let nth = 0, count = 1; nth < count; nth++) {
      const connection = await connected(hostname, port);
      try {
        const sender = { ip: connection.localAddr.hostname, port: this.port, team: this.#team };
        const all = typeof parts === "function" ? parts(sender) : parts.map((make) => make(sender));
        count = all.length;
        const bytes = all[nth]!;
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
        await connection.closeWrite();
      } finally {
        end(connection);
      }
    }
  }

  #tell(
    name: LegacyEvent["name"],
    address: string,
    team: string,
    text: string,
    words: string,
  ): void {
    this.#options.told({ protocol: "legacy", name, address, team, text, words });
  }

  #now(): number {
    return Math.floor((performance.now() - this.#began) * 1_000);
  }
}

type Parts = (sender: frames.Sender) => Uint8Array[];
type Makers = readonly ((sender: frames.Sender) => Uint8Array)[];

async function connected(hostname: string, port: number): Promise<Deno.TcpConn> {
  const signal = AbortSignal.timeout(limits.CONNECT_MILLISECONDS);
  return await Deno.connect({ hostname, port, signal } as Deno.ConnectOptions);
}

/** True where both ends are this machine. */
function isOwn(ip: string, { localAddr }: Deno.TcpConn): boolean {
  return ip === localAddr.hostname || ip.startsWith("127.");
}

function end(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // closed already
  }
}

export function isLegacyEvent(event: AppEvent): event is LegacyEvent {
  return event.protocol === "legacy";
}

export function isLegacyCommand(command: Command): command is LegacyCommand {
  return command.protocol === "legacy";
}

/** What a person can ask of a gateway. */
export function legacy(name: LegacyCommand["name"], to: string, text = ""): LegacyCommand {
  return { protocol: "legacy", name, to, text };
}
