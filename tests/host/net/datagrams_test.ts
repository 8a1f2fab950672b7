/** Datagrams on loopback: who hears what, how often, and that nothing is ever said unasked. */
import assert from "node:assert/strict";
import { limits } from "../../../runtime/core/mod.ts";
import { waysOf } from "../../../runtime/host/net/datagrams.ts";
import type { Interface } from "../../../runtime/host/net/interfaces.ts";
import * as bounds from "../../../runtime/host/net/limits.ts";
import { Actor, bytesOf, freePort, pause, staged, stranger } from "./stage.ts";

const beacon = Uint8Array.of(1, 2, 3);

Deno.test("everyone on the cable hears a beacon once, from where its node can be dialled, but not the node", () =>
  staged(3, async (ana, ben, eva) => {
    assert.ok(ana.network.stats.hearsEveryone);
    ana.network.cast("everyone", beacon);
    for (const other of [ben, eva]) {
      assert.deepEqual(await other.told("overheard"), {
        kind: "overheard",
        from: ana.address,
        bytes: beacon,
      });
    }
    await pause(50);
    for (const [actor, count] of [[ana, 0], [ben, 1], [eva, 1]] as const) {
      assert.equal(actor.of("overheard").length, count);
    }
  }));

Deno.test("a node's first words for everyone take every way, later ones one after the other", () => {
  const cable: Interface = {
    kind: "wired",
    name: "eth0",
    family: 4,
    address: "192.168.7.20",
    host: "192.168.7.20",
    bits: 24,
    broadcast: "192.168.7.255",
    scope: 0,
    zone: "eth0",
  };
  const all = ["192.168.7.255", "255.255.255.255", "239.255.77.77"];
  for (let nth = 0; nth < 4; nth++) assert.deepEqual(waysOf(cable, nth), all);
  const later = [0, 1, 2].map((more) => waysOf(cable, 100 + more));
  assert.ok(later.every((ways) => ways.length === 1));
  assert.deepEqual(later.flat().sort(), all.toSorted());
});

Deno.test("a datagram to one address is heard there only, and can be answered to where it came from", () =>
  staged(3, async (ana, ben, eva) => {
    ana.network.cast(ben.address, beacon);
    const { from } = await ben.told("overheard");
    ben.network.cast(from, Uint8Array.of(9));
    assert.deepEqual(await ana.told("overheard"), {
      kind: "overheard",
      from: ben.address,
      bytes: Uint8Array.of(9),
    });
    assert.equal(eva.facts.length, 0);
  }));

Deno.test("the longest datagram is heard, and one byte more is not", () =>
  staged(2, async (ana, ben) => {
    for (const bytes of [limits.DATAGRAM_BYTES + 1, limits.DATAGRAM_BYTES, 60_000, 1]) {
      ana.network.cast(ben.address, bytesOf(bytes));
    }
    await ben.told("overheard", 2);
    await pause(50);
    const heard = ben.of("overheard").map(({ bytes }) => bytes);
    heard.sort((one, other) => one.length - other.length);
    assert.deepEqual(heard, [bytesOf(1), bytesOf(limits.DATAGRAM_BYTES)]);
  }));

Deno.test("the same bytes a moment later came by two ways, and after that they are said again", async () => {
  let now = 0;
  const discoveryPort = freePort();
  const ana = await Actor.open({ discoveryPort });
  const ben = await Actor.open({ discoveryPort, micros: () => now });
  for (const at of [0, 50_000, 150_000]) {
    now = at;
    ana.network.cast(ben.address, beacon);
    await pause(20);
  }
  assert.equal(ben.of("overheard").length, 2);
  for (const { network } of [ana, ben]) await network.close();
});

Deno.test("a flood of one source is cut to its rate, and another is heard all the same", () =>
  staged(2, async (ana, ben) => {
    const flood = udp();
    const to = { transport: "udp", hostname: "127.0.0.1", port: ben.network.port } as const;
    for (let count = 0; count < 3_000; count++) {
      await flood.send(Uint8Array.of(count, count >> 8, 7), to);
    }
    await pause(100);
    const heard = ben.of("overheard").length;
    assert.ok(heard >= 50 && heard <= bounds.SOURCE_DATAGRAMS.burst + 32, `${heard} heard`);
    ana.network.cast(ben.address, beacon);
    await ben.until(() => ben.of("overheard").some(({ from }) => from === ana.address));
    flood.close();
  }));

Deno.test("a flood of invented sources costs a bounded part of a second, and does not reach the links", () =>
  staged(2, async (ana, ben) => {
    const sources = Array.from({ length: 40 }, udp);
    const { here, there } = await ana.link(ben);
    const to = { transport: "udp", hostname: "127.0.0.1", port: ben.network.port } as const;
    for (let count = 0; count < 8_000; count++) {
      await sources[count % 40]!.send(Uint8Array.of(count, count >> 8), to);
    }
    ana.network.send(here, { head: beacon });
    await ben.until(() => ben.received(there).length === 2);
    const heard = ben.of("overheard").length;
    assert.ok(heard <= bounds.HOST_DATAGRAMS.burst * 3, `${heard} heard`);
    for (const source of sources) source.close();
  }));

Deno.test("nothing is ever answered by the host itself: noise on every door brings back no byte", () =>
  staged(1, async (ana) => {
    let came = 0;
    const noisy = udp();
    const listening = (async () => {
      for await (const [bytes] of noisy) came += bytes.length;
    })();
    const to = { transport: "udp", hostname: "127.0.0.1", port: ana.network.port } as const;
    for (let count = 0; count < 500; count++) {
      await noisy.send(crypto.getRandomValues(new Uint8Array(count + 1)), to);
    }
    const conn = await stranger(ana);
    const reading = conn.read(new Uint8Array(100)).then((count) => came += count ?? 0, () => {});
    await conn.write(Uint8Array.of(0, 0, 0, 200, 1, 2, 3)); // a frame that has only begun
    await pause(100);
    conn.close();
    noisy.close();
    await Promise.all([listening, reading]);
    assert.equal(came, 0);
    assert.equal(ana.network.stats.datagramsSent, 0);
  }));

Deno.test("a cast to nowhere is lost, as datagrams are", () =>
  staged(1, async (ana) => {
    for (const to of ["nonsense", "", "[fe80::1]:5", `[::1]:${freePort()}`, "127.0.0.1:99999"]) {
      ana.network.cast(to, beacon);
    }
    await pause(20);
    assert.deepEqual(ana.facts, []);
  }));

function udp(): Deno.DatagramConn {
  return Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
}
