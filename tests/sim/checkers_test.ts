/** The checkers that are always on: each finds what it is there for, and nothing where all is well. */
import assert from "node:assert/strict";
import type { AppEvent, Command, PeerId, Protocol } from "../../runtime/core/mod.ts";
import { struct, utf8, wire } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import type { Crypto } from "../../runtime/core/mod.ts";
import { Checkers } from "../../sim/checkers.ts";
import { noncesChecked } from "../../sim/nonces.ts";
import { Files } from "../../sim/files.ts";
import { Oracle } from "../../sim/oracle.ts";
import { dial, stream } from "./echo.ts";
import { type Play, small, watched } from "./watched.ts";

const NAIVE: Crypto = {
  ...nodeCrypto,
  name: "naive",
  seal: (_key, _nonce, _data, clear) => new Uint8Array([...clear, ...new Uint8Array(16)]),
  open: (_key, _nonce, _data, sealed) => sealed.slice(0, -16),
};
const CARELESS: Crypto = {
  ...nodeCrypto,
  name: "careless",
  sealBody: (_key, _nonce, body) => ({ body, tag: new Uint8Array(16) }),
  openBody: (_key, _nonce, body) => body,
};

/** Every link comes to the same keys. */
const STALE: Crypto = {
  ...nodeCrypto,
  name: "stale",
  linkKeys: () => [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)],
};

const rules = (play: Play, changes = {}, crypto?: Crypto) =>
  watched(small(play, changes), crypto === undefined ? {} : { crypto }).world.checkers.violations
    .map(({ rule }) => rule);

/** Says what it is asked to, sends what it is told to. */
function loose(): Protocol<{ kind: "text" }> {
  let peer: PeerId | undefined;
  return {
    name: "loose",
    code: 11,
    wire: { ...wire({ text: struct({}) }), encode: () => words, decode: () => ({ kind: "text" }) },
    joined(other, ctx) {
      peer = other;
      ctx.hold(other);
    },
    received() {},
    asked(command, ctx) {
      const { address, text, error } = command as Command & Record<string, string>;
      if (address !== undefined) ctx.dial(address);
      if (text !== undefined) {
        words = utf8(text);
        ctx.send(peer!, { kind: "text" });
      }
      if (error !== undefined) ctx.tell({ protocol: "loose", name: "error" } as AppEvent);
    },
  };
}
let words = utf8("");
const ask = (fields: Record<string, string>): Command =>
  ({ protocol: "loose", name: "do", ...fields }) as Command;

const talk: Play = ({ named, at }) => {
  const { ana, ben } = named("ana", "ben");
  at("1s", ana, ask({ address: ben.address }));
  at("2s", ana, ask({ text: "Which bench are you at?" }));
};

Deno.test("nothing is found where all is well", () => {
  assert.deepEqual(rules(talk, { protocols: () => [loose()] }), []);
});

Deno.test("a readable text in a head is found", () => {
  assert.deepEqual(rules(talk, { protocols: () => [loose()] }, NAIVE), ["no plaintext on a wire"]);
});

Deno.test("a readable part of a file in a body is found, unless bodies are accounted for", () => {
  const play: Play = ({ named, file, at }) => {
    const { ana, ben } = named("ana", "ben");
    const book = file("book.txt", "1MB");
    at("1s", ana, dial(ben.address));
    at("2s", ana, stream(book.handle, 50_000, 1));
  };
  assert.deepEqual(rules(play, {}, CARELESS), ["no plaintext on a wire"]);
  assert.deepEqual(rules(play, {}, nodeCrypto), []);
  assert.deepEqual(rules(play), []);
});

Deno.test("an error event fails a run, unless the scenario allows it", () => {
  const play: Play = ({ named, at }) => at("1s", named("ana").ana, ask({ error: "yes" }));
  assert.deepEqual(rules(play, { protocols: () => [loose()] }), ["no error event"]);
  assert.deepEqual(rules(play, { protocols: () => [loose()], errors: ["loose.error"] }), []);
});

const checkers = () => {
  const oracle = new Oracle({ seed: 1 });
  const files = new Files((purpose) => oracle.stream(purpose));
  files.open("book", 100_000);
  return { files, checkers: new Checkers({ allowed: [], files, clearBodies: false }) };
};

Deno.test("a key that seals two things under one nonce is found, on whatever machine", () => {
  const found = rules(talk, { protocols: () => [loose()] }, STALE);
  assert.ok(found.length > 0 && found.every((rule) => rule === "a key and a nonce serve once"));

  const kinds: string[] = [];
  const crypto = noncesChecked(nodeCrypto, (kind) => kinds.push(kind));
  const one = new Uint8Array(32).fill(1), other = new Uint8Array(32).fill(2);
  const nonce = (number: number) => new Uint8Array(12).fill(number);
  for (const [key, number] of [[one, 1], [one, 2], [other, 1]] as const) {
    crypto.sealText(key, nonce(number), words, words);
    crypto.sealHeading(key, nonce(number), words);
  }
  assert.deepEqual(kinds, []);
  const segment = utf8("starling vault segment 1, of which content");
  crypto.sealText(one, nonce(3), segment, words);
  crypto.sealText(one, nonce(3), segment, words);
  assert.deepEqual(kinds, [], "a vault seals the very same segment again");
  crypto.sealText(one, nonce(3), segment, words.with(0, words[0]! ^ 1));
  assert.deepEqual(kinds.splice(0), ["a key of texts"], "but no other one");
  crypto.sealText(one, nonce(2), words, words);
  crypto.sealHeading(other, nonce(1), words);
  assert.deepEqual(kinds, ["a key of texts", "a key of headings"]);
});

Deno.test("a piece that is not what was published is found", () => {
  const { files, checkers: always } = checkers();
  const event = {
    protocol: "swarm",
    name: "shared",
    content: "c0",
    handle: "book",
    bytes: 100_000,
  };
  always.told(0, "ana", event as AppEvent);
  always.kept(0, "ben", "swarm/c0/40000", files.read("book", 40_000, 40_000)!.slice());
  always.kept(0, "ben", "swarm/c0/80000", files.read("book", 80_000, 20_000)!.slice());
  assert.equal(always.violations.length, 0);
  const wrong = files.read("book", 40_000, 40_000)!.slice();
  wrong[777]! ^= 1;
  always.kept(0, "ben", "swarm/c0/40000", wrong);
  assert.equal(always.violations[0]!.rule, "only what was published is kept");
});

Deno.test("padding is no secret", () => {
  const { checkers: always } = checkers();
  always.read(new Uint8Array(100));
  always.sent(0, "ana", { head: new Uint8Array(100) }, 104);
  assert.equal(always.violations.length, 0);
});

Deno.test("bounds and bytes that do not add up are found", () => {
  const { checkers: always } = checkers();
  always.sent(0, "ana", { head: new Uint8Array(70_000) }, 70_004);
  always.cast(0, "ana", new Uint8Array(1201));
  always.linked(0, "ana", 5000);
  always.close(70_000);
  assert.deepEqual(always.violations.map(({ rule }) => rule), [
    "frames keep to their bounds",
    "datagrams keep to their bound",
    "links keep to their bound",
    "bytes are conserved",
  ]);
  assert.ok(always.results().every(({ ok, name }) => !ok && name.startsWith("always: ")));
});
