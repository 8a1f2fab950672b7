/** Chats without a world: what each saves, sends and tells, and messages carried by hand. */
import {
  type AppEvent,
  type Identity,
  identityFrom,
  type PeerId,
  Stream,
  utf8,
} from "../../../runtime/core/mod.ts";
import { noble } from "../../../runtime/core/noble.ts";
import { type ChatMessage, chatWire } from "../../../runtime/protocols/chat/wire.ts";
import { chat } from "../../../runtime/protocols/mod.ts";

/** Somebody's chat, and all that it did. */
export interface Desk {
  readonly peer: PeerId;
  readonly identity: Identity;
  readonly protocol: ReturnType<typeof chat.chat>;
  readonly ctx: Parameters<NonNullable<ReturnType<typeof chat.chat>["started"]>>[1];
  readonly saved: Map<string, Uint8Array>;
  readonly sent: { readonly to: PeerId; readonly message: ChatMessage }[];
  readonly told: AppEvent[];
  /** Whom it is linked to. */
  readonly linked: Map<PeerId, Desk>;
  now: number;
  boot: number;
}

/** A chat that starts with these records. */
export function desk(
  name: string,
  records: ReadonlyMap<string, Uint8Array> = new Map(),
  options: chat.ChatOptions = {},
): Desk {
  const boot = records.size === 0 ? 0 : 1;
  const random = new Stream(`desk ${name} ${boot} ${records.size}`);
  const identity = identityFrom(noble.sha256(utf8(name)), noble);
  const saved = new Map(records);
  const protocol = chat.chat({ who: name, ...options });
  const self: Desk = {
    peer: identity.peer,
    identity,
    protocol,
    saved,
    sent: [],
    told: [],
    linked: new Map(),
    now: 1_000_000,
    boot,
    ctx: {
      self: identity.peer,
      identity,
      crypto: noble,
      random,
      get now() {
        return self.now;
      },
      get boot() {
        return self.boot;
      },
      isLinked: (peer: PeerId) => self.linked.has(peer),
      addressOf: () => undefined,
      address: `${name}:1`,
      ask: () => {},
      keysOf: (peer: PeerId) => self.linked.get(peer)?.identity.keys,
      send(to: PeerId, message: ChatMessage) {
        if (!self.linked.has(to)) return false;
        self.sent.push({ to, message });
        return true;
      },
      save(key: string, bytes: Uint8Array | undefined) {
        if (bytes === undefined) saved.delete(key);
        else saved.set(key, bytes);
      },
      ban: (peer: PeerId) => void self.linked.delete(peer),
      tell: (event: AppEvent) => self.told.push(event),
      hold: () => {},
      release: () => {},
      wake: () => {},
      dial: () => {},
    } as unknown as Desk["ctx"],
  };
  protocol.started!({ records, kept: [] }, self.ctx);
  return self;
}

/** A link between two, new to both. */
export function link(one: Desk, other: Desk): void {
  one.linked.set(other.peer, other);
  other.linked.set(one.peer, one);
  one.protocol.joined!(other.peer, one.ctx);
  other.protocol.joined!(one.peer, other.ctx);
}

/** The link is gone, and what was on it. */
export function unlink(one: Desk, other: Desk): void {
  for (const [self, peer] of [[one, other.peer], [other, one.peer]] as const) {
    self.linked.delete(peer);
    self.protocol.left!(peer, "closed", self.ctx);
    self.sent.splice(0, self.sent.length, ...self.sent.filter(({ to }) => to !== peer));
  }
}

/** Hands over one message, as bytes. */
export function carry(from: Desk, to: Desk, message: ChatMessage): void {
  const bytes = chatWire.encode(message);
  to.protocol.received(chatWire.decode(bytes)!, from.peer, undefined, to.ctx);
}

/** Hands over everything until nobody says anything any more; `passes` may keep something back. */
export function settle(
  desks: readonly Desk[],
  passes: (message: ChatMessage, from: Desk, to: Desk) => boolean = () => true,
): void {
  for (let isQuiet = false; !isQuiet;) {
    isQuiet = true;
    for (const from of desks) {
      const { to: peer, message } = from.sent.shift() ?? {};
      const to = peer && from.linked.get(peer);
      if (message !== undefined) isQuiet = false;
      if (to !== undefined && passes(message!, from, to)) carry(from, to, message!);
    }
  }
}

/** What was received, in order. */
export function texts({ told }: Desk): string[] {
  return told.filter(chat.isReceived).map(({ text, again }) => again ? `again ${text}` : text);
}

/** What became of one's own letters, by the events' names. */
export function fates({ told }: Desk): string[] {
  return told.filter(chat.isChatEvent).map(({ name }) => name).filter((name) => name !== "named");
}
