/** `deno task node`: the command line of a live node. */
import { helpOf, parsed } from "./host/console/command_line.ts";
import { run } from "./host/console/run.ts";
import { StorageError } from "./host/disk/mod.ts";
import { exits, Trouble } from "./host/console/trouble.ts";

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const line = parsed(args);
    if (line.switches.has("help")) {
      console.log(helpOf(line.verb));
      return 0;
    }
    return await run(line);
  } catch (error) {
    if (!(error instanceof Trouble || error instanceof StorageError)) throw error;
    console.error(error.message);
    return error instanceof Trouble ? exits[error.exit] : exits.storage;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
