/** A tiny protocol to try the world with: bodies on request, records, pieces, datagrams. */
import {
  type Address,
  type AppEvent,
  type Command,
  hex,
  type PeerId,
  type Protocol,
  struct,
  upTo,
  wire,
} from "../../runtime/core/mod.ts";

const echoWire = wire({
  ping: struct({ number: upTo(1e9) }),
  pong: struct({ number: upTo(1e9) }),
  block: struct({ number: upTo(1e9) }),
});

type Message = { kind: "ping" | "pong" | "block"; number: number };

export interface EchoCommand extends Command {
  readonly protocol: "echo";
  readonly address?: Address;
  readonly count?: number;
  readonly key?: string;
  readonly text?: string;
  readonly file?: string;
  readonly length?: number;
  /** Default: everyone who is linked. */
  readonly to?: PeerId;
}

export interface EchoEvent extends AppEvent {
  readonly protocol: "echo";
  readonly number?: number;
  readonly key?: string;
  readonly text?: string;
}

function command(name: string, fields: Omit<EchoCommand, "protocol" | "name"> = {}): EchoCommand {
  return { protocol: "echo", name, ...fields };
}

export const dial = (address: Address) => command("dial", { address });
export const ping = (count = 1, to?: PeerId) => command("ping", { count, ...(to && { to }) });
export const shout = (text: string) => command("shout", { text });
export const save = (key: string, text: string) => command("save", { key, text });
export const keep = (key: string, length: number) => command("keep", { key, length });
export const load = (key: string) => command("load", { key });
export const flood = (count: number, length: number, to?: PeerId) =>
  command("flood", { count, length, ...(to && { to }) });
export const stream = (file: string, length: number, count: number) =>
  command("stream", { file, length, count });
export const bell = (micros: number) => command("bell", { count: micros });
export const saveBoth = (one: string, other: string) =>
  command("save", { key: one, text: other, count: 2 });
export const hangUp = () => command("hangUp");

export const told = (name: string, fields: Partial<EchoEvent> = {}) => (event: AppEvent) =>
  event.protocol === "echo" && event.name === name &&
  Object.entries(fields).every(([key, value]) =>
    (event as unknown as Record<string, unknown>)[key] === value
  );

/** Answers pings, counts blocks, says what it knows when it starts. */
export function echo(): Protocol<Message> {
  const linked: PeerId[] = [];
  let blocks = 0;

  return {
    name: "echo",
    code: 7,
    wire: echoWire,

    started(saved, ctx) {
      const tell = (name: string, key: string) =>
        ctx.tell({ protocol: "echo", name, key } as EchoEvent);
      for (const [key] of saved.records) tell("had", key);
      for (const key of saved.kept) tell("kept", key);
      ctx.tell({ protocol: "echo", name: "started", number: ctx.boot } as EchoEvent);
    },

    joined(peer, ctx) {
      linked.push(peer);
      ctx.hold(peer);
      ctx.tell({ protocol: "echo", name: "joined", peer } as EchoEvent);
    },

    left(peer, why, ctx) {
      linked.splice(linked.indexOf(peer), 1);
      ctx.tell({ protocol: "echo", name: "left", peer, text: why } as EchoEvent);
    },

    received({ kind, number }, from, body, ctx) {
      if (kind === "ping") ctx.send(from, { kind: "pong", number });
      else if (kind === "pong") ctx.tell({ protocol: "echo", name: "pong", number } as EchoEvent);
      else {
        blocks++;
        const text = body === undefined ? "empty" : String(body.length);
        ctx.tell({ protocol: "echo", name: "block", number, text } as EchoEvent);
      }
    },

    overheard(bytes, from, ctx) {
      ctx.tell({ protocol: "echo", name: "overheard", key: from, text: hex(bytes) } as EchoEvent);
    },

    drained(_peer, queued, ctx) {
      ctx.tell({ protocol: "echo", name: "drained", number: queued } as EchoEvent);
    },

    unreachable(address, why, ctx) {
      ctx.tell({ protocol: "echo", name: "unreachable", key: address, text: why } as EchoEvent);
    },

    refused(key, why, ctx) {
      ctx.tell({ protocol: "echo", name: "refused", key, text: why } as EchoEvent);
    },

    loaded(key, bytes, ctx) {
      const text = bytes === undefined ? "nothing" : String(bytes.length);
      ctx.tell({ protocol: "echo", name: "loaded", key, text } as EchoEvent);
      if (bytes !== undefined && key.startsWith("file/")) {
        for (const peer of linked) ctx.send(peer, { kind: "block", number: blocks++ }, bytes);
      }
    },

    woke(_timer, ctx) {
      ctx.tell({ protocol: "echo", name: "rang" } as EchoEvent);
    },

    asked(asked, ctx) {
      const { name, address, count = 1, key = "", text = "", length = 0, file, to } =
        asked as EchoCommand;
      if (name === "dial") ctx.dial(address!);
      else if (name === "shout") ctx.cast("everyone", new TextEncoder().encode(text));
      else if (name === "keep") ctx.keep(key, new Uint8Array(length).fill(1));
      else if (name === "load") ctx.load(key);
      else if (name === "bell") ctx.wake(`bell ${count}`, count);
      else if (name === "save") {
        ctx.save(key, new TextEncoder().encode(text));
        if (count === 2) ctx.save(text, new TextEncoder().encode(key));
        ctx.tell({ protocol: "echo", name: "saved", key } as EchoEvent);
      } else if (name === "stream") {
        for (let at = 0; at < count; at++) ctx.read(file!, at * length, length);
      } else {
        for (const peer of to === undefined ? [...linked] : [to]) {
          if (name === "hangUp") ctx.hangUp(peer, "released");
          for (let number = 0; number < count; number++) {
            if (name === "ping") ctx.send(peer, { kind: "ping", number });
            if (name === "flood") ctx.send(peer, { kind: "block", number }, new Uint8Array(length));
          }
        }
      }
    },
  };
}
