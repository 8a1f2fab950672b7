/** What a node claims of its links: one a peer, in order, proved, and no longer than needed. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import {
  type AnyProtocol,
  type AppEvent,
  type Command,
  type Crypto,
  type MessageOf,
  type PeerKeys,
  type Protocol,
  Stream,
  struct,
  u32,
  wire,
} from "../../runtime/core/mod.ts";
import { Room } from "./room.ts";

const table = { count: struct({ number: u32 }) };
type Count = MessageOf<typeof table>;

/** Dials when asked, sends numbers to everybody who joins, and tells what it hears. */
function probe(numbers: number): Protocol<Count> {
  return {
    name: "probe",
    code: 9,
    wire: wire(table),
    joined(peer, ctx) {
      ctx.hold(peer);
      ctx.tell({ protocol: "probe", name: "joined", peer });
      for (let number = 0; number < numbers; number++) ctx.send(peer, { kind: "count", number });
    },
    left(peer, why, ctx) {
      ctx.tell({ protocol: "probe", name: `left: ${why}`, peer });
    },
    received(message, peer, _body, ctx) {
      ctx.tell({ protocol: "probe", name: `heard ${message.number}`, peer });
    },
    unreachable(_address, why, ctx) {
      ctx.tell({ protocol: "probe", name: `unreachable: ${why}` });
    },
    asked(command, ctx) {
      const { address, keys } = command as Command & { address: string; keys?: PeerKeys };
      if (command.name === "dial") ctx.dial(address, keys);
      else for (const peer of ctx.peers) ctx.release(peer);
    },
  };
}

function names(events: readonly AppEvent[]): string[] {
  return events.map((event) => event.name);
}

function room(
  seed: number,
  numbers = 3,
  protocols?: () => AnyProtocol[],
  crypto: Crypto = nodeCrypto,
): Room {
  const random = new Stream(`room/${seed}`);
  const latency = () => 200 + random.below(3000);
  return new Room(random, crypto, protocols ?? (() => [probe(numbers)]), latency);
}

Deno.test("two peers that dial each other at once keep one link and lose no message", () => {
  for (let seed = 0; seed < 300; seed++) {
    const world = room(seed);
    world.add("ana");
    world.add("ben");
    const knowing = world.random.below(4);
    world.dial("ana", "ben", (knowing & 1) !== 0);
    world.run(world.random.below(8000));
    world.dial("ben", "ana", (knowing & 2) !== 0);
    world.run(2_000_000);
    for (const name of ["ana", "ben"]) {
      const told = names(world.eventsOf(name)).filter((each) => !each.startsWith("unreachable"));
      deepStrictEqual(
        told,
        ["joined", "heard 0", "heard 1", "heard 2"],
        `${name} with seed ${seed}`,
      );
    }
  }
});

Deno.test("a peer that restarts is joined anew, and its old link counts as dead", () => {
  const world = room(1);
  world.add("ana");
  world.add("ben");
  world.dial("ana", "ben", true);
  world.run(1_000_000);
  world.restart("ana");
  world.dial("ana", "ben", true);
  world.run(2_000_000);
  const told = names(world.eventsOf("ben")).filter((name) => !name.startsWith("heard"));
  deepStrictEqual(told, ["joined", "left: closed", "joined"]);
});

Deno.test("nodes of different networks never join", () => {
  const world = room(2);
  world.add("ana", "one");
  world.add("ben", "two");
  world.dial("ana", "ben", true);
  world.dial("ben", "ana", false);
  world.run(10_000_000);
  ok(names(world.eventsOf("ana")).every((name) => name.startsWith("unreachable")));
  ok(names(world.eventsOf("ben")).every((name) => name.startsWith("unreachable")));
  ok(world.eventsOf("ana").length > 0 && world.eventsOf("ben").length > 0);
});

Deno.test("a dial that reaches somebody else than expected is refused", () => {
  const world = room(3);
  world.add("ana");
  world.add("ben");
  const carol = world.add("carol");
  const keys = carol.node.identity.keys;
  world.ask("ana", { protocol: "probe", name: "dial", address: "ben:1", keys } as Command);
  world.run(10_000_000);
  strictEqual(names(world.eventsOf("ana")).filter((name) => name === "joined").length, 0);
  strictEqual(names(world.eventsOf("ben")).filter((name) => name === "joined").length, 0);
});

Deno.test("a link that nobody holds any more is hung up by both, and not before", () => {
  const world = room(4);
  world.add("ana");
  world.add("ben");
  world.dial("ana", "ben", true);
  world.run(1_000_000);
  world.ask("ana", { protocol: "probe", name: "release" });
  world.run(60_000_000);
  ok(!names(world.eventsOf("ben")).some((name) => name.startsWith("left")));
  world.ask("ben", { protocol: "probe", name: "release" });
  world.run(120_000_000);
  ok(names(world.eventsOf("ana")).some((name) => name.startsWith("left")));
  ok(names(world.eventsOf("ben")).some((name) => name.startsWith("left")));
});

Deno.test("messages go on in order over many changes of keys", () => {
  const chatty: Protocol<Count> = {
    ...probe(0),
    joined(peer, ctx) {
      ctx.hold(peer);
      ctx.wake(`say ${peer}`, 0);
    },
    woke(timer, ctx) {
      const peer = timer.slice("say ".length) as Parameters<typeof ctx.send>[0];
      // A burst longer than one key may be used for, then pauses longer than one key may live.
      const { now } = ctx;
      const burst = now < 1_000_000 ? 70_000 : 1;
      for (let number = 0; number < burst; number++) {
        ctx.send(peer, { kind: "count", number: 0 }, number === 0 ? undefined : new Uint8Array(1));
      }
      ctx.wake(timer, 150_000_000);
    },
  };
  const world = room(5, 0, () => [{ ...chatty }], accounted(nodeCrypto));
  world.add("ana");
  world.add("ben");
  world.dial("ana", "ben", true);
  world.run(500_000_000);
  for (const name of ["ana", "ben"]) {
    strictEqual(names(world.eventsOf(name)).filter((told) => told === "heard 0").length, 70_003);
    ok(!names(world.eventsOf(name)).some((told) => told.startsWith("left")));
  }
});
