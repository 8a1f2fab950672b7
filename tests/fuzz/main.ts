/**
 * `deno task fuzz`: gives every reader of bytes a million inputs, and says how many it took.
 *
 *     deno task fuzz                       everything
 *     deno task fuzz --inputs 10000        so many of each message type; whole nodes get a part of it
 *     deno task fuzz --only "swarm plan"   targets whose name holds that
 *     deno task fuzz --seed 7              other inputs
 *
 * Ends with 0, or with 1 after the input on which something failed.
 */
import { parseArgs } from "@std/cli/parse-args";
import { Stream } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { fuzzed, type Target } from "./target.ts";
import { groups } from "./targets.ts";

const MILLION = 1_000_000;

interface Sum {
  targets: number;
  inputs: number;
  accepted: number;
  seconds: number;
}

/** One line about one target. */
function run(target: Target, inputs: number, seed: string, sum: Sum): void {
  const start = performance.now();
  const { accepted } = fuzzed(target, inputs, new Stream(`fuzz ${seed}`).fork(target.name));
  const seconds = (performance.now() - start) / 1000;
  sum.targets++;
  sum.inputs += inputs;
  sum.accepted += accepted;
  sum.seconds += seconds;
  const numbers = [inputs, accepted].map((count) => count.toLocaleString("en").padStart(10));
  const rate = Math.round(inputs / seconds).toLocaleString("en").padStart(9);
  console.log(
    `${target.name.padEnd(36)}${numbers[0]} inputs ${numbers[1]} accepted ${rate}/s ${
      seconds.toFixed(1).padStart(6)
    } s`,
  );
}

function main(): number {
  const args = parseArgs(Deno.args, { string: ["inputs", "only", "seed"] });
  const inputs = Number(args.inputs ?? MILLION);
  if (!(Number.isInteger(inputs) && inputs > 0)) {
    console.error(`Cannot give ${args.inputs} inputs: a whole number from 1`);
    return 2;
  }
  const seed = args.seed ?? "1";
  const sum: Sum = { targets: 0, inputs: 0, accepted: 0, seconds: 0 };
  for (const { targets, parts } of groups(accounted(nodeCrypto))) {
    for (const target of targets) {
      if (args.only !== undefined && !target.name.includes(args.only)) continue;
      run(target, Math.max(1, Math.round(inputs * parts / MILLION)), seed, sum);
    }
  }
  const [all, accepted] = [sum.inputs, sum.accepted].map((count) => count.toLocaleString("en"));
  console.log(
    `${sum.targets} targets, ${all} inputs, ${accepted} accepted, nothing thrown, nothing accepted ` +
      `in a second form, ${Math.round(sum.seconds)} s`,
  );
  return sum.targets === 0 ? 2 : 0;
}

if (import.meta.main) Deno.exit(main());
