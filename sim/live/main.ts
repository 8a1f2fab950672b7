/** `deno task sim SCENARIO --live`: plays a scenario with real processes, and says what came of it. */
import { type Arguments, argumentsOf } from "../arguments.ts";
import { isUsage, load, messageOf, nameOf } from "../loading.ts";
import { recordOf } from "../results.ts";
import { BUG, flags, INPUT, INTERRUPTED, jobOf, present, shell, USAGE } from "../shell.ts";
import { spoken, UsageError } from "../units.ts";
import type { Job } from "../worker.ts";
import { LiveWorld } from "./live_world.ts";
import { Loopback } from "./loopback.ts";
import { canHaveNamespaces, Namespaces } from "./namespaces.ts";
import { Incompatible, type Place } from "./place.ts";

async function main(): Promise<number> {
  const args = argumentsOf(flags());
  const job = await jobOf(args);
  const folder = await Deno.makeTempDir({ prefix: "starling-live-" });
  try {
    return await play(args, job, folder);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const isOurs = !(error instanceof Incompatible) && !isUsage(error);
    console.error(isOurs ? messageOf(error, "bug", job.path) : (error as Error).message);
    return isOurs ? BUG : isUsage(error) ? USAGE : INPUT;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function play(args: Arguments, job: Job, folder: string): Promise<number> {
  const scenario = await load(job.url).catch((error) => {
    throw isUsage(error) ? error : new Incompatible(messageOf(error, "input", job.path));
  });
  const place = await placeOf(args);
  const out = args.out ?? `reports/out/${nameOf(job.path)}-live`;
  if (args.profile !== undefined) await Deno.mkdir(out, { recursive: true });
  const world = new LiveWorld({
    scenario,
    url: job.url,
    place,
    folder,
    seed: job.seed,
    set: job.set,
    userFile: job.userFile,
    profile: args.profile === undefined
      ? undefined
      : { name: args.profile, folder: await Deno.realPath(out) },
    watch: {
      began: ({ machines }) =>
        console.error(`${machines.length} nodes are ready, in ${place.name}`),
    },
  });
  let isInterrupted = false;
  Deno.addSignalListener("SIGINT", () => {
    isInterrupted = true;
    world.abort();
  });
  const every = setInterval(
    () => console.error(`at ${spoken(world.now)} of ${spoken(world.lasts)}, ${world.steps} events`),
    PROGRESS_EVERY,
  );
  const started = performance.now();
  try {
    await world.run();
  } catch (error) {
    if (!isInterrupted) throw error;
    console.log("interrupted");
    return INTERRUPTED;
  } finally {
    clearInterval(every);
  }
  const stage = args.stage === undefined ? "" : ` --stage ${args.stage}`;
  const record = recordOf(world, {
    name: nameOf(job.path),
    wallSeconds: (performance.now() - started) / 1000,
    replay: `deno task sim ${job.path} --seed ${world.seed}${job.flags} --live${stage}`,
  });
  return await present(record, job, { ...args, out });
}

async function placeOf({ stage }: Arguments): Promise<Place> {
  if (stage === "loopback") return new Loopback();
  if (stage === "netns" || await canHaveNamespaces()) return new Namespaces();
  return new Loopback();
}

const PROGRESS_EVERY = 1000;

if (import.meta.main) await shell(main);
