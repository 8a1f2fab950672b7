/**
 * A whole node of this version, and a peer that says anything to it over a genuine link.
 *
 * The node teaches a session, shares a file and fetches another, so that most of what it hears is
 * about something that it knows. Whatever it hears, it must neither throw nor leave its bounds.
 */
import {
  type AppEvent,
  type Command,
  type Crypto,
  type Effect,
  type Frame,
  hex,
  identityFrom,
  type Input,
  joined,
  limits,
  type LinkId,
  Node,
  type Random,
  sameBytes,
  Stream,
  unhex,
  utf8,
} from "../../runtime/core/mod.ts";
import { Link, type Self } from "../../runtime/core/link.ts";
import { all, lab, membership, swarm } from "../../runtime/protocols/mod.ts";
import { encodeManifest } from "../../runtime/protocols/swarm/manifest.ts";
import { rootOf, treeOf } from "../../runtime/protocols/swarm/merkle.ts";

const NETWORK = "fuzz";
const BLOCK = 16 * 1024;
const [SWARM, MEMBERSHIP] = [swarm.swarm().code, membership.membership().code];
const FILE = new Uint8Array(2 * BLOCK + 5).fill(7);

/** The content that the node fetches from the liar: its parts. */
interface Bait {
  readonly key: string;
  readonly manifest: Uint8Array;
  readonly blocks: readonly Uint8Array[];
  readonly leaves: Uint8Array;
}

function baitOf(crypto: Crypto): Bait {
  const blocks = [1, 2, 3].map((at) => new Uint8Array(at < 3 ? BLOCK : 100).fill(at));
  const leaves = joined(...blocks.map((block) => crypto.sha256(block)));
  const bytes = 2 * BLOCK + 100;
  const manifest = encodeManifest({
    title: "bait",
    blockBytes: BLOCK,
    bytes,
    root: rootOf(treeOf(leaves, crypto)),
    files: [{ path: "bait", bytes }],
  });
  return { key: hex(crypto.sha256(manifest)), manifest, blocks, leaves };
}

export class Victim {
  readonly dictionary: Uint8Array[] = [];
  /** Frames that the node sent, and the bytes in them. */
  sent = 0;
  sentBytes = 0;

  readonly #crypto: Crypto;
  readonly #node: Node;
  readonly #liar: Self;
  readonly #bait: Bait;
  readonly #kept = new Map<string, Uint8Array>();
  readonly #facts: Input[] = [];
  /** Contents of its own. */
  readonly #shared: Uint8Array[] = [];
  #now = 1_000_000;
  #wakeAt: number | undefined;
  #link: Link | undefined;
  #linkId: LinkId = 0;

  constructor(crypto: Crypto, random: Random) {
    this.#crypto = crypto;
    this.#bait = baitOf(crypto);
    const liar = identityFrom(crypto.sha256(utf8("liar")), crypto);
    this.#liar = {
      identity: liar,
      crypto,
      network: NETWORK,
      address: "10.0.0.66:1",
      bootMark: utf8("liarboot"),
      ephemeral: () => random.bytes(32),
    };
    this.#node = new Node({
      network: NETWORK,
      seed: crypto.sha256(utf8("victim")),
      address: "10.0.0.7:1",
      random: new Stream(`victim ${random.u32()}`),
      crypto,
      protocols: all(),
    });
    this.#learn(unhex(this.#bait.key)!);
    this.take({ kind: "started", saved: { records: new Map(), kept: [] }, boot: 0 });
    this.#settleIn();
    const { keys, peer } = this.#node.identity;
    this.#learn(keys.sign, keys.agree, unhex(peer)!, liar.keys.sign, liar.keys.agree);
    this.#learn(unhex(liar.peer)!, new Uint8Array(32), new Uint8Array(16));
  }

  /** True while the liar's link is open. */
  get isLinked(): boolean {
    return this.#link !== undefined;
  }

  /** Bodies that mean something, some that do not, and none. */
  bodies(random: Random): readonly (Uint8Array | undefined)[] {
    const { manifest, blocks, leaves } = this.#bait;
    return [undefined, undefined, manifest, ...blocks, leaves, FILE, random.bytes(40)];
  }

  /** Dials the node, and introduces itself as a neighbour and as a source. */
  link(): void {
    this.#linkId++;
    const link = new Link(
      this.#liar,
      this.#linkId,
      "tcp",
      "10.0.0.7:1",
      "10.0.0.7:1",
      this.#node.identity.keys,
      this.#node.identity.peer,
    );
    this.#link = link;
    const first = link.begin();
    this.take({ kind: "linked", link: this.#linkId, from: "10.0.0.66:9", transport: "tcp" });
    this.take({ kind: "received", link: this.#linkId, frame: first });
    if (link.greeting) this.#link = undefined; // it is refused
    else this.#introduce();
  }

  /** One message of a protocol, as the bytes of it. */
  say(code: number, message: Uint8Array, body: Uint8Array | undefined): void {
    const link = this.#link;
    if (link === undefined) return;
    const outbox = link.openOutbox();
    outbox.u8(code);
    outbox.varint(message.length);
    outbox.raw(message);
    const frame = link.seal(this.#now, body);
    if (frame.head.length > limits.HEAD_BYTES) return; // a frame that large is refused unread
    this.take({ kind: "received", link: this.#linkId, frame });
  }

  /** Bytes from the network that belong to no link. */
  overhear(bytes: Uint8Array): void {
    const mark = joined(utf8("STARLING1"), this.#crypto.sha256(utf8(NETWORK)).subarray(0, 4));
    this.take({ kind: "overheard", from: "10.0.0.66:9", bytes: joined(mark, bytes) });
  }

  /** Lets time pass: timers fire in their turn. */
  pass(micros: number): void {
    const until = this.#now + micros;
    while (this.#wakeAt !== undefined && this.#wakeAt <= until) {
      this.#now = Math.max(this.#now, this.#wakeAt);
      this.take({ kind: "woke" });
    }
    this.#now = until;
  }

  take(input: Input): void {
    this.#facts.push(input);
    for (let turns = 0; this.#facts.length > 0; turns++) {
      if (turns > 10_000) throw new Error("one fact leads to ten thousand others");
      const { effects, wakeAt } = this.#node.step(this.#now, this.#facts.shift()!);
      this.#wakeAt = wakeAt;
      for (const effect of effects) this.#perform(effect);
    }
  }

  ask(command: Command): void {
    this.take({ kind: "asked", command });
  }

  #settleIn(): void {
    this.ask(lab.open({ title: "A session", who: "Ms Ada" }));
    this.ask(swarm.share({
      title: "shared",
      handle: "file",
      files: [{ path: "file", bytes: FILE.length }],
    }));
    const { keys } = this.#liar.identity;
    const sources = [{ keys, address: this.#liar.address }];
    this.ask(swarm.fetch({ content: this.#bait.key, sources }));
    this.ask(lab.share({
      title: "lesson",
      handle: "file",
      files: [{ path: "lesson", bytes: FILE.length }],
    }));
  }

  #introduce(): void {
    const ask = { kind: "ask", incarnation: 1, degree: 1, urgent: true } as const;
    this.say(MEMBERSHIP, membership.membershipWire.encode(ask), undefined);
    const content = unhex(this.#bait.key)!;
    this.#trade({ kind: "offer", content }, this.#bait.manifest);
    this.#trade({ kind: "has", content, blocks: Uint8Array.of(7) });
    for (const shared of this.#shared) {
      this.#trade({ kind: "interest", content: shared, address: this.#liar.address });
      this.#trade({ kind: "has", content: shared, blocks: Uint8Array.of(0) });
    }
  }

  #trade(message: swarm.SwarmMessage, body?: Uint8Array): void {
    this.say(SWARM, swarm.swarmWire.encode(message), body);
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case "send":
        return this.#deliver(effect.link, effect.frame);
      case "hang-up":
        if (effect.link === this.#linkId) this.#link = undefined;
        return;
      case "dial":
        this.#facts.push({
          ...{ kind: "refused", order: "dial", key: effect.address, why: "unreachable" },
        });
        return;
      case "keep":
        this.#kept.set(effect.key, effect.bytes);
        return;
      case "drop-kept":
        this.#kept.delete(effect.key);
        return;
      case "settle":
        this.#facts.push({ kind: "settled", name: effect.name, why: undefined });
        return;
      case "load":
        this.#facts.push({ kind: "loaded", key: effect.key, bytes: this.#loaded(effect.key) });
        return;
      case "cast":
        if (effect.bytes.length > limits.DATAGRAM_BYTES) throw new Error("a datagram is too long");
        return;
      case "tell":
        return this.#hear(effect.event);
      case "save":
        return;
    }
  }

  #deliver(id: LinkId, frame: Frame): void {
    const { head, body } = frame;
    this.sent++;
    this.sentBytes += head.length + (body?.length ?? 0);
    if (head.length > limits.HEAD_BYTES || (body?.length ?? 0) > limits.BODY_BYTES) {
      throw new Error("a frame leaves its bounds");
    }
    if (id !== this.#linkId || this.#link === undefined) return;
    if (this.#link.greeting) this.#link.greet(frame, this.#now);
    else if (this.#link.unseal(frame) === undefined) throw new Error("its own seal is broken");
    if (body !== undefined) this.#facts.push({ kind: "drained", link: id, queued: 0 });
  }

  #loaded(key: string): Uint8Array | undefined {
    const part = /^file\/file\/(\d+)\+(\d+)$/.exec(key);
    if (part === null) return this.#kept.get(key);
    return FILE.slice(Number(part[1]), Number(part[1]) + Number(part[2]));
  }

  #hear(event: AppEvent): void {
    const { content, session } = event as AppEvent & { content?: string; session?: string };
    for (const name of [content, session]) if (name !== undefined) this.#learn(unhex(name)!);
    if (event.protocol === "swarm" && event.name === "shared") this.#shared.push(unhex(content!)!);
  }

  #learn(...words: readonly Uint8Array[]): void {
    for (const word of words) {
      if (this.dictionary.length > 40) return;
      if (!this.dictionary.some((known) => sameBytes(known, word))) this.dictionary.push(word);
    }
  }
}
