/** How many a directory on SQLite answers and registers in a second, scrypt at its toy cost. */
import { type Context, identityFrom, type PeerId, Stream, utf8 } from "../../runtime/core/mod.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { Clerk } from "../../runtime/host/directory/clerk.ts";
import { SqliteShelf } from "../../runtime/host/directory/sqlite_shelf.ts";
import * as limits from "../../runtime/protocols/directory/limits.ts";
import type { DirectoryMessage } from "../../runtime/protocols/directory/wire.ts";
import { challengeBytes } from "../../runtime/protocols/directory/registrar.ts";
import { directory } from "../../runtime/protocols/mod.ts";
import { Keyring } from "../../runtime/protocols/session/mod.ts";
import { atLeast, type Bench } from "./row.ts";

const PEOPLE = 1_000, LOOKUPS = 20_000, AT_ONCE = 200;

export const benches: readonly Bench[] = [
  atLeast("directory-registrations", 1_000, "/s", async () => (await measured()).registrations),
  atLeast("directory-lookups", 10_000, "/s", async () => (await measured()).lookups),
];

let result: Promise<{ registrations: number; lookups: number }> | undefined;
const measured = () => result ??= measure();

/** A directory as it runs, from its messages to its file; the links are left out. */
async function measure(): Promise<{ registrations: number; lookups: number }> {
  const folder = await Deno.makeTempDir();
  const office = identityFrom(new Uint8Array(32), nodeCrypto);
  const protocol = directory.directory({ cost: directory.TOY, serves: "host" });
  const answers = new Map<PeerId, (message: DirectoryMessage) => void>();
  const clerk = new Clerk(
    new SqliteShelf(`${folder}/directory.db`),
    (command) => protocol.asked!(command, ctx),
  );
  const ctx = {
    self: office.peer,
    identity: office,
    crypto: nodeCrypto,
    random: new Stream("office"),
    now: 0,
    peers: [],
    save() {},
    wake() {},
    isLinked: () => false,
    send: (to: PeerId, message: DirectoryMessage) => (answers.get(to)?.(message), true),
    ask() {},
    tell: (event: directory.DirectoryEvent) => void clerk.takes(event),
  } as unknown as Context<DirectoryMessage> & { now: number };
  protocol.started!({ records: new Map(), kept: [] }, ctx);
  await new Promise((resolve) => setTimeout(resolve, 10));
  const ask = (peer: PeerId, message: DirectoryMessage) =>
    new Promise<DirectoryMessage>((resolve) => {
      answers.set(peer, resolve);
      (ctx as { now: number }).now += limits.FOUND_BURST * 1_000_000; // nobody is asked to wait
      protocol.received(message, peer, undefined, ctx);
    });
  const people = Array.from({ length: PEOPLE }, (_, nth) => person(`person ${nth}`));

  const registered = await perSecond(PEOPLE, async (nth) => {
    const { peer, entry, sign } = people[nth]!;
    const challenge = await ask(peer, { kind: "enrol" });
    if (challenge.kind !== "challenge") throw new Error(challenge.kind);
    const signature = sign(challengeBytes(challenge.nonce, office.peer, entry));
    const { kind } = await ask(peer, { kind: "register", entry, signature });
    if (kind !== "registered") throw new Error(kind);
  });
  const found = await perSecond(LOOKUPS, async (nth) => {
    const { peer } = people[nth % PEOPLE]!, { id } = people[(7 * nth + 1) % PEOPLE]!;
    const { kind } = await ask(peer, { kind: "find", id, wantsBundle: false });
    if (kind !== "found") throw new Error(kind);
  });
  await clerk.close();
  await Deno.remove(folder, { recursive: true });
  return { registrations: registered, lookups: found };
}

function person(name: string) {
  const identity = identityFrom(nodeCrypto.sha256(utf8(name)), nodeCrypto);
  const { id, modifier } = directory.claimed(identity.keys, directory.TOY);
  const random = new Stream(name);
  const ctx = { identity, crypto: nodeCrypto, random, save() {}, now: 0, boot: 0 };
  const bundle = new Keyring().lastingBundle(ctx);
  const says = { modifier, version: 1, who: name, address: "10.0.0.1:1", boxes: [], bundle };
  return {
    id,
    peer: identity.peer,
    entry: directory.entryOf(says, ctx),
    sign: (bytes: Uint8Array) => nodeCrypto.sign(identity.signSecret, bytes),
  };
}

/** Does it so often, some at once: how many a second. */
async function perSecond(count: number, work: (nth: number) => Promise<void>): Promise<number> {
  const began = performance.now();
  for (let nth = 0; nth < count; nth += AT_ONCE) {
    const batch = Math.min(AT_ONCE, count - nth);
    await Promise.all(Array.from({ length: batch }, (_, at) => work(nth + at)));
  }
  return count / (performance.now() - began) * 1_000;
}
