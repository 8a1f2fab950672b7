/** `deno task ok`: format, lint, types, tests. All of them run, so that one look shows everything. */
import { close, runTests, sum, type Totals } from "./run.ts";

const GATES: Readonly<Record<string, readonly string[]>> = {
  "format": ["fmt", "--check"],
  "lint": ["lint"],
  "types": ["check"],
};

async function gate(name: string, args: readonly string[]): Promise<Totals> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  console.log(`${success ? "ok  " : "FAIL"} ${name}`);
  return { passed: success ? 1 : 0, failed: success ? 0 : 1, skipped: [] };
}

const all: Totals[] = [];
for (const [name, args] of Object.entries(GATES)) all.push(await gate(name, args));
all.push(await runTests(["--no-check"])); // the types have just been checked, all at once
close(sum(all));
