/** Every message type that crosses a link or fills a datagram, found by looking. */
import { type AnyProtocol, sameBytes, type Wire, wire } from "../../runtime/core/mod.ts";
import { attachmentSchema } from "../../runtime/protocols/chat/attachment.ts";
import { copySchema, seenSchema } from "../../runtime/protocols/chat/circle.ts";
import { contentWire } from "../../runtime/protocols/chat/content.ts";
import { devicesSchema } from "../../runtime/protocols/chat/devices.ts";
import { whereSchema } from "../../runtime/protocols/chat/reach.ts";
import { saidSchema } from "../../runtime/protocols/groups/spoken.ts";
import { packetWire } from "../../runtime/protocols/session/mod.ts";
import { mappingSchema } from "../../runtime/protocols/vault/mapping.ts";
import { all, directory, lab, membership } from "../../runtime/protocols/mod.ts";
import { dreamt } from "./dream.ts";
import type { Target } from "./target.ts";

/** What the datagrams of each protocol that overhears any are made of. */
export const DATAGRAMS: Readonly<Record<string, Wire<unknown>>> = {
  membership: membership.datagramWire as Wire<unknown>,
  lab: lab.statementWire as Wire<unknown>,
};

/** The protocols of a node of this version. */
export function protocols(): readonly AnyProtocol[] {
  return all();
}

/** One target for each message type of every wire that there is. */
/** What travels inside other messages, under a seal. */
const SEALED: Readonly<Record<string, Wire<unknown>>> = {
  "session packet": packetWire as Wire<unknown>,
  "chat content": contentWire as Wire<unknown>,
  chat: wire({
    attachment: attachmentSchema,
    where: whereSchema,
    copy: copySchema,
    seen: seenSchema,
    devices: devicesSchema,
  }) as Wire<unknown>,
  groups: wire({ said: saidSchema }) as Wire<unknown>,
  vault: wire({ mapping: mappingSchema }) as Wire<unknown>,
  directory: wire({ rumour: directory.rumourSchema }) as Wire<unknown>,
};

export function wireTargets(): Target[] {
  const targets: Target[] = [];
  for (const { name, wire } of protocols()) targets.push(...targetsOf(name, wire));
  for (const [name, wire] of Object.entries(DATAGRAMS)) {
    targets.push(...targetsOf(`${name} datagram`, wire));
  }
  for (const [name, wire] of Object.entries(SEALED)) targets.push(...targetsOf(name, wire));
  return targets;
}

function targetsOf(name: string, wire: Wire<unknown>): Target[] {
  const capOf = new Map(wire.kinds.map((kind) => [kind.name, kind.cap]));
  return wire.kinds.map((kind, place) => ({
    name: `${name} ${kind.name}`,
    cap: Math.max(...capOf.values()), // a changed first byte makes it another kind
    valid(random) {
      const message = dreamt(wire, place, random);
      return message === undefined ? undefined : wire.encode(message);
    },
    accepts(bytes) {
      const message = wire.decode(bytes) as { readonly kind: string } | undefined;
      if (message === undefined) return false;
      if (!sameBytes(wire.encode(message), bytes)) throw new Error("it can be written otherwise");
      if (bytes.length > capOf.get(message.kind)!) {
        throw new Error("it is longer than its kind's cap");
      }
      return true;
    },
  }));
}
