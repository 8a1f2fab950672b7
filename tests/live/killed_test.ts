/** A node that is killed at any moment goes on from what it had, and ends with the very bytes. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { freePort } from "../host/net/stage.ts";
import { KILLS, Node } from "./mortal.ts";

const FILE_BYTES = 200_000_000;

Deno.test(`students killed ${KILLS} times in all end with the very bytes`, async () => {
  const folder = await Deno.makeTempDir({ prefix: "starling-killed-" });
  const file = `${folder}/lecture.bin`;
  await Deno.writeFile(file, randomBytes(FILE_BYTES));
  const expected = await hashOf(file);
  const common = ["--bind", "127.0.0.1", "--discovery-port", `${freePort()}`];
  const own = (name: string) => ["--folder", `${folder}/${name}`, "--name", name, ...common];
  try {
    await using _teacher = new Node(["teach", file, ...own("Ada")]);
    let killed = 0;
    for (let round = 1; killed < KILLS; round++) {
      const inbox = `${folder}/in${round}`;
      const join = ["join", "--until-done", "--inbox", inbox, ...own(`Ben${round}`)];
      let times = 0;
      while (killed + times < KILLS && await isKilled(join)) times++;
      killed += times;
      await using last = new Node(join);
      assert.equal((await last.status).code, 0, await last.said);
      const got = [...Deno.readDirSync(inbox)].map(({ name }) => name);
      assert.deepEqual(got, ["lecture.bin"], `round ${round}, killed ${times} times`);
      assert.equal(await hashOf(`${inbox}/lecture.bin`), expected);
      await Deno.remove(inbox, { recursive: true });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Starts a student, and kills him at some moment; false where he was done before. */
async function isKilled(words: readonly string[]): Promise<boolean> {
  await using student = new Node(words);
  const late = 200 + Math.floor(Math.random() * 600);
  const timer = new Promise<void>((resolve) => setTimeout(resolve, late));
  const isOver = await Promise.race([timer.then(() => false), student.status.then(() => true)]);
  if (!isOver) await student.kill();
  return !isOver;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of (await Deno.open(path)).readable) hash.update(chunk);
  return hash.digest("hex");
}
