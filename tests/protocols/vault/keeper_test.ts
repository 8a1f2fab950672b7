/** The device that holds shares, before strangers: what they may ask, how often, and what it costs it. */
import assert from "node:assert/strict";
import { identityFrom, type PeerId, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { nodeCrypto } from "../../../runtime/host/crypto.ts";
import { shardHash, shareTree } from "../../../runtime/protocols/vault/blocks.ts";
import type { VaultContext } from "../../../runtime/protocols/vault/job.ts";
import { Keeper } from "../../../runtime/protocols/vault/keeper.ts";
import { Keys } from "../../../runtime/protocols/vault/keys.ts";
import * as limits from "../../../runtime/protocols/vault/limits.ts";
import type { Layout, VaultMessage } from "../../../runtime/protocols/vault/wire.ts";

const random = new Stream("keeper");
const BLOCK = limits.BLOCK_BYTES;
const peerOf = (name: string) => identityFrom(nodeCrypto.sha256(utf8(name)), nodeCrypto).peer;
const [own, owner, stranger] = ["keeper", "owner", "stranger"].map(peerOf) as [
  PeerId,
  PeerId,
  PeerId,
];
const keys = new Keys(random.bytes(32), nodeCrypto);

/** A keeper of so many bytes, and all that it does. */
function room(offered = 100 * BLOCK) {
  const keeper = new Keeper(offered, "");
  const sent: {
    readonly to: PeerId;
    readonly message: VaultMessage;
    readonly body?: Uint8Array;
  }[] = [];
  const kept = new Map<string, Uint8Array>(), saved = new Map<string, Uint8Array>();
  const banned: PeerId[] = [];
  const ctx = {
    self: own,
    crypto: nodeCrypto,
    now: 1_000_000,
    random,
    send: (to: PeerId, message: VaultMessage, body?: Uint8Array) => {
      sent.push(body === undefined ? { to, message } : { to, message, body });
      return true;
    },
    keep: (key: string, bytes: Uint8Array) => kept.set(key, bytes),
    dropKept: (key: string) => kept.delete(key),
    save: (key: string, bytes: Uint8Array | undefined) =>
      bytes === undefined ? saved.delete(key) : saved.set(key, bytes),
    settle: (name: string) => keeper.settled(name, undefined, ctx),
    load: (key: string) => keeper.loaded(key, kept.get(key), ctx),
    ban: (peer: PeerId) => banned.push(peer),
  } as unknown as VaultContext & { now: number };
  keeper.started(new Map(), [], ctx);
  const enter = (peer: PeerId, vault = keys) =>
    keeper.enter(peer, vault.vault, vault.pass(peer, own, nodeCrypto), ctx);
  const kinds = () => sent.splice(0).map(({ message }) => message.kind);
  return { keeper, ctx, sent, kept, saved, banned, enter, kinds };
}

/** A share of so many shards of one block, stored by its owner. */
function store({ keeper, ctx }: ReturnType<typeof room>, shards: number, by = owner, vault = keys) {
  const share = random.bytes(32),
    bodies = Array.from({ length: shards }, () => random.bytes(BLOCK));
  const layout: Layout = { shards, each: BLOCK, last: BLOCK };
  keeper.begin(by, { vault: vault.vault, share, layout }, ctx);
  bodies.forEach((body, number) => keeper.put(by, { share, number }, body, ctx));
  const root = shareTree(bodies.map((body) => shardHash(body, nodeCrypto)), nodeCrypto).root();
  keeper.finish(by, { share, root }, ctx);
  return { share, bodies, root };
}

Deno.test("a share is stored when it is whole, as its hash says; then it is given, proved and dropped", () => {
  const all = room(), { keeper, ctx, sent, kept, saved, enter, kinds } = all;
  enter(owner);
  const { share, bodies } = store(all, 3);
  assert.deepEqual(kinds(), ["entered", "ready", "got", "got", "got", "stored", "offer"]);
  assert.deepEqual([kept.size, saved.size], [3, 1]);
  keeper.get(owner, { share, number: 1 }, ctx);
  assert.deepEqual(sent.splice(0)[0]!.body, bodies[1]);
  keeper.audit(owner, { share, number: 2, block: 0 }, ctx);
  keeper.audit(owner, { share, number: 2, block: 1 }, ctx);
  keeper.get(owner, { share, number: 3 }, ctx);
  assert.deepEqual(kinds(), ["proof", "none", "none"]);
  keeper.drop(owner, { share }, ctx);
  assert.deepEqual([kept.size, saved.size], [0, 0]);
  assert.deepEqual(kinds(), ["dropped", "offer"]);
});

Deno.test("who does not act for the vault gets nothing, takes nothing away, and a forged pass is the end", () => {
  const all = room(), { keeper, ctx, kinds, banned, enter } = all;
  enter(owner);
  const { share } = store(all, 2);
  kinds();
  keeper.get(stranger, { share, number: 0 }, ctx);
  keeper.audit(stranger, { share, number: 0, block: 0 }, ctx);
  keeper.drop(stranger, { share }, ctx);
  keeper.begin(stranger, {
    vault: keys.vault,
    share,
    layout: { shards: 2, each: BLOCK, last: BLOCK },
  }, ctx);
  keeper.recall(stranger, { vault: keys.vault }, ctx);
  keeper.witness(stranger, { vault: keys.vault, version: 9, previous: share }, share, ctx);
  assert.deepEqual(kinds(), ["none", "none", "refused"]);
  enter(stranger, new Keys(random.bytes(32), nodeCrypto)); // a vault of their own
  keeper.get(stranger, { share, number: 0 }, ctx);
  assert.deepEqual(kinds(), ["entered", "none"]);
  const forged = keys.pass(owner, own, nodeCrypto);
  keeper.enter(stranger, keys.vault, forged, ctx);
  assert.deepEqual(banned, [stranger]);
  keeper.get(owner, { share, number: 0 }, ctx);
  assert.deepEqual(kinds(), ["shard"]);
});

Deno.test("a share of wrong lengths, in another order, or that is not what its hash says, is not stored", () => {
  const all = room(), { keeper, ctx, kept, kinds, enter } = all, share = random.bytes(32);
  enter(owner);
  kinds();
  const begin = (layout: Layout) => keeper.begin(owner, { vault: keys.vault, share, layout }, ctx);
  for (
    const layout of [
      { shards: 0, each: BLOCK, last: BLOCK },
      { shards: 1, each: BLOCK, last: 2 * BLOCK },
      { shards: 2, each: BLOCK, last: 2 * BLOCK },
      { shards: 2, each: 100, last: 100 },
      { shards: 2, each: BLOCK, last: 0 },
      { shards: 4_096, each: 250 * BLOCK, last: BLOCK },
    ]
  ) {
    begin(layout);
    assert.deepEqual(kinds(), ["refused"]);
  }
  begin({ shards: 2, each: BLOCK, last: BLOCK });
  keeper.put(owner, { share, number: 1 }, random.bytes(BLOCK), ctx);
  keeper.finish(owner, { share, root: random.bytes(32) }, ctx);
  assert.deepEqual(kinds(), ["ready", "refused"], "a part of it");
  begin({ shards: 2, each: BLOCK, last: BLOCK });
  keeper.put(owner, { share, number: 0 }, random.bytes(BLOCK - 1), ctx);
  assert.deepEqual(kinds(), ["ready", "refused"]);
  begin({ shards: 1, each: BLOCK, last: BLOCK });
  keeper.put(owner, { share, number: 0 }, random.bytes(BLOCK), ctx);
  keeper.put(owner, { share, number: 0 }, random.bytes(BLOCK), ctx);
  keeper.finish(owner, { share, root: random.bytes(32) }, ctx);
  assert.deepEqual(kinds(), ["ready", "got", "got", "refused"]);
  assert.equal(kept.size, 0);
});

Deno.test("promises of shares that do not come take no room for long; a vault has a quarter of it", () => {
  const all = room(40 * BLOCK), { keeper, ctx, kinds, enter } = all;
  enter(owner);
  kinds();
  const promise = () =>
    keeper.begin(owner, {
      vault: keys.vault,
      share: random.bytes(32),
      layout: { shards: 10, each: BLOCK, last: BLOCK },
    }, ctx);
  promise();
  promise();
  assert.deepEqual(kinds(), ["ready", "refused"]);
  ctx.now += limits.UNBEGUN + 1;
  keeper.tidy(ctx);
  promise();
  assert.deepEqual(kinds(), ["ready"]);
  for (let nth = 0; nth < 3; nth++) {
    const other = new Keys(random.bytes(32), nodeCrypto), peer = peerOf(`other ${nth}`);
    enter(peer, other);
    store(all, 10, peer, other);
    assert.ok(kinds().includes("stored"));
  }
  const late = new Keys(random.bytes(32), nodeCrypto);
  enter(stranger, late);
  store(all, 1, stranger, late);
  assert.deepEqual(kinds(), ["entered", "refused"]);
});

Deno.test("questions are answered as often as they may be; long answers far less often", () => {
  const all = room(), { keeper, ctx, kinds, enter } = all;
  enter(owner);
  for (let times = 0; times < 1_000; times++) enter(owner);
  assert.deepEqual(kinds(), ["entered"], "once a link");
  const { share } = store(all, 1);
  const body = random.bytes(1_000), previous = new Uint8Array(32);
  for (let version = 1; version <= 1_000; version++) {
    keeper.witness(owner, { vault: keys.vault, version, previous }, body, ctx);
  }
  const answers = kinds().filter((kind) => kind === "witnessed" || kind === "newer").length;
  assert.ok(answers <= limits.MAPPINGS_BURST, `${answers}`);
  for (let times = 0; times < 1_000; times++) keeper.recall(owner, { vault: keys.vault }, ctx);
  assert.deepEqual(kinds(), []);
  for (let times = 0; times < 10_000; times++) keeper.get(owner, { share, number: 0 }, ctx);
  const given = kinds().filter((kind) => kind === "shard").length;
  assert.ok(given >= limits.ASKED_BURST - 10 && given <= limits.ASKED_BURST, `${given}`);
});

Deno.test("only a newer mapping takes the place of one, and the disk's word counts", () => {
  const { keeper, ctx, sent, kinds, enter } = room();
  enter(owner);
  kinds();
  const say = (version: number, previous: Uint8Array, body: Uint8Array) =>
    keeper.witness(owner, { vault: keys.vault, version, previous }, body, ctx);
  const [one, two, fork, jump] = ["one", "two", "fork", "jump"].map(utf8) as Uint8Array[];
  const none = new Uint8Array(32);
  say(1, none, one!);
  say(2, nodeCrypto.sha256(one!), two!);
  say(2, nodeCrypto.sha256(one!), two!);
  say(2, none, fork!);
  say(3, nodeCrypto.sha256(one!), fork!);
  say(1, none, one!);
  assert.deepEqual(kinds(), ["witnessed", "witnessed", "witnessed", "newer", "newer", "newer"]);
  say(9, none, jump!);
  keeper.refused(`mapping/${keys.vault.toHex()}`, "disk-full", ctx); // and so nobody was told
  kinds();
  keeper.recall(owner, { vault: keys.vault }, ctx);
  const { message, body } = sent[0]!;
  assert.deepEqual([message, body], [{ kind: "mapping", vault: keys.vault, version: 2 }, two]);
});

Deno.test("a share that the disk does not let go is still spoken of, and goes when the disk takes that", () => {
  const all = room(), { keeper, ctx, sent, kept, saved, enter } = all;
  enter(owner);
  const { share } = store(all, 2), record = `share/${share.toHex()}`, bytes = saved.get(record)!;
  keeper.drop(owner, { share }, ctx);
  assert.equal(kept.size, 0, "its pieces go first");
  saved.set(record, bytes);
  keeper.refused(record, "disk-error", ctx);
  keeper.left(owner);
  sent.length = 0;
  enter(owner);
  const { message } = sent[0]!;
  assert.deepEqual(message.kind === "entered" && message.shares, [{ share, isWhole: false }]);
  keeper.tidy(ctx);
  assert.equal(saved.has(record), false);
  keeper.left(owner);
  enter(owner);
  const last = sent.at(-1)!.message;
  assert.deepEqual(last.kind === "entered" && last.shares, []);
});

Deno.test("a mapping that is missing, or longer than one may be, is not witnessed", () => {
  const { keeper, ctx, saved, kinds, enter } = room();
  enter(owner);
  kinds();
  const message = { vault: keys.vault, version: 1, previous: nodeCrypto.sha256(new Uint8Array(0)) };
  keeper.witness(owner, message, undefined, ctx);
  keeper.witness(owner, message, new Uint8Array(limits.MAPPING_BYTES + 1), ctx);
  assert.deepEqual([kinds(), saved.size], [[], 0]);
  keeper.witness(owner, message, new Uint8Array(limits.MAPPING_BYTES), ctx);
  assert.deepEqual([kinds(), saved.size], [["witnessed"], 1]);
});
