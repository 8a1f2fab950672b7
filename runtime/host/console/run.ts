/** Runs a command line: settles the settings, watches for signals, does the errand. */
import fs from "node:fs";
import type { Parsed } from "./command_line.ts";
import { helpOf } from "./command_line.ts";
import { settingNames, settingsOf } from "./settings.ts";
import { Terminal } from "./terminal.ts";
import { exits, Trouble } from "./trouble.ts";

const FILE = "starling.json";

/** The exit code. Throws a `Trouble`. */
export async function run({ verb, words, texts, switches }: Parsed): Promise<number> {
  const terminal = new Terminal({ json: switches.has("json"), quiet: switches.has("quiet") });
  if (verb === undefined) {
    console.log(helpOf(undefined));
    return 0;
  }
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE") ?? ".";
  const flags = Object.fromEntries(settingNames.map((name) => [name, texts[name]]));
  const settings = settingsOf({
    flags,
    environment: (name) => Deno.env.get(name),
    file: fileOf(texts.config),
    home,
  });
  return await verb.run({ words, texts, switches, settings, terminal, interrupted: interrupts() });
}

function fileOf(path: string | undefined): { path: string; text: string } | undefined {
  const named = path ?? (fs.existsSync(FILE) ? FILE : undefined);
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
