/** Runs a command line: settles the settings, watches for signals, does the errand. */
import fs from "node:fs";
import type { Parsed } from "./command_line.ts";
import { helpOf } from "./command_line.ts";
import { keys, settingNames, settingsOf, variableOf } from "./settings.ts";
import { Terminal } from "./terminal.ts";
import { exits, Trouble } from "./trouble.ts";
import { menu } from "./verbs/chat.ts";

const FILE = "starling.json";

/** The exit code. Throws a `Trouble`. */
export async function run({ verb, words, texts, switches }: Parsed): Promise<number> {
  const terminal = new Terminal({ json: switches.has("json"), quiet: switches.has("quiet") });
  const isForPeople = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  if (verb === undefined && !isForPeople) {
    console.log(helpOf(undefined));
    return 0;
  }
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  const flags = Object.fromEntries(settingNames.map((name) => [name, texts[name]]));
  const environment = (name: string) => Deno.env.get(name);
  const folder = flags.folder ?? environment(variableOf("folder")) ?? keys.folder.otherwise(home);
  const settle = () => settingsOf({ flags, environment, file: fileOf(texts.config, folder), home });
  const isFirst = verb === undefined && settle().name.value === "";
  if (isFirst) welcome(folder, terminal);
  const errand = { words, texts, switches, settings: settle(), terminal };
  return await (verb ?? menu).run({ ...errand, interrupted: interrupts() });
}

/** The first time: what to be called is asked, and written into the node's folder. */
function welcome(folder: string, terminal: Terminal): void {
  const usual = Deno.env.get("USER") ?? Deno.env.get("USERNAME") ?? "";
  terminal.say(terminal.bold("Starling: talk and share with whoever is in the room."));
  const name = prompt("What are you called?", usual)?.trim() || usual || "Somebody";
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  fs.writeFileSync(`${folder}/${FILE}`, `${JSON.stringify({ name }, null, 2)}\n`, { mode: 0o600 });
}

/** The file that was named, else the one that lies here, else the one in the node's folder. */
function fileOf(
  path: string | undefined,
  folder: string,
): { path: string; text: string } | undefined {
  const named = path ?? [FILE, `${folder}/${FILE}`].find((each) => fs.existsSync(each));
  if (named === undefined) return undefined;
  try {
    return { path: named, text: fs.readFileSync(named, "utf8") };
  } catch (error) {
    throw new Trouble("config", `Cannot read ${named}: ${(error as Error).message}`);
  }
}

/** The first signal asks for an end; the second one is the end. */
function interrupts(): Promise<void> {
  return new Promise((resolve) => {
    let count = 0;
    const take = () => {
      if (++count > 1) Deno.exit(exits.interrupted);
      resolve();
    };
    Deno.addSignalListener("SIGINT", take);
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", take);
  });
}
