/** A directory, and what those who do not mean well cannot make it do. */
import assert from "node:assert/strict";
import {
  type Context,
  identityFrom,
  type PeerId,
  Stream,
  utf8,
} from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import * as limits from "../../../runtime/protocols/directory/limits.ts";
import { challengeBytes, Registrar } from "../../../runtime/protocols/directory/registrar.ts";
import { RecordShelf } from "../../../runtime/protocols/directory/shelf.ts";
import type { DirectoryMessage } from "../../../runtime/protocols/directory/wire.ts";
import { directory } from "../../../runtime/protocols/mod.ts";
import { Keyring } from "../../../runtime/protocols/session/mod.ts";

function person(name: string) {
  const identity = identityFrom(noble.sha256(utf8(name)), noble);
  const ctx = { identity, crypto: noble, random: new Stream(name), save() {}, now: 0, boot: 0 };
  const keyring = new Keyring();
  const claim = directory.claimed(identity.keys, directory.TOY);
  const bundle = keyring.lastingBundle(ctx);
  return {
    peer: identity.peer,
    keys: identity.keys,
    id: claim.id,
    bundle: () => keyring.bundle(ctx),
    entry: (version = 1, modifier = claim.modifier) =>
      directory.entryOf({ modifier, version, who: name, address: "a:1", boxes: [], bundle }, ctx),
    sign: (bytes: Uint8Array) => noble.sign(identity.signSecret, bytes),
  };
}

function office() {
  const identity = identityFrom(noble.sha256(utf8("directory")), noble);
  const sent: [PeerId, DirectoryMessage][] = [], banned: PeerId[] = [];
  const ctx = {
    self: identity.peer,
    identity,
    crypto: noble,
    random: new Stream("directory"),
    now: 0,
    save() {},
    isLinked: () => false,
    send: (to: PeerId, message: DirectoryMessage) => sent.push([to, message]) > 0,
    ban: (peer: PeerId) => banned.push(peer),
  };
  const registrar = new Registrar(
    new RecordShelf(ctx),
    directory.TOY,
    ctx as unknown as Context<DirectoryMessage>,
  );
  registrar.start();
  const last = () => sent.at(-1)![1];
  const challenge = (peer: PeerId) => {
    registrar.enrol(peer);
    const message = last();
    assert.ok(message.kind === "challenge");
    return message.nonce;
  };
  const why = () => {
    const message = last();
    return message.kind === "refused" ? message.why : message.kind;
  };
  return {
    registrar,
    ctx,
    sent,
    banned,
    last,
    challenge,
    why,
    register(who: ReturnType<typeof person>, entry = who.entry()) {
      const nonce = challenge(who.peer);
      registrar.register(who.peer, entry, who.sign(challengeBytes(nonce, ctx.self, entry)));
      return why();
    },
  };
}

const ana = person("ana"), ben = person("ben"), eve = person("eve");

Deno.test("who proves their keys is registered, found, and proved to be in the log", () => {
  const { registrar, register, last } = office();
  assert.equal(register(ana), "registered");
  registrar.find(ben.peer, ana.id, false);
  const message = last();
  assert.ok(message.kind === "found");
  assert.equal(message.entry.statement.who, "ana");
  assert.equal(message.place.head.size, 1);
});

Deno.test("an answer to a challenge counts once, for one entry, at one directory", () => {
  const { registrar, ctx, challenge, why } = office();
  const entry = ana.entry();
  const nonce = challenge(ana.peer);
  const signature = ana.sign(challengeBytes(nonce, ctx.self, entry));
  registrar.register(ana.peer, entry, ana.sign(challengeBytes(nonce, ben.peer, entry)));
  assert.equal(why(), "unsigned", "another directory's");
  registrar.register(ana.peer, entry, signature);
  assert.equal(why(), "stale", "the challenge is used up");
  registrar.register(
    ana.peer,
    ana.entry(2),
    ana.sign(challengeBytes(challenge(ana.peer), ctx.self, entry)),
  );
  assert.equal(why(), "unsigned", "another entry's");
});

Deno.test("nobody registers somebody else, nor a number that is not theirs", () => {
  const { registrar, ctx, challenge, why, register } = office();
  const entry = ana.entry();
  registrar.register(
    eve.peer,
    entry,
    eve.sign(challengeBytes(challenge(eve.peer), ctx.self, entry)),
  );
  assert.equal(why(), "unsigned");
  let wrong = 0;
  while (directory.idOf(eve.keys, wrong, directory.TOY) !== undefined) wrong++;
  assert.equal(register(eve, eve.entry(1, wrong)), "wrong-id");
  const swapped = { ...eve.entry(), statement: { ...eve.entry().statement, who: "ana" } };
  assert.equal(register(eve, swapped), "unsigned", "a changed entry");
  const foreign = { ...eve.entry().statement, bundle: ana.entry().statement.bundle };
  assert.equal(register(eve, { ...eve.entry(), statement: foreign }), "unsigned");
});

Deno.test("an older statement does not take the place of a newer one", () => {
  const { register } = office();
  assert.equal(register(ana, ana.entry(5)), "registered");
  assert.equal(register(ana, ana.entry(4)), "stale");
  assert.equal(register(ana, ana.entry(6)), "registered");
});

Deno.test("a flood of registrations costs the processor a bounded number of checks", () => {
  const { register, ctx } = office();
  const answers = Array.from({ length: 40 }, (_, nth) => register(person(`flood ${nth}`)));
  assert.equal(answers.filter((answer) => answer === "registered").length, limits.CHECKED_BURST);
  assert.ok(answers.slice(limits.CHECKED_BURST).every((answer) => answer === "busy"));
  assert.equal(
    register(person("flood 0"), person("flood 0").entry(2)),
    "registered",
    "known ones cost none",
  );
  ctx.now += 1_000_000;
  assert.equal(register(person("flood 39")), "registered");
});

Deno.test("who tries numbers one after another is stopped, and others are not", () => {
  const { registrar, register, banned, ctx, last } = office();
  register(ana);
  for (let nth = 0; nth < 200 && banned.length === 0; nth++) {
    ctx.now += 1_000_000;
    registrar.find(eve.peer, String(100_000_000_000_000 + nth) as directory.Id, false);
  }
  assert.deepEqual(banned, [eve.peer]);
  registrar.find(ben.peer, ana.id, false);
  assert.equal(last().kind, "found");
});

Deno.test("bundles of one use are given once each, at a bounded rate, and asked for when few are left", () => {
  const { registrar, register, sent, ctx } = office();
  register(ana);
  registrar.stock(ana.peer, Array.from({ length: limits.BUNDLES }, ana.bundle));
  registrar.stock(eve.peer, [ana.bundle()]);
  const given: string[] = [];
  for (let nth = 0; nth < 40; nth++) {
    ctx.now += 1_000_000;
    registrar.find(nth % 2 === 0 ? ben.peer : eve.peer, ana.id, true);
    for (const [, message] of sent.splice(0)) {
      if (message.kind === "found" && message.bundle !== undefined) {
        given.push(message.bundle.once!.key.toHex());
      }
    }
  }
  assert.equal(given.length, limits.BUNDLES);
  assert.equal(new Set(given).size, limits.BUNDLES);
});

Deno.test("somebody else's bundles, and bundles that are not of one use, are not kept", () => {
  const { registrar, register, sent } = office();
  register(ana);
  registrar.stock(ana.peer, [ben.bundle(), ana.entry().statement.bundle]);
  registrar.find(ben.peer, ana.id, true);
  const answers = sent.map(([, message]) => message).filter(({ kind }) => kind === "found");
  assert.equal(answers.length, 1);
  assert.ok(answers[0]!.kind === "found" && answers[0]!.bundle === undefined);
});

Deno.test("a proof is given of what the log was, and refused of what it never was", () => {
  const { registrar, register, last, why } = office();
  register(ana);
  register(ben);
  registrar.prove(eve.peer, 1, 2);
  assert.equal(last().kind, "proved");
  registrar.prove(eve.peer, 1, 3);
  assert.equal(why(), "no-proof");
  registrar.prove(eve.peer, 2, 1);
  assert.equal(why(), "no-proof");
});
