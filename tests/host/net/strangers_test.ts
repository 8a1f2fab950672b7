/** What strangers can do with connections: little, not for long, and nobody else notices. */
import assert from "node:assert/strict";
import { encodeFrame, encodeReceipt } from "../../../runtime/core/framing.ts";
import { type Input, joined } from "../../../runtime/core/mod.ts";
import * as limits from "../../../runtime/host/net/limits.ts";
import { Links } from "../../../runtime/host/net/links.ts";
import type { Stream } from "../../../runtime/host/net/stream.ts";
import { type Guest, WaitingRoom } from "../../../runtime/host/net/waiting_room.ts";
import { type Actor, frame, pause, staged, stranger } from "./stage.ts";

Deno.test("five hundred half frames keep nobody from the links of twenty honest peers, nor hold memory", () =>
  staged(2, async (ana, ben) => {
    ben.heard = (fact) => fact.kind === "received" && ben.network.send(fact.link, fact.frame);
    // Of a body of 4 MiB the first byte only.
    const halfFrame = joined(Uint8Array.of(0x80, 0, 0, 60, 0, 0x40, 0, 0), new Uint8Array(60 + 1));
    const halves: Deno.TcpConn[] = [];
    const before = held();
    for (let count = 0; count < 500; count++) {
      const conn = await stranger(ben);
      await conn.write(halfFrame);
      halves.push(conn);
    }
    for (let count = 0; count < 20; count++) {
      const { here } = await ana.link(ben);
      await ana.until(() => ana.received(here).length === 1);
    }
    const { links, waiting } = ben.network.stats;
    assert.equal(links, 20);
    assert.ok(waiting <= limits.WAITING_PER_HOST, `${waiting} wait`);
    assert.equal(ben.of("linked").length, 20);
    assert.ok(held() - before < 64 << 20);
    for (const conn of halves) conn.close();
  }));

/** Bytes of this isolate alone: other tests run beside it in the same process. */
function held(): number {
  const { heapUsed, external } = Deno.memoryUsage();
  return heapUsed + external;
}

Deno.test("a connection without a first frame is cut in time, and a first frame makes it a link", () => {
  const cut: string[] = [];
  const guest = (host: string): Guest => ({ host, cut: (why) => cut.push(`${host} ${why}`) });
  const room = new WaitingRoom();
  const late = guest("late"), early = guest("early");
  room.add(late, 0);
  room.add(early, 100);
  room.delete(early);
  room.look(limits.FIRST_FRAME_MILLIS - 1);
  assert.deepEqual(cut, []);
  room.look(limits.FIRST_FRAME_MILLIS);
  assert.deepEqual([cut, room.size], [["late timed-out"], 0]);
});

Deno.test("where too many wait, the oldest goes: of the same host, or of all", () => {
  const cut: string[] = [];
  const guest = (host: string, name: string): Guest => ({ host, cut: () => cut.push(name) });
  const room = new WaitingRoom();
  room.add(guest("honest", "honest"), 0);
  for (let count = 0; count <= limits.WAITING_PER_HOST; count++) {
    room.add(guest("evil", `${count}`), 0);
  }
  assert.deepEqual(cut, ["0"]);
  for (let count = 0; count < limits.WAITING; count++) room.add(guest(`many ${count}`, "many"), 0);
  assert.equal(room.size, limits.WAITING);
  assert.equal(cut[1], "honest"); // the oldest of all
});

Deno.test("one that has begun a frame and trickles is cut; slow but steady, and busy, are not", async () => {
  const facts: Input[] = [];
  const links = new Links({ post: (fact) => facts.push(fact), isBehind: () => false });
  const open = async (name: string) => {
    const stream = new FedStream();
    links.accepted(stream, { from: `${name}:1`, host: name }, 0);
    await stream.feed(encodeFrame(frame("hello"))[0]!);
    return stream;
  };
  const idle = await open("idle"), trickling = await open("trickling");
  const steady = await open("steady"), busy = await open("busy");
  const [opening, body] = encodeFrame(frame("bulk", 1 << 20));
  for (const stream of [trickling, steady]) await stream.feed(opening!);
  for (let now = 0, fed = 0; now <= 12_000; now += limits.LOOK_MILLIS) {
    await trickling.feed(Uint8Array.of(1));
    await steady.feed(body!.subarray(fed, fed += 4_096));
    for (const part of encodeFrame(frame("small", 20))) await busy.feed(part);
    links.look(now);
  }
  assert.deepEqual(facts.filter(({ kind }) => kind === "unlinked"), [
    { kind: "unlinked", link: 1, why: "timed-out" },
  ]);
  assert.deepEqual([idle, trickling, steady, busy].map(({ isClosed }) => isClosed), [
    false,
    true,
    false,
    false,
  ]);
  await links.close(true);
});

Deno.test("a peer that takes nothing for long is cut as silent, but not for a stall of ours", async () => {
  const facts: Input[] = [];
  const links = new Links({ post: (fact) => facts.push(fact), isBehind: () => false });
  const deaf = new FedStream();
  links.dialled("deaf:1", deaf, "deaf");
  links.send(0, frame("x"));
  let now = 0;
  const until = (end: number) => {
    for (; now < end; now += limits.LOOK_MILLIS) links.look(now);
  };
  until(limits.STALL_MILLIS - 1_000);
  now += 60_000; // the machine was asleep
  until(now + limits.STALL_MILLIS);
  assert.equal(facts.length, 1);
  until(now + 1_000);
  assert.deepEqual(facts.at(-1), { kind: "unlinked", link: 0, why: "silent" });
  await links.close(true);
});

Deno.test("a peer that takes all that is sent and reads none of it is cut as well", async () => {
  const facts: Input[] = [];
  const links = new Links({ post: (fact) => facts.push(fact), isBehind: () => false });
  const hoard = new FedStream();
  hoard.write = (bytes) => Promise.resolve(bytes.length);
  links.dialled("hoard:1", hoard, "hoard");
  links.send(0, { head: new Uint8Array(3), body: new Uint8Array(1000) });
  await new Promise((resolve) => setTimeout(resolve, 1));
  let now = 0;
  for (; now < limits.STALL_MILLIS; now += limits.LOOK_MILLIS) links.look(now);
  assert.equal(facts.length, 1);
  links.look(now + limits.LOOK_MILLIS);
  assert.deepEqual(facts.at(-1), { kind: "unlinked", link: 0, why: "silent" });
  await links.close(true);
});

Deno.test("a peer that has read what was never sent is cut", () =>
  staged(1, async (ben) => {
    const liar = await stranger(ben);
    await liar.write(joined(...encodeFrame(frame("hello")), encodeReceipt(1)));
    assert.equal((await ben.told("unlinked")).why, "malformed");
    liar.close();
  }));

Deno.test("noise on the port is no link, whatever it is", () =>
  staged(1, async (ben) => {
    for (let count = 0; count < 200; count++) {
      const conn = await stranger(ben);
      const noise = crypto.getRandomValues(new Uint8Array(64));
      noise[0] = 0x10 + count % 0x60; // a head of hundreds of megabytes, now and then a request
      await conn.write(noise).catch(() => {});
      conn.close();
    }
    await settled(ben);
    assert.deepEqual(ben.facts, []);
  }));

async function settled(actor: Actor): Promise<void> {
  await actor.until(() => actor.network.stats.waiting === 0, "nobody waits");
  await pause(10);
}

/** A stream that is fed by hand, and never takes anything. */
class FedStream implements Stream {
  readonly transport = "tcp";
  isClosed = false;
  #into: Uint8Array | undefined;
  #resolve: ((count: number | null) => void) | undefined;

  read(into: Uint8Array): Promise<number | null> {
    this.#into = into;
    return new Promise((resolve) => this.#resolve = resolve);
  }

  write(_bytes: Uint8Array): Promise<number> {
    return new Promise(() => {});
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#resolve?.(null);
  }

  /** At most as much as is read at once. */
  async feed(bytes: Uint8Array): Promise<void> {
    if (this.isClosed || bytes.length === 0) return;
    this.#into!.set(bytes);
    this.#resolve!(bytes.length);
    await pause(0);
  }
}
