/** Whatever a node says in one step goes out in frames that the other side takes. */
import assert from "node:assert/strict";
import {
  type AppEvent,
  bytesUpTo,
  type Command,
  limits,
  type Protocol,
  Stream,
  struct,
  wire,
} from "../../runtime/core/mod.ts";
import { noble } from "../../runtime/core/noble.ts";
import { Room } from "../core/room.ts";

const longWire = wire({ long: struct({ bytes: bytesUpTo(limits.MESSAGE_BYTES - 16) }) });

interface Say extends Command {
  readonly lengths: readonly number[];
}

/** Says messages of the lengths that it is asked for, all in one step; tells what it hears. */
function talker(): Protocol<{ kind: "long"; bytes: Uint8Array }> {
  return {
    name: "probe",
    code: 9,
    wire: longWire,
    joined: (peer, ctx) => ctx.hold(peer),
    left: (_peer, why, ctx) => ctx.tell({ protocol: "probe", name: `left: ${why}` } as AppEvent),
    received({ bytes }, _from, _body, ctx) {
      ctx.tell({ protocol: "probe", name: String(bytes.length) } as AppEvent);
    },
    asked(command, ctx) {
      if (command.name === "dial") return ctx.dial("ben:1");
      for (const length of (command as Say).lengths) {
        for (const peer of ctx.peers) {
          ctx.send(peer, { kind: "long", bytes: new Uint8Array(length) });
        }
      }
    },
  };
}

Deno.test("messages of one step fill as many frames as they need, in their order", () => {
  const most = limits.MESSAGE_BYTES - 16;
  for (
    const lengths of [
      [most],
      [30_000, most],
      [most, most, most],
      [1, 32_000, 2, 33_000, 3],
      Array.from({ length: 300 }, (_, at) => (at * 7919) % 3000),
    ]
  ) {
    const room = new Room(new Stream("frames"), noble, () => [talker()]);
    room.add("ana");
    room.add("ben");
    room.ask("ana", { protocol: "probe", name: "dial" });
    room.run(1_000_000);
    room.ask("ana", { protocol: "probe", name: "say", lengths } as Say);
    room.run(2_000_000);
    assert.deepEqual(room.eventsOf("ben").map(({ name }) => name), lengths.map(String));
  }
});
