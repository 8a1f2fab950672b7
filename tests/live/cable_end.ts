/**
 * One end of a cable, in a network namespace of its own: a network that casts, and says what it is told.
 *
 *     cable_end.ts cast SECONDS         casts to everyone, and answers each frame with the same frame
 *     cable_end.ts dial SECONDS         the same, and dials whoever it hears first
 *     cable_end.ts listen SECONDS HOST  no network: which of the addresses of everyone are heard at HOST's cable
 */
import type { Input } from "../../runtime/core/mod.ts";
import { type LiveNetwork, openNetwork } from "../../runtime/host/net/mod.ts";

const DISCOVERY_PORT = 45_454;
const GROUPS_4 = ["255.255.255.255", "239.255.77.77"];
const GROUP_6 = "ff05::5374:6172";
const CAST_MILLIS = 200;

const [deed, seconds, ...hosts] = Deno.args;
setTimeout(() => Deno.exit(0), Number(seconds) * 1_000);
if (deed === "listen") { for (const host of hosts) await listen(host); }
else await live(deed === "dial");

async function live(dials: boolean): Promise<void> {
  let network: LiveNetwork | undefined = undefined as LiveNetwork | undefined;
  const said = new Set<string>();
  const say = (line: string) => said.has(line) || (said.add(line), console.log(line));
  const post = (fact: Input): void => {
    if (fact.kind === "overheard") {
      if (dials && said.size === 1) network!.dial(fact.from);
      say(`overheard ${fact.from}`);
    } else if (fact.kind === "linked") {
      say(`linked ${fact.dialled ?? "by them"}`);
      if (dials) network!.send(fact.link, { head: Uint8Array.of(1, 2, 3) });
    } else if (fact.kind === "received") {
      say(`received ${fact.frame.head}`);
      if (!dials) network!.send(fact.link, fact.frame);
    } else say(`${fact.kind} ${"why" in fact ? fact.why : ""}`);
  };
  network = await openNetwork({
    port: DISCOVERY_PORT, // the one that all may have as their own as well
    discoveryPort: DISCOVERY_PORT,
    micros: () => Math.floor(performance.now() * 1_000),
    post,
  });
  say(`address ${network.address}`);
  setInterval(() => {
    say(`address ${network!.address}`);
    network!.cast("everyone", Uint8Array.of(7));
  }, CAST_MILLIS);
}

/** A socket for each address of everyone: on Linux it hears what was sent to just that one. */
async function listen(host: string): Promise<void> {
  const [at] = Deno.networkInterfaces().filter(({ address }) => address === host);
  const broadcast = host.replace(/\d+$/, "255");
  for (const hostname of [broadcast, ...GROUPS_4, GROUP_6]) {
    const socket = Deno.listenDatagram({
      transport: "udp",
      hostname,
      port: DISCOVERY_PORT,
      reuseAddress: true,
    });
    if (hostname === GROUP_6) await socket.joinMulticastV6(GROUP_6, scopeOf(at!.name));
    if (hostname.startsWith("239")) await socket.joinMulticastV4(hostname, host);
    void (async () => {
      const [, from] = await socket.receive();
      console.log(`${hostname} from port ${(from as Deno.NetAddr).port}`);
    })();
  }
}

function scopeOf(name: string): number {
  return Deno.networkInterfaces().find((each) => each.name === name && each.scopeid)!.scopeid!;
}
