/** Who stands in for other protocols in tests of the lab, and a liar that stands in for a lab. */
import {
  type Address,
  type AppEvent,
  type Command,
  hex,
  type Identity,
  type PeerId,
  type PeerKeys,
  type Protocol,
  second,
  utf8,
  type Wire,
} from "../../runtime/core/mod.ts";
import { type LabMessage, labWire } from "../../runtime/protocols/lab/mod.ts";
import { isMeshEvent, pass } from "../../runtime/protocols/mesh/mod.ts";

const silentWire: Wire<never> = {
  encode: () => new Uint8Array(0),
  decode: () => undefined,
  kinds: [],
};

/** What a neighbour is dialled by. */
interface Reachable {
  readonly address: Address;
  readonly identity: Identity;
}

/** Stands in for membership: neighbours are those it is told, or whoever is linked if nobody is. */
export function neighbours(near: readonly (() => Reachable | undefined)[] | undefined): Protocol {
  return {
    name: "membership",
    code: 1,
    wire: silentWire,
    started: (_saved, ctx) => ctx.wake("dial", 1),
    woke(_timer, ctx) {
      for (const find of near ?? []) {
        const machine = find();
        if (machine !== undefined) ctx.dial(machine.address, machine.identity.keys);
      }
      ctx.wake("dial", 2 * second);
    },
    received: () => undefined,
    joined(peer, ctx) {
      if (near !== undefined && !near.some((find) => find()?.identity.peer === peer)) return;
      ctx.hold(peer);
      const address = ctx.addressOf(peer)!;
      ctx.tell({ protocol: "membership", name: "up", peer, address } as AppEvent);
    },
    left: (peer, why, ctx) =>
      ctx.tell({ protocol: "membership", name: "down", peer, why } as AppEvent),
  };
}

/** Stands in for the swarm: what is shared has its handle's hash as content. */
export function memory(asked: Command[]): Protocol {
  return {
    name: "swarm",
    code: 4,
    wire: silentWire,
    received: () => undefined,
    asked(command, ctx) {
      asked.push(command);
      if (command.name !== "share") return;
      const { title, handle, files } = command as Command & {
        title: string;
        handle: string;
        files: { bytes: number }[];
      };
      const content = hex(ctx.crypto.sha256(utf8(handle)));
      const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
      ctx.tell({ protocol: "swarm", name: "shared", content, title, handle, bytes } as AppEvent);
    },
  };
}

/** A lab that judges nothing, and says whatever it is told to. */
export function liar(heard: LabMessage[]): Protocol<LabMessage> {
  return {
    name: "lab",
    code: 3,
    wire: labWire,
    joined: (peer, ctx) => ctx.hold(peer),
    received: (message) => heard.push(message),
    asked(command, ctx) {
      const { to, message, address, keys } = command as Command & {
        to: PeerId;
        message: LabMessage;
        address: Address;
        keys: PeerKeys;
      };
      if (command.name === "dial") ctx.dial(address, keys);
      else ctx.send(to, message);
    },
    heard(event, ctx) {
      if (isMeshEvent(event) && event.name === "judge") ctx.ask(pass(event.id));
    },
  };
}

/** The command by which a test makes a liar send a message of the lab. */
export function force(to: PeerId, message: LabMessage): Command {
  return { protocol: "lab", name: "force", to, message } as Command;
}
