/** Serial lines without any device: packets found in noise, and two ends that agree on what was whole. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Reason } from "../../../runtime/core/mod.ts";
import {
  crc32,
  encodePacket,
  type Packet,
  PacketReader,
  PAYLOAD_BYTES,
} from "../../../runtime/host/net/serial_packets.ts";
import { SerialSession } from "../../../runtime/host/net/serial_session.ts";
import { bytesOf } from "./stage.ts";

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const packets: fc.Arbitrary<Packet> = fc.record({
  kind: fc.constantFrom("hello", "data", "beat", "end"),
  from: u32,
  number: u32,
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.uint8Array({ minLength: 230, maxLength: PAYLOAD_BYTES }),
    fc.integer({ min: 0, max: PAYLOAD_BYTES }).map((length) => new Uint8Array(length)),
    fc.integer({ min: 0, max: PAYLOAD_BYTES }).map((length) => new Uint8Array(length).fill(1)),
  ),
}, { noNullPrototype: true });

/** What is read of these bytes, given in pieces of this size. */
function read(reader: PacketReader, bytes: Uint8Array, size = 1_000) {
  const found: (Packet | undefined)[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    found.push(...reader.push(bytes.slice(at, at + size)));
  }
  return found;
}

Deno.test("every packet is read as it was written, in any pieces, and holds no zero but at its ends", () => {
  fc.assert(fc.property(packets, fc.integer({ min: 1, max: 300 }), (packet, size) => {
    const bytes = encodePacket(packet);
    assert.deepEqual([bytes.indexOf(0), bytes.indexOf(0, 1)], [0, bytes.length - 1]);
    assert.deepEqual(read(new PacketReader(), bytes, size), [packet]);
  }));
});

Deno.test("the check value of CRC-32", () => {
  assert.equal(crc32(new TextEncoder().encode("123456789")), 0xcbf4_3926);
});

Deno.test("behind any noise the next packet is found, and the noise is none", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3_000 }), packets, (noise, packet) => {
    const reader = new PacketReader();
    for (const found of read(reader, noise)) assert.equal(found, undefined);
    assert.deepEqual(read(reader, encodePacket(packet)).at(-1), packet);
  }));
});

Deno.test("a packet with any bit changed is not read", () => {
  fc.assert(
    fc.property(packets, fc.nat(), fc.integer({ min: 1, max: 255 }), (packet, at, change) => {
      const bytes = encodePacket(packet);
      bytes[at % bytes.length]! ^= change;
      for (const found of read(new PacketReader(), bytes)) {
        // A change of the zero before it leaves the packet, behind a byte too many.
        if (found !== undefined) assert.deepEqual(found, packet);
      }
    }),
  );
});

/** Two ends, and what is done to the packets between them. */
class Line {
  now = 0;
  /** What becomes of a packet: goes on, is lost, or is changed. */
  fate: (packet: Packet, from: number) => "passes" | "lost" | "changed" = () => "passes";
  readonly logs: string[][] = [[], []];
  readonly came: number[][] = [[], []];
  readonly ends: SerialSession[];
  readonly #flying: [number, Packet | undefined][] = [];

  constructor(epochs: readonly [() => number, () => number] = [counting(1_000), counting(2_000)]) {
    this.ends = epochs.map((draw, end) =>
      new SerialSession({
        say: (packet) => {
          const fate = this.fate(packet, end);
          if (fate !== "lost") this.#flying.push([1 - end, fate === "passes" ? packet : undefined]);
        },
        opened: (isDialler) => this.logs[end]!.push(isDialler ? "dialled" : "answered"),
        received: (payload) => this.came[end]!.push(...payload),
        closed: (why: Reason) => this.logs[end]!.push(why),
        draw,
      })
    );
  }

  /** Time passes. */
  go(millis: number): void {
    for (const until = this.now + millis; this.now < until; this.now += 50) {
      for (const end of this.ends) end.look(this.now);
      for (let count = 0; this.#flying.length > 0 && count < 1_000; count++) {
        const [to, packet] = this.#flying.shift()!;
        this.ends[to]!.heard(packet, this.now);
      }
      assert.equal(this.#flying.length, 0, "nothing is answered for ever");
    }
  }
}

function counting(first: number): () => number {
  let next = first;
  return () => next++;
}

Deno.test("two ends that wait become one link, which the smaller epoch has dialled", () => {
  const line = new Line();
  line.go(1_000);
  assert.deepEqual(line.logs, [["dialled"], ["answered"]]);
  line.ends[0]!.send(bytesOf(3), line.now);
  line.ends[1]!.send(bytesOf(5), line.now);
  line.go(60_000);
  assert.deepEqual(line.came, [[...bytesOf(5)], [...bytesOf(3)]]);
  assert.deepEqual(line.logs.map((log) => log.length), [1, 1], "beats keep it open");
});

Deno.test("the end that was told to dial has dialled, whatever its epoch; of two, the smaller", () => {
  const one = new Line();
  one.ends[1]!.dial();
  one.go(1_000);
  assert.deepEqual(one.logs, [["answered"], ["dialled"]]);
  const both = new Line();
  for (const end of both.ends) end.dial();
  both.go(1_000);
  assert.deepEqual(both.logs, [["dialled"], ["answered"]]);
});

for (const fate of ["lost", "changed"] as const) {
  for (const kind of ["data", "beat"] as const) {
    Deno.test(`a ${kind} packet that is ${fate} ends the link on both ends, and a new one begins`, () => {
      const line = new Line();
      line.go(1_000);
      line.ends[0]!.send(bytesOf(3), line.now);
      line.go(100);
      let isDone = false;
      line.fate = (packet, from) => {
        if (isDone || from !== 0 || packet.kind !== kind) return "passes";
        isDone = true;
        return fate;
      };
      line.ends[0]!.send(bytesOf(4), line.now);
      line.go(5_000);
      line.ends[1]!.send(bytesOf(6), line.now);
      line.go(100);
      if (kind === "beat" && fate === "lost") { // nothing is missing
        return assert.deepEqual(line.logs.map((log) => log.length), [1, 1]);
      }
      assert.deepEqual(line.logs[1]!.slice(0, 2), ["answered", "tampered"]);
      assert.deepEqual(line.logs[0]!.slice(0, 2), ["dialled", "crashed"]);
      assert.deepEqual(line.logs.map((log) => log.length), [3, 3]);
      assert.deepEqual(line.came[0], [...bytesOf(6)]);
    });
  }
}

Deno.test("a hang-up ends it on both ends for good, until somebody dials", () => {
  const line = new Line();
  line.go(1_000);
  line.ends[0]!.send(bytesOf(3), line.now);
  line.ends[0]!.end(line.now);
  line.go(30_000);
  assert.deepEqual(line.logs, [["dialled"], ["answered", "closed"]]);
  assert.deepEqual(line.came[1], [...bytesOf(3)]);
  line.ends[1]!.dial();
  line.go(1_000);
  assert.deepEqual(line.logs, [["dialled", "answered"], ["answered", "closed", "dialled"]]);
});

Deno.test("an end that begins anew, and one that falls silent, end the other's link", () => {
  const line = new Line();
  line.go(1_000);
  line.ends[0]!.reset("crashed");
  line.go(1_000);
  assert.deepEqual(line.logs, [["dialled", "crashed", "dialled"], [
    "answered",
    "crashed",
    "answered",
  ]]);
  line.fate = () => "lost";
  line.go(20_000);
  assert.deepEqual(line.logs.map((log) => log.at(-1)), ["silent", "silent"]);
  line.fate = () => "passes";
  line.go(2_000);
  assert.deepEqual(line.logs.map((log) => log.at(-1)), ["dialled", "answered"]);
});

Deno.test("whatever is lost and changed on the way, both streams are whole from their beginning", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(19), { minLength: 10, maxLength: 200 }), (fates) => {
      let turn = 0;
      const line = new Line();
      line.fate = () => (["lost", "changed"] as const)[fates[turn++ % fates.length]!] ?? "passes";
      const sent: number[][] = [[], []];
      for (let count = 0; count < 60; count++) {
        const marks = line.logs.map((log) => log.length);
        line.go(100);
        for (const end of [0, 1]) {
          if (line.logs[1 - end]!.length !== marks[1 - end]) line.came[1 - end] = [];
          if (line.logs[end]!.length !== marks[end]) sent[end] = [];
          if (!line.ends[end]!.isOpen) continue;
          line.ends[end]!.send(Uint8Array.of(count, end), line.now);
          sent[end]!.push(count, end);
        }
      }
      line.fate = () => "passes";
      line.go(20_000);
      assert.ok(line.ends.every(({ isOpen }) => isOpen));
      for (const log of line.logs) {
        log.forEach((word, at) =>
          assert.equal(/dialled|answered/.test(word), at % 2 === 0, `${log}`)
        );
      }
      const [one, other] = line.logs.map((log) => log.at(-1));
      assert.notEqual(one, other, "one has dialled, the other has not");
    }),
    { numRuns: 300 },
  );
});
