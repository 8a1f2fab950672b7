/** Nodes that lie: real membership and mesh that also say whatever they are told to. */
import {
  type Address,
  type AnyProtocol,
  type Command,
  type Context,
  type Identity,
  identityFrom,
  joined,
  type PeerId,
  type Protocol,
  sameBytes,
  utf8,
  Writer,
} from "../../runtime/core/mod.ts";
import { accounted } from "../../runtime/core/accounted.ts";
import { nodeCrypto } from "../../runtime/host/crypto.ts";
import { datagramWire, type MembershipMessage } from "../../runtime/protocols/membership/mod.ts";
import { type Card, statement } from "../../runtime/protocols/membership/wire.ts";
import { stated, type Statement } from "../../runtime/protocols/mesh/statement.ts";
import type { MeshMessage } from "../../runtime/protocols/mesh/mod.ts";

/** The cryptography of strangers: identities of other worlds are made by it too. */
export const strange = accounted(nodeCrypto);

/** What a liar is told to do, with all that its node may do. */
export type Deed<Message> = (ctx: Context<Message>) => void;

interface Lie<Message> extends Command {
  readonly name: "lie";
  readonly deed: Deed<Message>;
}

/** Makes a liar do something, over its own links or in datagrams. */
export function lie(deed: Deed<MembershipMessage>): Command;
export function lie(protocol: "mesh", deed: Deed<MeshMessage>): Command;
export function lie(
  one: "mesh" | Deed<MembershipMessage>,
  other?: Deed<MeshMessage>,
): Command {
  const [protocol, deed] = typeof one === "string" ? [one, other!] : ["membership", one];
  return { protocol, name: "lie", deed } as Command;
}

/** A protocol that also lies on command. */
export function liar<Message>(honest: Protocol<Message>): AnyProtocol {
  return {
    ...honest,
    asked(command, ctx: Context<Message>) {
      if (command.name === "lie") (command as Lie<Message>).deed(ctx);
      else honest.asked?.(command, ctx);
    },
  } satisfies Protocol<Message>;
}

/** A mesh that takes messages and passes none of them on. */
export function hole(honest: Protocol<MeshMessage>): AnyProtocol {
  return { ...honest, received() {} } satisfies Protocol<MeshMessage>;
}

/** Keeps every message that comes by, for those who would say it again. */
export function recorder(honest: Protocol<MeshMessage>, into: MeshMessage[]): AnyProtocol {
  const inner = liar(honest) as Protocol<MeshMessage>;
  return {
    ...inner,
    received(message, from, body, ctx) {
      into.push(message);
      inner.received(message, from, body, ctx);
    },
  } satisfies Protocol<MeshMessage>;
}

export function stranger(name: string): Identity {
  return identityFrom(strange.sha256(utf8(name)), strange);
}

/** A card as its subject would sign it, if it said so. */
export function cardOf(
  who: Identity,
  address: Address,
  incarnation: number,
  crypto = strange,
): Card {
  const said = { ...who.keys, incarnation, address };
  const writer = new Writer();
  statement.write(writer, said);
  const bytes = joined(utf8("starling card 1"), writer.take());
  return { statement: said, signature: crypto.sign(who.signSecret, bytes) };
}

export function beacon(card: Card): Uint8Array {
  return datagramWire.encode({ kind: "beacon", ...card });
}

/** A message as its origin would sign it. */
export function messageOf(
  who: Identity,
  sequence: number,
  text: string,
  crypto = strange,
): MeshMessage & { kind: "message" } {
  const heading = { ...who.keys, boot: 0, sequence, topic: "test" };
  return asMessage(stated(heading, utf8(text), who, crypto, 0));
}

function asMessage({ heading, signature, payload }: Statement): MeshMessage & { kind: "message" } {
  return { kind: "message", heading, signature, hops: 0, age: 0, payload };
}

/** Sends one message to every linked peer. */
export function toAll<Message>(ctx: Context<Message>, message: Message, body?: Uint8Array): void {
  for (const peer of [...ctx.peers]) ctx.send(peer as PeerId, message, body);
}

/** The same bytes with one of them changed. */
export function twisted(bytes: Uint8Array, at = 0): Uint8Array {
  const other = bytes.slice();
  other[at]! ^= 1;
  if (sameBytes(other, bytes)) throw new Error("nothing was changed");
  return other;
}
