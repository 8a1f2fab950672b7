/** Machines that lie: the node that ships, with a hand on what one of its protocols says. */
import type { AnyProtocol, Context, PeerId } from "../runtime/core/mod.ts";

type Message = { readonly kind: string };

/** What a liar does with a message that its honest half would send: another one, or none. */
export type Lie = (
  message: Message,
  body: Uint8Array | undefined,
  to: PeerId,
  /** Of the node whose hand it is. */
  context: Context<never>,
) => { readonly message: Message; readonly body: Uint8Array | undefined } | undefined;

/** The same protocol, with a hand on what it sends: its links are genuine, and only its words are wrong. */
export function saying(protocol: AnyProtocol, lie: Lie): AnyProtocol {
  return masked(protocol, (context) => {
    const send: Context<Message>["send"] = (to, message, body) => {
      const said = lie(message, body, to, context);
      return said === undefined || context.send(to, said.message as never, said.body);
    };
    return { send: { value: send } };
  });
}

/** A change in bodies alone; `change` answers with other bytes, or the same: it never mutates. */
export function lying(
  protocol: AnyProtocol,
  change: (body: Uint8Array, message: Message) => Uint8Array,
): AnyProtocol {
  return saying(protocol, (message, body) => ({ message, body: body && change(body, message) }));
}

/**
 * A machine with two faces: two honest halves of one protocol, neither of which knows of the other, and
 * everybody speaks to one of them only. `make` makes a half.
 */
export function twoFaced(make: () => AnyProtocol, faceOf: (peer: PeerId) => 0 | 1): AnyProtocol {
  const halves = [0, 1].map((face) => {
    const prefix = `face${face}/`;
    return masked(make(), (context) => ({
      save: { value: (key: string, bytes?: Uint8Array) => context.save(prefix + key, bytes) },
      wake: { value: (timer: string, after: number) => context.wake(prefix + timer, after) },
      calm: { value: (timer: string) => context.calm(prefix + timer) },
    }));
  }) as [AnyProtocol, AnyProtocol];
  const ofPrefix = (key: string) => halves[key.startsWith("face1/") ? 1 : 0];
  const rest = (key: string) => key.slice("face0/".length);
  const { name, code, wire } = halves[0];
  return {
    name,
    code,
    wire,
    started({ records, kept }, ctx) {
      for (const half of halves) {
        const own = [...records].filter(([key]) => ofPrefix(key) === half)
          .map(([key, bytes]) => [rest(key), bytes] as const);
        half.started?.({ records: new Map(own), kept }, ctx);
      }
    },
    joined: (peer, ctx) => halves[faceOf(peer)].joined?.(peer, ctx),
    left: (peer, why, ctx) => halves[faceOf(peer)].left?.(peer, why, ctx),
    received: (message, from, body, ctx) => halves[faceOf(from)].received(message, from, body, ctx),
    refused: (key, why, ctx) => ofPrefix(key).refused?.(rest(key), why, ctx),
    woke: (timer, ctx) => ofPrefix(timer).woke?.(rest(timer), ctx),
    asked: (command, ctx) => halves[0].asked?.(command, ctx),
    heard: (event, ctx) => halves[0].heard?.(event, ctx),
  };
}

/** The protocol with another context: what it may do is changed on its way out. */
function masked(
  protocol: AnyProtocol,
  change: (context: Context<never>) => PropertyDescriptorMap,
): AnyProtocol {
  const masks = new Map<Context<never>, Context<never>>();
  const maskOf = (context: Context<never>): Context<never> => {
    let mask = masks.get(context);
    if (mask === undefined) {
      mask = Object.create(context, change(context)) as Context<never>;
      masks.set(context, mask);
    }
    return mask;
  };
  const handlers: Record<string, unknown> = {};
  for (const name of HANDLERS) {
    const handler = protocol[name] as ((...words: unknown[]) => void) | undefined;
    if (handler === undefined) continue;
    // The context is the last argument of every handler.
    handlers[name] = (...words: unknown[]) => {
      const context = words.pop() as Context<never>;
      handler.call(protocol, ...words, maskOf(context));
    };
  }
  const { name, code, wire } = protocol;
  return { name, code, wire, ...handlers } as AnyProtocol;
}

/** All that a node calls of a protocol. */
const HANDLERS = [
  "started",
  "joined",
  "left",
  "received",
  "overheard",
  "drained",
  "unreachable",
  "refused",
  "loaded",
  "settled",
  "woke",
  "asked",
  "heard",
] as const satisfies readonly Exclude<keyof AnyProtocol, "name" | "code" | "wire">[];

/** Turns over one bit in the middle of every body that one protocol sends with such messages. */
export function poisoning(protocol: AnyProtocol, kind: string): AnyProtocol {
  return lying(protocol, (body, message) => {
    if (message.kind !== kind || body.length === 0) return body;
    const wrong = body.slice();
    wrong[body.length >> 1]! ^= 1;
    return wrong;
  });
}
