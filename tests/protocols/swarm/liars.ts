/** Peers that speak the swarm's wire and mean harm: scripted ones, and honest ones with a twist. */
import type {
  Address,
  AnyProtocol,
  Context,
  Micros,
  PeerId,
  PeerKeys,
  Protocol,
} from "../../../runtime/core/mod.ts";
import { unhex } from "../../../runtime/core/mod.ts";
import { swarm, type SwarmMessage, swarmWire } from "../../../runtime/protocols/swarm/mod.ts";

export type SwarmContext = Context<SwarmMessage>;

/** What a scripted peer does; whatever it leaves out it ignores. */
export type Script = Partial<Omit<Protocol<SwarmMessage>, "name" | "code" | "wire">>;

/** A peer that says exactly what the test says. */
export function scripted(script: Script): AnyProtocol {
  return { name: "swarm", code: 4, wire: swarmWire, received() {}, ...script };
}

/** What happened to a caller. */
export interface Diary {
  links: number;
  /** Of the links, those that have ended. */
  ended: number;
  readonly heard: SwarmMessage[];
}

/** Dials somebody some time after it starts, and again whenever it was hung up; says its piece each time. */
export function caller(
  whom: () => { readonly keys: PeerKeys; readonly address: Address },
  says: (to: PeerId, ctx: SwarmContext) => void,
  { diary = { links: 0, ended: 0, heard: [] }, after = 1_050_000 }: {
    diary?: Diary;
    after?: Micros;
  } = {},
): AnyProtocol {
  return scripted({
    started: (_saved, ctx) => ctx.wake("call", after),
    joined(peer, ctx) {
      diary.links++;
      ctx.hold(peer);
      says(peer, ctx);
    },
    left(_peer, _why, ctx) {
      diary.ended++;
      ctx.wake("call", 2_000_000);
    },
    woke: (_timer, ctx) => ctx.dial(whom().address, whom().keys),
    received: (message) => diary.heard.push(message),
  });
}

/** An honest swarm that says something else instead of some messages; nothing where that is undefined. */
export function twisted(
  change: (
    message: SwarmMessage,
    body: Uint8Array | undefined,
    to: PeerId,
  ) => { message: SwarmMessage; body?: Uint8Array | undefined } | undefined,
): AnyProtocol {
  const honest = swarm();
  return {
    ...honest,
    started(saved, context) {
      const send: SwarmContext["send"] = (to, message, body) => {
        const said = change(message, body, to);
        return said === undefined ? true : context.send(to, said.message, said.body);
      };
      const masked = Object.create(context, { send: { value: send } });
      honest.started!(saved, masked);
    },
  };
}

/** Takes, and passes nothing on. */
export function freeRider(): AnyProtocol {
  return twisted((message, body) =>
    message.kind === "block" || message.kind === "page" ? undefined : { message, body }
  );
}

/** Takes, passes nothing on, and tells the source at once that it has, over the fastest uplink of all. */
export function boaster(): AnyProtocol {
  const rider = twisted((message, body) =>
    ["block", "page", "relayed"].includes(message.kind) ? undefined : { message, body }
  );
  return {
    ...rider,
    received(message: SwarmMessage, from, body, ctx) {
      if (message.kind === "block" && message.spread > 0) {
        const { content, index } = message;
        const boast = { content, blocks: [index], bytesPerSecond: 1e12, waiting: 0 };
        ctx.send(from, { kind: "relayed", ...boast });
      }
      rider.received(message, from, body, ctx);
    },
  };
}

/** A content's key as it goes on the wire. */
export function idOf(key: string): Uint8Array {
  return unhex(key)!;
}
