/** Machines that lie: the node that ships, with a hand on what one of its protocols says. */
import type { AnyProtocol, Context } from "../runtime/core/mod.ts";

/**
 * The same protocol, but for a change in bodies that it sends: a poisoner's links are genuine, and
 * only their content is wrong. `change` answers with other bytes, or the same; it never mutates.
 */
export function lying(
  protocol: AnyProtocol,
  change: (body: Uint8Array, message: { readonly kind: string }) => Uint8Array,
): AnyProtocol {
  const masks = new Map<Context<never>, Context<never>>();
  const masked = (context: Context<never>): Context<never> => {
    let mask = masks.get(context);
    if (mask === undefined) {
      const send: Context<{ kind: string }>["send"] = (to, message, body) =>
        context.send(to, message as never, body && change(body, message));
      mask = Object.create(context, { send: { value: send } }) as Context<never>;
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
      handler.call(protocol, ...words, masked(context));
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
