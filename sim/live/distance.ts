/**
 * `deno task sim compare SCENARIO.ts`: draws small settings of a scenario, plays each in the simulator
 * and with real processes, and says how far apart they are: all of them, and the worst.
 */
import { Stream } from "../../runtime/core/mod.ts";
import type { RunRecord } from "../record.ts";
import { BUG, flags, OK, recordIn, shell } from "../shell.ts";
import { UsageError } from "../units.ts";

const SETTINGS = 10;
/** What is drawn from, for a scenario of peers that get a file over cables of one rate. */
const PEERS = [2, 3, 4, 5, 6, 8], RATES = [10, 15, 20, 30], SECONDS = [4, 6, 8];
/** A shared machine delays processes now and then: of so many live runs the nearest counts. */
const RUNS = 2;

interface Pair {
  readonly set: readonly string[];
  readonly p50: number;
  readonly last: number;
}

async function main(): Promise<number> {
  const [, scenario] = flags().words.map(String);
  if (scenario === undefined) throw new UsageError("Name a scenario with peers, rate and size");
  const random = new Stream("settings to compare");
  const pairs: Pair[] = [];
  console.log(line("peers", "rate", "size", "p50", "last"));
  for (let nth = 0; nth < SETTINGS; nth++) {
    const rate = random.pick(RATES);
    const size = Math.round(rate / 8 * random.pick(SECONDS));
    const set = [`peers=${random.pick(PEERS)}`, `rate=${rate}Mbps`, `size=${size}MB`];
    const pair = await compared(scenario, set);
    if (pair === undefined) return BUG;
    pairs.push(pair);
    console.log(lineOf(pair));
  }
  const worst = pairs.toSorted((one, other) => farthest(other) - farthest(one))[0]!;
  console.log(`worst:\n${lineOf(worst)}`);
  return OK;
}

/** How far the live run is from the simulated one; undefined where one of them broke. */
async function compared(scenario: string, set: readonly string[]): Promise<Pair | undefined> {
  const simulated = await played(scenario, set, []);
  let best: Pair | undefined;
  for (let run = 0; run < RUNS; run++) {
    const live = await played(scenario, set, ["--live"]);
    const one = simulated?.result.contents?.at(-1), other = live?.result.contents?.at(-1);
    if (one === undefined || other === undefined) return undefined;
    const p50 = other.p50Seconds / one.p50Seconds - 1;
    const pair = { set, p50, last: other.lastSeconds / one.lastSeconds - 1 };
    if (best === undefined || farthest(pair) < farthest(best)) best = pair;
  }
  return best;
}

function farthest({ p50, last }: Pair): number {
  return Math.max(Math.abs(p50), Math.abs(last));
}

async function played(
  scenario: string,
  set: readonly string[],
  more: readonly string[],
): Promise<RunRecord | undefined> {
  const out = await Deno.makeTempDir({ prefix: "starling-compare-" });
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", "--allow-all", new URL("../main.ts", import.meta.url).pathname],
      ...[scenario, "--json", "--out", out, ...set.flatMap((each) => ["--set", each]), ...more],
    ],
    stdin: "null",
  }).output();
  try {
    return await recordIn(out);
  } catch {
    console.error(`${set.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
    return undefined;
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

function lineOf({ set, p50, last }: Pair): string {
  const [peers, rate, size] = set.map((each) => each.replace(/^.*=/, ""));
  return line(peers!, rate!, size!, percent(p50), percent(last));
}

function line(...cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(9)).join("");
}

function percent(part: number): string {
  return `${part < 0 ? "" : "+"}${(100 * part).toFixed(1)} %`;
}

if (import.meta.main) await shell(main);
