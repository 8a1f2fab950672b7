/** Whole nodes over real sockets and disks, in one process: a file travels, and survives restarts. */
import assert from "node:assert/strict";
import fs from "node:fs";
import { LiveNode, type Told } from "../../runtime/host/live_node.ts";
import { lab, swarm } from "../../runtime/protocols/mod.ts";

const DISCOVERY_PORT = 45_871;

function start(folder: string): Promise<LiveNode> {
  return LiveNode.open({ folder, port: 0, bind: ["127.0.0.1"], discoveryPort: DISCOVERY_PORT });
}

/** The first such event from now on, within ten seconds. */
function heard(node: LiveNode, name: string): Promise<Told["event"] & Record<string, string>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${name} within 10 s`)), 10_000);
    node.listen(({ event }) => {
      if (`${event.protocol}.${event.name}` !== name) return;
      clearTimeout(timer);
      resolve(event as never);
    });
  });
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function fileIn(folder: string, length: number): { path: string; bytes: Uint8Array } {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  }
  const path = `${folder}/lecture.bin`;
  fs.writeFileSync(path, bytes);
  return { path, bytes };
}

Deno.test("a class finds its teacher, and everybody ends with the same bytes", async () => {
  await withFolder(async (folder) => {
    const { path, bytes } = fileIn(folder, 3_000_001);
    const teacher = await start(`${folder}/teacher`);
    const pcs = await Promise.all([1, 2, 3].map((each) => start(`${folder}/pc${each}`)));
    teacher.ask(lab.open({ title: "Networks", who: "Ada" }));
    const welcomed = pcs.map((pc) => heard(pc, "lab.welcomed"));
    for (const pc of pcs) pc.ask(lab.join({ who: "pc" }));
    await Promise.all(welcomed);
    const completed = pcs.map((pc) => heard(pc, "swarm.completed"));
    const { handle, title, files } = teacher.open([path]);
    teacher.ask(lab.share({ handle, title, files }));
    for (const [at, told] of completed.entries()) {
      const { content } = await told;
      const [place] = pcs[at]!.publish(content!, `${folder}/inbox${at}`);
      assert.ok(fs.readFileSync(place!).equals(bytes), place);
    }
    await Promise.all([teacher, ...pcs].map((node) => node.stop()));
  });
});

Deno.test("a node that was stopped half way goes on from what it has, and serves it after a restart", async () => {
  await withFolder(async (folder) => {
    const { path, bytes } = fileIn(folder, 8 * 1024 * 1024);
    const ana = await start(`${folder}/ana`);
    const shared = heard(ana, "swarm.shared");
    ana.ask(swarm.share({ ...ana.open([path]) }));
    const { content } = await shared;
    let ben = await start(`${folder}/ben`);
    const begun = heard(ben, "swarm.progress");
    ben.ask(
      swarm.fetch({ content: content!, sources: [{ keys: ana.keys, address: ana.address }] }),
    );
    await begun;
    await ben.stop(true);
    const db = fs.statSync(`${folder}/ben/node.db`);
    assert.ok(db.size > 0);
    ben = await start(`${folder}/ben`);
    await heard(ben, "swarm.completed");
    const [place] = ben.publish(content!, `${folder}/inbox`);
    assert.ok(fs.readFileSync(place!).equals(bytes));
    await ana.stop();
    await ben.stop();
    // Ana is gone: who comes now gets it from Ben's inbox.
    ben = await start(`${folder}/ben`);
    const cid = await start(`${folder}/cid`);
    const done = heard(cid, "swarm.completed");
    cid.ask(
      swarm.fetch({ content: content!, sources: [{ keys: ben.keys, address: ben.address }] }),
    );
    await done;
    await ben.stop();
    await cid.stop();
  });
});

Deno.test("what a person takes out of the inbox is not fetched again", async () => {
  await withFolder(async (folder) => {
    const { path } = fileIn(folder, 100_000);
    const ana = await start(`${folder}/ana`);
    const shared = heard(ana, "swarm.shared");
    ana.ask(swarm.share({ ...ana.open([path]) }));
    const { content } = await shared;
    let ben = await start(`${folder}/ben`);
    const done = heard(ben, "swarm.completed");
    ben.ask(
      swarm.fetch({ content: content!, sources: [{ keys: ana.keys, address: ana.address }] }),
    );
    await done;
    const [place] = ben.publish(content!, `${folder}/inbox`);
    await ben.stop();
    fs.rmSync(place!);
    ben = await start(`${folder}/ben`);
    const { content: cancelled } = await heard(ben, "swarm.cancelled");
    assert.equal(cancelled, content);
    await ben.stop();
    await ana.stop();
  });
});
