/** How fast files are coded, in TypeScript, with SIMD and by the best package; and locked and opened over real devices. */
import { simdMixer } from "../../runtime/host/vault/mixer.ts";
import { Code, mixed, type Mixer } from "../../runtime/protocols/vault/erasure.ts";
import { VaultRoom } from "../live/vault_room.ts";
import { atLeast, type Bench, type Row, type Skipped } from "./row.ts";

const ENOUGH = 10, COUNT = 14, SHARD_BYTES = 1024 * 1024;
const DATA_MEGABYTES = ENOUGH * SHARD_BYTES / 1e6;
const RUNS = 60;

/** Rust in WebAssembly, without SIMD: the best that npm had in November 2026. */
const PACKAGE = "@subspace/reed-solomon-erasure.wasm@0.2.5";
const SCRIPT = `
const fs = require("node:fs");
const { ReedSolomonErasure } = require("@subspace/reed-solomon-erasure.wasm");
const at = require.resolve("@subspace/reed-solomon-erasure.wasm");
const wasm = fs.readFileSync(at.replace("index.js", "reed_solomon_erasure_bg.wasm"));
const code = ReedSolomonErasure.fromBytes(wasm);
const shards = new Uint8Array(${COUNT * SHARD_BYTES}).map((_, at) => at * 7);
let least = Infinity;
for (let run = 0; run < ${RUNS / 3}; run++) {
  const began = performance.now();
  code.encode(shards, ${ENOUGH}, ${COUNT - ENOUGH});
  least = Math.min(least, performance.now() - began);
}
console.log(${DATA_MEGABYTES} / least * 1000);
`;

export const benches: readonly Bench[] = [
  atLeast("erasure-typescript", 800, "MB/s", () => encoding(mixed)),
  atLeast("erasure-simd", 2_000, "MB/s", () => encoding(simdMixer())),
  { name: "erasure-package", measure: againstPackage },
  { name: "vault-25", measure: () => roundTrip("vault-25", 25, 1.2) },
  { name: "vault-100", measure: () => roundTrip("vault-100", 100, 4) },
];

/** Megabytes of data coded in a second, in the fastest of some runs. */
function encoding(mixer: Mixer): number {
  const code = new Code(ENOUGH, COUNT, mixer);
  const data = Array.from(
    { length: ENOUGH },
    (_, shard) => new Uint8Array(SHARD_BYTES).map((_, at) => at * (shard + 7)),
  );
  let least = Infinity;
  for (let run = 0; run < RUNS; run++) {
    const began = performance.now();
    code.encoded(data);
    least = Math.min(least, performance.now() - began);
  }
  return DATA_MEGABYTES / least * 1000;
}

/** Seconds to lock so many MiB over six real devices and open them again, in the fastest of some runs. */
async function roundTrip(name: string, mebibytes: number, target: number): Promise<Row> {
  const room = await VaultRoom.open(6);
  try {
    let value = Infinity;
    for (let run = 0; run < 3; run++) {
      const path = `${room.folder}/${run}.bin`, bytes = new Uint8Array(mebibytes * SHARD_BYTES);
      for (let at = 0; at < bytes.length; at += 65_536) {
        crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      }
      await Deno.writeFile(path, bytes);
      const { lock, open } = await room.roundTrip(path);
      value = Math.min(value, lock + open);
    }
    return { name, value, unit: "s", target, ok: value <= target };
  } finally {
    await room.close();
  }
}

/** How many times as fast, with SIMD. */
async function againstPackage(): Promise<Row | Skipped> {
  const name = "erasure-package";
  const folder = await Deno.makeTempDir({ prefix: "starling-erasure-" });
  const run = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, cwd: folder, stdout: "piped", stderr: "null" }).output()
      .catch(() => undefined);
  try {
    await Deno.writeTextFile(`${folder}/package.json`, "{}");
    await Deno.writeTextFile(`${folder}/encode.cjs`, SCRIPT);
    const flags = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
    const installed = await run("npm", "install", ...flags, PACKAGE);
    if (installed?.success !== true) return { name, skipped: "npm and a registry with it" };
    const measured = await run("node", "encode.cjs");
    const theirs = Number(new TextDecoder().decode(measured?.stdout));
    if (!(theirs > 0)) throw new Error("the package did not measure itself");
    const value = encoding(simdMixer()) / theirs;
    return { name, value, unit: "x as fast", target: 4, ok: value >= 4 };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
