/** Peers that speak the swarm's wire and mean harm: scripted ones, and honest ones with a twist. */
import type {
  Address,
  AnyProtocol,
  Context,
  PeerId,
  PeerKeys,
  Protocol,
} from "../../../runtime/core/mod.ts";
import { swarm, type SwarmMessage, swarmWire } from "../../../runtime/protocols/swarm/mod.ts";
import { unhex } from "../../../runtime/core/mod.ts";

export type SwarmContext = Context<SwarmMessage>;

/** What a scripted peer does; whatever it leaves out it ignores. */
export type Script = Partial<Omit<Protocol<SwarmMessage>, "name" | "code" | "wire">>;

/** A peer that says exactly what the test says. */
export function scripted(script: Script): AnyProtocol {
  return { name: "swarm", code: 4, wire: swarmWire, received() {}, ...script };
}

/** Dials somebody as soon as it starts, and again whenever it was hung up, and counts the links. */
export function caller(
  whom: () => { readonly keys: PeerKeys; readonly address: Address },
  says: (to: PeerId, ctx: SwarmContext) => void,
  script: Script = {},
): AnyProtocol & { links: number; heard: SwarmMessage[] } {
  const dial = (ctx: SwarmContext) => ctx.dial(whom().address, whom().keys);
  const self = {
    ...scripted({
      started: (_saved, ctx) => ctx.wake("call", 1_500_000),
      joined(peer, ctx) {
        self.links++;
        ctx.hold(peer);
        says(peer, ctx);
      },
      left: (_peer, _why, ctx) => ctx.wake("call", 200_000),
      woke: (timer, ctx) => timer === "call" ? dial(ctx) : undefined,
      received: (message) => self.heard.push(message),
      ...script,
    }),
    links: 0,
    heard: [] as SwarmMessage[],
  };
  return self;
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

/** Takes, claims to pass on, and never does. */
export function freeRider(bytesPerSecond?: number): AnyProtocol {
  return twisted((message, body) => {
    if (message.kind === "block" || message.kind === "page") return undefined;
    if (message.kind !== "relayed" || bytesPerSecond === undefined) return { message, body };
    return { message: { ...message, bytesPerSecond, waiting: 0 }, body };
  });
}

export function idOf(key: string): Uint8Array {
  return unhex(key)!;
}
