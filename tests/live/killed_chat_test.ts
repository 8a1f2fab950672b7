/** Two who write to each other while both are killed: nothing accepted is lost, nothing is shown twice. */
import assert from "node:assert/strict";
import type { PeerId } from "../../runtime/core/mod.ts";
import { findRunning, type Remote } from "../../runtime/host/console/remote.ts";
import type { Numbered } from "../../runtime/host/console/service.ts";
import { type Line, Talk } from "../../runtime/host/console/talk.ts";
import { historySeal } from "../../runtime/host/disk/mod.ts";
import { History } from "../../runtime/host/disk/history.ts";
import { loadIdentity } from "../../runtime/host/identity_file.ts";
import { chat } from "../../runtime/protocols/mod.ts";
import { freePort } from "../host/net/stage.ts";
import { KILLS, Node } from "./mortal.ts";

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Somebody whose node is killed and started again. */
class Mortal {
  readonly accepted = new Set<string>();
  #node: Node | undefined;
  #remote: Remote | undefined;
  #reads: Remote | undefined;

  constructor(readonly folder: string, readonly words: readonly string[]) {}

  async live(): Promise<Remote> {
    for (let tries = 0; tries < 400; tries++) {
      this.#node ??= new Node(this.words); // killed while it was waited for, it is started again
      this.#remote ??= await findRunning(this.folder);
      if (this.#remote !== undefined) break;
      await pause(25);
    }
    const remote = this.#remote;
    assert.ok(remote !== undefined, "the store opens, and the node runs");
    if (this.#reads !== remote) remote.follow(0, (told) => this.#read(remote, told));
    this.#reads = remote;
    return remote;
  }

  /** Whoever is shown a letter has read it. */
  #read(remote: Remote, { event }: Numbered): void {
    if (!chat.isChatEvent(event) || event.name !== "received") return;
    const { peer, id } = event;
    remote.ask(chat.read({ peer, ids: [id] })).catch(() => {}); // killed meanwhile: it is told again
  }

  /** Writes; what the node says it has accepted counts. */
  async write(to: PeerId, text: string): Promise<void> {
    const remote = await this.live();
    const done = Promise.withResolvers<void>();
    const unfollow = remote.follow(0, ({ event }) => {
      if (event.name === "lost") return done.resolve();
      if (!chat.isChatEvent(event) || event.name !== "accepted") return;
      this.accepted.add(event.text);
      if (event.text === text) done.resolve();
    });
    await remote.ask(chat.write({ to: [to], text })).catch(() => done.resolve());
    await done.promise;
    unfollow();
  }

  async kill(): Promise<void> {
    await this.#node?.[Symbol.asyncDispose]();
    this.#node = this.#remote = undefined;
  }

  /** What this person has been shown. */
  async shown(): Promise<Line[]> {
    const seal = historySeal(await loadIdentity(this.folder, undefined));
    const talk = new Talk(Infinity);
    const shown: Line[] = [];
    talk.onNews = (entry) => "line" in entry && void shown.push(entry.line);
    for (const entry of History.read(this.folder, seal)) talk.restore(entry);
    return shown.filter(({ kind, id }) => kind === "letter" && id?.startsWith("own/") === false);
  }
}

Deno.test(`${KILLS} kills in a conversation: what was accepted is shown, once`, async () => {
  const folder = await Deno.makeTempDir({ prefix: "starling-chat-" });
  const common = ["--bind", "127.0.0.1", "--discovery-port", `${freePort()}`, "--port", "0"];
  const mortal = (name: string) =>
    new Mortal(`${folder}/${name}`, [
      ...["start", "--folder", `${folder}/${name}`, "--name", name],
      ...common,
    ]);
  const ada = mortal("Ada"), ben = mortal("Ben");
  const peerOf = async (one: Mortal) => (await one.live()).about.peer as PeerId;
  try {
    const [adasPeer, bensPeer] = [await peerOf(ada), await peerOf(ben)];
    let isOver = false, written = 0;
    const writing = (async () => {
      while (!isOver) {
        await ada.write(bensPeer, `from Ada ${written}`);
        await ben.write(adasPeer, `from Ben ${written++}`);
        await pause(10);
      }
    })();
    for (let killed = 0; killed < KILLS; killed++) {
      await pause(150 + Math.random() * 700);
      await (Math.random() < 0.5 ? ada : ben).kill();
    }
    isOver = true;
    await writing;
    await Promise.all([ada.live(), ben.live()]);
    for (const [writer, reader] of [[ada, ben], [ben, ada]] as const) {
      const missing = async () => {
        const texts = new Set((await reader.shown()).map(({ text }) => text));
        return [...writer.accepted].filter((text) => !texts.has(text));
      };
      for (let waited = 0; waited < 300 && (await missing()).length > 0; waited++) await pause(100);
      assert.deepEqual(await missing(), []);
      const texts = (await reader.shown()).map(({ text }) => text);
      assert.equal(new Set(texts).size, texts.length, "none is there twice");
      assert.ok(writer.accepted.size > 0);
    }
  } finally {
    await Promise.all([ada.kill(), ben.kill()]);
    await Deno.remove(folder, { recursive: true });
  }
});
