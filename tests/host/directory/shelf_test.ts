/** One suite for every shelf: a node's records, SQLite, PostgreSQL. */
import assert from "node:assert/strict";
import { type Identity, identityFrom, Stream, utf8 } from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { PostgresShelf } from "../../../runtime/host/directory/postgres_shelf.ts";
import { SqliteShelf } from "../../../runtime/host/directory/sqlite_shelf.ts";
import { RecordShelf } from "../../../runtime/protocols/directory/shelf.ts";
import { directory } from "../../../runtime/protocols/mod.ts";
import { Keyring } from "../../../runtime/protocols/session/mod.ts";
import { testNeeding } from "../../needs.ts";
import { POSTGRES, startCluster } from "./cluster.ts";

type Shelf = directory.Shelf;

function person(name: string) {
  const identity: Identity = identityFrom(noble.sha256(utf8(name)), noble);
  const ctx = {
    identity,
    crypto: noble,
    random: new Stream(name),
    save: () => {},
    now: 0,
    boot: 0,
  };
  const keyring = new Keyring();
  const { id, modifier } = directory.claimed(identity.keys, directory.TOY);
  return {
    id,
    bundle: () => keyring.bundle(ctx),
    entry: (version: number) =>
      directory.entryOf(
        {
          modifier,
          version,
          who: name,
          address: "10.0.0.1:1",
          boxes: [],
          bundle: keyring.lastingBundle(ctx),
        },
        ctx,
      ),
  };
}

const ana = person("ana"), ben = person("ben");

/** Answers of a shelf as promises. */
function asked(shelf: Shelf) {
  return {
    find: (id: directory.Id) =>
      new Promise<directory.Row | undefined>((then) => shelf.find(id, then)),
    register: (id: directory.Id, entry: directory.Entry) =>
      new Promise<[directory.Registered, number]>((then) =>
        shelf.register(id, entry, (...answer) => then(answer))
      ),
    log: (from: number) => new Promise<readonly Uint8Array[]>((then) => shelf.log(from, then)),
    stock: (id: directory.Id, count: number) =>
      new Promise<number>((then) =>
        shelf.stock(id, Array.from({ length: count }, () => ana.bundle()), then)
      ),
    take: (id: directory.Id) =>
      new Promise<[unknown, number]>((then) => shelf.take(id, (...answer) => then(answer))),
  };
}

async function claimShelf(shelf: Shelf): Promise<void> {
  const { find, register, log, stock, take } = asked(shelf);
  assert.equal(await find(ana.id), undefined);
  assert.deepEqual(await register(ana.id, ana.entry(1)), ["new", 0]);
  assert.deepEqual(await register(ben.id, ben.entry(1)), ["new", 1]);
  assert.deepEqual(await register(ana.id, ana.entry(3)), ["updated", 0]);
  assert.deepEqual(await register(ana.id, ana.entry(2)), ["stale", 0]);
  assert.deepEqual(await register(ana.id, ben.entry(9)), ["taken", 0], "first come, first served");
  const row = await find(ana.id);
  assert.equal(row!.index, 0);
  assert.equal(row!.entry.statement.version, 3);
  assert.equal(row!.entry.statement.who, "ana");
  const logged = [ana, ben].map((each) => directory.loggedBytes(each.id, each.entry(1).statement));
  assert.deepEqual((await log(0)).map((bytes) => [...bytes]), logged.map((bytes) => [...bytes]));
  assert.equal((await log(1)).length, 1);
  assert.equal((await log(2)).length, 0);

  assert.deepEqual(await take(ana.id), [undefined, 0]);
  assert.equal(await stock(ana.id, 3), 3);
  assert.equal(await stock(ana.id, directory.STOCK), directory.STOCK, "and no more");
  const first = await take(ana.id), second = await take(ana.id);
  assert.equal(first[1], directory.STOCK - 1);
  assert.notDeepEqual(first[0], second[0], "each is given once");
  assert.deepEqual(await take(ben.id), [undefined, 0]);
}

Deno.test("a shelf of records keeps who is who, over a restart too", async () => {
  const saved = new Map<string, Uint8Array>();
  const save = (key: string, bytes?: Uint8Array) =>
    bytes === undefined ? void saved.delete(key) : void saved.set(key, bytes);
  await claimShelf(new RecordShelf({ save }));
  const again = new RecordShelf({ save });
  for (const [key, bytes] of saved) assert.ok(again.restore(key, bytes), key);
  const { find, log, take } = asked(again);
  assert.equal((await find(ana.id))!.entry.statement.version, 3);
  assert.equal((await log(0)).length, 2);
  assert.equal((await take(ana.id))[1], directory.STOCK - 3);
});

Deno.test("a shelf in SQLite keeps who is who, over a restart too", async () => {
  const folder = await Deno.makeTempDir();
  const first = new SqliteShelf(`${folder}/directory.db`);
  await claimShelf(first);
  first.close();
  const again = new SqliteShelf(`${folder}/directory.db`);
  const { find, log, take } = asked(again);
  assert.equal((await find(ana.id))!.entry.statement.version, 3);
  assert.equal((await log(0)).length, 2);
  assert.equal((await take(ana.id))[1], directory.STOCK - 3);
  again.close();
  await Deno.remove(folder, { recursive: true });
});

testNeeding(
  POSTGRES,
  "a shelf in PostgreSQL is the same, and is shared by two directories",
  async () => {
    const cluster = await startCluster();
    const failed = (error: unknown) => {
      throw error;
    };
    try {
      const one = await PostgresShelf.open(cluster.url, failed);
      const other = await PostgresShelf.open(cluster.url, failed);
      await claimShelf(one);
      assert.equal((await asked(other).find(ana.id))!.entry.statement.version, 3);
      // Twenty more register at both at once: one log, without a gap, and nobody twice.
      const people = Array.from({ length: 20 }, (_, nth) => person(`p${nth}`));
      const results = await Promise.all(people.flatMap((each) => [
        asked(one).register(each.id, each.entry(1)),
        asked(other).register(each.id, each.entry(1)),
      ]));
      assert.equal(results.filter(([result]) => result === "new").length, 20);
      const places = new Set(results.map(([, at]) => at));
      assert.deepEqual([...places].sort((a, b) => a - b), people.map((_, nth) => 2 + nth));
      assert.equal((await asked(other).log(0)).length, 22);
      // A bundle of one use is given once, whoever asks.
      const given = await Promise.all(
        Array.from({ length: 20 }, (_, nth) => asked(nth % 2 === 0 ? one : other).take(ana.id)),
      );
      const bundles = given.map(([bundle]) =>
        JSON.stringify(bundle, (_, value) => value instanceof Uint8Array ? value.toString() : value)
      );
      assert.equal(new Set(bundles).size, 20);
      await one.close();
      await other.close();
    } finally {
      await cluster.stop();
    }
  },
);
