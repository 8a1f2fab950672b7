/**
 * A network namespace for each node, and one with a switch between them: rates by tbf, loss and cuts
 * by nft. Nothing of it is seen by the rest of the machine.
 *
 * A namespace lives as long as a process holds it. Ours end when their input does, so that nothing is
 * left behind however this process ends.
 */
import type { Address } from "../../runtime/core/mod.ts";
import type { HostLike } from "../paths.ts";
import { addressOf } from "../paths.ts";
import { Incompatible, type Place, type Socket, type Ways } from "./place.ts";

const PORT = 45_454;
/** What a shaper lets through at once, and what waits for it at most (reference: a home router's). */
const BURST_SECONDS = 0.002, LEAST_BURST_BYTES = 40_960, WAIT = "100ms";
/**
 * Packets go through this one kernel in such trains, as through a card that cuts them itself: it plays
 * fifty machines, and a shaper counts the headers of each packet in a train. A frame with a block of 32 KiB
 * goes in one, where the congestion window lets it (23 packets).
 */
const PACKETS_IN_A_TRAIN = 24;
/** A switch looks at no IP addresses, but a kernel that also routes has its bridges do so. */
const PLAIN_SWITCH = ["ip", "ip6", "arp"].map((what) =>
  `net.bridge.bridge-nf-call-${what}tables=0`
);
const MILLION = 1_000_000;
/** What nearly all devices have (RFC 9438); a machine that plays them may have another one. */
const CONGESTION_CONTROL = "cubic";

export class Namespaces implements Place, Ways {
  readonly name = "netns";
  readonly ways = this;
  readonly #holders: Deno.ChildProcess[] = [];
  readonly #natures: HostLike[] = [];
  readonly #cuts = new Map<string, number>();
  #loss = 0;
  /** Packets that rules of before have dropped. */
  #lost = 0;
  #switch = 0;
  #rules: Promise<void> = Promise.resolve();

  addressAt(index: number): Address {
    return addressOf(0, index);
  }

  socketAt(index: number): Socket {
    return { bind: [hostAt(index)], port: PORT, discoveryPort: PORT };
  }

  inside(index: number, line: readonly string[]): readonly string[] {
    return this.#within(this.#pidAt(index), line);
  }

  async open(natures: readonly HostLike[], loss: number): Promise<void> {
    const lack = await lacking();
    if (lack !== undefined) throw new Incompatible(`Cannot play in namespaces: it needs ${lack}`);
    this.#natures.push(...natures);
    this.#loss = loss;
    for (let count = 0; count <= natures.length; count++) {
      this.#holders.push(holder(["unshare", "-n", "cat"]));
    }
    await Promise.all(this.#holders.map(isInside));
    this.#switch = this.#holders[0]!.pid;
    await this.#at(this.#switch, ["sysctl", "-qew", ...PLAIN_SWITCH]);
    await this.#at(this.#switch, ["ip", "-batch", "-"], [
      "link add bridge0 type bridge",
      "link set bridge0 up",
      ...natures.flatMap((_, index) => [
        `link add ${portAt(index)} type veth ` +
        `peer name cable address ${cardAt(index)} netns ${this.#pidAt(index)}`,
        `link set ${portAt(index)} master bridge0 up`,
      ]),
    ]);
    await Promise.all(
      natures.map((_, index) =>
        this.#at(this.#pidAt(index), ["ip", "-batch", "-"], [
          `addr add ${hostAt(index)}/16 brd + dev cable`,
          "link set cable up",
          "link set lo up",
          `route replace 10.0.0.0/16 dev cable src ${hostAt(index)} congctl ${CONGESTION_CONTROL}`,
          ...natures.flatMap((_, other) =>
            other === index ? [] : [`neigh replace ${neighbourAt(other)} dev cable nud permanent`]
          ),
        ])
      ),
    );
    const train = `net.ipv4.tcp_min_tso_segs=${PACKETS_IN_A_TRAIN}`;
    await Promise.all(
      natures.map((_, index) => this.#at(this.#pidAt(index), ["sysctl", "-qw", train])),
    );
    await Promise.all(natures.map((nature, index) => this.#rate(index, nature)));
    await this.#rule();
  }

  async shape(index: number, nature: HostLike): Promise<void> {
    this.#natures[index] = nature;
    await Promise.all([this.#rate(index, nature), this.#rule()]);
  }

  async cut(pairs: Iterable<readonly [number, number]>): Promise<void> {
    for (const [from, to] of pairs) {
      const pair = `${hostAt(from)} . ${hostAt(to)}`;
      this.#cuts.set(pair, (this.#cuts.get(pair) ?? 0) + 1);
    }
    await this.#rule();
  }

  async mend(pairs: Iterable<readonly [number, number]>): Promise<void> {
    for (const [from, to] of pairs) {
      const pair = `${hostAt(from)} . ${hostAt(to)}`;
      const left = this.#cuts.get(pair)! - 1;
      if (left === 0) this.#cuts.delete(pair);
      else this.#cuts.set(pair, left);
    }
    await this.#rule();
  }

  async unplug(index: number): Promise<void> {
    await this.#at(this.#switch, ["ip", "link", "set", portAt(index), "down"]);
  }

  async plug(index: number): Promise<void> {
    await this.#at(this.#switch, ["ip", "link", "set", portAt(index), "up"]);
  }

  async losses(): Promise<number> {
    return this.#lost + await this.#counted();
  }

  async close(): Promise<void> {
    for (const each of this.#holders) each.stdin.close().catch(() => {}); // it may have gone already
    await Promise.all(this.#holders.map(({ status }) => status));
  }

  #pidAt(index: number): number {
    return this.#holders[index + 1]!.pid;
  }

  #within(pid: number, line: readonly string[]): readonly string[] {
    return ["nsenter", "-t", `${pid}`, "-n", ...line];
  }

  #at(pid: number, line: readonly string[], input: readonly string[] = []): Promise<string> {
    return tool(this.#within(pid, line), input.join("\n"));
  }

  async #rate(index: number, { uplink, downlink }: HostLike): Promise<void> {
    const shaper = (device: string, rate: number) =>
      `qdisc replace dev ${device} root tbf rate ${Math.round(rate * 8)}bit ` +
      `burst ${Math.max(LEAST_BURST_BYTES, Math.round(rate * BURST_SECONDS))} latency ${WAIT}`;
    await this.#at(this.#pidAt(index), ["tc", "-batch", "-"], [shaper("cable", uplink)]);
    await this.#at(this.#switch, ["tc", "-batch", "-"], [shaper(portAt(index), downlink)]);
  }

  /** Puts all rules in the place of those of before, one change after the other. */
  #rule(): Promise<void> {
    return this.#rules = this.#rules.then(async () => {
      this.#lost += await this.#counted();
      await this.#at(this.#switch, ["nft", "-f", "-"], this.#table());
    });
  }

  #table(): string[] {
    const drop = (share: number, which = "") =>
      share === 0 ? [] : [`    ${which} numgen random mod ${MILLION} < ${share} counter drop`];
    const pairs = [...this.#cuts.keys()].join(", ");
    const rules = [
      ...(pairs === "" ? [] : [`    ip saddr . ip daddr { ${pairs} } drop`]),
      ...drop(this.#loss, "meta protocol ip"),
      ...this.#natures.flatMap(({ loss }, index) => [
        ...drop(loss, `meta protocol ip iifname "${portAt(index)}"`),
        ...drop(loss, `meta protocol ip oifname "${portAt(index)}"`),
      ]),
    ];
    const chain = "  chain forward { type filter hook forward priority 0; policy accept;";
    return [
      "table bridge stage",
      "delete table bridge stage",
      "table bridge stage {",
      ...(rules.length === 0 ? [] : [chain, ...rules, "  }"]), // without one no packet is looked at
      "}",
    ];
  }

  async #counted(): Promise<number> {
    const text = await this.#at(this.#switch, ["nft", "list", "ruleset"]);
    let sum = 0;
    for (const [, packets] of text.matchAll(/counter packets (\d+)/g)) sum += Number(packets);
    return sum;
  }
}

/** All namespaces share one small table of neighbours: 51 that look each other up overflow it. */
function neighbourAt(index: number): string {
  return `${hostAt(index)} lladdr ${cardAt(index)}`;
}

function cardAt(index: number): string {
  const [high, low] = [index >>> 8, index & 0xff].map((byte) => byte.toString(16).padStart(2, "0"));
  return `02:00:00:00:${high}:${low}`;
}

function portAt(index: number): string {
  return `port${index}`;
}

function hostAt(index: number): string {
  return addressOf(0, index).replace(/:.*/, "");
}

/** A process that stays where it is put until its input ends. */
function holder([program, ...args]: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}

/** Resolves once the holder answers: by then it is in its namespace. */
async function isInside({ stdin, stdout }: Deno.ChildProcess): Promise<void> {
  const writer = stdin.getWriter(), reader = stdout.getReader();
  await writer.write(new TextEncoder().encode("\n"));
  await reader.read();
  writer.releaseLock();
  reader.releaseLock();
}

/** Runs a tool to its end. Throws what it complains of. */
async function tool([program, ...args]: readonly string[], input: string): Promise<string> {
  const child = new Deno.Command(program!, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${input}\n`)).catch(() => {}); // it need not read it
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${text(stderr).trim()}`);
  return text(stdout);
}

/** Whether there can be namespaces on this machine, for this person. */
export async function canHaveNamespaces(): Promise<boolean> {
  return await lacking() === undefined;
}

/** What there must be for namespaces, and is not. */
async function lacking(): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "Linux";
  if (Deno.uid() !== 0) return "root";
  for (const line of [["unshare", "-n", "ip", "link"], ["tc", "-V"], ["nft", "--version"]]) {
    const isThere = await tool(line, "").then(() => true, () => false);
    if (!isThere) return `the tool ${line.at(line[0] === "unshare" ? 2 : 0)}`;
  }
  return undefined;
}
