/** What both hosts promise a node: the same tests, on the simulated machine and on this one. */
import assert from "node:assert/strict";
import { LiveBench } from "./live_bench.ts";
import {
  type Bench,
  dial,
  drop,
  type Found,
  found,
  keep,
  load,
  save,
  savesBefore,
  send,
  settle,
  states,
  STORY,
  tell,
} from "./script.ts";
import { SimBench } from "./sim_bench.ts";
import { openDisk } from "../../runtime/host/disk/mod.ts";

const CONTENT = `swarm/${"ab".repeat(32)}`;
const hosts: Readonly<Record<string, () => Bench>> = {
  "a simulated machine": () => new SimBench(),
  "this machine": () => new LiveBench(Deno.makeTempDirSync()),
};

for (const [host, opened] of Object.entries(hosts)) {
  const promise = (what: string, check: (bench: Bench) => Promise<void>) =>
    Deno.test(`${host} ${what}`, async () => {
      const bench = opened();
      try {
        await check(bench);
      } finally {
        await bench.close();
      }
    });

  promise("performs orders in sequence, and a record is there after a restart", async (bench) => {
    await bench.perform(
      [save("a", "1"), send(1, "one"), tell("two"), send(2, "three")],
      [save("b", "1"), dial("10.0.0.9:1"), save("a"), send(1, "four")],
    );
    const left = ["send 1 one", "tell two", "send 2 three", "dial 10.0.0.9:1", "send 1 four"];
    assert.deepEqual(bench.left, left);
    assert.deepEqual((await bench.restart()).records, { b: "1" });
  });

  for (const why of ["disk-full", "disk-error"] as const) {
    promise(`lets nothing overtake a record that is refused: ${why}`, async (bench) => {
      bench.refuse("bad", why);
      await bench.perform(
        [save("good", "1"), send(1, "before")],
        [save("fine", "1"), send(1, "fine"), save("bad", "1"), send(1, "after"), tell("lie")],
        [save("later", "1"), send(2, "another link")],
      );
      const left = ["send 1 before", "send 1 fine", "hang-up 1", "send 2 another link"];
      assert.deepEqual(bench.left, left);
      const facts = bench.node.facts.filter(({ kind }) => kind !== "started");
      assert.deepEqual(facts, [
        { kind: "refused", order: "save", key: "bad", why },
        { kind: "unlinked", link: 1, why },
      ]);
      assert.deepEqual((await bench.restart()).records, { fine: "1", good: "1", later: "1" });
    });
  }

  promise("gives back the pieces that it kept, and says which it does not take", async (bench) => {
    const [kept, gone, bad] = [`${CONTENT}/0`, `${CONTENT}/5`, `${CONTENT}/10`] as const;
    bench.refuse(bad, "disk-full");
    await bench.perform(
      [keep(kept, "first"), keep(gone, "other"), keep(bad, "third"), tell("goes on")],
      [drop(gone), load(kept), load(gone), load(bad)],
    );
    const loaded = bench.node.facts.filter((fact) => fact.kind === "loaded").map((fact) => [
      fact.key,
      fact.bytes && new TextDecoder().decode(fact.bytes),
    ]);
    assert.deepEqual(loaded, [[kept, "first"], [gone, undefined], [bad, undefined]]);
    const refused = bench.node.facts.find(({ kind }) => kind === "refused");
    assert.deepEqual(refused, { kind: "refused", order: "keep", key: bad, why: "disk-full" });
    assert.deepEqual(bench.left, ["tell goes on"]);
    assert.deepEqual((await bench.restart()).kept, [kept]);
  });

  promise(
    "says when what it kept is durable, and that what a refused record holds back is not",
    async (bench) => {
      bench.refuse("bad", "disk-full");
      await bench.perform([keep(`${CONTENT}/0`, "first"), settle(CONTENT)], [
        save("bad", "1"),
        settle("swarm/held back"),
      ]);
      const settled = bench.node.facts.filter(({ kind }) => kind === "settled");
      assert.deepEqual(
        new Set(settled),
        new Set([
          { kind: "settled", name: CONTENT, why: undefined },
          { kind: "settled", name: "swarm/held back", why: "disk-full" },
        ]),
      );
      assert.deepEqual((await bench.restart()).kept, [`${CONTENT}/0`]);
    },
  );

  promise("wakes a node once, and never before its time", async (bench) => {
    await bench.wake(20_000);
    assert.equal(bench.node.woken.length, 1);
    const [{ asked, at }] = bench.node.woken as [{ asked: number; at: number }];
    assert.ok(at >= asked && at < asked + 25_000, `asked for ${asked}, woken at ${at}`);
  });
}

/** What a process that was killed before an order leaves: what it sent, and what it finds. */
function assertWhole(left: readonly string[], { records }: Found, order: number): void {
  const all = states().map((state) => JSON.stringify(state, Object.keys(state).sort()));
  const saves = all.indexOf(JSON.stringify(records, Object.keys(records).sort()));
  assert.ok(saves >= 0, `before order ${order}: ${JSON.stringify(records)} was never so`);
  const needed = savesBefore(left);
  assert.ok(
    saves >= needed,
    `before order ${order}: ${saves} saves survive, ${needed} are known of`,
  );
}

Deno.test("killed before any of its orders, a simulated machine keeps what others know of", () => {
  for (let order = 0; order <= STORY.flat().length; order++) {
    const bench = new SimBench();
    const after = bench.killedBefore(order, STORY);
    assertWhole(bench.left, after, order);
  }
});

Deno.test("killed before any of its orders, this machine keeps what others know of", async () => {
  const folder = await Deno.makeTempDir();
  const victim = new URL("./victim.ts", import.meta.url).pathname;
  let killed = 0;
  for (let order = 0; order <= STORY.flat().length; order++) {
    const own = `${folder}/${order}`;
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", victim, own, `${order}`],
      stdin: "null",
      stderr: "inherit",
    }).output();
    if (code !== 0) killed++;
    const left = new TextDecoder().decode(stdout).split("\n").filter((line) => line !== "");
    const disk = openDisk(own);
    const after = found(disk.records.load(), disk.pieces.kept());
    disk.close();
    assertWhole(left, after, order);
  }
  await Deno.remove(folder, { recursive: true });
  assert.equal(killed, STORY.flat().length, "it was killed before each of its orders");
});
