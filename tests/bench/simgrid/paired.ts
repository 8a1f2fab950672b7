/**
 * The same load in SimGrid and in Starling, one after the other on this machine.
 *
 *     deno run --allow-read --allow-write --allow-run tests/bench/simgrid/paired.ts
 *
 * Prints, for each: completions per second of wall time, and how long the load took in simulated
 * seconds. The latter agree within a few percent, or the two do not simulate the same thing. With
 * `--json` the last line says how many times as fast we are as SimGrid at its fastest.
 * Without SimGrid (Debian: libsimgrid-dev) and g++ it says so, and ends with 0.
 */
import { carry, type Load } from "../fluid.ts";

const LOAD: Load = { hosts: 50, transfers: 80_000, bytes: 65_536, latencyNanos: 1_000_000 };
const RUNS = 3;

/** The default model, which adds overheads of TCP, and the fastest one, whose physics are ours. */
const MODELS: Readonly<Record<string, readonly string[]>> = {
  "simgrid, default": [],
  "simgrid, fastest": ["network/model:CM02", "network/optim:Full", "network/crosstraffic:0"],
};

interface Figures {
  readonly completionsPerSecond: number;
  readonly simulatedSeconds: number;
}

/** Why the program cannot be built here, or undefined once it is. */
async function build(program: string): Promise<string | undefined> {
  const source = new URL("./swarm.cpp", import.meta.url).pathname;
  const args = ["-O2", "-std=c++17", source, "-o", program, "-lsimgrid"];
  try {
    const { success, stderr } = await new Deno.Command("g++", { args }).output();
    if (success) return undefined;
    const complaint = new TextDecoder().decode(stderr);
    if (!/simgrid.*No such file/.test(complaint)) throw new Error(`Cannot build: ${complaint}`);
    return "SimGrid is not installed";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "g++ is not installed";
    throw error;
  }
}

async function simgrid(program: string, model: readonly string[]): Promise<Figures> {
  const load = [LOAD.hosts, LOAD.transfers, LOAD.bytes].map(String);
  const args = [...load, ...model.map((setting) => `--cfg=${setting}`), "--log=root.thres:error"];
  const { success, stdout, stderr } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot run swarm.cpp: ${new TextDecoder().decode(stderr)}`);
  const [completionsPerSecond, simulatedSeconds] = new TextDecoder().decode(stdout).split(" ")
    .map(Number) as [number, number];
  return { completionsPerSecond, simulatedSeconds };
}

/** Of several runs the fastest, for others use the machine too. */
async function best(run: () => Figures | Promise<Figures>): Promise<Figures> {
  let fastest = await run();
  for (let more = 1; more < RUNS; more++) {
    const figures = await run();
    if (figures.completionsPerSecond > fastest.completionsPerSecond) fastest = figures;
  }
  return fastest;
}

function print(name: string, { completionsPerSecond, simulatedSeconds }: Figures): void {
  const speed = Math.round(completionsPerSecond).toLocaleString("en");
  const cells = [name.padEnd(18), speed.padStart(10), "completions/s", simulatedSeconds.toFixed(3)];
  console.log(`${cells.join("  ")} s simulated`);
}

async function compare(folder: string): Promise<void> {
  const program = `${folder}/swarm`, missing = await build(program);
  const isJSON = Deno.args.includes("--json");
  if (missing !== undefined) {
    const skipped = `libsimgrid-dev and g++: ${missing}`;
    console.log(`skipped: paired run against SimGrid [needs ${skipped}]`);
    if (isJSON) console.log(JSON.stringify({ skipped }));
    return;
  }
  let fastest = 0;
  for (const [name, model] of Object.entries(MODELS)) {
    const figures = await best(() => simgrid(program, model));
    fastest = Math.max(fastest, figures.completionsPerSecond);
    print(name, figures);
  }
  const ours = await best(() => carry(LOAD));
  print("starling", ours);
  if (isJSON) console.log(JSON.stringify({ ratio: ours.completionsPerSecond / fastest }));
}

if (import.meta.main) {
  const folder = await Deno.makeTempDir();
  try {
    await compare(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
