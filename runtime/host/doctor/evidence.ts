/** Finds out what the doctor needs to know, in a few seconds, and changes nothing. */
import fs from "node:fs";
import type { Address, Input } from "../../core/mod.ts";
import { type LiveNetwork, openNetwork } from "../net/mod.ts";
import { usedInterfaces } from "../net/interfaces.ts";
import { placeOf } from "../net/ip.ts";
import type { Evidence } from "./findings.ts";

export interface Examination {
  readonly folder: string;
  readonly port: number;
  readonly discoveryPort: number;
  readonly bind: readonly string[] | undefined;
  /** A node of this folder runs. */
  readonly isRunning: boolean;
  readonly seconds: number;
}

/** A datagram that no node understands: it only has to arrive. */
const KNOCK = new TextEncoder().encode("starling doctor");
const KNOCK_MILLIS = 500;

/** Throws only where there is no network to open. */
export async function examine(examination: Examination): Promise<Evidence> {
  const { port, discoveryPort, bind, folder, isRunning, seconds } = examination;
  const interfaces = usedInterfaces(bind);
  const heldBy = isRunning ? "our node" : isFree(port) ? "nobody" : "another";
  const heard = new Set<Address>();
  const open = (post: (input: Input) => void) =>
    openNetwork({
      port: 0,
      discoveryPort,
      ...(bind === undefined ? {} : { bind }),
      micros: () => Math.floor(performance.now() * 1_000),
      post,
    });
  const speaker = await open(() => {});
  const listener = await open((input) => {
    if (input.kind === "overheard") heard.add(input.from);
  });
  try {
    for (const end = performance.now() + seconds * 1_000; performance.now() < end;) {
      speaker.cast("everyone", KNOCK);
      await new Promise((resolve) => setTimeout(resolve, KNOCK_MILLIS));
    }
    return {
      interfaces,
      port: { number: port, heldBy },
      hearsBeacons: listener.stats.hearsEveryone,
      ...sorted(heard, speaker, new Set(interfaces.map(({ address }) => address))),
      listenedSeconds: seconds,
      disk: diskOf(folder),
      now: new Date(),
    };
  } finally {
    await Promise.all([speaker.close(true), listener.close(true)]);
  }
}

/** What was heard of this machine, and what of others. */
function sorted(
  heard: ReadonlySet<Address>,
  { port }: LiveNetwork,
  own: ReadonlySet<string>,
): Pick<Evidence, "ownBeacons" | "others"> {
  const ownBeacons: string[] = [], others: string[] = [];
  for (const from of heard) {
    const place = placeOf(from);
    if (place === undefined) continue;
    if (!own.has(place.host.replace(/%.*/, ""))) others.push(from);
    else if (place.port === port) ownBeacons.push(from);
  }
  return { ownBeacons, others };
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ port }).close();
    return true;
  } catch {
    return false;
  }
}

function diskOf(folder: string): Evidence["disk"] {
  try {
    let there = folder;
    while (!fs.existsSync(there)) there = there.replace(/[/\\][^/\\]*$/, "") || "/";
    const trial = `${there}/.starling-${crypto.randomUUID()}`;
    fs.writeFileSync(trial, "");
    fs.rmSync(trial);
    const { bavail, bsize } = fs.statfsSync(there);
    return { folder, freeBytes: bavail * bsize };
  } catch (error) {
    return { folder, freeBytes: 0, why: (error as Error).message };
  }
}
