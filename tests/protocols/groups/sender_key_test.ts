/** Sender keys: what a member reads, and what nobody can make of it. */
import assert from "node:assert/strict";
import { type PeerId, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import * as limits from "../../../runtime/protocols/groups/limits.ts";
import {
  newKey,
  openFrom,
  sealFor,
  type SharedKey,
} from "../../../runtime/protocols/groups/sender_key.ts";

const tools = { crypto: noble, random: new Stream("tools") };
const about = {
  group: new Uint8Array(16).fill(1),
  roster: new Uint8Array(32).fill(2),
  sender: "a".repeat(64) as PeerId,
};

/** What the others are told of a key. */
const shared = ({ number, iteration, chain, verify }: SharedKey) => ({
  number,
  iteration,
  chain,
  verify,
});

Deno.test("who was told the key reads from then on, and nothing earlier", () => {
  let own = newKey(1, tools);
  const early = shared(own);
  const step = sealFor(own, utf8("first"), about, tools);
  own = step.key;
  const late = shared(own);
  const next = sealFor(own, utf8("second"), about, tools);
  const text = (key: SharedKey, message: typeof step.message) => {
    const opened = openFrom(key, message, about, tools);
    return opened && new TextDecoder().decode(opened.clear);
  };
  assert.equal(text(early, step.message), "first");
  assert.equal(text(early, next.message), "second");
  assert.equal(text(late, step.message), undefined, "who came later");
  assert.equal(text(late, next.message), "second");
  const after = openFrom(early, next.message, about, tools)!.key;
  assert.equal(text(after, next.message), undefined, "a replay");
});

Deno.test("a message is bound to its group, its roster and its sender, and to every byte of it", () => {
  const own = newKey(1, tools), key = shared(own);
  const { message } = sealFor(own, utf8("hello"), about, tools);
  for (
    const other of [
      { ...about, group: new Uint8Array(16).fill(9) },
      { ...about, roster: new Uint8Array(32).fill(9) },
      { ...about, sender: "b".repeat(64) as PeerId },
    ]
  ) assert.equal(openFrom(key, message, other, tools), undefined);
  for (let at = 0; at < message.sealed.length; at++) {
    const sealed = message.sealed.with(at, message.sealed[at]! ^ 1);
    assert.equal(openFrom(key, { ...message, sealed }, about, tools), undefined, `byte ${at}`);
  }
  assert.equal(openFrom(key, { ...message, iteration: 1 }, about, tools), undefined);
  assert.equal(openFrom(key, { ...message, number: 2 }, about, tools), undefined);
});

Deno.test("who knows the chain of another still cannot speak in their name", () => {
  const own = newKey(1, tools);
  const forger = { ...own, signSecret: newKey(1, tools).signSecret };
  const { message } = sealFor(forger, utf8("forged"), about, tools);
  assert.equal(openFrom(shared(own), message, about, tools), undefined);
});

Deno.test("999 and 1,000 missing messages are bridged, 1,001 are refused before any work", () => {
  for (
    const [missing, isRead] of [[999, true], [limits.SKIPPED, true], [
      limits.SKIPPED + 1,
      false,
    ]] as const
  ) {
    let own = newKey(1, tools);
    const key = shared(own);
    for (let nth = 0; nth < missing; nth++) own = sealFor(own, utf8("x"), about, tools).key;
    const { message } = sealFor(own, utf8("last"), about, tools);
    assert.equal(openFrom(key, message, about, tools) !== undefined, isRead, `${missing}`);
  }
});
