/** Links over serial lines: two pseudo-terminals, and a wire that makes errors when it is told to. */
import assert from "node:assert/strict";
import { Actor, frame, freePort, pause } from "../host/net/stage.ts";
import { type Need, testNeeding } from "../needs.ts";

const WIRE = new URL("wire.py", import.meta.url).pathname;

testNeeding(
  python(),
  "a serial line carries a link, which errors end on both ends and begin anew",
  async () => {
    await using wire = await Wire.open();
    const [ana, ben] = wire.actors;
    const { dialler, listener, here } = await started(ana, ben, 1);
    assert.equal(dialler.of("linked")[0]!.transport, "serial");
    assert.match(listener.of("linked")[0]!.from, /^serial:\/dev\//);
    for (const [count, fate] of ["change", "lose"].entries()) {
      await wire.say(fate);
      ana.network.send(ana.of("linked").at(-1)!.link, frame("spoilt", 300));
      for (const end of [ana, ben]) await end.told("unlinked", count + 1);
      assert.deepEqual(
        [ana, ben].map((end) => end.of("unlinked").at(-1)!.why).sort(),
        ["crashed", "tampered"],
      );
      await started(ana, ben, count + 2);
    }
    assert.ok(here >= 0);
  },
);

testNeeding(
  python(),
  "a large frame passes in order, both ways at once, and is drained",
  async () => {
    await using wire = await Wire.open();
    const [ana, ben] = wire.actors;
    await started(ana, ben, 1);
    const bulk = frame("bulk", 300_000);
    const links = [ana, ben].map((end) => end.of("linked")[0]!.link);
    ana.network.send(links[0]!, bulk);
    ben.network.send(links[1]!, bulk);
    for (const [at, end] of [ana, ben].entries()) {
      await end.told("drained");
      await end.until(() => end.received(links[at]!).some(({ body }) => body !== undefined));
      assert.deepEqual(end.received(links[at]!).at(-1), bulk);
      assert.equal(end.of("unlinked").length, 0);
    }
  },
);

testNeeding(
  python(),
  "a hang-up lets the last words pass, and the line is quiet until somebody dials",
  async () => {
    await using wire = await Wire.open();
    const [ana, ben] = wire.actors;
    const { dialler, listener, here } = await started(ana, ben, 1);
    dialler.network.send(here, frame("farewell", 5_000));
    dialler.network.hangUp(here, "released");
    assert.equal((await listener.told("unlinked")).why, "closed");
    assert.deepEqual(listener.of("received").at(-1)!.frame, frame("farewell", 5_000));
    await pause(1_500);
    assert.deepEqual([ana, ben].map((end) => end.of("linked").length), [1, 1]);
    listener.network.dial(wire.addressOf(listener));
    const { dialled } = await listener.told("linked", 2);
    assert.equal(dialled, wire.addressOf(listener));
    listener.network.dial(dialled!);
    assert.deepEqual((await listener.told("refused")).why, "duplicate");
  },
);

Deno.test("a device that is not there is dialled in vain, and nothing else is the worse for it", async () => {
  const ana = await Actor.open({ serial: ["/dev/no-such-line"], discoveryPort: freePort() });
  ana.network.dial("serial:/dev/another");
  assert.equal((await ana.told("refused")).why, "unreachable");
  ana.network.dial("serial:/dev/no-such-line");
  assert.equal((await ana.told("refused", 2)).why, "unreachable");
  await ana.network.close();
});

/** Both ends have a link for the so-manieth time; the one that has dialled has said its first words. */
async function started(ana: Actor, ben: Actor, count: number) {
  const dialled = (end: Actor) => end.of("linked")[count - 1]?.dialled !== undefined;
  await ana.until(() => dialled(ana) || dialled(ben), "one has dialled");
  const [dialler, listener] = dialled(ana) ? [ana, ben] as const : [ben, ana] as const;
  const here = dialler.of("linked")[count - 1]!.link;
  dialler.network.send(here, frame("hello"));
  await listener.told("linked", count);
  return { dialler, listener, here };
}

/** Two networks with nothing but a wire between them. */
class Wire {
  private constructor(
    readonly actors: readonly [Actor, Actor],
    readonly paths: readonly string[],
    readonly process: Deno.ChildProcess,
    readonly input: WritableStreamDefaultWriter<Uint8Array>,
  ) {}

  static async open(): Promise<Wire> {
    const process = new Deno.Command("python3", {
      args: [WIRE],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const reader = process.stdout.getReader();
    let said = "";
    while (!said.endsWith("\n")) said += new TextDecoder().decode((await reader.read()).value);
    await reader.cancel();
    const paths = said.trim().split(" ");
    const open = (path: string) => Actor.open({ serial: [path], discoveryPort: freePort() });
    const actors = [await open(paths[0]!), await open(paths[1]!)] as const;
    return new Wire(actors, paths, process, process.stdin.getWriter());
  }

  addressOf(actor: Actor): string {
    return `serial:${this.paths[this.actors.indexOf(actor)]}`;
  }

  async say(fate: string): Promise<void> {
    await this.input.write(new TextEncoder().encode(`${fate}\n`));
    await pause(50);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { network } of this.actors) await network.close(true);
    await this.input.close();
    await this.process.status;
  }
}

function python(): Need {
  const what = "pseudo-terminals of Python";
  if (Deno.build.os === "windows") return { what, missing: "not a Unix" };
  try {
    const { success } = new Deno.Command("python3", { args: ["-c", "import pty"] }).outputSync();
    return { what, missing: success ? undefined : "no module" };
  } catch {
    return { what, missing: "no python3" };
  }
}
