/** The node that a verb works with: the one that is running, or one of its own for as long as it takes. */
import { type PeerKeys, second } from "../../core/mod.ts";
import { directory, type Options } from "../../protocols/mod.ts";
import { historySeal, openDisk, type Seal, StorageError } from "../disk/mod.ts";
import { isSealed, loadIdentity } from "../identity_file.ts";
import { LiveNode } from "../live_node.ts";
import { simdMixer } from "../vault/mixer.ts";
import { claimIn, claimOf } from "./claim.ts";
import { type Control, openControl } from "./control.ts";
import { findRunning } from "./remote.ts";
import { type Desk, Service } from "./service.ts";
import { listOf, secretOf, type Settings } from "./settings.ts";
import type { Terminal } from "./terminal.ts";
import { Trouble } from "./trouble.ts";

/** A node, and whether this process runs it. */
export interface Attached {
  readonly desk: Desk;
  readonly isOwn: boolean;
  /** Lets go: a node of our own stops, another one goes on. */
  leave(now?: boolean): Promise<void>;
}

/** The running node of the folder, else a new one. */
export async function attach(settings: Settings, terminal: Terminal): Promise<Attached> {
  const running = await findRunning(settings.folder.value);
  if (running !== undefined) {
    return { desk: running, isOwn: false, leave: () => Promise.resolve() };
  }
  return await startOwn(settings, terminal);
}

/** The running node of the folder. Throws a `Trouble` where there is none. */
export async function attachRunning(settings: Settings): Promise<Desk> {
  const running = await findRunning(settings.folder.value);
  if (running === undefined) {
    throw new Trouble("unreachable", "No node is running here: deno task node start");
  }
  return running;
}

/** A node in this process, with its control server. */
export async function startOwn(settings: Settings, terminal: Terminal): Promise<Attached> {
  const folder = settings.folder.value;
  const passphrase = passphraseOf(settings);
  const wanted = Number(settings.port.value);
  const bind = listOf(settings.bind.value), serial = listOf(settings.serial.value);
  const shelf = shelfOf(settings);
  let node: LiveNode;
  try {
    node = await LiveNode.open({
      folder,
      port: wanted,
      discoveryPort: Number(settings["discovery-port"].value),
      network: settings.network.value,
      protocols: (keys) => optionsOf(settings, keys, terminal),
      ...(shelf === "" ? {} : { shelf }),
      ...(bind.length === 0 ? {} : { bind }),
      ...(serial.length === 0 ? {} : { serial }),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new Trouble(/running/.test(error.message) ? "busy" : "storage", error.message);
  }
  if (wanted !== 0 && node.port !== wanted) {
    terminal.note(`Port ${wanted} is in use: listening at ${node.port} instead`);
  }
  const service = new Service(node, settings.inbox.value);
  try {
    openDoor(service, settings);
  } catch (error) {
    await service.stop(true);
    throw error;
  }
  for (const address of listOf(settings.directory.value)) void service.ask(directory.use(address));
  const ended = Promise.withResolvers<void>();
  const control: Control = await openControl(service, (now) => void leave(now));
  const leave = async (now = false) => {
    await service.stop(now);
    await control.close();
    ended.resolve();
  };
  return { desk: Object.assign(service, { ended: ended.promise, control }), isOwn: true, leave };
}

/** Where a directory keeps what it knows, if this node is one. A password on a command line is everybody's. */
function shelfOf(settings: Settings): string {
  const { value, origin } = settings["directory-store"];
  if (origin === "flag" && /^postgres(ql)?:\/\/[^/@]*:[^/@]*@/.test(value)) {
    throw new Trouble("config", "A password has no place on a command line: use the settings file");
  }
  return value;
}

/** The door for older programs, where one is wanted. */
function openDoor(service: Service, settings: Settings): void {
  const port = Number(settings.legacy.value);
  if (port === 0) return;
  const [hostname = "0.0.0.0"] = listOf(settings.bind.value);
  const who = personOf(settings), greet = listOf(settings["legacy-peers"].value);
  try {
    service.openDoor({ port, hostname, who, greet });
  } catch (error) {
    throw new Trouble(
      "busy",
      `Cannot listen at ${port} for older programs: ${(error as Error).message}`,
    );
  }
}

/** Resolves when a node of our own was stopped from elsewhere; never for another one. */
export function endOf(desk: Desk): Promise<void> {
  return (desk as { ended?: Promise<void> }).ended ?? new Promise(() => {});
}

function optionsOf(settings: Settings, keys: PeerKeys, terminal: Terminal): Options {
  const secret = secretOf(settings["secret-file"].value);
  // Who wants to be found needs an ID; for others, the seconds that one takes are not worth it.
  const folder = settings.folder.value;
  const claim = settings.directory.value === ""
    ? claimIn(folder, keys)
    : claimOf(folder, keys, terminal);
  const minutes = Number(settings["inactive-minutes"].value);
  return {
    chat: {
      who: personOf(settings),
      strangers: settings.strangers.value as "ask" | "show",
      tellsTyping: settings.typing.value === "1",
    },
    mailbox: { serves: settings.mailbox.value === "1" },
    vault: {
      offers: Number(settings["vault-megabytes"].value) * 1_000_000,
      domain: settings["vault-domain"].value,
      mixer: simdMixer(),
    },
    directory: {
      who: personOf(settings),
      ...(claim === undefined ? {} : { modifier: claim.modifier }),
    },
    ...(secret === undefined ? {} : { lab: { trust: { secret } } }),
    ...(minutes === 0 ? {} : { membership: { inactiveAfter: minutes * 60 * second } }),
  };
}

/** What the person is called: as settled, else as their system calls them. */
export function personOf(settings: Settings): string {
  return settings.name.value || Deno.env.get("USER") || Deno.env.get("USERNAME") || "Somebody";
}

/** Does something with the identity's secret, which is made where there is none, while no node runs. */
export async function withSecret<Result>(
  settings: Settings,
  work: (secret: Uint8Array) => Result | Promise<Result>,
): Promise<Result> {
  const folder = settings.folder.value;
  const disk = openDisk(folder);
  try {
    return await work(await loadIdentity(folder, passphraseOf(settings)));
  } finally {
    disk.close();
  }
}

/** What seals the history of this person's folder; it asks for the passphrase, if there is one. */
export async function sealOf(settings: Settings): Promise<Seal> {
  return historySeal(await loadIdentity(settings.folder.value, passphraseOf(settings)));
}

/** Of the identity: from its file, or asked for where it is needed. */
function passphraseOf(settings: Settings): string | undefined {
  return secretOf(settings["passphrase-file"].value) ?? asked(settings.folder.value);
}

/** Only where somebody is there to be asked. */
function asked(folder: string): string | undefined {
  if (!isSealed(folder)) return undefined;
  if (!Deno.stdin.isTerminal()) {
    throw new Trouble("config", "This identity has a passphrase: name --passphrase-file");
  }
  return hiddenLine("Passphrase: ");
}

/** Reads a line from the terminal without showing it. */
export function hiddenLine(prompt: string): string {
  Deno.stderr.writeSync(new TextEncoder().encode(prompt));
  Deno.stdin.setRaw(true);
  const typed: number[] = [];
  const byte = new Uint8Array(1);
  try {
    while (Deno.stdin.readSync(byte) === 1 && byte[0] !== 13 && byte[0] !== 10) {
      if (byte[0] === 3) throw new Trouble("interrupted", "Interrupted");
      if (byte[0] === 127) typed.pop();
      else typed.push(byte[0]!);
    }
  } finally {
    Deno.stdin.setRaw(false);
    Deno.stderr.writeSync(Uint8Array.of(10));
  }
  return new TextDecoder().decode(Uint8Array.from(typed));
}
