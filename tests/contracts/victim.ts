/** A process that plays the contract's story and kills itself before one of its orders: FOLDER ORDER. */
import fs from "node:fs";
import { LiveBench } from "./live_bench.ts";
import { STORY } from "./script.ts";

const [folder, order] = Deno.args;
let left = Number(order);
const bench = new LiveBench(
  folder!,
  () => {
    if (left-- === 0) Deno.kill(Deno.pid, "SIGKILL");
  },
  (what) => void fs.writeSync(1, `${what}\n`), // what is on the wire stays there
);
await bench.perform(...STORY);
Deno.exit(0); // as abrupt as a kill, and after the last order
