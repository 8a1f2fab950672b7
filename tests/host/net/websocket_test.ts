/** WebSocket links: against Deno's own client and server, against ourselves, and against anything at all. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Deframer, encodeFrame } from "../../../runtime/core/framing.ts";
import { joined } from "../../../runtime/core/mod.ts";
import {
  applyMask,
  BINARY,
  CLOSE,
  CONTINUATION,
  encodeHead,
  PAYLOAD_BYTES,
  PING,
  PONG,
  WebSocketDecoder,
} from "../../../runtime/host/net/websocket_frames.ts";
import { Broken, type Stream } from "../../../runtime/host/net/stream.ts";
import { acceptWebSocket } from "../../../runtime/host/net/websocket.ts";
import { acceptanceOf, responseOf } from "../../../runtime/host/net/websocket_handshake.ts";
import { bytesOf, frame, readToEnd, staged, stranger } from "./stage.ts";

const MASK = Uint8Array.of(9, 8, 7, 6);

/** One frame as a client sends it, or, without a mask, a server. */
function encoded(opcode: number, payload: Uint8Array, mask?: Uint8Array): Uint8Array {
  const head = new Uint8Array(14);
  const start = encodeHead(head, opcode, payload.length, mask);
  const masked = payload.slice();
  if (mask !== undefined) applyMask(masked, mask);
  return joined(head.subarray(0, start), masked);
}

/** What comes out of these bytes, given in pieces of these sizes in turn. */
function decoded(decoder: WebSocketDecoder, bytes: Uint8Array, sizes: readonly number[]) {
  const out: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.slice(at, at + sizes[turn % sizes.length]!);
    at += piece.length;
    out.push(piece.slice(0, decoder.decode(piece)));
  }
  return joined(...out);
}

Deno.test("links over WebSocket carry frames both ways, beside those over TCP, at the same port", () =>
  staged(2, async (ana, ben) => {
    ana.network.dial(`ws://${ben.address}`);
    const { link: here, transport, dialled } = await ana.told("linked");
    assert.deepEqual([transport, dialled], ["websocket", `ws://${ben.address}`]);
    ana.network.send(here, frame("hello", 1 << 20));
    const { link: there, transport: theirs } = await ben.told("linked");
    assert.equal(theirs, "websocket");
    for (let count = 0; count < 9; count++) {
      ben.network.send(there, frame(`${count}`, count * 9_999));
    }
    ben.network.hangUp(there, "released");
    assert.equal((await ana.told("unlinked")).why, "closed");
    assert.equal(ana.received(here).length, 9);
    assert.deepEqual(ana.received(here)[8], frame("8", 8 * 9_999));
    assert.deepEqual(ben.received(there), [frame("hello", 1 << 20)]);
    const second = await ana.link(ben);
    await ben.until(() => ben.received(second.there).length === 1);
  }));

Deno.test("Deno's own client has a link, and an orderly end of it", () =>
  staged(1, async (ben) => {
    ben.heard = (fact) => fact.kind === "received" && ben.network.send(fact.link, fact.frame);
    const socket = new WebSocket(`ws://127.0.0.1:${ben.network.port}`);
    socket.binaryType = "arraybuffer";
    const deframer = new Deframer();
    const sent = [frame("a"), frame("b", 200_000), frame("c", 0)];
    const echoed = new Promise<unknown>((resolve) => {
      const all: unknown[] = [];
      socket.onmessage = ({ data }) => {
        all.push(...deframer.push(new Uint8Array(data)));
        if (all.length === sent.length) resolve(all);
      };
    });
    await new Promise((resolve) => socket.onopen = resolve);
    const bytes = joined(...sent.flatMap((each) => encodeFrame(each)));
    for (let at = 0; at < bytes.length; at += 60_000) socket.send(bytes.slice(at, at + 60_000));
    assert.deepEqual(await echoed, sent);
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    ben.network.hangUp(ben.of("linked")[0]!.link, "released");
    assert.deepEqual([(await closed).code, (await closed).wasClean], [1_000, true]);
  }));

Deno.test("Deno's own server can be dialled, and one that speaks something else is refused", () =>
  staged(1, async (ana) => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
      if (request.headers.get("upgrade") !== "websocket") return new Response("no");
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    });
    ana.network.dial(`ws://127.0.0.1:${server.addr.port}`);
    const { link } = await ana.told("linked");
    ana.network.send(link, frame("hello", 300_000));
    await ana.told("received");
    assert.deepEqual(ana.received(link), [frame("hello", 300_000)]);
    ana.network.hangUp(link, "released");
    await server.shutdown();
    const plain = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response(),
    );
    ana.network.dial(`ws://127.0.0.1:${plain.addr.port}`);
    assert.equal((await ana.told("refused")).why, "unreachable");
    await plain.shutdown();
  }));

Deno.test("a page of the web is refused unless its origin is on the list", async () => {
  const request = (origin?: string) => [
    "GET / HTTP/1.1",
    "Host: 10.0.0.7:45454",
    "Upgrade: websocket",
    "Connection: keep-alive, Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    ...(origin === undefined ? [] : [`Origin: ${origin}`]),
  ];
  const known = ["http://localhost:8080"];
  const answer = (lines: readonly string[]) => responseOf(lines, known);
  assert.equal(answer(request()).status, 101);
  assert.equal(answer(request("http://localhost:8080")).status, 101);
  for (const origin of ["http://evil.example", "null", "http://localhost:80801", ""]) {
    assert.equal(answer(request(origin)).status, 403, origin);
  }
  // The example of RFC 6455, section 1.3.
  const text = new TextDecoder().decode(answer(request()).bytes);
  assert.match(text, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  assert.ok(acceptanceOf(text.trimEnd().split("\r\n"), "dGhlIHNhbXBsZSBub25jZQ=="));
  assert.ok(!acceptanceOf(text.trimEnd().split("\r\n"), "AAAAIHNhbXBsZSBub25jZQ=="));
  for (let missing = 0; missing < 6; missing++) {
    assert.notEqual(answer(request().filter((_, at) => at !== missing)).status, 101, `${missing}`);
  }
  for (const more of ["Host: other", "no field", "Bad name: x", "\x01: x"]) {
    assert.equal(answer([...request(), more]).status, 400, more);
  }
  await staged(1, async (ben) => {
    const conn = await stranger(ben);
    await conn.write(
      new TextEncoder().encode(request("http://evil.example").join("\r\n") + "\r\n\r\n"),
    );
    assert.ok((await readToEnd(conn)).bytes > 20);
    conn.close();
    const endless = await stranger(ben);
    await endless.write(new TextEncoder().encode("GET / HTTP/1.1\r\n" + "X: y\r\n".repeat(2_000)));
    assert.equal((await readToEnd(endless)).bytes, 0);
    endless.close();
    assert.deepEqual(ben.facts, []);
  });
});

const payloads = fc.uint8Array({ maxLength: 300 });

Deno.test("any payloads in any pieces come out as one stream, control frames or not", () => {
  fc.assert(fc.property(
    fc.array(payloads, { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
    fc.boolean(),
    (all, sizes, isMasked) => {
      const mask = isMasked ? MASK : undefined;
      const noise = encoded(PING, Uint8Array.of(1, 2), mask);
      const bytes = joined(...all.flatMap((each) => [encoded(BINARY, each, mask), noise]));
      const decoder = new WebSocketDecoder(isMasked);
      assert.deepEqual(decoded(decoder, bytes, sizes), joined(...all));
      assert.equal(decoder.failed, undefined);
      assert.deepEqual(decoder.ping, all.length > 0 ? Uint8Array.of(1, 2) : undefined);
    },
  ));
});

Deno.test("a mask is applied the same wherever the bytes lie", () => {
  fc.assert(fc.property(payloads, fc.nat(9), fc.nat(9), (bytes, from, offset) => {
    const masked = bytes.slice();
    applyMask(masked.subarray(Math.min(from, bytes.length)), MASK, offset);
    const slowly = bytes.map((byte, at) =>
      at < from ? byte : byte ^ MASK[(at - from + offset) & 3]!
    );
    assert.deepEqual(masked, slowly);
  }));
});

Deno.test("a message may come in fragments, and lengths of all three forms are read", () => {
  const first = encoded(BINARY, bytesOf(10), MASK);
  first[0] = BINARY; // not the last
  const middle = encoded(CONTINUATION, bytesOf(200), MASK);
  middle[0] = CONTINUATION;
  const last = encoded(CONTINUATION, bytesOf(PAYLOAD_BYTES), MASK);
  const whole = joined(first, encoded(PONG, new Uint8Array(0), MASK), middle, last);
  const decoder = new WebSocketDecoder(true);
  const out = decoded(decoder, whole, [1_000]);
  assert.equal(decoder.failed, undefined);
  assert.deepEqual(out, joined(bytesOf(10), bytesOf(200), bytesOf(PAYLOAD_BYTES)));
});

Deno.test("what no honest peer sends fails, with what came before it", () => {
  const good = encoded(BINARY, Uint8Array.of(5), MASK);
  const wrong: Record<string, readonly number[]> = {
    "text": [0x81, 0x80],
    "reserved bits": [0xc2, 0x80],
    "an unknown opcode": [0x83, 0x80],
    "no mask": [0x82, 0x01, 7],
    "a continuation of nothing": [0x80, 0x80],
    "a message within a message": [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80],
    "a ping in fragments": [0x09, 0x80],
    "a long ping": [0x89, 0xfe],
    "a length of 126 that is short": [0x82, 0xfe, 0, 125, 0, 0, 0, 0],
    "a length of 127 that is short": [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0],
    "half a reason": [0x88, 0x81, 0, 0, 0, 0, 3],
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    const decoder = new WebSocketDecoder(true);
    const out = decoded(decoder, joined(good, Uint8Array.from(bytes), good), [1]);
    assert.equal(decoder.failed, "malformed", what);
    assert.deepEqual(out, Uint8Array.of(5), what);
  }
  for (const length of [[0, 0, 0, 0, 0, 1, 0, 1], new Array<number>(8).fill(255)]) {
    const decoder = new WebSocketDecoder(true);
    decoded(decoder, Uint8Array.from([0x82, 0xff, ...length, 0, 0, 0, 0]), [14]);
    assert.equal(decoder.failed, "too-large");
  }
});

Deno.test("any bytes at all are decoded or fail, the same in one piece as one by one", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isMasked) => {
      const whole = new WebSocketDecoder(isMasked), single = new WebSocketDecoder(isMasked);
      assert.deepEqual(decoded(whole, bytes, [400]), decoded(single, bytes, [1]));
      assert.deepEqual(
        [whole.failed, whole.isClosed, whole.isWithin, whole.ping],
        [single.failed, single.isClosed, single.isWithin, single.ping],
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("any request at all, in any pieces, is answered or cut", async () => {
  const lines = fc.constantFrom(
    "GET / HTTP/1.1",
    "Host: a",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "",
    "Origin: http://evil.example",
  );
  const requests = fc.oneof(
    fc.array(fc.oneof(lines, fc.string({ maxLength: 40 })), { maxLength: 12 })
      .map((all) => new TextEncoder().encode(`${all.join("\r\n")}\r\n\r\n`)),
    fc.uint8Array({ maxLength: 6_000 }),
  );
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 1, max: 900 }), async (bytes, size) => {
      const stream = new Given(bytes, size);
      try {
        assert.equal((await acceptWebSocket(stream, new Uint8Array(0), [])).transport, "websocket");
        assert.match(stream.written, /^HTTP\/1\.1 101 /);
      } catch (error) {
        assert.ok(error instanceof Broken, `${error}`);
        assert.match(stream.written, /^(HTTP\/1\.1 (101|400|403|426) [^]*)?$/);
      }
    }),
  );
});

Deno.test("nothing is read behind an orderly close", () => {
  const bytes = joined(encoded(CLOSE, Uint8Array.of(3, 232)), encoded(BINARY, bytesOf(9)));
  const decoder = new WebSocketDecoder(false);
  assert.equal(decoded(decoder, bytes, [5]).length, 0);
  assert.ok(decoder.isClosed);
});

/** A stream of given bytes in pieces, and what was written to it. */
class Given implements Stream {
  readonly transport = "tcp";
  written = "";
  #rest: Uint8Array;

  constructor(bytes: Uint8Array, readonly size: number) {
    this.#rest = bytes;
  }

  read(into: Uint8Array): Promise<number | null> {
    const piece = this.#rest.subarray(0, Math.min(this.size, into.length));
    into.set(piece);
    this.#rest = this.#rest.subarray(piece.length);
    return Promise.resolve(piece.length === 0 ? null : piece.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}
