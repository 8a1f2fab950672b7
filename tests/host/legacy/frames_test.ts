/** The older peer chat's frames, as they were captured, both ways. */
import assert from "node:assert/strict";
import { utf8 } from "../../../runtime/core/mod.ts";
import * as frames from "../../../runtime/host/legacy/frames.ts";
import { FRAME_BYTES } from "../../../runtime/host/legacy/limits.ts";

const read = (text: string) => frames.parsed(utf8(text));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const ALPHA = { ip: "127.0.0.1", port: 5001, team: "ALPHA" };

Deno.test("every captured frame is read as what it is", () => {
  const alpha = { port: 5001, team: "ALPHA" };
  assert.deepEqual(read("<127.0.0.1:5001> @ <ALPHA>\nhello wire\n<end>"), {
    kind: "chat",
    ...alpha,
    body: "hello wire",
  });
  assert.equal(read("<127.0.0.1:5002> @ <BETA>\nCONNECTION_REQUEST\n<end>")!.kind, "request");
  assert.equal(read("<127.0.0.1:5001> @ <ALPHA>\nALPHA: Hello\n<end>")!.kind, "hello");
  assert.equal(read("<127.0.0.1:5009> @ <BETA>\nfr\n<end>")!.port, 5009);
  assert.deepEqual(read("<127.0.0.1:5009> DISCONNECT"), { kind: "goodbye", port: 5009 });
  assert.deepEqual(read("<127.0.0.1:5002> DISCONNECT"), { kind: "goodbye", port: 5002 });
  assert.equal(read("<Unknown:5001> @ <ALPHA>\nhello wire\n<end>")!.port, 5001);
});

Deno.test("every frame is written as the older program writes it", () => {
  assert.deepEqual(frames.chatFrames(ALPHA, "hello wire").map(text), [
    "<127.0.0.1:5001> @ <ALPHA>\nhello wire\n<end>",
  ]);
  const request = "<127.0.0.1:5001> @ <ALPHA>\nCONNECTION_REQUEST\n<end>";
  assert.equal(text(frames.requestFrame(ALPHA)), request);
  assert.equal(text(frames.helloFrame(ALPHA)), "<127.0.0.1:5001> @ <ALPHA>\nALPHA: Hello\n<end>");
  assert.equal(text(frames.goodbyeFrame(ALPHA)), "<127.0.0.1:5001> DISCONNECT");
});

Deno.test("a sentence with the word of a goodbye is a sentence", () => {
  const frame = read("<127.0.0.1:5001> @ <ALPHA>\nDISCONNECT the cable\n<end>")!;
  assert.equal(frame.kind, "chat");
  assert.equal(read("<127.0.0.1:5001> @ <DISCONNECT>\nhello\n<end>")!.kind, "chat");
});

Deno.test("what is no frame is nothing, and a port is a port", () => {
  for (
    const wrong of ["", "hello", "<127.0.0.1:5001", "<a:1> @ <B>\nno end", "<a:1> @ B\nx\n<end>"]
  ) {
    assert.equal(read(wrong), undefined, wrong);
  }
  for (const port of ["-1", "99999999", "0", "70000", "1_0", ""]) {
    assert.equal(read(`<127.0.0.1:${port}> @ <B>\nx\n<end>`)!.port, undefined, port);
  }
  assert.equal(read("<127.0.0.1:+5> @ <B>\nx\n<end>")!.port, 5);
  assert.doesNotThrow(() => frames.parsed(Uint8Array.of(60, 0xff, 0xfe, 62, 0xc3)));
});

Deno.test("a long text goes in frames that are shown whole, cut between characters", () => {
  const long = "é🙂x".repeat(700);
  const parts = frames.chatFrames(ALPHA, long);
  assert.ok(parts.every(({ length }) => length <= FRAME_BYTES));
  assert.equal(parts.map((part) => (read(text(part)) as { body: string }).body).join(""), long);
  const most = "x".repeat(991);
  assert.equal(frames.chatFrames(ALPHA, most).length, 1);
  assert.equal(frames.chatFrames(ALPHA, most)[0]!.length, FRAME_BYTES);
  assert.equal(frames.chatFrames(ALPHA, `${most}x`).length, 2);
});

Deno.test("what their receivers would not show as it is is refused, and names are made harmless", () => {
  assert.match(frames.objectionTo("please DISCONNECT")!, /goodbye/);
  assert.match(frames.objectionTo("a\n<end>b")!, /end mark/);
  assert.equal(frames.objectionTo("disconnect, <end>"), undefined);
  assert.equal(frames.teamOf("A>B\n"), "AB");
  assert.equal(frames.teamOf("DISCONNECT me"), "Starling");
  assert.equal(frames.teamOf("<>"), "Starling");
});
