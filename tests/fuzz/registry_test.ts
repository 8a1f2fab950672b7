/** No message type without a cap, no reader of bytes that nobody fuzzes. */
import assert from "node:assert/strict";
import { type AnyProtocol, limits, Stream, struct, u8, wire } from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { noble } from "../../runtime/core/noble.ts";
import { dreamt } from "./dream.ts";
import { groups } from "./targets.ts";
import { DATAGRAMS, protocols } from "./wires.ts";

/** What is wrong with what protocols speak, in words. */
function complaints(list: readonly AnyProtocol[], targets: ReadonlySet<string>): string[] {
  const found: string[] = [];
  for (const { name, wire, overheard } of list) {
    for (const kind of wire.kinds) {
      if (!(Number.isInteger(kind.cap) && kind.cap > 0)) {
        found.push(`${name} ${kind.name} has no cap`);
      } else if (kind.cap > limits.MESSAGE_BYTES) {
        found.push(`${name} ${kind.name} may be longer than a frame: ${kind.cap} bytes`);
      }
      if (!targets.has(`${name} ${kind.name}`)) found.push(`${name} ${kind.name} is not fuzzed`);
    }
    if (overheard !== undefined && !(name in DATAGRAMS)) {
      found.push(`${name} overhears datagrams that are not fuzzed`);
    }
  }
  return found;
}

const all = groups(accounted(noble)).flatMap(({ targets }) => targets);
const names = new Set(all.map(({ name }) => name));

Deno.test("every message type of every protocol has a cap that fits a frame, and is fuzzed", () => {
  assert.deepEqual(complaints(protocols(), names), []);
  assert.ok(protocols().every(({ wire }) => wire.kinds.length > 0));
  for (const [protocol, { kinds }] of Object.entries(DATAGRAMS)) {
    for (const { name } of kinds) assert.ok(names.has(`${protocol} datagram ${name}`), name);
  }
});

Deno.test("a message type without a cap, too long for a frame or without a target is found", () => {
  const table = {
    fine: struct({ one: u8 }),
    endless: { ...u8, cap: Infinity },
    long: { ...u8, cap: limits.HEAD_BYTES },
    nothing: { ...u8, cap: NaN },
  };
  const planted = {
    name: "planted",
    code: 99,
    wire: wire(table as never),
    received() {},
    overheard() {},
  } as AnyProtocol;
  assert.deepEqual(complaints([planted], new Set(["planted fine", "planted long"])), [
    "planted endless has no cap",
    "planted endless is not fuzzed",
    "planted long may be longer than a frame: 65537 bytes",
    "planted nothing has no cap",
    "planted nothing is not fuzzed",
    "planted overhears datagrams that are not fuzzed",
  ]);
});

Deno.test("valid messages of every type are found by chance, and are of many shapes", () => {
  for (const { name, wire } of protocols()) {
    wire.kinds.forEach((kind, place) => {
      const random = new Stream(`shapes ${name} ${kind.name}`);
      const shapes = new Set<string>();
      let found = 0;
      for (let draw = 0; draw < 40; draw++) {
        const message = dreamt(wire, place, random);
        if (message === undefined) continue;
        found++;
        shapes.add(wire.encode(message).join());
      }
      assert.ok(found >= 20, `${name} ${kind.name}: ${found} of 40`);
      const wanted = Math.min(5, 2 * kind.cap - 1); // one byte has few, and none has one
      assert.ok(shapes.size >= wanted, `${name} ${kind.name}: ${shapes.size} shapes`);
    });
  }
});

/**
 * Files of the runtime that read bytes, and the target that gives them theirs. Whoever writes another
 * reader says here who fuzzes it.
 */
const READERS: Readonly<Record<string, string>> = {
  "runtime/core/bytes.ts": "swarm interest",
  "runtime/core/framing.ts": "frames on a stream",
  "runtime/core/link.ts": "link hello",
  "runtime/core/node.ts": "node hears anything in any order",
  "runtime/core/wire.ts": "swarm block",
  "runtime/protocols/chat/attachment.ts": "chat attachment",
  "runtime/protocols/chat/book.ts": "node starts from damaged records",
  "runtime/protocols/chat/boxes.ts": "node starts from damaged records",
  "runtime/protocols/chat/inbox.ts": "node starts from damaged records",
  "runtime/protocols/chat/circle.ts": "chat copy",
  "runtime/protocols/chat/devices.ts": "chat devices",
  "runtime/protocols/chat/outbox.ts": "node starts from damaged records",
  "runtime/protocols/chat/post.ts": "chat bundle",
  "runtime/protocols/chat/reach.ts": "chat where",
  "runtime/protocols/chat/sealing.ts": "chat content letter",
  "runtime/protocols/chat/transcript.ts": "node starts from damaged records",
  "runtime/protocols/directory/directory.ts": "directory rumour",
  "runtime/protocols/directory/entry.ts": "directory register",
  "runtime/protocols/directory/seeker.ts": "node starts from damaged records",
  "runtime/protocols/directory/shelf.ts": "node starts from damaged records",
  "runtime/protocols/directory/watch.ts": "node starts from damaged records",
  "runtime/protocols/groups/group.ts": "node starts from damaged records",
  "runtime/protocols/groups/groups.ts": "node hears groups said",
  "runtime/protocols/groups/spoken.ts": "groups said",
  "runtime/protocols/lab/counter.ts": "node starts from damaged records",
  "runtime/protocols/lab/desk.ts": "node starts from damaged records",
  "runtime/protocols/lab/mailbox.ts": "node starts from damaged records",
  "runtime/protocols/lab/notary.ts": "lab datagram announcement",
  "runtime/protocols/lab/roster.ts": "node starts from damaged records",
  "runtime/protocols/lab/seat.ts": "node starts from damaged records",
  "runtime/protocols/lab/trust.ts": "node starts from damaged records",
  "runtime/protocols/mailbox/customer.ts": "node starts from damaged records",
  "runtime/protocols/mailbox/keeper.ts": "node starts from damaged records",
  "runtime/protocols/membership/anchors.ts": "node starts from damaged records",
  "runtime/protocols/membership/membership.ts": "membership datagram beacon",
  "runtime/protocols/mesh/sequence.ts": "node starts from damaged records",
  "runtime/protocols/session/keyring.ts": "node starts from damaged records",
  "runtime/protocols/session/profile.ts": "session message",
  "runtime/protocols/session/records.ts": "node starts from damaged records",
  "runtime/protocols/session/sessions.ts": "session packet first",
  "runtime/protocols/swarm/bitmap.ts": "node hears swarm has",
  "runtime/protocols/swarm/content.ts": "swarm manifest",
  "runtime/protocols/swarm/manifest.ts": "swarm manifest",
  "runtime/protocols/swarm/records.ts": "swarm record",
  "runtime/protocols/swarm/swarm.ts": "swarm record",
  "runtime/protocols/swarm/trade.ts": "node hears swarm has",
  "runtime/protocols/vault/held.ts": "node starts from damaged records",
  "runtime/protocols/vault/mapping.ts": "vault mapping",
  "runtime/protocols/vault/mappings.ts": "node starts from damaged records",
  "runtime/protocols/vault/owner.ts": "node starts from damaged records",
};

/** What only what reads bytes from elsewhere says. */
const READS =
  /new Reader\(|\.decode\(|\bdecode[A-Z]\w*\(|class Deframer|Bitmap\.from\(|static from\(/;

async function* sources(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (path.endsWith(".ts")) yield path;
  }
}

Deno.test("every file that reads bytes from elsewhere is fuzzed by a target that exists", async () => {
  const top = import.meta.dirname!.replace(/.tests.fuzz$/, "");
  const readers: string[] = [];
  for (const part of ["runtime/core", "runtime/protocols"]) {
    for await (const path of sources(`${top}/${part}`)) {
      const text = await Deno.readTextFile(path);
      if (READS.test(text)) readers.push(path.slice(top.length + 1).replaceAll("\\", "/"));
    }
  }
  const unknown = readers.filter((path) => READERS[path] === undefined).sort();
  assert.deepEqual(unknown, [], "say in READERS who fuzzes these");
  for (const path of readers) assert.ok(names.has(READERS[path]!), `${path}: ${READERS[path]}`);
});
