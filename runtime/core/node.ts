/**
 * One node: facts in, orders out.
 *
 * It routes, and knows no protocol by name: links prove peers and carry messages, timers wake
 * protocols, commands and events pass between them. Every step answers with the whole batch of
 * orders, in the sequence in which the host must perform them.
 */
import { assert, unreachable } from "./assert.ts";
import { joined, utf8 } from "./bytes.ts";
import type { Crypto } from "./crypto.ts";
import { type Identity, identityFrom, type PeerId } from "./identity.ts";
import {
  type Address,
  type AppEvent,
  type Command,
  type Effect,
  type Input,
  type LinkId,
  type Micros,
  second,
  type Step,
} from "./io.ts";
import * as limits from "./limits.ts";
import type { Link } from "./link.ts";
import { LINK_CODE, Links, type LinksOwner } from "./links.ts";
import { type AnyProtocol, type Context, fileKey } from "./protocol.ts";
import type { Random } from "./random.ts";
import type { Reader } from "./reader.ts";
import type { Reason } from "./reason.ts";
import { type Timer, Timers } from "./timers.ts";

/** What a node is born with. */
export interface NodeOptions {
  /** Nodes of other networks cannot link with this one, nor hear its datagrams. */
  readonly network: string;
  /** The 32 secret bytes that its identity derives from; the host keeps them. */
  readonly seed: Uint8Array;
  /** Where others can dial it. */
  readonly address: Address;
  readonly random: Random;
  readonly crypto: Crypto;
  /** A protocol's commands and events may name any other of this list. */
  readonly protocols: readonly AnyProtocol[];
}

/** The first bytes of every datagram: what it is, and of which network. */
const DATAGRAM_MARK = utf8("STARLING1");
const MARK_BYTES = DATAGRAM_MARK.length + 4;
const TIDY_EVERY: Micros = second;

/** A protocol within its node: its context, its timers. */
interface Feature {
  readonly protocol: AnyProtocol;
  readonly context: Context<unknown>;
  readonly timers: Map<string, Timer<Feature | undefined>>;
}

export class Node implements LinksOwner {
  readonly identity: Identity;
  readonly crypto: Crypto;
  readonly network: string;
  readonly address: Address;
  readonly bootMark: Uint8Array;

  #now: Micros = 0;
  #boot = 0;
  #random: Random;
  #links: Links;
  #timers = new Timers<Feature | undefined>();
  #tidying: Timer<Feature | undefined>;
  #features: Feature[] = [];
  #byName = new Map<string, Feature>();
  #byCode = new Map<number, Feature>();
  /** Which protocols wait for a `file/` load, in the order of asking. */
  #readers = new Map<string, Feature[]>();
  #mark: Uint8Array;
  #effects: Effect[] = [];
  #pending: { readonly command?: Command; readonly event?: AppEvent; readonly by?: Feature }[] = [];

  constructor(options: NodeOptions) {
    this.crypto = options.crypto;
    this.network = options.network;
    this.address = options.address;
    this.#random = options.random.fork("links");
    this.identity = identityFrom(options.seed, options.crypto);
    this.bootMark = this.#random.bytes(8);
    this.#mark = joined(DATAGRAM_MARK, this.crypto.sha256(utf8(options.network)).subarray(0, 4));
    this.#links = new Links(this);
    this.#tidying = this.#timers.create(undefined, "tidy");
    for (const protocol of options.protocols) this.#add(protocol, options.random);
  }

  /** Takes one fact; answers with every order that follows from it. `now` never runs backwards. */
  step(now: Micros, input: Input): Step {
    assert(now >= this.#now, "time runs forwards");
    this.#now = now;
    this.#links.now = now;
    this.#effects = [];
    this.#take(input);
    this.#settle();
    this.#links.flush();
    if (this.#links.needsTidying !== this.#tidying.place >= 0) {
      if (this.#links.needsTidying) this.#timers.set(this.#tidying, now + TIDY_EVERY);
      else this.#timers.clear(this.#tidying);
    }
    return { effects: this.#effects, wakeAt: this.#timers.next };
  }

  ephemeral(): Uint8Array {
    return this.#random.bytes(32);
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  joined(peer: PeerId): void {
    for (const { protocol, context } of this.#features) protocol.joined?.(peer, context);
  }

  left(peer: PeerId, why: Reason): void {
    for (const { protocol, context } of this.#features) protocol.left?.(peer, why, context);
  }

  unreachable(address: Address, why: Reason): void {
    for (const { protocol, context } of this.#features) {
      protocol.unreachable?.(address, why, context);
    }
  }

  /** Hands the messages of one frame to their protocols; a body belongs to the last of them. */
  messages(link: Link, messages: Reader, body: Uint8Array | undefined): void {
    const peer = link.peer!;
    while (messages.left > 0) {
      const code = messages.u8();
      const bytes = messages.raw(messages.varint(limits.HEAD_BYTES));
      if (!messages.ok) return this.#links.close(link, "malformed");
      if (code === LINK_CODE) this.#links.control(link, bytes);
      else {
        const feature = this.#byCode.get(code);
        const message = feature?.protocol.wire.decode(bytes);
        if (message === undefined) return this.#links.close(link, "malformed");
        const last = messages.left === 0;
        feature!.protocol.received(message, peer, last ? body : undefined, feature!.context);
      }
      if (link.state === "closed") return; // what it said next no longer counts
    }
  }

  #take(input: Input): void {
    switch (input.kind) {
      case "started":
        return this.#start(input);
      case "woke":
        return this.#wake();
      case "linked":
        return this.#links.linked(input);
      case "unlinked":
        return this.#links.unlinked(input.link, input.why);
      case "received":
        return this.#links.received(input.link, input.frame);
      case "overheard":
        return this.#overhear(input.from, input.bytes);
      case "drained":
        return this.#drain(input.link, input.queued);
      case "loaded":
        return this.#loaded(input.key, input.bytes);
      case "settled": {
        const [feature, rest] = this.#ownerOf(input.name);
        return feature?.protocol.settled?.(rest, input.why, feature.context);
      }
      case "refused":
        return this.#refused(input);
      case "asked":
        this.#pending.push({ command: input.command });
        return;
      default:
        return unreachable(input);
    }
  }

  #start({ saved, boot }: Input & { kind: "started" }): void {
    this.#boot = boot;
    for (const { protocol, context } of this.#features) {
      if (protocol.started === undefined) continue;
      const prefix = `${protocol.name}/`;
      const records = new Map<string, Uint8Array>();
      for (const [key, bytes] of saved.records) {
        if (key.startsWith(prefix)) records.set(key.slice(prefix.length), bytes);
      }
      const kept = saved.kept.filter((key) => key.startsWith(prefix));
      protocol.started({ records, kept: kept.map((key) => key.slice(prefix.length)) }, context);
    }
  }

  #wake(): void {
    this.#links.lateBy = this.#now - (this.#timers.next ?? this.#now);
    for (;;) {
      const timer = this.#timers.take(this.#now);
      if (timer === undefined) return;
      const { owner, name } = timer;
      if (owner === undefined) this.#links.tidy();
      else {
        owner.timers.delete(name);
        owner.protocol.woke?.(name, owner.context);
      }
      this.#settle(); // what one timer asked for is done before the next fires
    }
  }

  #overhear(from: Address, bytes: Uint8Array): void {
    if (bytes.length <= MARK_BYTES || bytes.length > limits.DATAGRAM_BYTES) return;
    for (let at = 0; at < MARK_BYTES; at++) if (bytes[at] !== this.#mark[at]) return;
    const feature = this.#byCode.get(bytes[MARK_BYTES]!);
    feature?.protocol.overheard?.(bytes.subarray(MARK_BYTES + 1), from, feature.context);
  }

  #drain(id: LinkId, queued: number): void {
    const peer = this.#links.drained(id, queued);
    if (peer === undefined) return;
    for (const { protocol, context } of this.#features) protocol.drained?.(peer, queued, context);
  }

  #loaded(key: string, bytes: Uint8Array | undefined): void {
    const readers = this.#readers.get(key);
    if (readers !== undefined) {
      const reader = readers.shift()!;
      if (readers.length === 0) this.#readers.delete(key);
      return reader.protocol.loaded?.(key, bytes, reader.context);
    }
    const [feature, rest] = this.#ownerOf(key);
    feature?.protocol.loaded?.(rest, bytes, feature.context);
  }

  #refused({ order, key, why }: Input & { kind: "refused" }): void {
    if (order === "dial") return this.#links.refusedDial(key, why);
    const [feature, rest] = this.#ownerOf(key);
    feature?.protocol.refused?.(rest, why, feature.context);
  }

  #ownerOf(key: string): [Feature | undefined, string] {
    const slash = key.indexOf("/");
    return [this.#byName.get(key.slice(0, slash)), key.slice(slash + 1)];
  }

  /** Commands and events that this step has caused, in the order in which they were caused. */
  #settle(): void {
    for (let at = 0; at < this.#pending.length; at++) {
      const { command, event, by } = this.#pending[at]!;
      if (command !== undefined) {
        const feature = this.#byName.get(command.protocol);
        assert(feature !== undefined, `a protocol called ${command.protocol} takes commands`);
        feature.protocol.asked?.(command, feature.context);
      } else {
        for (const feature of this.#features) {
          if (feature !== by) feature.protocol.heard?.(event!, feature.context);
        }
      }
    }
    this.#pending.length = 0;
  }

  #add(protocol: AnyProtocol, random: Random): void {
    const { name, code } = protocol;
    assert(code > LINK_CODE && code < 256 && !this.#byCode.has(code), `${name} has its own code`);
    assert(!this.#byName.has(name) && !name.includes("/"), `${name} has its own name`);
    const timers: Feature["timers"] = new Map();
    const feature: Feature = {
      protocol,
      timers,
      context: this.#contextOf(protocol, random.fork(name), () => feature),
    };
    this.#features.push(feature);
    this.#byName.set(name, feature);
    this.#byCode.set(code, feature);
  }

  #contextOf(
    { name, code, wire }: AnyProtocol,
    random: Random,
    feature: () => Feature,
  ): Context<unknown> {
    // deno-lint-ignore no-this-alias -- the getters below need the node, not the context
    const node = this;
    const links = this.#links;
    return {
      self: this.identity.peer,
      address: this.address,
      identity: this.identity,
      crypto: this.crypto,
      random,
      get now() {
        return node.#now;
      },
      get boot() {
        return node.#boot;
      },
      get peers() {
        return links.peers;
      },
      isLinked: (peer) => links.openTo(peer) !== undefined,
      keysOf: (peer) => links.openTo(peer)?.keys,
      addressOf(peer) {
        const link = links.openTo(peer);
        return link?.dialled ?? link?.theirAddress;
      },
      heardAt: (peer) => links.openTo(peer)?.heardAt ?? -1,
      saidAt: (peer) => links.openTo(peer)?.saidAt ?? -1,
      queuedFor: (peer) => links.openTo(peer)?.queued ?? 0,
      send(to, message, body) {
        const link = links.openTo(to);
        if (link !== undefined) links.say(link, code, wire.encode(message), body);
        return link !== undefined;
      },
      dial: (address, expected) => links.dial(address, expected),
      hold: (peer) => links.hold(peer, name),
      release: (peer) => links.release(peer, name),
      ban: (peer, why) => links.ban(peer, why),
      hangUp(peer, why) {
        const link = links.openTo(peer);
        if (link !== undefined) links.close(link, why);
      },
      cast(to, bytes) {
        assert(bytes.length <= limits.DATAGRAM_BYTES - MARK_BYTES - 1, "a datagram fits its bound");
        node.emit({ kind: "cast", to, bytes: joined(node.#mark, Uint8Array.of(code), bytes) });
      },
      wake: (timer, after) => node.#setTimer(feature(), timer, after),
      calm: (timer) => node.#clearTimer(feature(), timer),
      save: (key, bytes) => node.emit({ kind: "save", key: `${name}/${key}`, bytes }),
      keep: (key, bytes) => node.emit({ kind: "keep", key: `${name}/${key}`, bytes }),
      dropKept: (key) => node.emit({ kind: "drop-kept", key: `${name}/${key}` }),
      settle: (key) => node.emit({ kind: "settle", name: `${name}/${key}` }),
      load: (key) => node.emit({ kind: "load", key: `${name}/${key}` }),
      read(handle, offset, length) {
        const key = fileKey(handle, offset, length);
        const readers = node.#readers.get(key) ?? [];
        readers.push(feature());
        node.#readers.set(key, readers);
        node.emit({ kind: "load", key });
      },
      ask: (command) => node.#pending.push({ command }),
      tell(event) {
        node.emit({ kind: "tell", event });
        node.#pending.push({ event, by: feature() });
      },
    };
  }

  #setTimer(feature: Feature, name: string, after: Micros): void {
    assert(after >= 0 && Number.isInteger(after), "a timer lies a whole number of Micros ahead");
    let timer = feature.timers.get(name);
    if (timer === undefined) {
      timer = this.#timers.create(feature, name);
      feature.timers.set(name, timer);
    }
    this.#timers.set(timer, this.#now + after);
  }

  #clearTimer(feature: Feature, name: string): void {
    const timer = feature.timers.get(name);
    if (timer === undefined) return;
    this.#timers.clear(timer);
    feature.timers.delete(name);
  }
}
