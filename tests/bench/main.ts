/**
 * `deno task bench`: measures, and holds the figures against their targets.
 *
 *     deno task bench                      every figure, as a table
 *     deno task bench --only lab50-wall    one of them (may be given more than once)
 *     deno task bench --json               one JSON object a row
 *
 * What cannot be measured here is named on stderr, with the reason. Ends with 0, with 1 if a
 * measurement broke, with 2 after a wrong argument, with 99 if a target is missed.
 */
import { nearest } from "../../runtime/core/nearest.ts";
import { parseArgs } from "@std/cli/parse-args";
import { benches as core } from "./core.ts";
import { benches as directory } from "./directory.ts";
import { benches as fluid } from "./fluid.ts";
import { benches as kernel } from "./kernel.ts";
import { benches as live } from "./live.ts";
import type { Bench, Row, Skipped } from "./row.ts";
import { benches as scenarios } from "./scenarios.ts";
import { benches as session } from "./session.ts";
import { benches as vault } from "./vault.ts";

const BENCHES: readonly Bench[] = [
  ...core,
  ...kernel,
  ...fluid,
  ...scenarios,
  ...session,
  ...directory,
  ...vault,
  ...live,
];

const FLAGS = { boolean: ["json"], string: ["only"], collect: ["only"] } as const;
const WIDTHS = [16, 14, 13, 14, 7];

/** Measures what the arguments name; results go to `log`, everything else to `error`. */
export async function bench(
  args: readonly string[],
  benches: readonly Bench[],
  { log, error }: Pick<Console, "log" | "error">,
): Promise<number> {
  const refuse = (what: string, word: string, known: readonly string[]) => {
    error(
      `No such ${what}: ${word}. Did you mean ${nearest(word, known) ?? known[0]}? There are: ${
        known.join(" ")
      }`,
    );
    return 2;
  };
  const unknown: string[] = [];
  const { json, only } = parseArgs([...args], {
    ...FLAGS,
    unknown(arg) {
      unknown.push(arg);
      return false;
    },
  });
  if (unknown[0] !== undefined) return refuse("option", unknown[0], ["--json", "--only"]);
  const names = benches.map(({ name }) => name);
  const wrong = only.find((name) => !names.includes(name));
  if (wrong !== undefined) return refuse("measurement", wrong, names);
  if (!json) log(columns("name", "value", "unit", "target", "ratio", "ok"));
  let missed = 0, broken = 0;
  for (const { name, measure } of benches) {
    if (only.length > 0 && !only.includes(name)) continue;
    error(`measuring ${name}`);
    const row = await measured(measure);
    if (row instanceof Error) {
      broken++;
      error(`Cannot measure ${name}: ${row.message}`);
    } else if ("skipped" in row) error(`skipped: ${name} [needs ${row.skipped}]`);
    else {
      if (!row.ok) missed++;
      log(json ? asJSON(row) : asLine(row));
    }
  }
  return broken > 0 ? 1 : missed > 0 ? 99 : 0;
}

/** One measurement that breaks does not keep the others from being made. */
async function measured(measure: Bench["measure"]): Promise<Row | Skipped | Error> {
  try {
    return await measure();
  } catch (error) {
    return error as Error;
  }
}

function asJSON({ name, value, unit, target, ok }: Row): string {
  return JSON.stringify({ name, value, unit, target, ok });
}

function asLine({ name, value, unit, target, ok }: Row): string {
  const ratio = target === 0 ? "" : `${(value / target).toFixed(2)}x`;
  return columns(name, rounded(value), unit, rounded(target), ratio, ok ? "ok" : "MISSED");
}

function columns(...cells: string[]): string {
  return cells.map((cell, at) => {
    const isNumber = at === 1 || at === 3 || at === 4;
    return isNumber ? cell.padStart(WIDTHS[at]!) : cell.padEnd(WIDTHS[at] ?? 0);
  }).join("  ").trimEnd();
}

/** Four digits say as much as one measurement can. */
function rounded(value: number): string {
  return Number(value.toPrecision(4)).toLocaleString("en", { maximumSignificantDigits: 4 });
}

if (import.meta.main) Deno.exit(await bench(Deno.args, BENCHES, console));
