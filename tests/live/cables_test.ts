/** Two machines and a cable: network namespaces of Linux, so that nothing is said on a real network. */
import assert from "node:assert/strict";
import { type Need, testNeeding } from "../needs.ts";

const END = new URL("cable_end.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

testNeeding(
  namespaces(),
  "a beacon leaves by broadcast and by multicast, without any route",
  async () => {
    await using cable = await Cable.lay();
    await cable.at(0, "ip addr add 10.77.0.1/24 brd + dev cable0");
    await cable.at(1, "ip addr add 10.77.0.2/24 brd + dev cable1");
    await cable.settle();
    const [, heard] = await Promise.all([
      cable.run(0, "cast", 3),
      cable.run(1, "listen", 3, "10.77.0.2"),
    ]);
    assert.deepEqual(heard.sort(), [
      "10.77.0.255 from port 45454",
      "239.255.77.77 from port 45454",
      "255.255.255.255 from port 45454",
      "ff05::5374:6172 from port 45454",
    ]);
  },
);

testNeeding(
  namespaces(),
  "who is heard is dialled where it was heard from, though other addresses cannot be used yet",
  async () => {
    await using cable = await Cable.lay();
    await cable.at(0, "ip addr add 10.77.0.1/24 brd + dev cable0");
    await cable.at(1, "ip addr add 10.77.0.2/24 brd + dev cable1");
    const [ana, ben] = await Promise.all([cable.run(0, "cast", 3), cable.run(1, "dial", 3)]);
    assert.equal(ana[0], "address 10.77.0.1:45454");
    assert.ok(ben.includes("overheard 10.77.0.1:45454"), `${ben}`);
    assert.ok(ben.includes("received 1,2,3"), `${ben}`);
    assert.ok(ana.includes("linked by them"), `${ana}`);
  },
);

testNeeding(
  namespaces(),
  "a cable without any IPv4 works by its own addresses, zones included",
  async () => {
    await using cable = await Cable.lay();
    await cable.settle();
    const [ana, ben] = await Promise.all([cable.run(0, "cast", 3), cable.run(1, "dial", 3)]);
    assert.match(ana[0]!, /^address \[fe80::[0-9a-f:]+%cable0\]:45454$/);
    assert.ok(
      ben.some((line) => /^linked \[fe80::[0-9a-f:]+%cable1\]:45454$/.test(line)),
      `${ben}`,
    );
    assert.ok(ben.includes("received 1,2,3"), `${ben}`);
  },
);

testNeeding(
  namespaces(),
  "an address that comes later is used, and one that goes is not",
  async () => {
    await using cable = await Cable.lay();
    await cable.at(0, "ip addr add 10.77.0.1/24 brd + dev cable0");
    await cable.settle();
    const ana = cable.run(0, "cast", 10), ben = cable.run(1, "dial", 10);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await cable.at(1, "ip addr add 10.77.0.2/24 brd + dev cable1");
    assert.ok((await ben).includes("address 10.77.0.2:45454"), `${await ben}`);
    assert.ok((await ana).includes("overheard 10.77.0.2:45454"), `${await ana}`);
  },
);

/** Two namespaces with a pair of virtual Ethernet interfaces between them. */
class Cable {
  readonly #holders: Deno.ChildProcess[] = [];

  static async lay(): Promise<Cable> {
    const cable = new Cable();
    for (let end = 0; end < 2; end++) {
      cable.#holders.push(command("unshare", ["-n", "sleep", "60"]).spawn());
    }
    await new Promise((resolve) => setTimeout(resolve, 200)); // until they are where they belong
    const far = cable.#holders[1]!.pid;
    await cable.at(0, `ip link add cable0 type veth peer name cable1 netns ${far}`);
    for (let end = 0; end < 2; end++) {
      await cable.at(end, "ip link set lo up");
      await cable.at(end, `ip link set cable${end} up`);
    }
    return cable;
  }

  /** IPv6 addresses may be used once nobody else has claimed them (RFC 4862): that takes a second or two. */
  async settle(): Promise<void> {
    for (let count = 0; count < 50; count++) {
      const tentative = await Promise.all(
        [0, 1].map((end) => this.at(end, "ip -6 addr show tentative")),
      );
      if (tentative.every((text) => text === "")) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async at(end: number, line: string): Promise<string> {
    const { success, stdout } = await command("nsenter", this.#inside(end, line.split(" ")))
      .output();
    assert.ok(success, line);
    return new TextDecoder().decode(stdout);
  }

  /** What one end says in so many seconds. */
  async run(end: number, ...args: readonly (string | number)[]): Promise<string[]> {
    const deno = [
      Deno.execPath(),
      "run",
      "--no-prompt",
      "--no-check",
      "-A",
      "--config",
      CONFIG,
      END,
    ];
    const line = [...deno, ...args.map(String)];
    const { stdout } = await command("nsenter", this.#inside(end, line)).output();
    return new TextDecoder().decode(stdout).trimEnd().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const holder of this.#holders) {
      holder.kill("SIGKILL");
      await holder.status;
    }
  }

  #inside(end: number, line: readonly string[]): string[] {
    return ["-t", `${this.#holders[end]!.pid}`, "-n", ...line];
  }
}

function command(name: string, args: readonly string[]): Deno.Command {
  return new Deno.Command(name, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  });
}

/** Root on Linux, with the tools of iproute2 and util-linux. */
function namespaces(): Need {
  const what = "network namespaces";
  if (Deno.build.os !== "linux") return { what, missing: "not Linux" };
  if (Deno.uid() !== 0) return { what, missing: "not root" };
  try {
    const line = ["-n", "ip", "link", "add", "one", "type", "veth", "peer", "name", "two"];
    const { success } = new Deno.Command("unshare", { args: line, stderr: "null" }).outputSync();
    return { what, missing: success ? undefined : "not allowed here" };
  } catch {
    return { what, missing: "no unshare" };
  }
}
