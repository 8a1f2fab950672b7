/**
 * What a person has settled: a flag counts more than the environment, that more than the file, that
 * more than the default. Secrets are read from files that only their owner can read, never from flags.
 */
import fs from "node:fs";
import { nearest } from "../../core/nearest.ts";
import { exits, Trouble } from "./trouble.ts";

/** Where a value comes from. */
export type Origin = "flag" | "environment" | "file" | "default";

interface Key {
  readonly kind: "text" | "number" | "list";
  readonly help: string;
  readonly otherwise: (home: string) => string;
}

/** Every setting, once: flags, the environment, the file and the help follow from this table. */
export const keys = {
  name: { kind: "text", help: "your name, as others see it", otherwise: () => "" },
  folder: {
    kind: "text",
    help: "where the node keeps its things",
    otherwise: (home) => `${home}/.starling`,
  },
  inbox: { kind: "text", help: "where files arrive", otherwise: (home) => `${home}/Starling` },
  port: { kind: "number", help: "the port to listen at", otherwise: () => "45454" },
  "discovery-port": {
    kind: "number",
    help: "the port where a room listens for beacons",
    otherwise: () => "45454",
  },
  bind: {
    kind: "list",
    help: "addresses of the interfaces to use, with commas; all without it",
    otherwise: () => "",
  },
  serial: { kind: "list", help: "device files of serial or Bluetooth links", otherwise: () => "" },
  network: {
    kind: "text",
    help: "nodes of other networks are strangers",
    otherwise: () => "starling",
  },
  "secret-file": {
    kind: "text",
    help: "a file with the secret of your sessions, one line",
    otherwise: () => "",
  },
  "passphrase-file": {
    kind: "text",
    help: "a file with the passphrase of your identity, one line",
    otherwise: () => "",
  },
  legacy: {
    kind: "number",
    help: "the port for programs of the older peer chat, which prove nothing; 0 is none",
    otherwise: () => "0",
  },
  "legacy-peers": {
    kind: "list",
    help: "older programs to greet at the start, IP:PORT with commas",
    otherwise: () => "",
  },
  mailbox: {
    kind: "number",
    help: "1 keeps letters for others while they are away",
    otherwise: () => "0",
  },
  strangers: {
    kind: "text",
    help: "ask: what a stranger writes is shown once you answer them, or are friends",
    otherwise: () => "show",
  },
  typing: {
    kind: "number",
    help: "1 tells those who tell you, too, that you are writing",
    otherwise: () => "0",
  },
  directory: {
    kind: "list",
    help: "directories to be found in and to ask, IP:PORT with commas",
    otherwise: () => "",
  },
  "directory-store": {
    kind: "text",
    help: "be a directory, and keep it in this file, or at this postgres:// address",
    otherwise: () => "",
  },
  "vault-megabytes": {
    kind: "number",
    help: "megabytes that others' vaults may use here, a quarter of it each; 0 is none",
    otherwise: () => "1024",
  },
  "vault-domain": {
    kind: "text",
    help: "what may be lost together with this device: a room, a power line",
    otherwise: () => "",
  },
  "inactive-minutes": {
    kind: "number",
    help: "who says nothing for so long is no longer shown; 0 is never",
    otherwise: () => "0",
  },
} as const satisfies Record<string, Key>;

export type SettingName = keyof typeof keys;
export const settingNames = Object.keys(keys) as SettingName[];

/** A value, and where it comes from. */
export interface Setting {
  readonly value: string;
  readonly origin: Origin;
}

export type Settings = Readonly<Record<SettingName, Setting>>;

interface Sources {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly environment: (name: string) => string | undefined;
  /** The file's text, where there is one. */
  readonly file: { readonly path: string; readonly text: string } | undefined;
  readonly home: string;
}

/** `discovery-port` is STARLING_DISCOVERY_PORT in the environment. */
export function variableOf(name: string): string {
  return `STARLING_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Throws a `Trouble` for what no setting is called, or can be. */
export function settingsOf({ flags, environment, file, home }: Sources): Settings {
  const written = file === undefined ? {} : valuesOf(file.path, file.text);
  const settled = settingNames.map((name): [SettingName, Setting] => {
    const { kind, otherwise } = keys[name];
    const setting: Setting = flags[name] !== undefined
      ? { value: flags[name], origin: "flag" }
      : environment(variableOf(name)) !== undefined
      ? { value: environment(variableOf(name))!, origin: "environment" }
      : written[name] !== undefined
      ? { value: written[name], origin: "file" }
      : { value: otherwise(home), origin: "default" };
    if (kind === "number" && !/^\d{1,9}$/.test(setting.value)) {
      throw new Trouble("config", `Cannot use ${name} "${setting.value}": a whole number from 0`);
    }
    if (name === "strangers" && !["ask", "show"].includes(setting.value)) {
      throw new Trouble("config", `Cannot use strangers "${setting.value}": ask or show`);
    }
    return [name, setting];
  });
  return Object.fromEntries(settled) as Record<SettingName, Setting>;
}

function valuesOf(path: string, text: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Trouble("config", `Cannot read ${path}: ${(error as Error).message}`);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new Trouble("config", `Cannot read ${path}: it holds no JSON object`);
  }
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (!Object.hasOwn(keys, name)) {
      throw unknownName(`${path}: setting`, name, settingNames, "config");
    }
    values[name] = Array.isArray(value) ? value.join(",") : String(value);
  }
  return values;
}

/** What is called like nothing here, and what it probably should have been. */
export function unknownName(
  what: string,
  name: string,
  known: readonly string[],
  exit: keyof typeof exits = "usage",
): Trouble {
  const near = nearest(name, known);
  const hint = near === undefined ? `one of ${known.join(", ")}` : `did you mean "${near}"?`;
  return new Trouble(exit, `Unknown ${what} "${name}": ${hint}`);
}

export function listOf(text: string): readonly string[] {
  return text.split(",").map((part) => part.trim()).filter((part) => part !== "");
}

/** The first line of a file that only its owner may read. */
export function secretOf(path: string): string | undefined {
  if (path === "") return undefined;
  let mode: number, text: string;
  try {
    mode = fs.statSync(path).mode;
    text = fs.readFileSync(path, "utf8");
  } catch (error) {
    throw new Trouble("config", `Cannot read ${path}: ${(error as Error).message}`);
  }
  if ((mode & 0o077) !== 0) {
    throw new Trouble("config", `Others can read ${path}: chmod 600 ${path}`);
  }
  return text.split(/\r?\n/)[0]!;
}
