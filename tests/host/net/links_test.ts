/** Links over TCP: the facts of the live network are those that the simulated one gives. */
import assert from "node:assert/strict";
import { Deframer, encodeFrame, encodeReceipt } from "../../../runtime/core/framing.ts";
import type { Frame } from "../../../runtime/core/mod.ts";
import { Actor, bytesOf, frame, freePort, pause, readToEnd, staged, stranger } from "./stage.ts";

Deno.test("a dial gives both ends a link, frames arrive whole and in order, and a hang-up ends it", () =>
  staged(2, async (ana, ben) => {
    const { here, there } = await ana.link(ben);
    const sent: Frame[] = [];
    for (let count = 0; count < 100; count++) {
      sent.push(count % 3 === 0 ? frame(`bulk ${count}`, count * 1_000) : frame(`word ${count}`));
    }
    for (const each of sent) ana.network.send(here, each);
    ana.network.hangUp(here, "released");
    ana.network.send(here, frame("too late"));
    const { why } = await ben.told("unlinked");
    assert.equal(why, "closed");
    assert.deepEqual(ben.received(there), [frame("hello"), ...sent]);
    assert.deepEqual(ana.of("unlinked"), []);
    assert.deepEqual(ana.facts[0], {
      kind: "linked",
      link: here,
      dialled: ben.address,
      from: ben.address,
      transport: "tcp",
    });
    const [linked] = ben.facts;
    assert.ok(linked?.kind === "linked" && linked.dialled === undefined);
    assert.match(linked.from, /^127\.0\.0\.1:\d+$/);
    assert.equal(ben.facts.at(-1)!.kind, "unlinked");
  }));

Deno.test("every frame with a body is drained, with what is still queued, and no other frame is", () =>
  staged(2, async (ana, ben) => {
    const { here, there } = await ana.link(ben);
    for (let count = 0; count < 20; count++) {
      ana.network.send(here, frame("body", 1 << 18));
      ana.network.send(here, frame("word"));
    }
    await ana.told("drained", 20);
    const queued = ana.of("drained").map((fact) => fact.queued);
    assert.deepEqual(queued, [...queued].sort((one, other) => other - one));
    assert.ok(queued[0]! > 18 << 18 && queued[19]! < 16, `${queued}`);
    await ben.until(() => ben.received(there).length === 41);
    assert.equal(ana.of("drained").length, 20);
  }));

Deno.test("an empty body and an empty head are frames too", () =>
  staged(2, async (ana, ben) => {
    const empty = new Uint8Array(0);
    const { here, there } = await ana.link(ben, { head: empty });
    ana.network.send(here, { head: empty, body: empty });
    await ana.told("drained");
    await ben.until(() => ben.received(there).length === 2);
    assert.deepEqual(ben.received(there), [{ head: empty }, { head: empty, body: empty }]);
  }));

Deno.test("any split of the bytes gives the same facts", () =>
  staged(1, async (ben) => {
    const frames = [
      frame("a"),
      frame("b", 5_000),
      frame(""),
      frame("c", 0),
      frame("d".repeat(300)),
    ];
    const bytes = frames.flatMap((each) => encodeFrame(each)).flatMap((part) => [...part]);
    const whole = Uint8Array.from(bytes);
    const splits = [1, 2, 3, 7, 64, 1_460, whole.length];
    for (const [index, size] of splits.entries()) {
      const conn = await stranger(ben);
      conn.setNoDelay(true);
      for (let at = 0; at < whole.length; at += size) {
        await conn.write(whole.subarray(at, at + size));
        if (size < 64 && at < 40 * size) await pause(0);
      }
      await conn.closeWrite();
      const { why, link } = await ben.told("unlinked", index + 1);
      assert.equal(why, "closed");
      assert.deepEqual(ben.received(link), frames);
      conn.close();
    }
  }));

Deno.test("two hundred links echo, all at once", () =>
  staged(2, async (ana, ben) => {
    const LINKS = 200, ROUNDS = 20;
    ben.heard = (fact) => fact.kind === "received" && ben.network.send(fact.link, fact.frame);
    const rounds = new Map<number, number>();
    ana.heard = (fact) => {
      if (fact.kind === "linked") ana.network.send(fact.link, frame("x", 500));
      if (fact.kind !== "received") return;
      const round = (rounds.get(fact.link) ?? 0) + 1;
      rounds.set(fact.link, round);
      if (round < ROUNDS) ana.network.send(fact.link, fact.frame);
    };
    for (let count = 0; count < LINKS; count++) ana.network.dial(ben.address);
    await ana.until(
      () => rounds.size === LINKS && [...rounds.values()].every((round) => round === ROUNDS),
      "all echoes",
    );
    assert.equal(ana.network.stats.links, LINKS);
    assert.equal(ben.network.stats.links, LINKS);
    assert.equal(new Set(ben.of("linked").map(({ link }) => link)).size, LINKS);
  }));

Deno.test("a dial that reaches nobody is refused by its address, and one to itself is not made", () =>
  staged(1, async (ana) => {
    const nobody = `127.0.0.1:${freePort()}`;
    for (const address of [nobody, ana.address, "nonsense", "[::1", "10.0.0.1:99999"]) {
      const count = ana.of("refused").length;
      ana.network.dial(address);
      assert.equal(ana.of("refused").length, count, "an order is not answered while it is given");
      const why = address === ana.address ? "self" : "unreachable";
      const refused = await ana.told("refused", count + 1);
      assert.deepEqual(refused, { kind: "refused", order: "dial", key: address, why });
    }
  }));

Deno.test("an end within a frame is crashed, and so is a process that is killed with bytes unread", () =>
  staged(1, async (ben) => {
    const whole = encodeFrame(frame("hello"))[0]!;
    const cut = await stranger(ben);
    await cut.write(whole);
    await cut.write(whole.subarray(0, 6));
    cut.close();
    assert.equal((await ben.told("unlinked")).why, "crashed");
    const process = new Deno.Command(Deno.execPath(), {
      args: [
        "eval",
        `const conn = await Deno.connect({ port: ${ben.network.port} });
        await conn.write(Uint8Array.of(${whole})); setTimeout(() => {}, 20_000);`,
      ],
    }).spawn();
    const { link } = await ben.told("linked", 2);
    ben.network.send(link, frame("unread", 1 << 20));
    await ben.until(() => ben.network.stats.queuedBytes === 0, "the system took it all");
    assert.deepEqual(ben.of("drained"), [], "nobody has read it");
    process.kill("SIGKILL");
    await process.status;
    assert.equal((await ben.told("unlinked", 2)).why, "crashed");
    ben.network.send(link, frame("lost"));
  }));

Deno.test("bytes that are no frame end the link, and a first frame that is none is not even a link", () =>
  staged(1, async (ben) => {
    const huge = Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 1, 2, 3);
    const first = await stranger(ben);
    await first.write(huge);
    await readToEnd(first);
    first.close();
    const later = await stranger(ben);
    await later.write(encodeFrame(frame("hello"))[0]!);
    await later.write(huge);
    assert.equal((await ben.told("unlinked")).why, "too-large");
    await readToEnd(later);
    later.close();
    assert.deepEqual(ben.facts.map(({ kind }) => kind), ["linked", "received", "unlinked"]);
  }));

Deno.test("what was sent before a hang-up arrives, though the other side is still sending", () =>
  staged(2, async (ana, ben) => {
    const { here, there } = await ana.link(ben);
    for (let count = 0; count < 8; count++) ben.network.send(there, frame("noise", 1 << 20));
    for (let count = 0; count < 8; count++) ana.network.send(here, frame("last", 1 << 20));
    ana.network.hangUp(here, "released");
    const before = ana.facts.length;
    await ben.told("unlinked");
    assert.equal(ben.received(there).length, 9);
    assert.equal(ana.facts.length, before, "nothing is told of a link that was hung up");
  }));

Deno.test("a hang-up does not wait long for a peer that does not read", () =>
  staged(1, async (ana) => {
    const deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    ana.network.dial(`127.0.0.1:${deaf.addr.port}`);
    const { link } = await ana.told("linked");
    const conn = await deaf.accept();
    for (let count = 0; count < 5; count++) ana.network.send(link, frame("bulk", 4 << 20));
    ana.network.hangUp(link, "released");
    const began = performance.now();
    await ana.network.close();
    assert.ok(performance.now() - began < 2_000);
    conn.close();
    deaf.close();
  }));

Deno.test("a peer that never reads fills neither memory nor the others' way", () =>
  staged(2, async (ana, ben) => {
    const deaf = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    ana.network.dial(`127.0.0.1:${deaf.addr.port}`);
    const { link } = await ana.told("linked");
    const conn = await deaf.accept();
    const bulk = frame("bulk", 4 << 20);
    let sent = 0;
    while (ana.of("unlinked").length === 0) {
      ana.network.send(link, bulk);
      assert.ok(ana.network.stats.queuedBytes <= 40 << 20);
      assert.ok(++sent < 100);
      await pause(1);
    }
    assert.deepEqual(ana.of("unlinked"), [{ kind: "unlinked", link, why: "timed-out" }]);
    assert.equal(ana.network.stats.queuedBytes, 0);
    const { there } = await ana.link(ben);
    await ben.until(() => ben.received(there).length === 1);
    conn.close();
    deaf.close();
  }));

Deno.test("a link that is hung up just after a body was read ends with its receipt, and in peace", () =>
  staged(1, async (ana) => {
    const conn = await stranger(ana);
    for (const part of encodeFrame(frame("body", 1000))) await conn.write(part);
    const { link } = await ana.told("linked");
    await ana.until(() => ana.received(link).length === 1);
    ana.network.hangUp(link, "released");
    await pause(100); // longer than a receipt waits: none may come after the end
    const deframer = new Deframer();
    const buffer = new Uint8Array(100);
    for (let count; (count = await conn.read(buffer)) !== null;) {
      deframer.push(buffer.subarray(0, count));
    }
    assert.equal(deframer.takeReceipts(), 1);
    conn.close();
  }));

Deno.test("a peer that reads slowly gets everything, at its own pace", () =>
  staged(1, async (ana) => {
    const slow = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    ana.network.dial(`127.0.0.1:${slow.addr.port}`);
    const { link } = await ana.told("linked");
    const conn = await slow.accept();
    const FRAMES = 64, BODY = 1 << 17;
    const bulk = frame("bulk", BODY);
    for (let count = 0; count < FRAMES; count++) ana.network.send(link, bulk);
    const buffer = new Uint8Array(1 << 16), deframer = new Deframer();
    let frames = 0;
    for (let reads = 0; frames < FRAMES; reads++) {
      const count = await conn.read(buffer);
      for (const { body } of deframer.push(buffer.subarray(0, count!))) {
        assert.deepEqual(body, bulk.body);
        frames++;
        await conn.write(encodeReceipt(1));
      }
      if (reads % 8 === 0) await pause(5);
    }
    await ana.told("drained", FRAMES);
    assert.deepEqual(ana.of("unlinked"), []);
    conn.close();
    slow.close();
  }));

Deno.test("where a port is in use the next one is taken, for TCP and UDP both", async () => {
  const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = tcp.addr;
  const ana = await Actor.open({ port, discoveryPort: freePort() });
  assert.ok(ana.network.port > port && ana.network.port <= port + 20);
  assert.equal(ana.address, `127.0.0.1:${ana.network.port}`);
  const ben = await Actor.open({ port: ana.network.port, discoveryPort: freePort() });
  assert.ok(ben.network.port > ana.network.port);
  const udp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const taken = (udp.addr as Deno.NetAddr).port;
  const eva = await Actor.open({ port: taken, discoveryPort: freePort() });
  assert.ok(eva.network.port > taken);
  for (const { network } of [ana, ben, eva]) await network.close();
  tcp.close();
  udp.close();
});

Deno.test("a node that is behind is not read to, and then gets everything", async () => {
  let isBehind = false;
  const discoveryPort = freePort();
  const ben = await Actor.open({ discoveryPort, isBehind: () => isBehind });
  const ana = await Actor.open({ discoveryPort });
  const { here, there } = await ana.link(ben);
  isBehind = true;
  for (let count = 0; count < 16; count++) ana.network.send(here, frame("bulk", 1 << 20));
  await pause(300);
  const early = ben.received(there).length, left = ana.network.stats.queuedBytes;
  assert.ok(early < 5, `${early} frames`);
  assert.ok(left > 1 << 20, `${left} bytes queued`);
  isBehind = false;
  await ben.until(() => ben.received(there).length === 17);
  for (const { network } of [ana, ben]) await network.close();
});

Deno.test("a close ends in peace what is open, and tells nothing any more", () =>
  staged(2, async (ana, ben) => {
    const { here, there } = await ana.link(ben);
    ana.network.send(here, frame("farewell", bytesOf(100).length));
    await ana.network.close();
    const count = ana.facts.length;
    assert.equal((await ben.told("unlinked")).why, "closed");
    assert.equal(ben.received(there).length, 2);
    ben.network.dial(ana.address);
    assert.equal((await ben.told("refused")).why, "unreachable");
    assert.equal(ana.facts.length, count);
  }));
