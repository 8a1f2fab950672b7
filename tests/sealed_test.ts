/** The sealed world refuses every hidden input, and two nodes live in it without noticing. */
import assert from "node:assert/strict";
import {
  type AppEvent,
  type Crypto,
  type Input,
  type Micros,
  Node,
  type Protocol,
  second,
  Stream,
  struct,
  u32,
  wire,
} from "../runtime/core/mod.ts";
import { accounted } from "../runtime/core/accounted.ts";
import { noble } from "../runtime/core/noble.ts";
import { opened, sealed, SEALED_GLOBALS, SEALED_MATH } from "./sealed.ts";

const throughGlobal = (name: string) => (globalThis as Record<string, unknown>)[name];
const throughMath = (name: string) => (Math as unknown as Record<string, unknown>)[name];

for (const name of SEALED_GLOBALS) {
  Deno.test(`the sealed world has no ${name}`, () => {
    const before = throughGlobal(name);
    assert.throws(() => sealed(() => throughGlobal(name)), /Sealed/);
    assert.equal(throughGlobal(name), before);
  });
}

for (const name of SEALED_MATH) {
  Deno.test(`the sealed world has no Math.${name}`, () => {
    assert.throws(() => sealed(() => throughMath(name)), /Sealed: Math/);
    assert.equal(typeof throughMath(name), "function");
  });
}

Deno.test("the sealed world knows the calendar, but not the date", () => {
  assert.throws(() => sealed(() => Date.now()), /Sealed/);
  assert.throws(() => sealed(() => new Date()), /Sealed/);
  assert.throws(() => sealed(() => Date()), /Sealed/);
  assert.equal(sealed(() => new Date(0).toISOString()), "1970-01-01T00:00:00.000Z");
  assert.ok(Date.now() > 0 && new Date() > new Date(0));
});

Deno.test("the sealed world hands over the result, and opens after a failure", () => {
  assert.equal(sealed(() => Math.floor(2.5)), 2);
  const failure = new Error("ours");
  assert.throws(() =>
    sealed(() => {
      throw failure;
    }), failure);
  assert.equal(typeof setTimeout, "function");
});

Deno.test("what belongs to the host can be called from the sealed world, which stays sealed", () => {
  const now = () => opened(() => Date.now());
  assert.ok(sealed(() => now() <= now()));
  assert.throws(() => sealed(() => now() <= Date.now()), /Sealed/);
  assert.ok(now() <= Date.now());
});

const greetingWire = wire({ greeting: struct({ draw: u32 }) });

/** Uses a bit of everything that a context offers: dial, send, draw, wake, save, cast, tell. */
function greeter(dials: string[]): Protocol<{ readonly kind: "greeting"; readonly draw: number }> {
  const heard = (draw: number): AppEvent & { draw: number } => ({
    protocol: "greeter",
    name: "heard",
    draw,
  });
  return {
    name: "greeter",
    code: 1,
    wire: greetingWire,
    started(_saved, ctx) {
      for (const address of dials) ctx.dial(address);
      ctx.wake("cast", second);
    },
    joined(peer, ctx) {
      ctx.hold(peer);
      ctx.send(peer, { kind: "greeting", draw: ctx.random.u32() });
    },
    received({ draw }, from, _body, ctx) {
      ctx.save("last", ctx.crypto.sha256(Uint8Array.of(draw)));
      ctx.tell({ ...heard(draw), peer: from });
    },
    overheard: (bytes, _from, ctx) => ctx.tell(heard(bytes.length)),
    woke: (_timer, ctx) => ctx.cast("everyone", ctx.random.bytes(9)),
  };
}

/** Two nodes and nothing between them: whatever one orders has happened to the other at once. */
function talk(crypto: Crypto): { readonly told: AppEvent[]; readonly now: Micros } {
  const nodes = ["ana", "ben"].map((name, at) => {
    const seed = new Uint8Array(32).fill(at + 1), random = new Stream(name);
    const protocols = [greeter(name === "ana" ? ["ben"] : [])];
    return new Node({ network: "room", seed, address: name, random, crypto, protocols });
  });
  const told: AppEvent[] = [];
  const facts: [at: number, fact: Input][] = [];
  const wakeAt: (Micros | undefined)[] = [];
  const perform = (now: Micros, at: number, fact: Input) => {
    const step = nodes[at]!.step(now, fact);
    wakeAt[at] = step.wakeAt;
    const other = 1 - at, link = 1, transport = "tcp";
    for (const effect of step.effects) {
      if (effect.kind === "dial") {
        const { address: dialled } = effect;
        facts.push([at, { kind: "linked", link, dialled, from: dialled, transport }]);
        facts.push([other, { kind: "linked", link, from: "ana", transport }]);
      }
      if (effect.kind === "send") facts.push([other, { ...effect, kind: "received" }]);
      if (effect.kind === "cast") facts.push([other, { ...effect, kind: "overheard", from: "?" }]);
      if (effect.kind === "tell") told.push(effect.event);
    }
  };
  const saved = { records: new Map(), kept: [] };
  for (const at of [0, 1]) facts.push([at, { kind: "started", saved, boot: 0 }]);
  let now = 0;
  for (; now <= 2 * second; now += second / 4) {
    for (const at of [0, 1]) {
      if ((wakeAt[at] ?? Infinity) <= now) facts.push([at, { kind: "woke" }]);
    }
    for (let fact = facts.shift(); fact !== undefined; fact = facts.shift()) perform(now, ...fact);
  }
  return { told, now };
}

/**
 * A provider is the host's. Noble blinds secret numbers with the system's chance, against those who
 * measure its power or time; the results do not depend on it.
 */
function ofHost(crypto: Crypto): Crypto {
  const functions = Object.entries(crypto).filter(([, value]) => typeof value === "function");
  const calls = functions.map(([name, call]) => [
    name,
    (...given: unknown[]) => opened(() => call.apply(crypto, given)),
  ]);
  return { ...crypto, ...Object.fromEntries(calls) };
}

for (const crypto of [ofHost(noble), accounted(ofHost(noble))]) {
  Deno.test(`two nodes meet and talk in the sealed world, with ${crypto.name} crypto`, () => {
    const { told } = sealed(() => talk(crypto));
    assert.deepEqual(told.map(({ name, peer }) => [name, peer !== undefined]), [
      ["heard", true],
      ["heard", true],
      ["heard", false],
      ["heard", false],
    ]);
    assert.deepEqual(talk(crypto).told, told);
  });
}
