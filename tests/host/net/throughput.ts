/**
 * How much one second of CPU carries from one process to another over loopback, both ends counted:
 *
 *     deno run --allow-net --allow-run --allow-read tests/host/net/throughput.ts [ws://] [body bytes] [seconds]
 *
 * One link, one way, frames with a body of 64 KiB, as many under way as a swarm would have.
 */
import process from "node:process";
import type { Input } from "../../../runtime/core/mod.ts";
import { type LiveNetwork, openNetwork } from "../../../runtime/host/net/mod.ts";

const UNDER_WAY_BYTES = 2 << 20;
const MEGABYTE = 1e6, MICROS = 1e6;
const SILENT = new Uint8Array(60);

interface Share {
  readonly bytes: number;
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

const [scheme = "", body = "65536", seconds = "4", port] = Deno.args;
if (port === undefined) await measure();
else {await send(
    `${scheme}127.0.0.1:${port}`,
    new Uint8Array(Number(body)),
    Number(seconds) * 1_000,
  );}

/** Receives what a second process sends, and prints what it cost them both. */
async function measure(): Promise<void> {
  let share: Share | undefined;
  let bytes = 0, began = 0;
  const before = process.cpuUsage();
  const network = await open((fact) => {
    if (fact.kind === "linked") began = performance.now();
    if (fact.kind === "received") bytes += fact.frame.body?.length ?? 0;
    if (fact.kind === "unlinked") share = shareOf(bytes, before, began);
  });
  const sender = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", import.meta.url, scheme, body, seconds, `${network.port}`],
    stderr: "inherit",
  }).output();
  await network.close(true);
  const sent: Share = JSON.parse(new TextDecoder().decode(sender.stdout));
  const cpuSeconds = sent.cpuSeconds + share!.cpuSeconds;
  const rate = (of: number, second: number) => `${Math.round(of / MEGABYTE / second)} MB/s`;
  console.log(`${rate(bytes, share!.wallSeconds)} by the clock`);
  console.log(`${rate(bytes, cpuSeconds)} of CPU, both ends`);
  console.log(`sender ${rate(bytes, sent.cpuSeconds)}, receiver ${rate(bytes, share!.cpuSeconds)}`);
}

async function send(address: string, bulk: Uint8Array, millis: number): Promise<void> {
  const before = process.cpuUsage(), began = performance.now();
  let bytes = 0, link = -1;
  const pump = (queued: number) => {
    for (; queued < UNDER_WAY_BYTES; queued += bulk.length + SILENT.length) {
      network.send(link, { head: SILENT, body: bulk });
      bytes += bulk.length;
    }
  };
  const network: LiveNetwork = await open((fact) => {
    if (fact.kind === "linked") pump((link = fact.link, 0));
    if (fact.kind !== "drained") return;
    if (performance.now() - began < millis) {
      if (fact.queued < UNDER_WAY_BYTES / 2) pump(fact.queued);
    } else if (fact.queued === 0) {
      console.log(JSON.stringify(shareOf(bytes, before, began)));
      network.close();
    }
  });
  network.dial(address);
}

function open(post: (fact: Input) => void): Promise<LiveNetwork> {
  const micros = () => Math.floor(performance.now() * 1_000);
  return openNetwork({ port: 0, bind: ["127.0.0.1"], micros, post });
}

function shareOf(bytes: number, before: ReturnType<typeof process.cpuUsage>, began: number): Share {
  const { user, system } = process.cpuUsage(before);
  const wallSeconds = (performance.now() - began) / 1_000;
  return { bytes, cpuSeconds: (user + system) / MICROS, wallSeconds };
}
