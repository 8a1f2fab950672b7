/** Whatever bytes arrive, nothing throws, and whatever is accepted could not be written otherwise. */
import assert from "node:assert/strict";
import { Stream } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { linkTargets } from "./handshakes.ts";
import { fuzzed, type Tally, type Target } from "./target.ts";
import { groups } from "./targets.ts";

/** Inputs of each message type here; `deno task fuzz` gives each a million. */
const INPUTS = 3000;

function each(targets: readonly Target[], inputs: number): Map<string, Tally> {
  const random = new Stream("fuzz test");
  return new Map(targets.map((target) => [
    target.name,
    fuzzed(target, inputs, random.fork(target.name)),
  ]));
}

const [readers, hearers, others] = groups(accounted(nodeCrypto)) as [
  ReturnType<typeof groups>[0],
  ReturnType<typeof groups>[0],
  ReturnType<typeof groups>[0],
];

Deno.test("every decoder refuses or takes each of thousands of inputs, and never more than one form", () => {
  const tallies = each(readers.targets, INPUTS);
  assert.ok(tallies.size > 50, `${tallies.size} targets`);
  for (const [name, { accepted, valid, inputs }] of tallies) {
    assert.ok(valid >= inputs / 10, `${name} was given ${valid} valid inputs`);
    assert.ok(accepted < inputs * 0.8, `${name} takes nearly everything: ${accepted}`);
  }
});

Deno.test("real cryptography believes no changed byte of a handshake either", () => {
  each(linkTargets(nodeCrypto), 100);
});

Deno.test("a whole node survives every message and every datagram that is valid by its form", () => {
  assert.ok(each(hearers.targets, 60).size > 40);
});

Deno.test("a whole node survives a long talk about anything, and starts from any damaged disk", () => {
  each(others.targets, 1000);
});
